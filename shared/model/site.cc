// SPDX-License-Identifier: MIT
// What must hold between the members of a definition.
#include "shared/model/site.h"

#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/model/caddy_directives.h"
#include "shared/model/nginx_directives.h"
#include "shared/model/site_checks.h"
#include "shared/model/site_members.h"
#include "shared/model/traefik_directives.h"

namespace rpm {
namespace members {

std::string why_not_certificates(std::string_view text) {
    return why_not_pem(text, "CERTIFICATE");
}
std::string why_not_revocations(std::string_view text) {
    return why_not_pem(text, "X509 CRL");
}
std::string why_not_key(std::string_view text) {
    if (!fingerprint_of_key(text).empty()) return "";
    for (const std::string_view label : {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"})
        if (why_not_pem(text, label).empty()) return "";
    return "is no private key in PEM (PKCS #8, or of EC or RSA), without a passphrase";
}

std::string why_not_user_name(std::string_view text) {
    if (text.size() > 100) return "is longer than 100 bytes";
    if (!text::is_utf8(text) || text::has_control(text)) return "has a control character";
    // RFC 7617 section 2; a '#' would begin a comment in nginx's file.
    return text.find_first_of(":#") != std::string_view::npos ? "has a ':' or '#'" : "";
}

std::string why_not_realm(std::string_view text) {
    if (std::string why = why_not_header_value(text); !why.empty()) return why;
    if (text.size() > 100) return "is longer than 100 bytes";
    return text.find_first_of("\"\\") != std::string_view::npos ? "has a quotation mark or backslash" : "";
}

std::string why_not_origin(std::string_view text) {
    if (text == "*") return "";
    const auto url = HttpUrl::parse(text);
    return url && url->path() == "/" && !text.ends_with('/')
               ? ""
               : "is no origin, such as https://app.example.com";
}

std::string why_not_note(std::string_view text) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; };
    const auto control = [](char c) { return c != '\n' && c != '\t' && text::has_control({&c, 1}); };
    if (text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues)) > 500)
        return "is longer than 500 characters";
    return std::ranges::any_of(text, control) ? "has a control character" : "";
}

std::string why_not_nginx(std::string_view text) {
    if (text.size() > 16UL * 1024) return "is longer than 16 KiB";
    return problem_in_nginx_directives(text);
}

std::string why_not_caddy(std::string_view text) {
    return problem_in_caddy_directives(text);
}

std::string why_not_traefik(std::string_view text) {
    return problem_in_traefik_directives(text);
}

std::string why_not_plain_target(std::string_view text) {
    return why_not_target(text, 0);
}

std::string why_not_request_header(std::string_view text) {
    if (std::string why = why_not_header_name(text); !why.empty()) return why;
    // RFC 9110 section 7.6.1 and what the engines keep in order themselves.
    static const std::set<std::string, std::less<>> ours = {"connection", "content-length",    "host",
                                                            "keep-alive", "proxy-connection",  "te",
                                                            "trailer",    "transfer-encoding", "upgrade"};
    return ours.contains(text::lower(text)) ? "belongs to the connection and is set by the engine" : "";
}

// ---- Rules between members ------------------------------------------------------------------------

void check(const At& at, const Upstream& upstream) {
    std::set<std::string> seen;
    const bool bound =
        upstream.balancing == Balancing::ip_hash || upstream.balancing == Balancing::sticky_cookie;
    for (std::size_t i = 0; i < upstream.servers.size(); ++i) {
        const UpstreamServer& server = upstream.servers[i];
        const std::string field = "servers." + std::to_string(i);
        const std::string address = server.host.bracketed() + ":" + server.port.text();
        if (!seen.insert(address).second)
            at.problem(field + ".host", address + " is listed twice (use a weight)");
        if (server.backup && bound)
            at.problem(field + ".backup",
                       "cannot be combined with balancing by " +
                           std::string(upstream.balancing == Balancing::ip_hash ? "address (ip_hash)"
                                                                                : "cookie (sticky_cookie)"));
    }
    if (!upstream.servers.empty() && std::ranges::all_of(upstream.servers, &UpstreamServer::backup))
        at.problem("servers", "needs at least one server that is not a backup");
    if (upstream.balancing == Balancing::sticky_cookie && upstream.cookie.empty())
        at.problem("cookie", "is missing");
    if (upstream.health.status != 0 && upstream.health.status < 200)
        at.problem("health.status", "must be 0 or from 200 to 599");
}

void check(const At& at, const Access& access) {
    if (!access.basic.users.empty() && access.forward.url)
        at.problem("forward.url", "cannot be combined with passwords; choose one way to sign in");
    std::set<std::string> names;
    for (std::size_t i = 0; i < access.basic.users.size(); ++i)
        if (!names.insert(access.basic.users[i].name).second)
            at.problem("basic.users." + std::to_string(i) + ".name",
                       "'" + access.basic.users[i].name + "' is listed twice");
    if (!access.list.empty()) return;  // the list may have the other half; compose() asks again
    if (!access.no_sign_in_from.empty() && !access.by_sign_in())
        at.problem("no_sign_in_from", "needs a sign-in that it excepts somebody from");
    if (access.satisfy == Satisfy::any && !(access.by_address() && access.by_sign_in()))
        at.problem("satisfy", "'any' needs both a list of addresses and a sign-in");
    if (!access.forward.sign_in.empty() && access.forward.mode == ForwardMode::api)
        at.problem("forward.sign_in", "is not used when the answer is 401");
}

void check(const At& at, const UpstreamTls& tls) {
    if (!tls.certificate.empty() && tls.key.empty()) at.problem("key", "is missing");
    if (tls.certificate.empty() && !tls.key.empty() && fingerprint_of_key(tls.key).empty())
        at.problem("certificate", "is missing");
}

void check(const At& at, const ClientCertificates& clients) {
    if (clients.mode == ClientCertificate::off) return;
    if (clients.ca.empty()) at.problem("ca", "is missing: whose certificates are accepted?");
}

void check(const At& at, const RateLimit& rate) {
    if ((rate.key == RateKey::header) != !rate.header.empty())
        at.problem("header", rate.header.empty() ? "is missing" : "is used only when counted by a header");
    if (rate.status != 429 && rate.status != 503) at.problem("status", "must be 429 or 503");
}

void check_redirect(const At& at, const Redirect& redirect, unsigned groups, bool wanted) {
    if (redirect.to.empty()) {
        if (wanted) at.problem("redirect.to", "is missing");
    } else if (std::string why = why_not_target(redirect.to, groups); !why.empty()) {
        at.problem("redirect.to", std::move(why));
    } else if (redirect.keep_path && redirect.to.find_first_of("?#") != std::string::npos) {
        at.problem("redirect.keep_path", "cannot add a path behind a query");
    }
    if (redirect.status != 301 && redirect.status != 302 && redirect.status != 307 && redirect.status != 308)
        at.problem("redirect.status", "must be 301, 302, 307 or 308");
}

void check(const At& at, const Route& route) {
    const bool regex = route.match == PathMatch::regex;
    if (std::string why = regex ? why_not_regex(route.path) : why_not_path(route.path); !why.empty())
        at.problem("path", std::move(why));
    const unsigned groups = regex ? regex_groups(route.path) : 0;
    const bool redirects = route.action == RouteAction::redirect;
    check_redirect(at, route.redirect, groups, redirects);
    if (redirects && route.upstream) at.problem("upstream", "is not used by a redirect");
    if (route.upstream && route.upstream->servers.empty())
        at.problem("upstream.servers", "needs at least one server");
    if (route.strip_prefix && route.match != PathMatch::prefix)
        at.problem("strip_prefix", "needs a path that is a prefix");
    if (route.strip_prefix && !route.rewrite.empty())
        at.problem("rewrite", "cannot be combined with stripping the prefix");
    if (redirects && (route.strip_prefix || !route.rewrite.empty()))
        at.problem(route.strip_prefix ? "strip_prefix" : "rewrite", "is not used by a redirect");
    if (route.rewrite.empty()) return;
    if (!route.rewrite.starts_with('/'))
        at.problem("rewrite", "must start with '/'");
    else if (std::string why = why_not_target(route.rewrite, groups); !why.empty())
        at.problem("rewrite", std::move(why));
    else if (route.rewrite.find_first_of("?#") != std::string::npos)
        at.problem("rewrite", "must be a path without query");
}

void check(const At& at, const HeaderRule& rule) {
    if (std::string why = why_not_request_header(rule.name); !rule.name.empty() && !why.empty())
        at.problem("name", std::move(why));
    if (rule.action == HeaderAction::remove && !rule.value.empty())
        at.problem("value", "is not used when a header is removed");
    if (rule.action != HeaderAction::remove && rule.value.empty()) at.problem("value", "is missing");
}

void check(const At& at, const Cors& cors) {
    const bool all = std::ranges::find(cors.origins, "*") != cors.origins.end();
    if (all && cors.origins.size() > 1) at.problem("origins", "'*' stands alone");
    if (all && cors.credentials)
        at.problem("credentials", "cannot be combined with all origins (Fetch standard, section 3.3.5)");
    if (!cors.origins.empty() && cors.methods.empty()) at.problem("methods", "needs at least one method");
}

void check(const At& at, const ErrorPage& page) {
    if (page.statuses.empty()) at.problem("statuses", "needs at least one status");
}

void check(const At& at, const Pages& pages) {
    std::set<unsigned> seen;
    for (std::size_t i = 0; i < pages.errors.size(); ++i)
        for (const unsigned status : pages.errors[i].statuses)
            if (!seen.insert(status).second)
                at.problem("errors." + std::to_string(i) + ".statuses",
                           std::to_string(status) + " has a page already");
}

void check(const At& at, const Tls& tls) {
    const bool none = tls.mode == TlsMode::none;
    if (none && tls.redirect_http)
        at.problem("redirect_http", "needs a TLS mode other than none: https would not answer");
    if (none && tls.hsts_seconds.count() > 0)
        at.problem("hsts_seconds", "needs a TLS mode other than none: browsers would insist on https");
    if (none && tls.clients.mode != ClientCertificate::off)
        at.problem("clients.mode", "needs a TLS mode other than none");
    if (none && tls.http3) at.problem("http3", "needs a TLS mode other than none");
    if (tls.hsts_seconds.count() == 0 && tls.hsts_subdomains)
        at.problem("hsts_subdomains", "needs a time for HSTS");
    if (tls.hsts_preload && !(tls.hsts_subdomains && tls.hsts_seconds.count() >= 31'536'000))
        at.problem("hsts_preload", "needs a year (31536000 s) and all subdomains");
}

void check(const At& at, const SiteDefinition& site) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < site.domains.size(); ++i)
        if (!names.insert(site.domains[i].text()).second)
            at.problem("domains." + std::to_string(i), site.domains[i].text() + " is listed twice");
    if (site.domains.empty()) at.problem("domains", "needs at least one domain name");
    const bool redirects = site.kind == SiteKind::redirect;
    check_redirect(at, site.redirect, 0, redirects);
    if (redirects && !site.upstream.servers.empty())
        at.problem("upstream.servers", "is not used by a site that redirects");
    if (!redirects && site.upstream.servers.empty())
        at.problem("upstream.servers", "needs at least one server");
    check_stream(at, site);
    std::set<std::string> paths;
    for (std::size_t i = 0; i < site.routes.size(); ++i) {
        const Route& route = site.routes[i];
        const std::string field = "routes." + std::to_string(i);
        if (!paths.insert(std::string(to_word(route.match)) + " " + route.path).second)
            at.problem(field + ".path", "has a route already");
        if (redirects && route.action == RouteAction::proxy && !route.upstream)
            at.problem(field + ".upstream", "is missing: the site itself has no servers");
        if (route.client_certificate == RouteCertificate::required &&
            site.tls.clients.mode == ClientCertificate::off)
            at.problem(field + ".client_certificate", "needs a site that asks for it (tls.clients.mode)");
    }
}

}  // namespace members

std::vector<std::string> parse_tags(const std::vector<std::string>& words) {
    constexpr std::size_t kMost = 20;
    constexpr std::size_t kLongest = 32;
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    std::set<std::string> tags;
    for (const std::string& word : words) {
        std::string tag = text::lower(word);
        if (tag.empty() || tag.size() > kLongest || !std::ranges::all_of(tag, fits))
            throw Invalid("tags", "'" + text::shown(word, 80) +
                                      "' is no tag: 1 to 32 letters, digits, hyphens, underscores and dots");
        tags.insert(std::move(tag));
    }
    if (tags.size() > kMost) throw Invalid("tags", "are more than 20");
    return {tags.begin(), tags.end()};
}

namespace {

constexpr std::string_view kStored = "stored:";
constexpr std::size_t kFingerprint = 64;

}  // namespace

std::string stored_key(std::string_view fingerprint) {
    return std::string(kStored).append(fingerprint);
}

std::string fingerprint_of_key(std::string_view key) {
    if (!key.starts_with(kStored)) return "";
    const std::string_view digits = key.substr(kStored.size());
    const bool good = digits.size() == kFingerprint &&
                      digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return good ? std::string(digits) : "";
}

std::vector<std::pair<std::string, const Upstream*>> upstreams_of(const SiteDefinition& site) {
    std::vector<std::pair<std::string, const Upstream*>> out;
    if (site.kind == SiteKind::proxy || site.kind == SiteKind::stream)
        out.emplace_back("upstream", &site.upstream);
    for (std::size_t i = 0; i < site.routes.size(); ++i)
        if (site.routes[i].upstream)
            out.emplace_back("routes." + std::to_string(i) + ".upstream", &*site.routes[i].upstream);
    return out;
}

bool encrypts_to(const SiteDefinition& site, const Upstream& upstream) {
    return site.kind == SiteKind::stream ? site.stream.tls_to_servers : is_encrypted(upstream.scheme);
}

SiteDefinition without_clear_keys(SiteDefinition site) {
    const auto hide = [](UpstreamTls& tls) {
        if (!tls.key.empty() && fingerprint_of_key(tls.key).empty())
            tls.key = stored_key(std::string(kFingerprint, '0'));
    };
    hide(site.upstream.tls);
    for (Route& route : site.routes)
        if (route.upstream) hide(route.upstream->tls);
    return site;
}

SiteState site_state(std::string_view word) {
    if (const auto state = from_word<SiteState>(word)) return *state;
    throw Error("unknown site state: " + std::string(word));
}

}  // namespace rpm
