// SPDX-License-Identifier: MIT
// Headers, pages and files of an nginx site.
#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render::nginx {
namespace {

std::string joined(const std::vector<std::string>& words) {
    return text::join(words, ", ");
}

// What browsers may know of an answer to another site's script (Fetch standard, section 3.3.3).
struct CorsHeader {
    const char* name;
    bool preflight;  ///< only in the answer to a preflight request
    std::string value;
};

std::vector<CorsHeader> cors_headers(const Cors& cors) {
    std::vector<CorsHeader> out;
    if (cors.credentials) out.push_back({"Access-Control-Allow-Credentials", false, "true"});
    if (!cors.expose.empty()) out.push_back({"Access-Control-Expose-Headers", false, joined(cors.expose)});
    out.push_back({"Access-Control-Allow-Methods", true, joined(cors.methods)});
    if (!cors.headers.empty()) out.push_back({"Access-Control-Allow-Headers", true, joined(cors.headers)});
    out.push_back({"Access-Control-Max-Age", true, std::to_string(cors.max_age.count())});
    return out;
}

bool all_origins(const Cors& cors) {
    return cors.origins.size() == 1 && cors.origins.front() == "*";
}

std::string strict_transport(const Tls& tls) {
    std::string out = "max-age=" + std::to_string(tls.hsts_seconds.count());
    if (tls.hsts_subdomains) out += "; includeSubDomains";
    if (tls.hsts_preload) out += "; preload";
    return out;
}

// Set on every answer: the upstream's own is hidden.
std::vector<std::pair<std::string, std::string>> set_headers(const SiteDefinition& site) {
    std::vector<std::pair<std::string, std::string>> out;
    const SecurityHeaders& security = site.headers.security;
    if (security.no_sniff) out.emplace_back("X-Content-Type-Options", "nosniff");
    if (security.frame != FrameOptions::unset)
        out.emplace_back("X-Frame-Options", security.frame == FrameOptions::deny ? "DENY" : "SAMEORIGIN");
    if (!security.referrer_policy.empty()) out.emplace_back("Referrer-Policy", security.referrer_policy);
    if (!security.permissions_policy.empty())
        out.emplace_back("Permissions-Policy", security.permissions_policy);
    if (!security.content_policy.empty())
        out.emplace_back("Content-Security-Policy", security.content_policy);
    for (const HeaderRule& rule : site.headers.response)
        if (rule.action == HeaderAction::set) out.emplace_back(rule.name, rule.value);
    return out;
}

void add_header(Fields& server, const std::string& name, const std::string& value) {
    server.row("ADD_HEADER").set("NAME", name).set("VALUE", value);
}
void add_variable(Fields& server, const std::string& key, const std::string& name, const std::string& what) {
    server.row("ADD_VARIABLE").set("NAME", name).set("KEY", key).set("VARIABLE", what);
}

std::set<std::string> protocols_of(const SiteDefinition& site) {
    std::set<std::string> out;
    if (site.kind == SiteKind::proxy) out.insert(protocol_of(site.upstream.scheme));
    for (const Route& route : site.routes)
        if (route.upstream) out.insert(protocol_of(route.upstream->scheme));
    return out;
}

std::string page_path(std::size_t index) {
    return "/.rpm/pages/" + std::to_string(index);
}

constexpr const char* kMaintenancePath = "/.rpm/pages/maintenance";

void add_maintenance(Fields& server, SiteId id, const std::string& key, const Maintenance& maintenance) {
    if (!maintenance.on) return;
    Fields& closed = server.row("MAINTENANCE");
    closed.set("KEY", key).set("FILE", "current/" + file_of(id, "maintenance.html"));
    closed.set("TYPE", maintenance.html.empty() ? "text/plain" : "text/html");
    if (maintenance.retry_after.count() > 0)
        closed.row("RETRY_AFTER").set("SECONDS", std::to_string(maintenance.retry_after.count()));
}

void add_codes(Fields& line, const std::vector<unsigned>& statuses) {
    for (const unsigned status : statuses) line.row("CODE").set("STATUS", std::to_string(status));
}

template <class F>
void add_pages_where(Fields& where, const Place& place, const Pages& pages, F wanted) {
    for (std::size_t i = 0; i < pages.errors.size(); ++i) {
        std::vector<unsigned> statuses;
        std::ranges::copy_if(pages.errors[i].statuses, std::back_inserter(statuses), wanted);
        if (statuses.empty()) continue;
        Fields& line = where.row(place.error_page);
        line.set("PATH", page_path(i));
        add_codes(line, statuses);
    }
}

bool is_next(unsigned status) {
    return status == 502 || status == 504;
}

std::string users_text(const BasicAuth& basic) {
    std::string out;
    for (const BasicUser& user : basic.users) out += user.name + ":" + user.hash + "\n";
    return out;
}

}  // namespace

const Place kInServer{"ACCESS", "RATES", "PASS", "OWN_HEADERS", "ERROR_PAGE", "RETRY", "SIGN_IN", "    "};
const Place kInRoute{"ROUTE_ACCESS",     "ROUTE_RATES", "ROUTE_PASS",    "ROUTE_OWN_HEADERS",
                     "ROUTE_ERROR_PAGE", "ROUTE_RETRY", "ROUTE_SIGN_IN", "        "};
const Place kInGuarded{"GUARDED_ACCESS",     "GUARDED_RATES", "GUARDED_PASS",    "GUARDED_OWN_HEADERS",
                       "GUARDED_ERROR_PAGE", "GUARDED_RETRY", "GUARDED_SIGN_IN", "        "};
const Place kInNext{"NEXT_ACCESS",     "NEXT_RATES", "NEXT_PASS",    "NEXT_OWN_HEADERS",
                    "NEXT_ERROR_PAGE", "NEXT_RETRY", "NEXT_SIGN_IN", "        "};

// "to" with the visitor's path behind it must not end in a slash of its own.
void set_redirect(Fields& answer, const Redirect& redirect) {
    answer.set("STATUS", std::to_string(redirect.status)).show("KEEP", redirect.keep_path);
    answer.set("TO", redirect.keep_path ? without_final_slash(redirect.to) : redirect.to);
}

void add_redirect(Fields& where, const Redirect& redirect) {
    set_redirect(where.row("REDIRECT"), redirect);
}

std::string site_key(SiteId id) {
    return "site" + id.text();
}

std::string route_key(SiteId id, std::size_t route) {
    return site_key(id) + "_r" + std::to_string(route);
}

std::string file_of(SiteId id, std::string_view name) {
    return "files/" + id.text() + "/" + std::string(name);
}

std::string header_variable(std::string_view name) {
    std::string out = text::lower(name);
    std::ranges::replace(out, '-', '_');
    return out;
}

void add_about(Fields& file, const DeployableSite& site) {
    file.row("ABOUT")
        .set("ID", site.id.text())
        .set("PRIMARY", site.definition->primary().text())
        .set("OWNER", site.owner)
        .set("REVISION", std::to_string(site.revision_number));
}

void add_names(Fields& server, const SiteDefinition& definition) {
    Fields& names = server.row("NAMES");
    for (const DomainName& domain : definition.domains) names.row("NAME").set("DOMAIN", domain.text());
}

bool RequestHeaders::own() const {
    return protocol_of(upstream.scheme) == "grpc" || !upstream.host_header.empty() ||
           !site.headers.request.empty() || !access.forward.copy_headers.empty() ||
           site.raw.nginx.find("proxy_set_header") != std::string::npos;
}

void RequestHeaders::add(Fields& where, const Place& place) const {
    Fields& out = where.row(place.headers).include("HEADERS", "nginx/headers.conf");
    out.set("INDENT", place.indent);
    out.set("PROTOCOL", protocol_of(upstream.scheme));
    out.show("HTTP", protocol_of(upstream.scheme) != "grpc");
    if (upstream.host_header.empty())
        out.show("ASKED");
    else
        out.row("GIVEN").set("HOST", upstream.host_header);
    for (std::size_t i = 0; i < access.forward.copy_headers.size(); ++i)
        out.row("COPIED")
            .set("NAME", access.forward.copy_headers[i])
            .set("KEY", access_key)
            .set("N", std::to_string(i));
    for (std::size_t i = 0; i < site.headers.request.size(); ++i) {
        const HeaderRule& rule = site.headers.request[i];
        Fields& line = out.row("RULE");
        line.set("NAME", rule.name);
        if (rule.action == HeaderAction::set)
            line.row("TEXT").set("VALUE", rule.value);
        else if (rule.action == HeaderAction::remove)
            line.show("NOTHING");
        else
            line.row("APPENDED").set("KEY", key).set("N", std::to_string(i));
    }
}

void add_header_maps(Fields& site, const std::string& key, const SiteDefinition& definition) {
    for (std::size_t i = 0; i < definition.headers.request.size(); ++i) {
        const HeaderRule& rule = definition.headers.request[i];
        if (rule.action == HeaderAction::add)
            site.row("ADDED")
                .set("KEY", key)
                .set("N", std::to_string(i))
                .set("VARIABLE", header_variable(rule.name))
                .set("VALUE", rule.value);
    }
    const Cors& cors = definition.headers.cors;
    if (cors.origins.empty()) return;
    Fields& maps = site.row("CORS");
    maps.set("KEY", key).show("ALL", all_origins(cors));
    if (!all_origins(cors))
        for (const std::string& origin : cors.origins) maps.row("ORIGIN").set("TEXT", origin);
    const auto headers = cors_headers(cors);
    for (std::size_t i = 0; i < headers.size(); ++i)
        maps.row("WHEN")
            .set("CONDITION", headers[i].preflight ? "preflight" : "origin")
            .set("N", std::to_string(i))
            .set("VALUE", headers[i].value);
}

void add_response_headers(Fields& server, const std::string& key, const SiteDefinition& definition,
                          const std::vector<std::string>& sticky_pools, bool encrypted) {
    if (encrypted && definition.tls.hsts_seconds.count() > 0)
        add_header(server, "Strict-Transport-Security", strict_transport(definition.tls));
    for (const auto& [name, value] : set_headers(definition)) add_header(server, name, value);
    for (const HeaderRule& rule : definition.headers.response)
        if (rule.action == HeaderAction::add) add_header(server, rule.name, rule.value);
    for (const std::string& pool : sticky_pools) add_variable(server, pool, "Set-Cookie", "cookie");
    const Cors& cors = definition.headers.cors;
    if (!cors.origins.empty()) {
        add_variable(server, key, "Access-Control-Allow-Origin", "origin");
        if (!all_origins(cors)) add_header(server, "Vary", "Origin");
        const auto headers = cors_headers(cors);
        for (std::size_t i = 0; i < headers.size(); ++i)
            add_variable(server, key, headers[i].name, "cors" + std::to_string(i));
    }
}

void add_hidden_headers(Fields& server, const SiteDefinition& definition) {
    const auto protocols = protocols_of(definition);
    const auto hide = [&](const std::string& name) {
        for (const std::string& protocol : protocols)
            server.row("HIDE").set("PROTOCOL", protocol).set("NAME", name);
    };
    for (const auto& [name, value] : set_headers(definition)) hide(name);
    for (const HeaderRule& rule : definition.headers.response)
        if (rule.action == HeaderAction::remove) hide(rule.name);
    if (definition.tls.hsts_seconds.count() > 0) hide("Strict-Transport-Security");
    if (definition.headers.cors.origins.empty()) return;
    for (const char* name :
         {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
          "Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age"})
        hide(name);
}

void add_pages(Fields& server, SiteId id, const std::string& key, const Pages& pages) {
    add_maintenance(server, id, key, pages.maintenance);
    server.show("INTERCEPT", !pages.errors.empty());
    for (std::size_t i = 0; i < pages.errors.size(); ++i)
        server.row("PAGE")
            .set("PATH", page_path(i))
            .set("FILE", "current/" + file_of(id, "error" + std::to_string(i) + ".html"));
    const auto text_file = [&](const std::string& text, const char* path, const char* name) {
        if (!text.empty())
            server.row("TEXT_FILE").set("PATH", path).set("FILE", "current/" + file_of(id, name));
    };
    text_file(pages.robots_txt, "/robots.txt", "robots.txt");
    text_file(pages.security_txt, "/.well-known/security.txt", "security.txt");
}

void add_error_pages(Fields& where, const Place& place, const Pages& pages, bool next) {
    if (pages.maintenance.on) {
        Fields& line = where.row(place.error_page);
        line.set("PATH", kMaintenancePath).row("SHOWN_AS").set("STATUS", "503");
        add_codes(line, {598});
    }
    add_pages_where(where, place, pages, [next](unsigned status) { return !next || !is_next(status); });
}

void add_last_error_pages(Fields& where, const Place& place, const Pages& pages) {
    add_pages_where(where, place, pages, [](unsigned) { return true; });
}

std::vector<SiteFile> files_of(const DeployableSite& site) {
    std::vector<SiteFile> out;
    const SiteDefinition& definition = *site.definition;
    const auto add = [&](const std::string& name, const std::string& content) {
        if (!content.empty()) out.push_back({file_of(site.id, name), content});
    };
    const auto add_upstream = [&](const std::string& suffix, const Upstream& upstream) {
        const bool encrypted = is_encrypted(upstream.scheme) || definition.stream.tls_to_servers;
        if (encrypted && upstream.tls.verify) add(suffix + "-ca.pem", upstream.tls.ca);
    };
    if (site.definition->tls.clients.mode != ClientCertificate::off) {
        add("clients.pem", definition.tls.clients.ca);
        add("revoked.pem", definition.tls.clients.crl);
    }
    if (site.state != SiteState::active) return out;
    add_upstream("site", definition.upstream);
    add("users", users_text(definition.access.basic));
    for (std::size_t i = 0; i < definition.routes.size(); ++i) {
        const Route& route = definition.routes[i];
        const std::string suffix = "r" + std::to_string(i);
        if (route.upstream) add_upstream(suffix, *route.upstream);
        if (route.access) add(suffix + "-users", users_text(route.access->basic));
    }
    const Pages& pages = definition.pages;
    if (pages.maintenance.on)
        add("maintenance.html",
            pages.maintenance.html.empty() ? std::string(kMaintenanceText) : pages.maintenance.html);
    for (std::size_t i = 0; i < pages.errors.size(); ++i)
        add("error" + std::to_string(i) + ".html", pages.errors[i].html);
    add("robots.txt", pages.robots_txt);
    add("security.txt", pages.security_txt);
    return out;
}

}  // namespace rpm::render::nginx
