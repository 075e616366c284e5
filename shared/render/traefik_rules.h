// SPDX-License-Identifier: MIT
// The second syntax inside Traefik's files: rules of routers, and the expressions by which it rewrites and
// redirects.
//
// A rule is matched with the path after decoding, except that the delimiters of RFC 3986 section 2.2 and '%'
// stay encoded when they were sent so. A server behind decodes them, so a route for "/admin/x" must also take
// "/admin%2Fx": paths with such characters become expressions that know both spellings. An own expression
// (match regex) sees them as they were sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/network.h"
#include "shared/model/site.h"

namespace rpm::render::traefik {

/// Host(`a.example.com`) || Host(`*.example.com`)
std::string host_rule(const std::vector<DomainName>& domains);
std::string path_rule(const Route& route);
/// ClientIP(`192.0.2.0/24`) || …; empty for no network. The connection's own address only: wrong on a node
/// that has trusted proxies.
std::string any_address_rule(const std::vector<IpNetwork>& networks);
/// In `allow` (or anywhere when that is empty) and not in `deny`.
std::string address_rule(const std::vector<IpNetwork>& allow, const std::vector<IpNetwork>& deny);

/// The path of a definition, which reads as after decoding, as a URL has it.
std::string url_path(std::string_view path);

struct Replacement {
    std::string regex, text;
};
/// Replaces the whole path by `to`, in which $1-$9 are groups of `regex`.
Replacement path_replacement(std::string_view regex, std::string_view to);
/// The same for redirects, which Traefik makes from the whole URL: nothing when `regex` has a '^' elsewhere
/// than at its beginning (or that of each of its alternatives), so that it cannot be put behind a host. An
/// empty expression stands for every path.
std::optional<Replacement> url_replacement(std::string_view regex, const Redirect& redirect);

/// The networks of `allow` (empty: all addresses) without those of `deny`, for Traefik's lists, which only
/// allow. Never empty: for nobody it is an address that no visitor has.
std::vector<std::string> allowed_networks(const std::vector<IpNetwork>& allow,
                                          const std::vector<IpNetwork>& deny);
inline constexpr const char* kNobody = "255.255.255.255/32";

}  // namespace rpm::render::traefik
