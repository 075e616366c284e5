// SPDX-License-Identifier: MIT
#include "shared/plan/explain_walk.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::plan {
namespace {

std::string at(std::string_view list, std::size_t index) {
    return std::string(list) + "." + std::to_string(index);
}

constexpr const char* kInnerPaths = "/.rpm/";  // pages and questions of proxy_templates/nginx/site.conf

const char* const kMethodsWithoutBody[] = {"GET", "HEAD", "OPTIONS", "DELETE", "TRACE"};

bool may_have_body(const Request& request) {
    return request.body.has_value() ||
           std::ranges::find(kMethodsWithoutBody, request.method) == std::end(kMethodsWithoutBody);
}

std::string rate_words(const RateLimit& rate) {
    const std::string by = rate.key == RateKey::address  ? "the visitor's address"
                           : rate.key == RateKey::header ? "the header " + rate.header
                                                         : "the path";
    return std::to_string(rate.requests) + " per " + std::string(to_word(rate.per)) + " and " +
           std::to_string(rate.burst) + " more at once, counted by " + by;
}

}  // namespace

Walk::Walk(const NodeProfile& node, const Request& request, const IpAddress& visitor, std::string path,
           Explanation& out)
    : node_(node),
      request_(request),
      visitor_(visitor),
      path_(std::move(path)),
      out_(out),
      ways_(ways_of(node.engine)),
      deployable_(*out.site),
      site_(*out.site->definition) {}

void Walk::step(std::string says, std::string field) {
    out_.steps.push_back({std::move(says), std::move(field)});
}

bool Walk::end(Ending ending) {
    if (!ending.why.empty()) step(ending.why, ending.field);
    out_.endings.insert(out_.endings.begin(), std::move(ending));
    std::ranges::move(others_, std::back_inserter(out_.endings));
    others_.clear();
    return true;
}

bool Walk::answer(unsigned status, std::string why, std::string field, std::string location) {
    for (std::size_t i = 0; i < site_.pages.errors.size(); ++i)
        if (std::ranges::find(site_.pages.errors[i].statuses, status) != site_.pages.errors[i].statuses.end())
            step("Visitors see the site's own page for " + std::to_string(status), at("pages.errors", i));
    Ending ending{.kind = EndKind::answered, .statuses = {status}};
    ending.why = std::move(why);
    ending.field = std::move(field);
    ending.location = std::move(location);
    return end(std::move(ending));
}

void Walk::may(Ending ending, std::string when) {
    ending.when = std::move(when);
    others_.push_back(std::move(ending));
}

void Walk::run() {
    if (state() || to_https() || without_tls() || own_answers()) return;
    if (path_.starts_with(kInnerPaths)) {
        Ending unknown{.kind = EndKind::answered, .statuses = {404}};
        unknown.why = std::string("Paths below ") + kInnerPaths + " are the engine's own";
        may(std::move(unknown), "the engine uses this path itself");
    }
    find_text_file();
    if (ways_.files_first && text_file()) return;
    if (file_field_.empty()) choose_route();
    if (certificate()) return;
    if (ways_.body_first && body()) return;
    rates();
    if (gates()) return;
    if (!ways_.files_first && text_file()) return;
    if (redirect() || (!ways_.body_first && body())) return;
    pass();
}

// ---- The site as a whole ---------------------------------------------------------------------------

bool Walk::state() {
    if (deployable_.state == SiteState::paused) return answer(503, "The site is paused", "");
    if (deployable_.state == SiteState::blocked)
        return answer(deployable_.block_status, "The site is blocked", "");
    return false;
}

bool Walk::to_https() {
    if (request_.encrypted || !site_.tls.redirect_http) return false;
    const Port port = node_.listen.https;
    const std::string to =
        "https://" + request_.name() + (port.value() == 443 ? "" : ":" + port.text()) + request_.target;
    const bool old_status = ways_.two_statuses && request_.method == "GET";
    return answer(old_status ? 301 : 308, "Plain HTTP is sent to https", "tls.redirect_http", to);
}

bool Walk::without_tls() {
    if (request_.encrypted || site_.tls.clients.mode != ClientCertificate::required) return false;
    return answer(ways_.without_tls, "The site demands a client certificate, which plain HTTP has not",
                  "tls.clients.mode");
}

bool Walk::own_answers() {
    if (ways_.preflight_first) return preflight() || maintenance();
    return maintenance() || preflight();
}

bool Walk::preflight() {
    const Cors& cors = site_.headers.cors;
    const auto origin = request_.header("Origin");
    if (cors.origins.empty() || !origin) return false;
    const auto listed = std::ranges::find(cors.origins, *origin);
    const bool all = cors.origins.front() == "*";
    const bool allowed = all || listed != cors.origins.end();
    const auto index = all ? 0 : static_cast<std::size_t>(listed - cors.origins.begin());
    const std::string field = allowed ? at("headers.cors.origins", index) : "headers.cors.origins";
    step("Scripts of " + *origin + (allowed ? " may" : " may not") + " read the answer", field);
    if (request_.method != "OPTIONS" || !request_.header("Access-Control-Request-Method")) return false;
    if (!allowed && !ways_.preflight_for_all) return false;
    return answer(ways_.preflight_status, "The engine answers preflight requests (CORS) itself", field);
}

bool Walk::maintenance() {
    const Maintenance& maintenance = site_.pages.maintenance;
    if (!maintenance.on) return false;
    if (const IpNetwork* network = find_network(maintenance.bypass, visitor_)) {
        const auto index = static_cast<std::size_t>(network - maintenance.bypass.data());
        step("Maintenance is on, but " + network->text() + " sees the site",
             at("pages.maintenance.bypass", index));
        return false;
    }
    return answer(503, "Maintenance is on", "pages.maintenance.on");
}

void Walk::find_text_file() {
    if (!site_.pages.robots_txt.empty() && path_ == "/robots.txt") file_field_ = "pages.robots_txt";
    if (!site_.pages.security_txt.empty() && path_ == "/.well-known/security.txt")
        file_field_ = "pages.security_txt";
}

bool Walk::text_file() {
    return !file_field_.empty() && answer(200, "The site has its own " + path_, file_field_);
}

void Walk::choose_route() {
    found_ = find_route(site_.routes, path_);
    if (!found_.index) {
        if (!site_.routes.empty())
            step("No route takes the path " + path_ + ": the site's own settings hold");
        return;
    }
    route_ = &site_.routes[*found_.index];
    route_field_ = at("routes", *found_.index);
    const char* how = route_->match == PathMatch::exact   ? "is exactly "
                      : route_->match == PathMatch::regex ? "matches "
                                                          : "starts with ";
    step("The path " + path_ + " " + how + route_->path, route_field_ + ".path");
}

bool Walk::body() {
    const unsigned most = site_.limits.max_body_mib;
    // Traefik measures only what it buffers (traefik.h).
    const bool measured = ways_.body_first || (site_.limits.buffer_requests && site_.limits.buffer_responses);
    if (most == 0 || !measured || !may_have_body(request_)) return false;
    const std::string why = "Uploads may have " + std::to_string(most) + " MiB";
    const std::string field = "limits.max_body_mib";
    Ending cut{.kind = EndKind::refused};
    cut.why = why;
    cut.field = field;
    Ending too_large{.kind = EndKind::answered, .statuses = {413}};
    too_large.why = why;
    too_large.field = field;
    if (!request_.body) {
        may(std::move(too_large), "the body is larger");
        return false;
    }
    if (*request_.body <= std::uint64_t{most} << 20U) return false;
    may(std::move(cut), "the visitor is still sending");
    return answer(413, why, field);
}

bool Walk::certificate() {
    if (route_ == nullptr || route_->client_certificate != RouteCertificate::required) return false;
    const std::string field = route_field_ + ".client_certificate";
    if (request_.encrypted && request_.certificate == Shown::good) {
        step("The route demands a client certificate, and the visitor shows a good one", field);
        return false;
    }
    return answer(403, "The route demands a client certificate", field);
}

// ---- Redirects -----------------------------------------------------------------------------------

unsigned redirect_status_of(const Redirect& redirect, const Ways& ways, std::string_view method) {
    const bool by_request = redirect.keep_path || redirect.to.find('$') != std::string::npos;
    if (!ways.two_statuses || !by_request || method == "GET") return redirect.status;
    return redirect.status == 301 ? 308 : 307;
}

bool Walk::redirect() {
    if (!file_field_.empty()) return false;
    const bool own = route_ != nullptr && route_->action == RouteAction::redirect;
    if (!own && (route_ != nullptr || site_.kind != SiteKind::redirect)) return false;
    const Redirect& redirect = own ? route_->redirect : site_.redirect;
    return answer(redirect_status_of(redirect, ways_, request_.method),
                  own ? "The route redirects" : "The site redirects",
                  own ? route_field_ + ".redirect.to" : "redirect.to",
                  location_of(redirect, found_.groups, request_.target));
}

// ---- Limits ------------------------------------------------------------------------------------------

void Walk::rates() {
    const bool own = route_ != nullptr && !route_->rates.empty();
    const auto& rates = own ? route_->rates : site_.limits.rates;
    if (site_.limits.connections > 0) {
        Ending ending{.kind = EndKind::answered, .statuses = {429}};
        ending.field = "limits.connections";
        ending.why = std::to_string(site_.limits.connections) + " connections at a time per visitor";
        step("At most " + ending.why, ending.field);
        may(std::move(ending), "the visitor has that many open");
    }
    for (std::size_t i = 0; i < rates.size(); ++i) {
        Ending ending{.kind = EndKind::answered, .statuses = {rates[i].status}};
        ending.field = own ? at(route_field_ + ".rates", i) : at("limits.rates", i);
        ending.why = "At most " + rate_words(rates[i]);
        step(ending.why, ending.field);
        may(std::move(ending), "that is used up");
    }
}

}  // namespace rpm::plan
