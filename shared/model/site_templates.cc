// SPDX-License-Identifier: MIT
#include "shared/model/site_templates.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/http_text.h"

namespace rpm {
namespace {

constexpr std::string_view kDomain = "{domain}";

constexpr char kApp[] = R"({"version":2,"headers":{"security":{"no_sniff":true,"frame":"same_origin",)"
                        R"("referrer_policy":"strict-origin-when-cross-origin"}}})";

// An hour between two messages, and each is passed on at once.
constexpr char kWebSocket[] =
    R"({"version":2,"upstream":{"balancing":"least_connections","read_timeout":3600,"send_timeout":3600},)"
    R"("limits":{"buffer_responses":false},"headers":{"security":{"no_sniff":true}}})";

constexpr char kStatic[] = R"j({"version":2,"upstream":{"read_timeout":15},"limits":{"max_body_mib":1},)j"
                           R"j("headers":{"security":{"no_sniff":true,"frame":"same_origin",)j"
                           R"j("referrer_policy":"strict-origin-when-cross-origin",)j"
                           R"j("permissions_policy":"geolocation=(), camera=(), microphone=()"}}})j";

// Guessing passwords is slowed down; XML-RPC, which lets it happen a thousand times a request, is closed.
constexpr char kWordPress[] =
    R"({"version":2,"upstream":{"read_timeout":120},"limits":{"max_body_mib":64},"routes":[)"
    R"({"match":"exact","path":"/wp-login.php","rates":[{"requests":10,"per":"minute","burst":5}]},)"
    R"({"match":"exact","path":"/xmlrpc.php","access":{"deny":["0.0.0.0/0","::/0"]}}],)"
    R"("headers":{"response":[{"action":"remove","name":"X-Powered-By"}],)"
    R"("security":{"no_sniff":true,"frame":"same_origin","referrer_policy":"strict-origin-when-cross-origin"}}})";

constexpr char kApi[] =
    R"({"version":2,"upstream":{"balancing":"least_connections","read_timeout":30},)"
    R"("limits":{"max_body_mib":4,"rates":[{"requests":50,"burst":100}]},)"
    R"("headers":{"security":{"no_sniff":true,"frame":"deny","content_policy":"default-src 'none'; frame-ancestors 'none'"},)"
    R"("cors":{"origins":["https://{domain}"],"methods":["GET","HEAD","POST","PUT","PATCH","DELETE"],)"
    R"("headers":["Authorization","Content-Type"]}}})";

constexpr char kGrpc[] =
    R"({"version":2,"upstream":{"scheme":"grpc","balancing":"least_connections","read_timeout":300},)"
    R"("limits":{"max_body_mib":0,"buffer_requests":false,"buffer_responses":false},"compression":false})";

constexpr char kRedirect[] =
    R"({"version":2,"kind":"redirect","redirect":{"to":"https://www.{domain}","keep_path":true}})";

Json filled(Json json, const std::string& domain) {
    if (json.is_text()) {
        std::string value = json.text();
        for (auto at = value.find(kDomain); at != std::string::npos;
             at = value.find(kDomain, at + domain.size()))
            value.replace(at, kDomain.size(), domain);
        return value;
    }
    if (json.is_array())
        for (Json& item : json.items()) item = filled(std::move(item), domain);
    if (json.is_object())
        for (auto& [name, value] : json.members()) value = filled(std::move(value), domain);
    return json;
}

Json blanked(Json json, const std::string& domain) {
    if (json.is_text()) {
        std::string value = json.text();
        for (auto at = value.find(domain); at != std::string::npos;
             at = value.find(domain, at + kDomain.size()))
            value.replace(at, domain.size(), kDomain);
        return value;
    }
    if (json.is_array())
        for (Json& item : json.items()) item = blanked(std::move(item), domain);
    if (json.is_object())
        for (auto& [name, value] : json.members()) value = blanked(std::move(value), domain);
    return json;
}

void put_upstream(Json& json, std::string_view upstream) {
    const bool with_scheme = upstream.find("://") != std::string_view::npos;
    const auto url = HttpUrl::parse(with_scheme ? std::string(upstream) : "http://" + std::string(upstream));
    if (!url || url->path() != "/")
        throw Invalid("upstream", "'" + text::shown(upstream, 80) + "' is no server such as 10.0.0.1:8080");
    if (with_scheme && url->encrypted()) json["upstream"]["scheme"] = "https";
    json["upstream"]["servers"] =
        Json::array({Json::object({{"host", url->host().text()}, {"port", int{url->port().value()}}})});
}

bool redirects(const Json& json) {
    const Json* kind = json.find("kind");
    return kind != nullptr && *kind == Json("redirect");
}

}  // namespace

std::span<const SiteTemplate> built_in_templates() {
    static const std::vector<SiteTemplate> all = {
        {"app", "Web application", "One or more servers that make pages.", Json::parse(kApp)},
        {"websocket", "WebSocket application", "Connections that stay open, messages passed on at once.",
         Json::parse(kWebSocket)},
        {"static", "Static files", "Small requests, short waits, strict headers.", Json::parse(kStatic)},
        {"wordpress", "WordPress", "Uploads of 64 MiB, sign-in slowed down, XML-RPC closed.",
         Json::parse(kWordPress)},
        {"api", "JSON API", "A rate limit per visitor, calls from its own pages (CORS).", Json::parse(kApi)},
        {"grpc", "gRPC service", "Streams of any size without buffering.", Json::parse(kGrpc)},
        {"redirect", "Redirect to www", "Every path goes to the same path below www.",
         Json::parse(kRedirect)},
    };
    return all;
}

const SiteTemplate* find_built_in_template(std::string_view name) {
    const auto all = built_in_templates();
    const auto found = std::ranges::find(all, name, &SiteTemplate::name);
    return found == all.end() ? nullptr : &*found;
}

Json fill_template(const Json& definition, const TemplateBlanks& blanks) {
    Json out = blanks.domains.empty() ? definition : filled(definition, blanks.domains.front());
    if (!blanks.upstream.empty() && !redirects(out)) put_upstream(out, blanks.upstream);
    Json domains = Json::array();
    for (const std::string& each : blanks.domains) domains.push(each);
    out["domains"] = std::move(domains);
    return out;
}

Json template_of(const SiteDefinition& definition) {
    Json json = definition.to_json();
    std::erase_if(json.members(), [](const Json::Member& each) { return each.first == "domains"; });
    return blanked(std::move(json), definition.primary().text());
}

}  // namespace rpm
