// SPDX-License-Identifier: MIT
#include "shared/render/caddy_gates.h"

#include "shared/render/caddy_proxy.h"

namespace rpm::render::caddy {
namespace {

// ---- Rates ------------------------------------------------------------------------------------------

std::string key_of(const RateLimit& rate) {
    switch (rate.key) {
        case RateKey::address:
            return "{http.vars.rpmgr_client}";
        case RateKey::header:
            return "{http.request.header." + rate.header + "}";
        case RateKey::path:
            return "{http.request.uri.path}";
    }
    return "";
}

// The module counts in a window that slides: burst + 1 at once, and in the long run `requests` per `per`.
Json counter(const RateLimit& rate) {
    const std::uint64_t per_ns = rate.per == RatePer::second ? 1'000'000'000 : 60'000'000'000;
    const std::uint64_t most = std::uint64_t{rate.burst} + 1;
    Json::Object out = {
        {"key", key_of(rate)}, {"window", most * per_ns / rate.requests}, {"max_events", most}};
    // As with nginx, a request without the header is not counted.
    if (rate.key == RateKey::header)
        out.emplace_back("match", array({object({{"header", object({{rate.header, array({"*"})}})}})}));
    return Json::object(std::move(out));
}

Json rate_limit(const std::vector<RateLimit>& rates, std::string_view zone) {
    Json::Object zones;
    for (std::size_t i = 0; i < rates.size(); ++i) zones.emplace_back(zone_name(zone, i), counter(rates[i]));
    return handler("rate_limit", {{"rate_limits", Json::object(std::move(zones))}});
}

// ---- Access -----------------------------------------------------------------------------------------

// The matcher set of those whose address lets them in; `deny` wins over `allow`.
Json good_address(const Context& context, const Access& access) {
    Json::Object set;
    if (!access.allow.empty()) set.push_back(address_in(context, access.allow));
    if (!access.deny.empty()) set.push_back(none_of({object({address_in(context, access.deny)})}));
    return Json::object(std::move(set));
}

Json password(const BasicAuth& basic) {
    Json accounts = Json::array();
    for (const BasicUser& user : basic.users)
        accounts.push(object({{"username", literal(user.name)}, {"password", user.hash}}));
    Json provider = object({{"hash", object({{"algorithm", "bcrypt"}})},
                            {"accounts", std::move(accounts)},
                            {"realm", basic.realm},
                            {"hash_cache", Json::object()}});
    return handler("authentication", {{"providers", object({{"http_basic", std::move(provider)}})}});
}

Json sign_in(const Context& context, const Access& access) {
    return access.forward.url ? forward_auth(context, access.forward) : password(access.basic);
}

void add_access(Json::Array& routes, const Context& context, const Access& access) {
    const bool enough = access.satisfy == Satisfy::any;
    if (access.by_address() && !enough)
        routes.push_back(route({none_of({good_address(context, access)})}, {error(403)}));
    if (!access.by_sign_in()) return;
    Json::Array excepted;
    if (!access.no_sign_in_from.empty())
        excepted.push_back(object({address_in(context, access.no_sign_in_from)}));
    if (access.by_address() && enough) excepted.push_back(good_address(context, access));
    if (excepted.empty())
        routes.push_back(route({sign_in(context, access)}));
    else
        routes.push_back(route({none_of(std::move(excepted))}, {sign_in(context, access)}));
}

}  // namespace

std::string zone_name(std::string_view zone, std::size_t index) {
    return std::string(zone) + "_" + std::to_string(index);
}

Json::Array gates(const Context& context, const Access& access, const std::vector<RateLimit>& rates,
                  std::string_view zone) {
    Json::Array out;
    if (!rates.empty()) out.push_back(rate_limit(rates, zone));
    Json::Array routes;
    add_access(routes, context, access);
    if (!routes.empty()) out.push_back(subroute(std::move(routes)));
    return out;
}

Json::Array unforged(const SiteDefinition& site) {
    HeaderOps ops;
    const auto add = [&](const Access& access) {
        for (const std::string& name : access.forward.copy_headers) ops.remove(name);
    };
    add(site.access);
    for (const Route& each : site.routes)
        if (each.access) add(*each.access);
    if (ops.empty()) return {};
    return {route({handler("headers", {{"request", ops.json()}})})};
}

}  // namespace rpm::render::caddy
