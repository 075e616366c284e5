// SPDX-License-Identifier: MIT
// Sites of equal shape as data of one server block instead of a block each.
//
// What nginx 1.22 pays for 10,000 TLS sites with a server each is 14-18 s to test, 38-52 s to reload and
// 1.3 GB, most of it for a TLS context per server; the same sites as entries of a map are a matter of
// seconds: test and reload 1.3 s each, 280 MB (tests/bench/dense.cc). So sites that are served alike become a
// dense group:
//
//     dense/<group>.conf                       the maps and the server blocks, once
//     sites/<group>/12-shop.example.com.names  server_name, included there
//     sites/<group>/12-shop.example.com.map    each name: "<certificate>/<target>"
//     sites/12-shop.example.com.conf           the upstream block, if it needs one
//
// Each site keeps files of its own, so a change is sent, shown and blamed per site, and a site that comes or
// goes changes no other file.
//
// Which sites: those of which nothing but the pool stands beside the server block, without files and without
// an administrator's directives. Their shape is the text of their server blocks, made by the same code as for
// a server of its own, where names, certificate and target are taken from the group's maps. Sites are grouped
// when these texts are equal byte for byte; so a group serves each exactly what its own server would, and a
// text that holds anything of its site's own groups with no other.
//
// What stays different:
//   - a handshake that resumes no session reads and parses the certificate: 1.4 ms of CPU instead of 0.5
//     (P-256); nginx finds a pool by its name among all pools, one after the other: a request on a kept
//     connection took 0.09 ms of CPU instead of 0.04 with 1,000 pools. Hence only groups of kDenseFrom sites
//     and more;
//   - an HTTP/1.0 request without Host over TLS is answered by 400: the name of the handshake alone does not
//     give the upstream a Host;
//   - sessions of the sites of a group share one context: a client may resume with another name of the group.
//     It proves nothing but that the client was there before, and client certificates are not in groups;
//   - the engine opens certificates only when they are needed, so its test does not see them: the manager
//     checks each pair before it is sent (workers/deploy/pairs.h). The engine's workers must be able to read
//     them, which they are as the account that unpacks releases (docs/nodes.md).
//
// A pool of one address over plain HTTP without kept connections needs no upstream block: the map names the
// address. Every other pool of addresses has one, so kept connections, weights and failures stay per site.
//
// While `current` leads to the new release already, old workers still serve the old one, for as long as the
// new one takes to load. So certificates are opened below $rpm_folder, the folder of the release itself,
// which the node's script makes known (and says so by the module kReleaseFolder); older scripts get no
// groups.
//
// The result is a function of the sites alone, as every bundle is, so there is no hysteresis: when a shape
// gets its kDenseFrom-th site, or loses it, the files of these sites change together, once, by one ordinary
// reload of some hundred small files.
//
// Caddy and Traefik have no such form and need none: both keep one certificate store and one tree of routes
// for all sites, so a site is data there anyway. 10,000 TLS sites cost Caddy 2.6 7.1 s to validate, 5.5 s to
// load and 1 GB.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/render/cache.h"
#include "shared/render/renderer.h"

namespace rpm::render::nginx {

/// From this many sites of a shape on a server of their own each costs more than what a group costs them: a
/// thousand TLS sites take 1.8 s to test and as much to reload, which nobody waits for gladly.
inline constexpr std::size_t kDenseFrom = 500;

/// What EngineFacts::modules holds of a node whose script makes folder.conf.
inline constexpr std::string_view kReleaseFolder = "rpmgr_release_folder";

struct DenseGroup {
    std::string name;  ///< 16 hex digits, of the shape
    std::vector<const DeployableSite*> sites;
};

struct Grouping {
    std::vector<DenseGroup> dense;  ///< by name
    std::vector<const DeployableSite*> apart;
};

/// Sites in their order. Groups have `from` members or more. Throws InvalidSite.
Grouping group_sites(const TemplateSet& templates, const NodeProfile& node,
                     std::span<const DeployableSite> sites, std::size_t from, const SiteTexts& shapes);

/// The files of a group and of its sites, without certificates.
void add_dense_group(Bundle& bundle, const TemplateSet& templates, const NodeProfile& node,
                     const DenseGroup& group, const SiteTexts& members);

/// Whether a site may be in a group at all.
bool may_be_dense(const DeployableSite& site);

}  // namespace rpm::render::nginx
