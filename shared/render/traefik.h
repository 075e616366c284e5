// SPDX-License-Identifier: MIT
// Traefik 3.7 and newer. A release is
//
//     base.yml                            what all sites share; its names begin with rpm-
//     release.yml                         the marker (Renderer::marker(); not in the bundle)
//     sites/<site id>-<primary name>.yml  one site; its names begin with site<id>-
//     certs/<fingerprint 16>.crt, .key
//     entry_points                        the ports of its streams, and whose PROXY protocol is believed, in
//                                         words of the node's script: Traefik opens ports only when it
//                                         starts, so a release with other ones makes it start anew; not there
//                                         without any
//
// and runs as `traefik --configfile=<root>/traefik.yml` with the root as working directory and the folder
// `current` as its provider of files. The static file is the node's: entry points web, websecure and proof,
// and forwardedHeaders.trustedIPs with the networks of NodeProfile::trusted_proxies. Files are written by
// yaml(), which is the only way by which a value gets into one.
//
// A site is a tree of routers, so that Traefik compares a request with each site once and with a site's
// routes only inside it:
//
//     site12-web, site12-websecure        its names on one entry point; HSTS, TLS options
//     site12-web-any, …-websecure-any     its names with "*.", below the exact names of all sites
//       site12-all                        what holds for the whole site: headers, compression, limits
//         site12-r0, site12-r1, … -rest   its routes, by priority: exact, expressions, longest prefix
//         site12-r0-free                  the same for addresses that need no sign-in
//         site12-r0-stranger              the same for who shows no client certificate, where it must
//         site12-limited                  between both when only some routes have rate limits of their own
//
// Where Traefik is not nginx, in short (capabilities.cc has what is refused, and what whoever edits such a
// site is told of this):
//   - Host, X-Forwarded-Host: with the port that the visitor's Host header names. X-Forwarded-For: the
//     visitor's address; behind trusted proxies theirs follow it.
//   - read_timeout is the time to the answer's first byte; nothing limits the gaps in its body.
//   - Uploads are limited by buffering them, and Traefik buffers requests and answers together, each as a
//     whole: with one of the buffers off, or for gRPC, nothing is buffered and nothing limited.
//   - max_fails counts answers of 500 and above too; a pool whose servers are all out answers 503.
//   - The next server of a pool is tried when a connection fails before anything was sent.
//   - A redirect that depends on the request answers 301 or 302 to GET, 308 or 307 to other methods.
//   - A preflight request (CORS) is answered with 200.
//   - Who is still sending an upload that is too large may see the connection end instead of 413.
//   - A rate limit by a header counts requests without it together.
//   - Names of servers are resolved by the system, not by NodeProfile::resolvers.
//   - A stream: visitors of one that ends TLS must ask for one of its names (SNI). One server is tried per
//     connection. A TCP connection that is idle stays open. A PROXY protocol from elsewhere than the
//     balancers is read and not believed.
//   - On a node with trusted proxies, lists of addresses let in only who came through one.
#pragma once

#include <string>

#include "shared/render/renderer.h"

namespace rpm::render {

class TraefikRenderer final : public Renderer {
  public:
    Bundle render(const TemplateSet& templates, const NodeProfile& node,
                  std::span<const DeployableSite> sites, Cache* cache) const override;
    std::pair<std::string, std::string> marker(const TemplateSet& templates, const NodeProfile& node,
                                               std::string_view release_id) const override;
    std::optional<Culprit> culprit(std::string_view engine_output) const override;
};

namespace traefik {

/// The text of sites/….yml. Throws InvalidSite.
std::string site_text(const NodeProfile& node, const DeployableSite& site);

/// What stands in the file of a stream.
Json stream_root(const DeployableSite& site);
/// The text of entry_points; empty when the node has none beside its own.
std::string entry_points(const NodeProfile& node, std::span<const DeployableSite> sites);
inline constexpr const char* kEntryPoints = "entry_points";

/// What stands in base.yml, by name.
inline constexpr const char* kWeb = "rpm-web";              ///< headers of plain HTTP
inline constexpr const char* kWebSecure = "rpm-websecure";  ///< headers of HTTPS
inline constexpr const char* kToHttps = "rpm-https";
inline constexpr const char* kRewritten =
    "rpm-rewritten";  ///< without the headers that a changed path leaves
inline constexpr const char* kCompress = "rpm-compress";
inline constexpr const char* kTransport = "rpm-transport";  ///< for upstreams with the default times
/// "rpm-answer-403": answers everybody with this status: 301, 302, 307, 308, 403, 451 or 503.
std::string answer(unsigned status);

/// Collects the http section of one file.
struct Sections {
    Json routers = Json::object(), services = Json::object(), middlewares = Json::object(),
         transports = Json::object();
};
/// How Traefik talks to the servers of this upstream, which are shown this certificate.
Json transport(const Upstream& upstream, const CertificateFiles* shown = nullptr);
struct ServiceOptions {
    std::string prefix;                       ///< "site12-" or "site12-r3-"
    std::string host;                         ///< the Host of health checks
    bool secure = false;                      ///< only reached by HTTPS: so is the cookie
    bool buffered = false;                    ///< answers need not be passed on at once
    const CertificateFiles* shown = nullptr;  ///< to servers that ask for a certificate
};
/// Adds the pool; returns its name.
std::string add_service(Sections& out, const Upstream& upstream, const ServiceOptions& options);
/// Where the files of a certificate are.
Json certificate_files(const CertificateFiles& certificate);
/// The options of a site whose TLS is not what all have.
Json own_tls_options(const Tls& tls);
/// Cipher suites and the oldest version of TLS.
Json tls_options(TlsVersion minimum);

}  // namespace traefik
}  // namespace rpm::render
