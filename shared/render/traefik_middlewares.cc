// SPDX-License-Identifier: MIT
#include "shared/render/traefik_middlewares.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/render/traefik_rules.h"

namespace rpm::render::traefik {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

Json texts(const std::vector<std::string>& all) {
    Json out = Json::array();
    for (const std::string& each : all) out.push(each);
    return out;
}

// Names in any case are one header; a later value takes the place of an earlier one.
class HeaderMap {
  public:
    void set(const std::string& name, const std::string& value) {
        const auto same = [&](const Json::Member& each) { return text::iequals(each.first, name); };
        std::erase_if(members_, same);
        members_.emplace_back(name, value);
    }
    void apply(const std::vector<HeaderRule>& rules) {
        // An empty value removes. Traefik cannot add; capabilities.cc refuses it.
        for (const HeaderRule& rule : rules)
            set(rule.name, rule.action == HeaderAction::remove ? "" : rule.value);
    }
    bool empty() const { return members_.empty(); }
    Json take() { return Json::object(std::move(members_)); }

  private:
    Json::Object members_;
};

void add_security(HeaderMap& out, const SecurityHeaders& security) {
    if (security.no_sniff) out.set("X-Content-Type-Options", "nosniff");
    if (security.frame != FrameOptions::unset)
        out.set("X-Frame-Options", security.frame == FrameOptions::deny ? "DENY" : "SAMEORIGIN");
    if (!security.referrer_policy.empty()) out.set("Referrer-Policy", security.referrer_policy);
    if (!security.permissions_policy.empty()) out.set("Permissions-Policy", security.permissions_policy);
    if (!security.content_policy.empty()) out.set("Content-Security-Policy", security.content_policy);
}

void add_cors(Json& out, const Cors& cors) {
    out["accessControlAllowOriginList"] = texts(cors.origins);
    out["accessControlAllowMethods"] = texts(cors.methods);
    if (!cors.headers.empty()) out["accessControlAllowHeaders"] = texts(cors.headers);
    if (!cors.expose.empty()) out["accessControlExposeHeaders"] = texts(cors.expose);
    if (cors.credentials) out["accessControlAllowCredentials"] = true;
    out["accessControlMaxAge"] = cors.max_age.count();
    if (cors.origins.front() != "*") out["addVaryHeader"] = true;
}

bool is_grpc(const Upstream& upstream) {
    return upstream.scheme == UpstreamScheme::grpc || upstream.scheme == UpstreamScheme::grpcs;
}

}  // namespace

std::string Middlewares::add(const std::string& name, const char* type, Json options) {
    std::string full = prefix_ + name;
    out_.middlewares[full] = Json::object({{type, std::move(options)}});
    return full;
}

// Tells Traefik where the visitor's address stands behind trusted proxies. `needed`: it would take something
// else than the connection's own address when nothing is said.
Json Middlewares::by_address(Json options, bool needed) const {
    if (!trusted_.empty()) {
        Json networks = Json::array();
        for (const IpNetwork& network : trusted_) networks.push(network.text());
        options["ipStrategy"]["excludedIPs"] = std::move(networks);
    } else if (needed) {
        options["ipStrategy"]["depth"] = 0;
    }
    return options;
}

std::string Middlewares::hsts(const Tls& tls) {
    std::string value = "max-age=" + std::to_string(tls.hsts_seconds.count());
    if (tls.hsts_subdomains) value += "; includeSubDomains";
    if (tls.hsts_preload) value += "; preload";
    Json headers;
    headers["customResponseHeaders"]["Strict-Transport-Security"] = value;
    return add("hsts", "headers", std::move(headers));
}

Middlewares::Names Middlewares::of_site(const SiteDefinition& site) {
    Names out;
    if (site.compression && site.kind == SiteKind::proxy) out.emplace_back(kCompress);
    const Maintenance& maintenance = site.pages.maintenance;
    HeaderMap answers;
    add_security(answers, site.headers.security);
    if (maintenance.on && maintenance.retry_after.count() > 0)
        answers.set("Retry-After", std::to_string(maintenance.retry_after.count()));
    answers.apply(site.headers.response);
    Json headers = Json::object();
    if (!answers.empty()) headers["customResponseHeaders"] = answers.take();
    if (!site.headers.cors.origins.empty()) add_cors(headers, site.headers.cors);
    if (!headers.members().empty()) out.push_back(add("headers", "headers", std::move(headers)));
    if (maintenance.on && maintenance.bypass.empty()) {
        out.push_back(answer(503));
    } else if (maintenance.on) {
        Json list = Json::object({{"sourceRange", texts(allowed_networks(maintenance.bypass, {}))}});
        list["rejectStatusCode"] = 503;
        out.push_back(add("maintenance", "ipAllowList", by_address(std::move(list), false)));
    }
    if (site.limits.connections > 0) {
        Json limit = Json::object({{"amount", site.limits.connections}});
        limit["sourceCriterion"] = by_address(Json::object(), true);
        out.push_back(add("connections", "inFlightReq", std::move(limit)));
    }
    return out;
}

Middlewares::Names Middlewares::rates(const std::vector<RateLimit>& rates, const std::string& own) {
    Names out;
    for (const RateLimit& rate : rates) {
        // Traefik's burst is all that may come at once; ours is what may come besides the one that is due.
        Json limit = Json::object({{"average", rate.requests},
                                   {"period", rate.per == RatePer::second ? "1s" : "1m"},
                                   {"burst", rate.burst + 1}});
        limit["sourceCriterion"] = rate.key == RateKey::header
                                       ? Json::object({{"requestHeaderName", rate.header}})
                                       : by_address(Json::object(), true);
        out.push_back(add(own + "rate" + std::to_string(out.size()), "rateLimit", std::move(limit)));
    }
    return out;
}

std::string Middlewares::addresses(const Access& access, const std::string& own) {
    Json list = Json::object({{"sourceRange", texts(allowed_networks(access.allow, access.deny))}});
    return add(own + "addresses", "ipAllowList", by_address(std::move(list), false));
}

std::string Middlewares::certificate() {
    return add("certificate", "passTLSClientCert", Json::object({{"pem", true}}));
}

std::string Middlewares::no_certificate() {
    Json headers;
    headers["customRequestHeaders"]["X-Forwarded-Tls-Client-Cert"] = "";
    return add("no-certificate", "headers", std::move(headers));
}

std::string Middlewares::sign_in(const Access& access, const std::string& own) {
    if (!access.basic.users.empty()) {
        Json users = Json::array();
        for (const BasicUser& user : access.basic.users) users.push(user.name + ":" + user.hash);
        Json basic = Json::object({{"users", std::move(users)}});
        if (!access.basic.realm.empty()) basic["realm"] = access.basic.realm;
        return add(own + "sign-in", "basicAuth", std::move(basic));
    }
    const ForwardAuth& forward = access.forward;
    // X-Forwarded-* are good here: rpm-web has seen to it. An answer that refuses is passed on as a whole up
    // to this size.
    Json options = Json::object(
        {{"address", forward.url->text()}, {"trustForwardHeader", true}, {"maxResponseBodySize", 64 * 1024}});
    if (!forward.copy_headers.empty()) options["authResponseHeaders"] = texts(forward.copy_headers);
    return add(own + "sign-in", "forwardAuth", std::move(options));
}

std::string Middlewares::free_of_sign_in(const Access& access, const std::string& field) const {
    if (!access.by_sign_in()) return "";
    const bool any = access.satisfy == Satisfy::any;
    std::string rule = any ? address_rule(access.allow, access.deny) : "";
    if (!access.no_sign_in_from.empty()) {
        if (!rule.empty()) rule = "(" + rule + ") || ";
        rule += any_address_rule(access.no_sign_in_from);
    }
    if (!rule.empty() && !trusted_.empty())
        throw Invalid(field + (any ? "satisfy" : "no_sign_in_from"),
                      "behind the proxies that this node trusts, Traefik cannot let addresses in without a "
                      "sign-in; demand the sign-in of everybody");
    return rule;
}

Middlewares::Names Middlewares::redirect(const Redirect& redirect, const std::string& regex,
                                         const std::string& own, const std::string& field) {
    if (!redirect.keep_path && redirect.to.find('$') == std::string::npos) {
        Json headers;
        headers["customResponseHeaders"]["Location"] = redirect.to;
        return {add(own + "location", "headers", std::move(headers)), answer(redirect.status)};
    }
    const auto found = url_replacement(regex, redirect);
    if (!found)
        throw Invalid(
            field + "path",
            "for a redirect by groups or with the path kept, Traefik needs '^' at the beginning of the "
            "expression (or of each of its alternatives) or nowhere");
    return {add(
        own + "redirect", "redirectRegex",
        Json::object(
            {{"regex", found->regex}, {"replacement", found->text}, {"permanent", redirect.status == 301}}))};
}

Middlewares::Names Middlewares::path(const Route& route, const std::string& own) {
    if (route.strip_prefix)
        return {add(own + "path", "stripPrefix", Json::object({{"prefixes", Json::array({route.path})}})),
                kRewritten};
    if (route.rewrite.empty()) return {};
    if (route.match == PathMatch::exact)
        return {add(own + "path", "replacePath", Json::object({{"path", route.rewrite}})), kRewritten};
    const Replacement by = route.match == PathMatch::prefix ? prefix_replacement(route.path, route.rewrite)
                                                            : path_replacement(route.path, route.rewrite);
    return {
        add(own + "path", "replacePathRegex", Json::object({{"regex", by.regex}, {"replacement", by.text}})),
        kRewritten};
}

Middlewares::Names Middlewares::raw(const SiteDefinition& site) {
    Names out;
    if (site.raw.traefik.empty()) return out;
    const Json middlewares = Json::parse(site.raw.traefik);
    for (const auto& [name, middleware] : middlewares.members()) {
        const auto& [type, settings] = middleware.members().front();
        out.push_back(add("own-" + name, type.c_str(), settings));
    }
    return out;
}

Middlewares::Names Middlewares::of_upstream(const Upstream& upstream, const SiteDefinition& site,
                                            const std::string& own) {
    Names out = raw(site);
    HeaderMap request;
    request.apply(site.headers.request);
    if (!request.empty())
        out.push_back(add("request", "headers", Json::object({{"customRequestHeaders", request.take()}})));
    if (!upstream.host_header.empty()) {
        Json headers;
        headers["customRequestHeaders"]["Host"] = upstream.host_header;
        out.push_back(add(own + "host", "headers", std::move(headers)));
    }
    const Limits& limits = site.limits;
    if (limits.buffer_requests && limits.buffer_responses && !is_grpc(upstream))
        out.push_back(add("buffers", "buffering",
                          Json::object({{"maxRequestBodyBytes", limits.max_body_mib * kMiB},
                                        {"memRequestBodyBytes", kMiB},
                                        {"memResponseBodyBytes", kMiB}})));
    const auto tried = std::ranges::count(upstream.servers, false, &UpstreamServer::backup);
    if (tried > 1)
        out.push_back(
            add(own + "retry", "retry", Json::object({{"attempts", std::min<std::int64_t>(tried, 3)}})));
    return out;
}

}  // namespace rpm::render::traefik
