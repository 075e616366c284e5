// SPDX-License-Identifier: MIT
// The text of one site: its server blocks and what stands beside them.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/render/nginx.h"
#include "shared/render/nginx_parts.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

using namespace nginx;

constexpr unsigned kMaxBodyMib = 16;  // what nginx.conf says for all sites

void add_rewrite(Fields& proxied, const Route& route) {
    if (!route.strip_prefix && route.rewrite.empty()) return;
    Fields& rewrite = proxied.row("REWRITE");
    if (route.match == PathMatch::regex) {
        rewrite.set("FROM", "^.*$").set("TO", route.rewrite);
        if (regex_groups(route.path) > 0) rewrite.set("FROM", route.path);
        return;
    }
    if (route.match == PathMatch::exact) {
        rewrite.set("FROM", "^").set("TO", route.rewrite);
        return;
    }
    const std::string prefix = without_final_slash(route.path);
    const std::string target = route.strip_prefix ? "" : without_final_slash(route.rewrite);
    if (target.empty())
        rewrite.set("FROM", "^" + quoted_regex(prefix) + "/?(.*)$").set("TO", "/$1");
    else
        rewrite.set("FROM", "^" + quoted_regex(prefix) + "(/.*)?$").set("TO", target + "$1");
}

class Site {
  public:
    /// `dense`: the group whose servers these are, or empty.
    Site(const NodeProfile& node, const DeployableSite& site, std::string dense = {})
        : node_(node),
          listen_(node.listen),
          site_(site),
          definition_(*site.definition),
          key_(site_key(site.id)),
          dense_(std::move(dense)),
          brotli_(nginx::has_brotli(node)) {}

    Fields fields() const {
        Fields out;
        if (dense_.empty()) {
            add_about(out, site_);
            if (site_.state == SiteState::active) add_beside(out);
        }
        add_servers(out);
        return out;
    }

  private:
    bool proxies() const { return definition_.kind == SiteKind::proxy; }
    // Whether a place within the server would show these servers the certificate that is for the site's.
    bool hides_from(const Upstream& upstream) const {
        return proxies() && shown_certificate(site_, definition_.upstream) != nullptr &&
               is_encrypted(upstream.scheme) && shown_certificate(site_, upstream) == nullptr &&
               protocol_of(upstream.scheme) == protocol_of(definition_.upstream.scheme);
    }
    const Upstream& upstream_of(const Route& route) const {
        return route.upstream ? *route.upstream : definition_.upstream;
    }

    std::vector<std::string> sticky_pools() const {
        std::vector<std::string> out;
        if (proxies() && is_sticky(definition_.upstream)) out.push_back(key_);
        for (std::size_t i = 0; i < definition_.routes.size(); ++i)
            if (definition_.routes[i].upstream && is_sticky(*definition_.routes[i].upstream))
                out.push_back(route_key(site_.id, i));
        return out;
    }

    void add_beside(Fields& out) const {
        if (proxies()) add_pool(out, site_.id, "site", key_, definition_.upstream);
        add_access_maps(out, key_, definition_.access);
        add_header_maps(out, key_, definition_);
        add_rate_zones(out, key_, definition_.limits.rates);
        if (definition_.limits.connections != 0) out.row("CONNECTION_ZONE").set("KEY", key_);
        for (std::size_t i = 0; i < definition_.routes.size(); ++i) {
            const Route& route = definition_.routes[i];
            const std::string key = route_key(site_.id, i);
            if (route.upstream) add_pool(out, site_.id, "r" + std::to_string(i), key, *route.upstream);
            if (route.access) add_access_maps(out, key, *route.access);
            add_rate_zones(out, key, route.rates);
        }
        // An empty text that nginx reads when a connection is made: one in the file it takes for a file's
        // name (nginx 1.21.0 to 1.23.0, CHANGES of 1.23.1).
        if (std::ranges::any_of(definition_.routes, [&](const Route& route) {
                return route.upstream && hides_from(*route.upstream);
            }))
            out.row("NOTHING").set("KEY", key_);
        const Maintenance& maintenance = definition_.pages.maintenance;
        if (!maintenance.on) return;
        Fields& geo = out.row("EXEMPT");
        geo.set("KEY", key_).set("WHAT", "stranger").set("OTHERS", "1");
        for (const IpNetwork& network : maintenance.bypass)
            geo.row("NETWORK").set("ADDRESS", network.text()).set("THESE", "0");
    }

    void add_servers(Fields& out) const {
        const Tls& tls = definition_.tls;
        if (tls.mode == TlsMode::none) return add_content(server(out, {false}), false);
        const bool active = site_.state == SiteState::active;
        const bool same =
            !active || (tls.hsts_seconds.count() == 0 && tls.minimum == TlsVersion::v1_2 && !tls.http3);
        if (active && tls.redirect_http) {
            Fields& plain = server(out, {false});
            if (active) add_response_headers(plain, key_, definition_, {}, false);
            Fields& https = plain.row("HTTPS");
            if (listen_.https.value() != 443) https.row("ELSEWHERE").set("PORT", listen_.https.text());
        } else if (same) {
            return add_content(server(out, {false, true}), true);
        } else {
            add_content(server(out, {false}),
                        false);  // plain HTTP must not carry HSTS (RFC 6797 section 7.2)
        }
        add_content(server(out, {true}), true);
    }

    Fields& server(Fields& out, std::initializer_list<bool> kinds) const {
        Fields& block = out.row("SERVER");
        for (const bool encrypted : kinds) {
            for (const std::string& address : nginx_listen(listen_, encrypted ? listen_.https : listen_.http))
                block.row("LISTEN")
                    .set("ADDRESS", address)
                    .show("ENCRYPTED", encrypted)
                    .show("TOLD", !node_.proxy_protocol.empty());
            if (encrypted && definition_.tls.http3)
                for (const std::string& address : nginx_listen(listen_, listen_.https))
                    block.row("LISTEN").set("ADDRESS", address).show("QUIC");
            if (encrypted) add_tls(block);
        }
        if (dense_.empty())
            add_names(block, definition_);
        else
            block.row("DENSE").set("GROUP", dense_);
        if (std::ranges::any_of(definition_.domains, &DomainName::is_wildcard))
            block.row("WILDCARD").set("NAMES", names_regex());
        return block;
    }
    // nginx's "*." stands for any number of labels, ours for one.
    std::string names_regex() const {
        std::string out;
        for (const DomainName& domain : definition_.domains) {
            const std::string_view name = domain.text();
            out += out.empty() ? "^(?:" : "|";
            out += domain.is_wildcard() ? "[^.]+" + quoted_regex(name.substr(1)) : quoted_regex(name);
        }
        return out + ")\\z";
    }
    void add_tls(Fields& block) const {
        if (dense_.empty())
            block.row("CERTIFICATE").set("FILE", certificate_name(*site_.certificate));
        else
            block.row("DENSE_CERTIFICATE").set("GROUP", dense_);
        block.show("NEWEST_TLS_ONLY", definition_.tls.minimum == TlsVersion::v1_3);
        const ClientCertificates& clients = definition_.tls.clients;
        if (clients.mode == ClientCertificate::off) return;
        Fields& asked = block.row("CLIENTS");
        asked.set("MODE", clients.mode == ClientCertificate::required ? "on" : "optional");
        asked.set("FILE", file_of(site_.id, "clients.pem"));
        if (!clients.crl.empty()) asked.row("REVOKED").set("FILE", file_of(site_.id, "revoked.pem"));
    }

    void add_content(Fields& block, bool encrypted) const {
        if (site_.state == SiteState::paused) {
            block.show("PAUSED");
        } else if (site_.state == SiteState::blocked) {
            block.row("BLOCKED").set("STATUS", std::to_string(site_.block_status));
        } else {
            add_response_headers(block, key_, definition_, sticky_pools(), encrypted);
            if (encrypted && definition_.tls.http3)
                block.row("ADD_HEADER").set("NAME", "Alt-Svc").set("VALUE", alt_svc(listen_.https));
            add_site(block.row("CONTENT"));
        }
    }

    void add_limits(Fields& content) const {
        const Limits& limits = definition_.limits;
        if (limits.max_body_mib != kMaxBodyMib)
            content.row("BODY").set("MIB", std::to_string(limits.max_body_mib));
        content.show("STREAM_REQUESTS", !limits.buffer_requests);
        content.show("STREAM_RESPONSES", !limits.buffer_responses);
        if (!definition_.compression) content.row("UNCOMPRESSED").show("WITHOUT_BROTLI", brotli_);
        if (limits.connections != 0)
            content.row("CONNECTIONS").set("KEY", key_).set("MOST", std::to_string(limits.connections));
        add_rates(content, kInServer, key_, limits.rates);
    }

    void add_site(Fields& content) const {
        content.set("KEY", key_);
        // Over TLS the engine has refused whoever has none; plain HTTP is left.
        content.show("CERTIFIED_SITE", definition_.tls.clients.mode == ClientCertificate::required);
        add_pages(content, site_.id, key_, definition_.pages);
        if (!definition_.headers.cors.origins.empty()) content.row("PREFLIGHT").set("KEY", key_);
        add_limits(content);
        add_hidden_headers(content, definition_);
        add_access(content, kInServer, site_.id, "", key_, definition_.access, false);
        add_auth_location(content, key_, definition_.access);
        if (sends_to_sign_in(definition_.access)) content.row(kInServer.sign_in).set("KEY", key_);
        const bool next = proxies() && has_next(definition_.upstream);
        add_error_pages(content, kInServer, definition_.pages, next);
        if (proxies()) {
            add_pass(content, kInServer, site_.id, "site", definition_.upstream,
                     shown_certificate(site_, definition_.upstream));
            const RequestHeaders headers{key_, key_, definition_, definition_.upstream, definition_.access};
            if (headers.own()) headers.add(content, kInServer);
            if (next) content.row(kInServer.retry).set("KEY", key_);
            add_by_name(content, key_, definition_.upstream);
        }
        for (std::size_t i = 0; i < definition_.routes.size(); ++i) add_route(content, i);
        if (!proxies() && is_guarded()) redirect_elsewhere(content, key_, definition_.redirect);
        add_root(content);
        // The template ends the line, so that a comment on the last one does not take the closing brace with
        // it.
        std::string_view raw = definition_.raw.nginx;
        while (raw.ends_with('\n')) raw.remove_suffix(1);
        if (!raw.empty()) content.row("RAW").set("TEXT", std::string(raw));
    }

    // What stands in the server block for servers that are resolved per request.
    void add_by_name(Fields& content, const std::string& key, const Upstream& upstream,
                     const std::string& route = "", const RequestHeaders* headers = nullptr) const {
        if (!is_by_name(upstream) || !dense_.empty()) return;
        Fields& by_name = content.row("BY_NAME");
        add_choice_to_server(by_name, key, upstream);
        if (!has_next(upstream)) return;
        Fields& next = by_name.row("NEXT");
        next.set("KEY", key).set("PROTOCOL", protocol_of(upstream.scheme));
        next.set("SCHEME", std::string(to_word(upstream.scheme)));
        if (!definition_.pages.errors.empty()) add_last_error_pages(next, kInNext, definition_.pages);
        if (headers == nullptr) return;
        add_pass(next, kInNext, site_.id, route, upstream, shown_certificate(site_, upstream),
                 hides_from(upstream));
        if (headers->own()) headers->add(next, kInNext);
    }

    void target(Fields& proxied, const std::string& suffix, const std::string& key,
                const Upstream& upstream) const {
        add_target(proxied, site_.id, suffix, key, upstream, dense_);
    }

    void add_root(Fields& content) const {
        const bool replaced = std::ranges::any_of(definition_.routes, [](const Route& route) {
            return route.match == PathMatch::prefix && route.path == "/";
        });
        if (replaced) return;
        Fields& location = content.row("LOCATION");
        location.show("ROOT");
        if (proxies())
            target(location.row("PROXIED"), "site", key_, definition_.upstream);
        else
            redirect_site(location);
    }

    // nginx answers a redirect before it asks who comes (its rewrite phase is before preaccess and access),
    // so where somebody is asked, it stands behind try_files, which comes after.
    bool is_guarded(const Access& access, const std::vector<RateLimit>& rates) const {
        return !access.open() || !rates.empty() || definition_.limits.connections > 0;
    }
    bool is_guarded(const Route& route) const {
        return is_guarded(route.access ? *route.access : definition_.access,
                          route.rates.empty() ? definition_.limits.rates : route.rates);
    }
    bool is_guarded() const { return is_guarded(definition_.access, definition_.limits.rates); }
    void redirect_site(Fields& location) const {
        if (is_guarded())
            location.row("GUARDED").set("KEY", key_);
        else
            add_redirect(location, definition_.redirect);
    }
    void redirect_elsewhere(Fields& content, const std::string& key, const Redirect& redirect) const {
        set_redirect(content.row("TO_ELSEWHERE").set("KEY", key), redirect);
    }
    void redirect_route(Fields& location, std::size_t index) const {
        const Route& route = definition_.routes[index];
        if (!is_guarded(route)) return add_redirect(location, route.redirect);
        const std::string own = route_key(site_.id, index);
        Fields& guarded = location.row("GUARDED").set("KEY", own);
        if (route.access)
            add_access(guarded, kInGuarded, site_.id, "r" + std::to_string(index) + "-", own, *route.access,
                       true);
        add_rates(guarded, kInGuarded, own, route.rates);
        if (!route.access || !sends_to_sign_in(*route.access)) return;
        add_error_pages(guarded, kInGuarded, definition_.pages, false);
        guarded.row(kInGuarded.sign_in).set("KEY", own);
    }

    bool has_exact(std::string_view path) const {
        return std::ranges::any_of(definition_.routes, [path](const Route& route) {
            return route.match == PathMatch::exact && route.path == path;
        });
    }
    bool has_prefix(std::string_view path) const {
        return std::ranges::any_of(definition_.routes, [path](const Route& route) {
            return route.match == PathMatch::prefix && route.path == path;
        });
    }

    void add_route(Fields& content, std::size_t index) const {
        const Route& route = definition_.routes[index];
        const std::string key = route_key(site_.id, index);
        const std::string suffix = "r" + std::to_string(index);
        const auto location = [&](FieldName section, const std::string& path) {
            Fields& place = content.row("LOCATION");
            place.row(section).set("PATH", path);
            add_route_content(place, index);
        };
        if (route.access) add_auth_location(content, key, *route.access);
        if (route.action == RouteAction::redirect && is_guarded(route))
            redirect_elsewhere(content, key, route.redirect);
        if (route.upstream) {
            const RequestHeaders headers = headers_of(index);
            add_by_name(content, key, *route.upstream, suffix, &headers);
        }
        switch (route.match) {
            case PathMatch::exact:
                return location("EXACT", route.path);
            case PathMatch::regex:
                return location("REGEX", route.path);
            case PathMatch::prefix:
                break;
        }
        if (route.path.ends_with('/')) {
            location("PREFIX", route.path);
            // nginx itself would redirect "/api" to "/api/".
            const std::string bare = without_final_slash(route.path);
            if (!bare.empty() && !has_exact(bare) && !has_prefix(bare)) add_bare(content, bare);
        } else {
            location("PREFIX", route.path + "/");
            if (!has_exact(route.path)) location("EXACT", route.path);
        }
    }
    // The path that a prefix without its final slash does not cover: the site's own content.
    void add_bare(Fields& content, const std::string& path) const {
        Fields& location = content.row("LOCATION");
        location.row("EXACT").set("PATH", path);
        if (proxies())
            target(location.row("PROXIED"), "site", key_, definition_.upstream);
        else
            redirect_site(location);
    }

    RequestHeaders headers_of(std::size_t index) const {
        const Route& route = definition_.routes[index];
        return {key_, route.access ? route_key(site_.id, index) : key_, definition_, upstream_of(route),
                route.access ? *route.access : definition_.access};
    }

    void add_route_content(Fields& location, std::size_t index) const {
        const Route& route = definition_.routes[index];
        location.show("CERTIFIED", route.client_certificate == RouteCertificate::required);
        if (route.action == RouteAction::redirect) return redirect_route(location, index);
        const std::string own = route_key(site_.id, index);
        const std::string suffix = "r" + std::to_string(index);
        const Upstream& upstream = upstream_of(route);
        const std::string& key = route.upstream ? own : key_;
        Fields& proxied = location.row("PROXIED");
        if (route.access) add_access(proxied, kInRoute, site_.id, suffix + "-", own, *route.access, true);
        const bool sign_in = route.access && sends_to_sign_in(*route.access);
        add_rates(proxied, kInRoute, own, route.rates);
        if (route.upstream)
            add_pass(proxied, kInRoute, site_.id, suffix, upstream, shown_certificate(site_, upstream),
                     hides_from(upstream));
        const RequestHeaders headers = headers_of(index);
        if ((route.upstream || route.access) && headers.own()) headers.add(proxied, kInRoute);
        const bool next = route.upstream && has_next(upstream);
        if (next || sign_in) {  // one error_page in a place takes away all that it would inherit
            add_error_pages(proxied, kInRoute, definition_.pages, next);
            if (next) proxied.row(kInRoute.retry).set("KEY", own);
            const bool inherited = !route.access && sends_to_sign_in(definition_.access);
            if (sign_in || inherited) proxied.row(kInRoute.sign_in).set("KEY", sign_in ? own : key_);
        }
        add_rewrite(proxied, route);
        target(proxied, route.upstream ? suffix : "site", key, upstream);
    }

    const NodeProfile& node_;
    const ListenOn& listen_;
    const DeployableSite& site_;
    const SiteDefinition& definition_;
    std::string key_;
    std::string dense_;
    bool brotli_;
};

std::string expand(const TemplateSet& templates, SiteId id, const Site& site) {
    try {
        return templates.expand("nginx/site.conf", site.fields());
    } catch (const Invalid& error) {
        throw InvalidSite(id, error.problems);
    }
}

}  // namespace

bool nginx_retries_by_name(const DeployableSite& site) {
    if (site.state != SiteState::active || is_stream(site)) return false;
    if (has_next(site.definition->upstream)) return true;
    return std::ranges::any_of(site.definition->routes, [](const Route& route) {
        return route.upstream && has_next(*route.upstream);
    });
}

std::string nginx_site(const TemplateSet& templates, const NodeProfile& node, const DeployableSite& site) {
    check_deployable(site);
    return expand(templates, site.id, Site(node, site));
}

std::string nginx_servers(const TemplateSet& templates, const NodeProfile& node, const DeployableSite& site,
                          const std::string& group) {
    check_deployable(site);
    return expand(templates, site.id, Site(node, site, group));
}

}  // namespace rpm::render
