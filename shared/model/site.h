// SPDX-License-Identifier: MIT
// What a site is, in the manager's own terms: one definition that every engine renders.
//
// The definition is stored as JSON in a revision (schema version 1); history, diff, revert, the API, import
// and export all carry this same JSON. parse() is the only validator: the panel, the API and the command line
// go through it, so they agree. Equal definitions give equal bytes.
//
//     {"version":1, "domains":["shop.example.com"], "upstream":{"scheme":"http","balancing":"round_robin",
//      "servers":[{"host":"10.0.0.1","port":8080,"weight":1,"backup":false}], "connect_timeout":5,
//      "read_timeout":60, "send_timeout":60, "verify_tls":true},
//      "tls":{"mode":"self_signed","redirect_http":true,"hsts_seconds":0},
//      "limits":{"max_body_mib":16}, "raw":{"nginx":""}, "note":""}
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/id.h"
#include "shared/base/json.h"
#include "shared/model/values.h"

namespace rpm {

enum class UpstreamScheme { http, https };
enum class Balancing { round_robin, least_connections, ip_hash };
enum class TlsMode { none, self_signed };

std::string_view to_word(UpstreamScheme);
std::string_view to_word(Balancing);
std::string_view to_word(TlsMode);

/// One backend of the pool.
struct UpstreamServer {
    HostAddress host;
    Port port;
    unsigned weight = 1;  ///< 1-1000: share of requests relative to the others
    bool backup = false;  ///< used only when no other answers; not together with ip_hash
    bool operator==(const UpstreamServer&) const = default;
};

struct Upstream {
    UpstreamScheme scheme = UpstreamScheme::http;
    Balancing balancing = Balancing::round_robin;
    std::vector<UpstreamServer> servers;      ///< 1-64, at least one that is no backup
    std::chrono::seconds connect_timeout{5};  ///< 1-75 (nginx: connect timeouts cannot usually exceed 75 s)
    std::chrono::seconds read_timeout{60};    ///< 1-86400, between two reads
    std::chrono::seconds send_timeout{60};    ///< 1-86400, between two writes
    bool verify_tls = true;                   ///< with https: the certificate must be valid for the host
    bool operator==(const Upstream&) const = default;
};

struct Tls {
    TlsMode mode = TlsMode::none;
    bool redirect_http = false;            ///< plain HTTP answers 308 to https; needs a mode other than none
    std::chrono::seconds hsts_seconds{0};  ///< Strict-Transport-Security max-age (RFC 6797); 0 = no header
    bool operator==(const Tls&) const = default;
};

struct Limits {
    unsigned max_body_mib = 16;  ///< 0 = no limit; up to 1048576
    bool operator==(const Limits&) const = default;
};

/// The engine's own directives, given by an administrator; checked by the rules in nginx_directives.h.
/// A type of its own, so that every place that lets them through is found by one search.
struct RawDirectives {
    std::string nginx;  ///< goes into the site's server block; at most 16 KiB
    bool operator==(const RawDirectives&) const = default;
};

struct SiteDefinition {
    std::vector<DomainName> domains;  ///< 1-100, no name twice; the first is the primary one
    Upstream upstream;
    Tls tls;
    Limits limits;
    RawDirectives raw;
    std::string note;  ///< for people, at most 500 characters
    bool operator==(const SiteDefinition&) const = default;

    const DomainName& primary() const { return domains.front(); }
    Json to_json() const;
    /// Reads version 1; absent members take their defaults, unknown members are problems. Throws Invalid with
    /// every problem found; fields are paths: "domains.1", "upstream.servers.0.port", "tls.mode",
    /// "raw.nginx".
    static SiteDefinition parse(const Json& json);
};

/// Why visitors see something else than the upstream.
enum class SiteState { active, paused, blocked };
std::string_view to_word(SiteState);
SiteState site_state(std::string_view word);  ///< throws Error for an unknown word

/// One line in words per difference, for plans and history: "upstream: adds 10.0.0.2:8080".
std::vector<std::string> describe_changes(const SiteDefinition& from, const SiteDefinition& to);

}  // namespace rpm
