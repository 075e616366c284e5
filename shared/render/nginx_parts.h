// SPDX-License-Identifier: MIT
// The parts of an nginx site, each in a source of its own: how servers are reached (nginx_upstream.cc), who
// comes in (nginx_access.cc), what is said and shown (nginx_content.cc), and the blocks that hold them
// (nginx_site.cc).
//
// Sections of the server block, of a location and of the location for the next server have names of their own
// (ACCESS, ROUTE_ACCESS, NEXT_ACCESS), because a section that is shown outside is shown inside as well: a
// Place.
//
// Names of variables, zones and pools begin with the site's key, "site12", or a route's, "site12_r3".
#pragma once

#include <string>
#include <vector>

#include "shared/base/template_set.h"
#include "shared/model/bundle.h"
#include "shared/model/deployable_site.h"
#include "shared/render/nginx.h"

namespace rpm::render::nginx {

/// The sections that stand in the server block, a location, or the location for the next server.
struct Place {
    FieldName access, rates, pass, headers, error_page, retry, sign_in;
    const char* indent;
};
extern const Place kInServer;
extern const Place kInRoute;
extern const Place kInGuarded;
extern const Place kInNext;

std::string site_key(SiteId id);
std::string route_key(SiteId id, std::size_t route);

/// "X-Frame-Options" -> "x_frame_options": the end of the variable that holds the header.
std::string header_variable(std::string_view name);

// ---- nginx_upstream.cc ----
bool is_by_name(const Upstream& upstream);       ///< a server is given by a name that is resolved
bool is_sticky(const Upstream& upstream);        ///< the choice is kept in a cookie
bool has_next(const Upstream& upstream);         ///< by name, with another server to try
std::string protocol_of(UpstreamScheme scheme);  ///< "proxy" or "grpc": the beginning of the directives
std::string pool_name(SiteId id, const std::string& suffix);

/// Pools, choices and maps beside the server block.
void add_pool(Fields& site, SiteId id, const std::string& suffix, const std::string& key,
              const Upstream& upstream);
/// Timeouts and TLS that differ from what all sites share. `shown`: to servers that ask for a certificate;
/// `hides`: without one, that of the place around must not be shown.
void add_pass(Fields& where, const Place& place, SiteId id, const std::string& suffix,
              const Upstream& upstream, const CertificateFiles* shown, bool hides = false);
/// The server that is chosen when there is but one, and the one to try next.
void add_choice_to_server(Fields& server, const std::string& key, const Upstream& upstream);
/// What a proxied location ends with. `dense`: the group whose map knows the target, or empty.
void add_target(Fields& location, SiteId id, const std::string& suffix, const std::string& key,
                const Upstream& upstream, const std::string& dense);
/// "10.0.0.1:8080", "app.internal:80".
std::string address_of(const UpstreamServer& server);

// ---- nginx_access.cc ----
/// `key` of the site or route whose rules they are.
void add_access_maps(Fields& site, const std::string& key, const Access& access);
/// `overrides`: the rules of the site around are taken back.
void add_access(Fields& where, const Place& place, SiteId id, const std::string& file_prefix,
                const std::string& key, const Access& access, bool overrides);
void add_auth_location(Fields& server, const std::string& key, const Access& access);
bool sends_to_sign_in(const Access& access);
void add_rate_zones(Fields& site, const std::string& key, const std::vector<RateLimit>& rates);
void add_rates(Fields& where, const Place& place, const std::string& key,
               const std::vector<RateLimit>& rates);

// ---- nginx.cc ----
/// Whether nginx.conf loads Brotli and turns it on for all sites.
bool has_brotli(const NodeProfile& node);

// ---- nginx_content.cc ----
/// The comment that a site's file begins with, and its server_name.
void add_about(Fields& file, const DeployableSite& site);
void add_names(Fields& server, const SiteDefinition& definition);
/// Status and target of a redirect; and the same as the answer of this place.
void set_redirect(Fields& answer, const Redirect& redirect);
void add_redirect(Fields& where, const Redirect& redirect);

/// Headers towards the upstream, when they are not what all sites send.
struct RequestHeaders {
    std::string key;         ///< of the site
    std::string access_key;  ///< of the rules whose forward authentication sets headers
    const SiteDefinition& site;
    const Upstream& upstream;
    const Access& access;

    bool own() const;
    void add(Fields& where, const Place& place) const;
};
void add_header_maps(Fields& site, const std::string& key, const SiteDefinition& definition);
/// `sticky_pools`: the keys of pools that are chosen by cookie.
void add_response_headers(Fields& server, const std::string& key, const SiteDefinition& definition,
                          const std::vector<std::string>& sticky_pools, bool encrypted);
void add_hidden_headers(Fields& server, const SiteDefinition& definition);

/// A file of the site beside its configuration: "files/12/robots.txt".
struct SiteFile {
    std::string path;
    std::string content;
};
std::vector<SiteFile> files_of(const DeployableSite& site);
/// Of a site's or a route's key: "files/12/users", "files/12/r3-users".
std::string file_of(SiteId id, std::string_view name);

void add_pages(Fields& server, SiteId id, const std::string& key, const Pages& pages);
/// error_page lines of one place. `next`: 502 and 504 go to another server first.
void add_error_pages(Fields& where, const Place& place, const Pages& pages, bool next);
/// Those of the place where that other server has failed too.
void add_last_error_pages(Fields& where, const Place& place, const Pages& pages);

}  // namespace rpm::render::nginx
