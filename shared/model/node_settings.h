// SPDX-License-Identifier: MIT
// What a node does besides its sites: how it answers names that no site has, and whose lists of networks it
// believes about visitors.
//
// Kept as JSON without the members that have their default, like a site's definition; nodes.yaml, the panel,
// the API and `rpmgr node settings` all go through parse(). Every member is described once, in
// node_members.h.
//
//     {"default_site":{"answer":"redirect","redirect":{"to":"https://www.example.com"}},
//      "trusted_lists":{"presets":["cloudflare"],"urls":["https://cdn.example.net/ranges.txt"]}}
#pragma once

#include <string>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/site.h"

namespace rpm {

enum class DefaultAnswer { not_found, drop, redirect, page };
template <>
inline constexpr auto kWords<DefaultAnswer> =
    std::array{Word{DefaultAnswer::not_found, "not_found", "404"},
               Word{DefaultAnswer::drop, "drop", "Nothing: the connection is closed"},
               Word{DefaultAnswer::redirect, "redirect", "A redirect"},
               Word{DefaultAnswer::page, "page", "Own page with status 404"}};

/// What is answered for a name that no site has. Over TLS a name without a certificate ends the handshake
/// before that (RFC 6066 section 3: unrecognized_name).
struct DefaultSite {
    DefaultAnswer answer = DefaultAnswer::not_found;
    Redirect redirect;  ///< with answer redirect; to a URL
    std::string html;   ///< with answer page
    bool operator==(const DefaultSite&) const = default;
};

/// Lists of networks that their owners keep.
enum class ListPreset { cloudflare };
template <>
inline constexpr auto kWords<ListPreset> =
    std::array{Word{ListPreset::cloudflare, "cloudflare", "Cloudflare"}};

/// Networks of proxies and CDNs that are read from URLs and believed like NodeProfile::trusted_proxies.
struct TrustedLists {
    std::vector<ListPreset> presets;
    std::vector<std::string> urls;  ///< up to 10; https, or http of this machine itself
    bool operator==(const TrustedLists&) const = default;
    std::vector<std::string> all_urls() const;  ///< those of the presets first, none twice
};

struct NodeSettings {
    DefaultSite default_site;
    TrustedLists trusted_lists;
    bool operator==(const NodeSettings&) const = default;

    /// Without the members that have their default value: "{}" for none.
    Json to_json() const;
    /// Throws Invalid with every problem found, by path: "default_site.redirect.to".
    static NodeSettings parse(const Json& json);
};

/// Where such a list may be: https, or http on a loopback address.
std::string why_not_list_url(std::string_view text);

}  // namespace rpm
