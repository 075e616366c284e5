// SPDX-License-Identifier: MIT
// nginx 1.22 and newer. A release is
//
//     nginx.conf                          what all sites share
//     release.conf                        the marker (Renderer::marker(); not in the bundle)
//     sites/<site id>-<primary name>.conf
//     sites/<site id>-<primary name>.stream   of a stream: what stands in stream {}
//     certs/<fingerprint 16>.crt, .key
//     dense/<group>.conf                  many sites of equal shape (nginx_dense.h)
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
// Streams need the stream module, which nginx.conf loads only when there is one of them. A server given by
// name is resolved per connection; of several one is chosen by weight, or by the visitor's address, and no
// other is tried. Ports of UDP are opened once per worker process (reuseport), so that the datagrams of one
// visitor stay with one of them. A header of the PROXY protocol from elsewhere than the balancers is read and
// not believed.
//
// What the engine pays while it loads (1.22): a map 1 ms, so maps stand in nginx.conf only; a pool's name is
// compared with those of all other pools, so it starts with the id; an https upstream whose certificate is
// verified 22 ms, because the engine reads the system's authorities for each such site.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/render/renderer.h"

namespace rpm::render {

class NginxRenderer final : public Renderer {
  public:
    /// `dense_from`: that many sites of equal shape share their server blocks; none: kDenseFrom of
    /// nginx_dense.h.
    explicit NginxRenderer(std::optional<std::size_t> dense_from = {});
    Bundle render(const TemplateSet& templates, const NodeProfile& node,
                  std::span<const DeployableSite> sites, Cache* cache) const override;
    std::pair<std::string, std::string> marker(const TemplateSet& templates, const NodeProfile& node,
                                               std::string_view release_id) const override;
    std::optional<Culprit> culprit(std::string_view engine_output) const override;

  private:
    std::size_t dense_from_;
};

/// The text of sites/….conf. Throws InvalidSite.
std::string nginx_site(const TemplateSet& templates, const NodeProfile& node, const DeployableSite& site);
/// The server blocks only, with what the maps of a dense group know taken from there (nginx_dense.h).
/// Throws InvalidSite.
std::string nginx_servers(const TemplateSet& templates, const NodeProfile& node, const DeployableSite& site,
                          const std::string& group);
/// The text of sites/….stream. Throws InvalidSite.
std::string nginx_stream(const TemplateSet& templates, const ListenOn& listen, const DeployableSite& site);
/// Whether that text needs what nginx.conf holds for servers that are replaced by the next one.
bool nginx_retries_by_name(const DeployableSite& site);
/// What `listen` takes for a port: "80" and "[::]:80", or "192.0.2.1:80".
std::vector<std::string> nginx_listen(const ListenOn& listen, Port port);

}  // namespace rpm::render
