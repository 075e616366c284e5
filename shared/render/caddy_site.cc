// SPDX-License-Identifier: MIT
// The text of one site.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/render/caddy.h"
#include "shared/render/caddy_answers.h"
#include "shared/render/caddy_gates.h"
#include "shared/render/caddy_parts.h"
#include "shared/render/caddy_proxy.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace caddy {
namespace {

// ---- Routes ------------------------------------------------------------------------------------------

// Case-sensitive, unlike Caddy's own matcher of paths.
Json::Object match_of(const Route& each) {
    if (each.match == PathMatch::regex) return {path_matches(each.path)};
    if (each.match == PathMatch::exact) return {path_matches("^" + quoted_regex(each.path) + "$")};
    if (each.path == "/") return {};
    return {path_matches("^" + quoted_regex(each.path) + (each.path.ends_with('/') ? "" : "(?:/|$)"))};
}

// Exact ones, then expressions in their order, then the longest prefix.
std::vector<std::size_t> by_precedence(const std::vector<Route>& routes) {
    std::vector<std::size_t> out(routes.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i;
    const auto rank = [](const Route& each) {
        return each.match == PathMatch::exact ? 0 : each.match == PathMatch::regex ? 1 : 2;
    };
    std::ranges::stable_sort(out, [&](std::size_t a, std::size_t b) {
        const Route& left = routes[a];
        const Route& right = routes[b];
        if (rank(left) != rank(right)) return rank(left) < rank(right);
        return left.match == PathMatch::prefix && left.path.size() > right.path.size();
    });
    return out;
}

// Groups are of the decoded path and are put into a URL as they are: characters that would mean something
// else there are not let through.
Json refuse_unsafe_groups() {
    return subroute({route({{"path_regexp", object({{"pattern", "[%?#\\x00-\\x1f\\x7f]"}})}}, {error(400)})});
}

Json strip(std::string_view prefix) {
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    std::string text;
    for (const char c : prefix) text += c == '%' ? "%25" : std::string(1, c);
    return handler("rewrite", {{"strip_path_prefix", literal(text)}});
}

// In place of a prefix, which "/" is a final slash of, and of any other path as a whole.
Json rewrite(const Route& each) {
    if (has_groups(each.rewrite)) return handler("rewrite", {{"uri", with_groups(each.rewrite)}});
    if (each.match != PathMatch::prefix)
        return handler("rewrite", {{"path_regexp", whole_path(each.rewrite)}});
    const std::string target = without_final_slash(each.rewrite);
    if (target.empty()) return strip(each.path);
    Json replacement =
        object({{"find", "^" + quoted_regex(without_final_slash(each.path))}, {"replace", target}});
    return handler("rewrite", {{"path_regexp", array({std::move(replacement)})}});
}

// A certificate that was shown is verified (verify_if_given). Without one, some versions know no such
// placeholder and others have an empty text there.
Json certificate_gate() {
    Json shown = Json::object({{"pattern", "^[A-Za-z0-9+/=]+$"}});
    Json of_client = Json::object({{"{http.request.tls.client.certificate_der_base64}", std::move(shown)}});
    return subroute(
        {route({none_of({Json::object({{"vars_regexp", std::move(of_client)}})})}, {error(403)})});
}

bool is_guarded(const Route& each) {
    return each.access || !each.rates.empty();
}

class Content {
  public:
    Content(const Context& context, std::string zone)
        : context_(context),
          site_(context.site),
          zone_(std::move(zone)),
          guards_differ_(std::ranges::any_of(site_.routes, is_guarded)) {}

    Json::Array routes() const {
        Json::Array out = unforged(site_);
        std::ranges::move(own_answers(context_), std::back_inserter(out));
        if (site_.limits.max_body_mib != 0) add_body_limit(out);
        if (!guards_differ_) add(out, {}, site_gates(), false);
        for (const std::size_t i : by_precedence(site_.routes))
            add(out, match_of(site_.routes[i]), of_route(i), true);
        if (guards_differ_) add(out, {}, site_gates(), true);
        out.push_back(route(site_.kind == SiteKind::redirect ? after_own(redirect(site_.redirect, "redirect"))
                                                             : after_own(proxy(context_, site_.upstream))));
        return out;
    }

  private:
    void add_body_limit(Json::Array& out) const {
        const std::uint64_t most = std::uint64_t{site_.limits.max_body_mib} * 1024 * 1024;
        // Caddy before 2.11 would begin to send what says that it is too long.
        Json too_long = object({{"Content-Length", object({{"pattern", above(most)}})}});
        out.push_back(route({{"header_regexp", std::move(too_long)}}, {error(413)}));
        out.push_back(route({handler("request_body", {{"max_size", most}})}));
    }
    // Routes of one group exclude each other; what none of them ends goes to the site's own.
    static void add(Json::Array& out, Json::Object match, Json::Array handlers, bool grouped) {
        if (handlers.empty() && !grouped) return;
        Json next = match.empty() ? route(std::move(handlers)) : route(std::move(match), std::move(handlers));
        if (grouped) next["group"] = "routes";
        out.push_back(std::move(next));
    }

    // Behind the handlers that an administrator has written.
    Json::Array after_own(Json last) const {
        Json::Array out;
        if (!site_.raw.caddy.empty()) out = Json::parse(site_.raw.caddy).items();
        out.push_back(std::move(last));
        return out;
    }

    Json::Array site_gates() const { return gates(context_, site_.access, site_.limits.rates, zone_); }

    Json::Array of_route(std::size_t index) const {
        const Route& each = site_.routes[index];
        const std::string field = "routes." + std::to_string(index);
        const bool redirects = each.action == RouteAction::redirect;
        Json::Array out;
        if (each.client_certificate == RouteCertificate::required) out.push_back(certificate_gate());
        if (guards_differ_)
            std::ranges::move(gates(context_, each.access ? *each.access : site_.access,
                                    each.rates.empty() ? site_.limits.rates : each.rates,
                                    each.rates.empty() ? zone_ : zone_ + "_route" + std::to_string(index)),
                              std::back_inserter(out));
        if (has_groups(redirects ? each.redirect.to : each.rewrite)) out.push_back(refuse_unsafe_groups());
        if (redirects) {
            out.push_back(redirect(each.redirect, field + ".redirect"));
            return out;
        }
        if (each.strip_prefix && each.path != "/") out.push_back(strip(each.path));
        if (!each.rewrite.empty()) out.push_back(rewrite(each));
        if (each.upstream)
            std::ranges::move(after_own(proxy(context_, *each.upstream)), std::back_inserter(out));
        return out;
    }

    const Context& context_;
    const SiteDefinition& site_;
    std::string zone_;
    bool guards_differ_;
};

// ---- The site ----------------------------------------------------------------------------------------

Json to_https(const Context& context) {
    const Port port = context.node.listen.https;
    const std::string to =
        "https://{http.request.host}" + (port.value() == 443 ? "" : ":" + port.text()) + "{http.request.uri}";
    return route({{"protocol", "http"}},
                 {handler("static_response",
                          {{"status_code", 308}, {"headers", object({{"Location", array({to})}})}})});
}

// Whoever was let in by the certificate for one name does not get another one (421, RFC 9110 section
// 15.5.20); where one is required, nor does who comes without TLS.
Json same_name_as_in_handshake(ClientCertificate mode) {
    Json other =
        Json::object({value_is("{http.request.tls.server_name}", Json::array({"{http.request.host}"}))});
    Json::Object match = {none_of({std::move(other)})};
    if (mode == ClientCertificate::optional) match.emplace_back("protocol", "https");
    return route(std::move(match), {error(421)});
}

Json compression() {
    Json types = texts({"text/html*", "text/plain*", "text/css*", "text/xml*", "text/javascript*",
                        "application/javascript*", "application/json*", "application/xml*",
                        "application/rss+xml*", "image/svg+xml*", "application/wasm*"});
    Json encodings = object({{"gzip", object({{"level", 5}})}, {"zstd", Json::object()}});
    Json of_type = object({{"headers", object({{"Content-Type", std::move(types)}})}});
    return route({handler("encode", {{"encodings", std::move(encodings)},
                                     {"prefer", array({"zstd", "gzip"})},
                                     {"minimum_length", 1024},
                                     {"match", std::move(of_type)}})});
}

// Caddy announces it for all sites; caddy.json takes that back.
Json announced_http3(const Context& context) {
    Json value = Json::array({literal(alt_svc(context.node.listen.https))});
    Json set = Json::object({{"set", Json::object({{"Alt-Svc", std::move(value)}})}});
    return route({{"protocol", "https"}}, {handler("headers", {{"response", std::move(set)}})});
}

Json::Array active(const Context& context) {
    const SiteDefinition& site = context.site;
    const std::string zone = "site" + context.deployable.id.text();
    Json::Array out = answer_headers(site);
    if (site.tls.http3) out.push_back(announced_http3(context));
    if (site.compression) out.push_back(compression());
    Json::Array inner;
    if (site.tls.redirect_http) inner.push_back(to_https(context));
    if (site.tls.clients.mode != ClientCertificate::off)
        inner.push_back(same_name_as_in_handshake(site.tls.clients.mode));
    std::ranges::move(Content(context, zone).routes(), std::back_inserter(inner));
    Json content = subroute(std::move(inner));
    content["errors"]["routes"] = Json::array(error_routes(site, zone));
    out.push_back(route({std::move(content)}));
    return out;
}

Json::Array content_of(const Context& context) {
    if (context.deployable.state == SiteState::paused) return {route({plain(503, kPausedText)})};
    if (context.deployable.state == SiteState::blocked)
        return {route({plain(context.deployable.block_status, kBlockedText)})};
    return active(context);
}

Json site_route(const Context& context, const std::string& id, Json hosts, Json content) {
    Json::Object match = {{"host", std::move(hosts)}};
    if (context.site.tls.mode == TlsMode::none) match.emplace_back("protocol", "http");
    Json out = route(std::move(match), {std::move(content)});
    out.members().insert(out.members().begin(), {"@id", id});
    out["terminal"] = true;
    return out;
}

// ---- TLS ---------------------------------------------------------------------------------------------

Json connection_policy(const Context& context, Json names) {
    Json::Object out = tls_terms(context);
    out.insert(out.begin(), {"match", object({{"sni", std::move(names)}})});
    return Json::object(std::move(out));
}

// ---- The file ----------------------------------------------------------------------------------------

// The names of one kind, and what answers them.
void add_names(Part& part, const Context& context, const std::string& id, Json content, bool wildcards) {
    Json names = Json::array();
    for (const DomainName& domain : context.site.domains)
        if (domain.is_wildcard() == wildcards) names.push(domain.text());
    const std::string group = wildcards ? "wildcard" : caddy_group(context.deployable.id);
    if (!wildcards) part.add("hosts_" + group, names);
    part.add("sites_" + group, array({site_route(context, id, names, std::move(content))}));
    if (context.site.tls.mode != TlsMode::none)
        part.add(wildcards ? "policies_wildcard" : "policies",
                 array({connection_policy(context, std::move(names))}));
}

std::string part_of(const Context& context) {
    const std::string id = id_of(context.deployable);
    Json content = subroute(content_of(context));
    const auto wildcards = std::ranges::count_if(context.site.domains, &DomainName::is_wildcard);
    const bool some_exact = static_cast<std::size_t>(wildcards) < context.site.domains.size();
    Part part;
    if (some_exact && wildcards > 0) add_names(part, context, id, content, false);
    if (wildcards > 0)
        add_names(part, context, id + " wildcard", std::move(content), true);
    else
        add_names(part, context, id, std::move(content), false);
    if (context.site.tls.mode != TlsMode::none)
        part.add("certificates", array({certificate(*context.deployable.certificate)}));
    return part.take();
}

}  // namespace

void Part::add(const std::string& section, const Json& elements) {
    text_ += "@ " + section + "\n";
    for (const Json& each : elements.items()) {
        lay_out(each, text_);
        text_ += &each == &elements.items().back() ? "\n" : ",\n";
    }
}

void Part::add_members(const std::string& section, const Json& members) {
    text_ += "@ " + section + "\n";
    for (const auto& [name, value] : members.members()) {
        text_ += Json(name).dump() + ": ";
        lay_out(value, text_);
        text_ += name == members.members().back().first ? "\n" : ",\n";
    }
}

Json::Object tls_terms(const Context& context) {
    const Tls& tls = context.site.tls;
    Json tag = array({certificate_name(*context.deployable.certificate)});
    Json::Object out = {{"certificate_selection", object({{"any_tag", std::move(tag)}})},
                        {"protocol_min", tls.minimum == TlsVersion::v1_3 ? "tls1.3" : "tls1.2"}};
    if (tls.clients.mode == ClientCertificate::off) return out;
    const bool required = tls.clients.mode == ClientCertificate::required;
    out.emplace_back("client_authentication",
                     object({{"trusted_ca_certs", certificates(tls.clients.ca)},
                             {"mode", required ? "require_and_verify" : "verify_if_given"}}));
    return out;
}

Json certificate(const CertificateFiles& files) {
    const std::string name = certificate_name(files);
    return object({{"certificate", "current/certs/" + name + ".crt"},
                   {"key", "current/certs/" + name + ".key"},
                   {"tags", array({name})}});
}

// Caddy ends an @id at the first quotation mark.
std::string id_of(const DeployableSite& site) {
    if (text::has_control(site.owner) || site.owner.find_first_of("\"\\") != std::string::npos)
        throw Invalid("owner", "has a character that cannot stand in an @id");
    return "site-" + site.id.text() + " revision-" + std::to_string(site.revision_number) + " owner-" +
           site.owner;
}

}  // namespace caddy

std::string caddy_group(SiteId site) {
    return std::to_string(100 + site.value() % kCaddyGroups).substr(1);
}

std::string caddy_site(const NodeProfile& node, const DeployableSite& site) {
    check_deployable(site);
    try {
        const caddy::Context context{node, site, *site.definition};
        return is_stream(site) ? caddy::stream_part(context) : caddy::part_of(context);
    } catch (const Invalid& error) {
        throw InvalidSite(site.id, error.problems);
    }
}

}  // namespace rpm::render
