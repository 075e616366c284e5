// SPDX-License-Identifier: MIT
// Who comes in, and how often.
#include "shared/render/nginx_parts.h"

namespace rpm::render::nginx {
namespace {

void add_networks(Fields& geo, const std::vector<IpNetwork>& networks, const std::string& value) {
    for (const IpNetwork& network : networks)
        geo.row("NETWORK").set("ADDRESS", network.text()).set("THESE", value);
}

}  // namespace

bool sends_to_sign_in(const Access& access) {
    return access.forward.url && access.forward.mode == ForwardMode::browser &&
           !access.forward.sign_in.empty();
}

void add_access_maps(Fields& site, const std::string& key, const Access& access) {
    if (access.no_sign_in_from.empty()) return;
    const bool basic = !access.basic.users.empty();
    Fields& geo = site.row("EXEMPT");
    geo.set("KEY", key).set("WHAT", basic ? "realm" : "exempt");
    geo.set("OTHERS", basic ? access.basic.realm : "");
    add_networks(geo, access.no_sign_in_from, basic ? "off" : "1");
}

void add_access(Fields& where, const Place& place, SiteId id, const std::string& file_prefix,
                const std::string& key, const Access& access, bool overrides) {
    if (access.open() && !overrides) return;
    Fields& rules = where.row(place.access).include("RULES", "nginx/access.conf");
    rules.set("INDENT", place.indent);
    rules.show("ANY", access.satisfy == Satisfy::any);
    rules.show("ALL", overrides && access.satisfy == Satisfy::all);
    for (const IpNetwork& network : access.deny) rules.row("DENY").set("NETWORK", network.text());
    for (const IpNetwork& network : access.allow) rules.row("ALLOW").set("NETWORK", network.text());
    rules.show("DENY_REST", !access.allow.empty());
    // With "any", whoever is allowed needs no sign-in, so an address must be allowed by name.
    rules.show("ALLOW_REST", (overrides && !access.by_address()) ||
                                 (access.satisfy == Satisfy::any && access.allow.empty()));
    if (!access.basic.users.empty()) {
        Fields& basic = rules.row("BASIC");
        basic.set("FILE", file_of(id, file_prefix + "users"));
        if (access.no_sign_in_from.empty())
            basic.row("ALWAYS").set("REALM", access.basic.realm);
        else
            basic.row("EXCEPT").set("KEY", key);
    } else {
        rules.show("NO_BASIC", overrides);
    }
    if (access.forward.url) {
        Fields& forward = rules.row("FORWARD");
        forward.set("KEY", key);
        for (std::size_t i = 0; i < access.forward.copy_headers.size(); ++i)
            forward.row("COPY")
                .set("N", std::to_string(i))
                .set("VARIABLE", header_variable(access.forward.copy_headers[i]));
    } else {
        rules.show("NO_FORWARD", overrides);
    }
}

void add_auth_location(Fields& server, const std::string& key, const Access& access) {
    if (!access.forward.url) return;
    const HttpUrl& url = *access.forward.url;
    Fields& auth = server.row("AUTH");
    const bool local = url.host().text() == "localhost";
    const std::string host = local ? "127.0.0.1" : url.host().bracketed();
    auth.set("KEY", key).set("SCHEME", url.encrypted() ? "https" : "http");
    auth.set("ADDRESS", host + ":" + url.port().text())
        .set("PATH", url.path())
        .set("HOST", url.host().text());
    const bool usual = url.port().value() == (url.encrypted() ? 443 : 80);
    auth.set("AUTHORITY", url.host().bracketed() + (usual ? "" : ":" + url.port().text()));
    auth.show("EXCEPT", !access.no_sign_in_from.empty());
    if (!sends_to_sign_in(access)) return;
    const std::string& page = access.forward.sign_in;
    auth.row("TO_SIGN_IN").set("TARGET", page + (page.find('?') == std::string::npos ? "?" : "&"));
}

void add_rate_zones(Fields& site, const std::string& key, const std::vector<RateLimit>& rates) {
    for (std::size_t i = 0; i < rates.size(); ++i) {
        Fields& zone = site.row("RATE_ZONE");
        zone.set("KEY", key).set("N", std::to_string(i));
        zone.set("REQUESTS", std::to_string(rates[i].requests));
        zone.show("ADDRESS", rates[i].key == RateKey::address).show("PATH", rates[i].key == RateKey::path);
        if (rates[i].key == RateKey::header)
            zone.row("HEADER").set("VARIABLE", header_variable(rates[i].header));
        zone.show("SECOND", rates[i].per == RatePer::second).show("MINUTE", rates[i].per == RatePer::minute);
    }
}

void add_rates(Fields& where, const Place& place, const std::string& key,
               const std::vector<RateLimit>& rates) {
    if (rates.empty()) return;
    Fields& rules = where.row(place.rates).include("RULES", "nginx/rates.conf");
    rules.set("INDENT", place.indent);
    rules.set("STATUS", std::to_string(rates.front().status));
    for (std::size_t i = 0; i < rates.size(); ++i) {
        Fields& rate = rules.row("RATE");
        rate.set("KEY", key).set("N", std::to_string(i));
        if (rates[i].burst != 0) rate.row("BURST").set("REQUESTS", std::to_string(rates[i].burst));
    }
}

}  // namespace rpm::render::nginx
