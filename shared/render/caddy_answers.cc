// SPDX-License-Identifier: MIT
#include "shared/render/caddy_answers.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/render/caddy_gates.h"
#include "shared/render/release_files.h"

namespace rpm::render::caddy {
namespace {

Json one(std::string value) {
    return array({std::move(value)});
}

// Applied when the answer is written, so that what the upstream sent is replaced.
Json on_answers(const HeaderOps& ops) {
    Json response = ops.json();
    response["deferred"] = true;
    return handler("headers", {{"response", std::move(response)}});
}

std::string hsts(const Tls& tls) {
    return "max-age=" + std::to_string(tls.hsts_seconds.count()) +
           (tls.hsts_subdomains ? "; includeSubDomains" : "") + (tls.hsts_preload ? "; preload" : "");
}

void add_security(HeaderOps& ops, const SecurityHeaders& security) {
    if (security.no_sniff) ops.set("X-Content-Type-Options", "nosniff");
    if (security.frame != FrameOptions::unset)
        ops.set("X-Frame-Options", security.frame == FrameOptions::deny ? "DENY" : "SAMEORIGIN");
    const std::pair<const char*, const std::string*> others[] = {
        {"Referrer-Policy", &security.referrer_policy},
        {"Permissions-Policy", &security.permissions_policy},
        {"Content-Security-Policy", &security.content_policy}};
    for (const auto& [name, value] : others)
        if (!value->empty()) ops.set(name, literal(*value));
}

// ---- CORS (Fetch standard, section 3.3) --------------------------------------------------------------

bool any_origin(const Cors& cors) {
    return cors.origins == std::vector<std::string>{"*"};
}

void add_cors(Json::Array& routes, const Cors& cors) {
    if (cors.origins.empty()) return;
    HeaderOps allowed;
    allowed.set("Access-Control-Allow-Origin", any_origin(cors) ? "*" : "{http.request.header.Origin}");
    if (cors.credentials) allowed.set("Access-Control-Allow-Credentials", "true");
    if (!cors.expose.empty()) allowed.set("Access-Control-Expose-Headers", text::join(cors.expose, ", "));
    Json::Object from = {{"header", object({{"Origin", texts(cors.origins)}})}};
    routes.push_back(route(std::move(from), {on_answers(allowed)}));
    // Written before what stands above, because it is nearer to the upstream: whatever that says about
    // origins does not count.
    HeaderOps others;
    for (const char* name : {"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"})
        others.remove(name);
    if (!any_origin(cors)) others.add("Vary", "Origin");
    routes.push_back(route({on_answers(others)}));
}

Json preflight(const Cors& cors) {
    Json::Object headers = {{"Access-Control-Allow-Methods", one(text::join(cors.methods, ", "))},
                            {"Access-Control-Max-Age", one(std::to_string(cors.max_age.count()))}};
    if (!cors.headers.empty())
        headers.emplace_back("Access-Control-Allow-Headers", one(text::join(cors.headers, ", ")));
    Json asked = object({{"Origin", one("*")}, {"Access-Control-Request-Method", one("*")}});
    return route(
        {{"method", array({"OPTIONS"})}, {"header", std::move(asked)}},
        {handler("static_response", {{"status_code", 204}, {"headers", Json::object(std::move(headers))}})});
}

// ---- Pages -------------------------------------------------------------------------------------------

Json maintenance(const Context& context) {
    const Maintenance& m = context.site.pages.maintenance;
    Json::Object headers;
    if (m.retry_after.count() > 0)
        headers.emplace_back("Retry-After", one(std::to_string(m.retry_after.count())));
    Json answer = page(503, m.html, headers);
    if (m.html.empty()) {
        answer = plain(503, kMaintenanceText);
        if (!headers.empty()) answer["headers"] = Json::object(std::move(headers));
    }
    if (m.bypass.empty()) return route({std::move(answer)});
    return route({none_of({object({address_in(context, m.bypass)})})}, {std::move(answer)});
}

Json text_file(std::string_view path, std::string_view text) {
    return route({path_matches("^" + quoted_regex(path) + "$")}, {plain(200, text)});
}

const ErrorPage* page_of(const SiteDefinition& site, unsigned status) {
    for (const ErrorPage& each : site.pages.errors)
        if (std::ranges::find(each.statuses, status) != each.statuses.end()) return &each;
    return nullptr;
}

// The module of rates always says 429; these are to say 503.
std::vector<std::string> unavailable_zones(const SiteDefinition& site, const std::string& zone) {
    std::vector<std::string> out;
    const auto add = [&out](const std::vector<RateLimit>& rates, const std::string& name) {
        for (std::size_t i = 0; i < rates.size(); ++i)
            if (rates[i].status == 503) out.push_back(zone_name(name, i));
    };
    add(site.limits.rates, zone);
    for (std::size_t r = 0; r < site.routes.size(); ++r)
        add(site.routes[r].rates, zone + "_route" + std::to_string(r));
    return out;
}

}  // namespace

Json plain(Json status, std::string_view body) {
    return handler("static_response", {{"status_code", std::move(status)}, {"body", literal(body)}});
}

Json page(Json status, std::string_view html, Json::Object headers) {
    headers.emplace_back("Content-Type", one("text/html; charset=utf-8"));
    return handler("static_response", {{"status_code", std::move(status)},
                                       {"headers", Json::object(std::move(headers))},
                                       {"body", literal(html)}});
}

Json redirect(const Redirect& redirect, const std::string& path) {
    std::string to = with_groups(redirect.to);
    if (redirect.keep_path) {
        if (to.ends_with('/')) to.pop_back();
        // What is asked for may begin with two slashes, which alone would name another host.
        if (to.empty()) throw Invalid(path + ".keep_path", "sends visitors back to where they are");
        to += "{http.request.uri}";
    }
    return handler("static_response", {{"status_code", redirect.status},
                                       {"headers", object({{"Location", one(std::move(to))}})}});
}

Json::Array answer_headers(const SiteDefinition& site) {
    Json::Array routes;
    if (site.tls.hsts_seconds.count() > 0) {  // never over plain HTTP (RFC 6797 section 7.2)
        HeaderOps ops;
        ops.set("Strict-Transport-Security", hsts(site.tls));
        routes.push_back(route({{"protocol", "https"}}, {on_answers(ops)}));
    }
    HeaderOps ops;
    add_security(ops, site.headers.security);
    ops.apply(site.headers.response, "headers.response");
    if (!ops.empty()) routes.push_back(route({on_answers(ops)}));
    add_cors(routes, site.headers.cors);
    return routes;
}

Json::Array own_answers(const Context& context) {
    const SiteDefinition& site = context.site;
    Json::Array routes;
    if (!site.headers.cors.origins.empty()) routes.push_back(preflight(site.headers.cors));
    if (site.pages.maintenance.on) routes.push_back(maintenance(context));
    if (!site.pages.robots_txt.empty()) routes.push_back(text_file("/robots.txt", site.pages.robots_txt));
    if (!site.pages.security_txt.empty())
        routes.push_back(text_file("/.well-known/security.txt", site.pages.security_txt));
    return routes;
}

Json::Array error_routes(const SiteDefinition& site, const std::string& zone) {
    Json::Array routes;
    if (const auto zones = unavailable_zones(site, zone); !zones.empty()) {
        const ErrorPage* own = page_of(site, 503);
        routes.push_back(
            route({value_is("{http.rate_limit.exceeded.name}", texts(zones))},
                  {own != nullptr ? page(503, own->html) : plain(503, "503 Service Unavailable\n")}));
    }
    for (const ErrorPage& each : site.pages.errors) {
        Json statuses = Json::array();
        for (const unsigned status : each.statuses) statuses.push(std::to_string(status));
        routes.push_back(route({value_is("{http.error.status_code}", std::move(statuses))},
                               {page("{http.error.status_code}", each.html)}));
    }
    routes.push_back(route({handler(
        "static_response", {{"status_code", "{http.error.status_code}"},
                            {"headers", object({{"Content-Type", one("text/plain; charset=utf-8")}})},
                            {"body", "{http.error.status_code} {http.error.status_text}\n"}})}));
    return routes;
}

}  // namespace rpm::render::caddy
