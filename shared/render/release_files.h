// SPDX-License-Identifier: MIT
// What the releases of all engines have in common: how files are called, and what a site must have.
#pragma once

#include <string>
#include <string_view>

#include "shared/render/renderer.h"

namespace rpm::render {

inline bool is_stream(const DeployableSite& site) {
    return site.definition->kind == SiteKind::stream;
}
/// Where the port of a stream leads that is so far above its first one: "10.0.0.1:7003". "localhost" means
/// the machine itself (RFC 6761 section 6.3) and is not asked of a resolver.
std::string stream_address(const UpstreamServer& server, unsigned offset);
/// The name that the certificates of a stream's servers must have, which is also asked for.
std::string name_of_servers(const Upstream& upstream);

/// "sites/12-shop.example.com" and the suffix; "*." of the primary name becomes "_wild.".
/// `group`: "sites/<group>/12-…", for what many sites have a kind of.
std::string site_path(const DeployableSite& site, std::string_view suffix, std::string_view group = {});
/// The site of such a path, or none.
SiteId site_of_path(std::string_view path);

/// The name of a certificate's files below certs/, without suffix.
std::string certificate_name(const CertificateFiles& certificate);
/// Where they are for engines that start in the folder of releases: "current/certs/3fa9…", without suffix.
std::string certificate_path(const CertificateFiles& certificate);
void add_certificate(Bundle& bundle, const CertificateFiles& certificate);

/// What the servers of this upstream are shown; nullptr: nothing.
const CertificateFiles* shown_certificate(const DeployableSite& site, const Upstream& upstream);
/// All of these of an active site.
void add_upstream_certificates(Bundle& bundle, const DeployableSite& site);

/// Where the marker answers: on the node's address, else on the machine's own.
std::string proof_address(const ListenOn& listen);

// What visitors see where a site has no page of its own for it, on engines that say texts.
inline constexpr std::string_view kPausedText = "This site is paused. Please come back later.\n";
inline constexpr std::string_view kBlockedText = "This site is not available.\n";
inline constexpr std::string_view kMaintenanceText =
    "This site is down for maintenance. Please come back later.\n";

/// Announces HTTP/3 on this port for a day (RFC 9114 section 3.1.1, RFC 7838 section 3).
inline std::string alt_svc(Port https) {
    return "h3=\":" + https.text() + "\"; ma=86400";
}

/// "/api/" -> "/api", "/" -> "".
std::string without_final_slash(std::string_view path);
/// A regular expression for just this text, in what RE2 and PCRE have in common.
std::string quoted_regex(std::string_view text);

/// What no engine can serve: a certificate that is missing, an impossible status. Throws InvalidSite.
void check_deployable(const DeployableSite& site);

}  // namespace rpm::render
