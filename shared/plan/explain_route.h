// SPDX-License-Identifier: MIT
// Which site and which route takes a request, and where the path goes: the parts of explain.h that are about
// names.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/deployable_site.h"

namespace rpm::plan {

struct FoundSite {
    const DeployableSite* site = nullptr;
    std::size_t domain = 0;  ///< which of its names
};
/// An exact name before a wildcard, a longer wildcard before a shorter one. Over TLS only sites that have it.
/// `deep`: a wildcard stands for several labels, too.
FoundSite find_site(std::span<const DeployableSite> sites, std::string_view name, bool encrypted,
                    bool deep = false);

struct FoundRoute {
    std::optional<std::size_t> index;  ///< none: the site's own content
    std::vector<std::string> groups;   ///< of a regular expression; the first is the whole match
};
/// Exact paths, then expressions in their order, then the longest prefix.
FoundRoute find_route(const std::vector<Route>& routes, std::string_view path);

/// Path and query that a server sees.
std::string target_for(const Route* route, const FoundRoute& found, std::string_view path,
                       std::string_view sent_path, std::string_view query);
std::string with_groups(std::string_view text, const std::vector<std::string>& groups);
std::string location_of(const Redirect& redirect, const std::vector<std::string>& groups,
                        std::string_view target);

}  // namespace rpm::plan
