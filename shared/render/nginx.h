// SPDX-License-Identifier: MIT
// nginx 1.22 and newer. A release is
//
//     nginx.conf                          what all sites share
//     release.conf                        the marker (Renderer::marker(); not in the bundle)
//     sites/<site id>-<primary name>.conf
//     certs/<fingerprint 16>.crt, .key
//
// and runs as `nginx -p <root> -c <root>/current/nginx.conf`.
//
// Upstreams that are all IP addresses become an upstream block, with kept connections and nginx's own failure
// detection. nginx resolves a name in such a block when it loads, and does not start when that fails, so one
// dead name would stop every site: as soon as a pool holds a name, its address is chosen by a variable and
// resolved per request (NodeProfile::resolvers). The choice is weighted by request or, for ip_hash, by
// visitor; a server that cannot be connected is replaced by the next one, or by the backup, once per request.
// least_connections cannot be said that way and is refused.
//
// What the engine pays while it loads (1.22): a map 1 ms, so maps stand in nginx.conf only; a pool's name is
// compared with those of all other pools, so it starts with the id; an https upstream whose certificate is
// verified 22 ms, because the engine reads the system's authorities for each such site.
#pragma once

#include <string>
#include <vector>

#include "shared/render/renderer.h"

namespace rpm::render {

class NginxRenderer final : public Renderer {
  public:
    Bundle render(const TemplateSet& templates, const NodeProfile& node,
                  std::span<const DeployableSite> sites, Cache* cache) const override;
    std::pair<std::string, std::string> marker(const TemplateSet& templates, const NodeProfile& node,
                                               std::string_view release_id) const override;
    std::optional<Culprit> culprit(std::string_view engine_output) const override;
};

/// The text of sites/….conf. `brotli`: nginx.conf turns it on for all sites. Throws InvalidSite.
std::string nginx_site(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site,
                       bool brotli = false);
/// Whether that text needs what nginx.conf holds for servers that are replaced by the next one.
bool nginx_retries_by_name(const DeployableSite& site);
/// What `listen` takes for a port: "80" and "[::]:80", or "192.0.2.1:80".
std::vector<std::string> nginx_listen(const ListenOn& listen, Port port);

}  // namespace rpm::render
