// SPDX-License-Identifier: MIT
// Caddy 2.6 and newer. A release is
//
//     caddy.json                           what all sites share: JSON with lines `@ section…` (from the
//     template)
//     base.part                            the connection policy that no handshake matches, and what answers
//                                          names that no site has
//     release.part                         the marker (Renderer::marker(); not in the bundle)
//     sites/<site id>-<primary name>.part  sections of JSON: names, routes, connection policies, certificates
//     certs/<fingerprint 16>.crt, .key
//
// which the node joins to run.json (workers/node/rpmgr-node says how) and runs as `caddy run --config
// <root>/current/run.json` with <root> as working folder.
//
// caddy.json, base.part and release.part are templates, because people may want to read or change them. A
// site's text is made by code, because what it says is a tree and every value in it has a type: Json quotes
// it, and caddy::literal() keeps Caddy from finding a placeholder ({env.…}, {file.…}) in it. JSON has no
// comments, so the route of a site tells in its @id, which Caddy allows anywhere, which site, revision and
// owner it is of.
//
// One server listens on both ports. Caddy asks one route after the other, so with more than a hundred sites
// the routes stand in a hundred groups by the site's number, each behind a match of all its names; names with
// a wildcard come last. A site that has both kinds has its route in both places.
//
// What is different from nginx, besides what shared/model/capabilities.cc refuses; it also holds what whoever
// edits such a site is told of this:
//   - Uploads are passed on while they are sent (limits.buffer_requests makes no difference).
//   - upstream.read_timeout is how long the first byte of an answer may take; later ones may take an hour.
//     Caddy counts a limit for them while it is sending, and on connections that wait for the next request,
//     too, so that a shorter one would break uploads that take longer.
//   - Before 2.8, a request with a body is not passed on when its server cannot be connected: it ends with
//     502; the server is out after max_fails of them.
//   - A stream needs the module caddy-l4. A TCP connection that is idle stays open. Of a PROXY protocol from
//     elsewhere than the balancers nothing is read: it reaches the servers as what the visitor sends. (At the
//     node's own ports it is read and not believed.)
//   - A rate limit counts in a sliding window: burst + 1 requests in the time that they may take.
#pragma once

#include <string>
#include <vector>

#include "shared/render/renderer.h"

namespace rpm::render {

class CaddyRenderer final : public Renderer {
  public:
    Bundle render(const TemplateSet& templates, const NodeProfile& node,
                  std::span<const DeployableSite> sites, Cache* cache) const override;
    std::pair<std::string, std::string> marker(const TemplateSet& templates, const NodeProfile& node,
                                               std::string_view release_id) const override;
    /// Of the node's line "sites/12-shop.example.com.part: <words of Caddy>".
    std::optional<Culprit> culprit(std::string_view engine_output) const override;
};

constexpr unsigned kCaddyGroups = 100;
/// The group in which a site's routes stand: "07".
std::string caddy_group(SiteId site);
/// The text of sites/….part. Throws InvalidSite.
std::string caddy_site(const NodeProfile& node, const DeployableSite& site);

}  // namespace rpm::render
