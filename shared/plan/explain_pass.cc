// SPDX-License-Identifier: MIT
// To a server: which, and as what.
#include "shared/base/text.h"
#include "shared/plan/explain_walk.h"

namespace rpm::plan {
namespace {

std::string at(std::string_view list, std::size_t index) {
    return std::string(list) + "." + std::to_string(index);
}

}  // namespace

void Walk::headers_of(Passed& passed, const Upstream& upstream) {
    const auto set = [&](const std::string& name, std::string value) {
        std::erase_if(passed.headers, [&](const auto& each) { return text::iequals(each.first, name); });
        passed.headers.emplace_back(name, std::move(value));
    };
    const std::string host = ways_.host_with_port ? text::lower(request_.host) : request_.name();
    set("Host", upstream.host_header.empty() ? host : upstream.host_header);
    set("X-Real-IP", visitor_.text());
    // Traefik adds the proxies that it trusts (traefik.h).
    if (!ways_.host_with_port || node_.trusted_proxies.empty()) set("X-Forwarded-For", visitor_.text());
    set("X-Forwarded-Proto", request_.encrypted ? "https" : "http");
    set("X-Forwarded-Host", host);
    passed.removed = {"Forwarded", "Proxy"};
    for (std::size_t i = 0; i < site_.headers.request.size(); ++i) {
        const HeaderRule& rule = site_.headers.request[i];
        step(std::string(rule.action == HeaderAction::remove ? "The server does not see the header "
                                                             : "The server sees the header ") +
                 rule.name,
             at("headers.request", i));
        if (rule.action == HeaderAction::remove) {
            passed.removed.push_back(rule.name);
            continue;
        }
        const auto sent = rule.action == HeaderAction::add ? request_.header(rule.name) : std::nullopt;
        set(rule.name, sent ? *sent + ", " + rule.value : rule.value);
    }
}

void Walk::answer_headers() {
    const Headers& headers = site_.headers;
    if (request_.encrypted && site_.tls.hsts_seconds.count() > 0)
        step("The answer tells browsers to come by https only (HSTS)", "tls.hsts_seconds");
    const std::pair<bool, const char*> security[] = {
        {headers.security.no_sniff, "no_sniff"},
        {headers.security.frame != FrameOptions::unset, "frame"},
        {!headers.security.referrer_policy.empty(), "referrer_policy"},
        {!headers.security.permissions_policy.empty(), "permissions_policy"},
        {!headers.security.content_policy.empty(), "content_policy"}};
    for (const auto& [is_set, name] : security)
        if (is_set) step("The answer gets a security header", std::string("headers.security.") + name);
    for (std::size_t i = 0; i < headers.response.size(); ++i)
        step(std::string(headers.response[i].action == HeaderAction::remove ? "The answer loses the header "
                                                                            : "The answer gets the header ") +
                 headers.response[i].name,
             at("headers.response", i));
}

// Nobody reads these here; they come right before the upstream, or as the engine orders them.
void Walk::own_directives() {
    const auto& [text, member] = node_.engine == Engine::nginx ? std::pair(site_.raw.nginx, "raw.nginx")
                                 : node_.engine == Engine::caddy
                                     ? std::pair(site_.raw.caddy, "raw.caddy")
                                     : std::pair(site_.raw.traefik, "raw.traefik");
    if (text.empty()) return;
    step("An administrator has added directives of the engine", member);
    Ending other{.kind = EndKind::answered};
    other.why = "Directives of the engine decide";
    other.field = member;
    may(std::move(other), "these directives say so");
}

void Walk::pass() {
    own_directives();
    const bool own = route_ != nullptr && route_->upstream;
    const Upstream& upstream = own ? *route_->upstream : site_.upstream;
    Ending ending{.kind = EndKind::passed};
    Passed& passed = ending.passed;
    passed.field = own ? route_field_ + ".upstream" : "upstream";
    passed.scheme = to_word(upstream.scheme);
    passed.balancing = to_word(upstream.balancing);
    for (const UpstreamServer& server : upstream.servers)
        (server.backup ? passed.backups : passed.servers)
            .push_back(server.host.bracketed() + ":" + server.port.text());
    passed.target = target_for(route_, found_, path_, request_.path(), request_.query());
    if (passed.target != request_.target)
        step("The server sees the path " + passed.target,
             route_field_ + (route_->strip_prefix ? ".strip_prefix" : ".rewrite"));
    if (is_encrypted(upstream.scheme) && !upstream.tls.certificate.empty())
        step("The server is shown a certificate, if it asks for one", passed.field + ".tls.certificate");
    headers_of(passed, upstream);
    answer_headers();
    ending.field = passed.field + ".servers";
    ending.why = passed.servers.size() == 1 ? "It goes to " + passed.servers.front()
                                            : "It goes to one of " + text::join(passed.servers, ", ") +
                                                  ", chosen " + text::lower(label_of(upstream.balancing));
    end(std::move(ending));
}

}  // namespace rpm::plan
