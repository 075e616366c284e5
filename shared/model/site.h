// SPDX-License-Identifier: MIT
// What a site is, in the manager's own terms: one definition that every engine renders.
//
// The definition is stored as JSON in a revision (schema version 2); history, diff, revert, the API, import
// and export all carry this same JSON. parse() is the only validator: the panel, the API and the command line
// go through it, so they agree. Members that have their default value are left out, so that equal definitions
// give equal bytes, also after a later version of the program knows more members. Version 1 is read and
// becomes version 2 (site_upgrade.cc).
//
// Every member is described once, in site_members.h: its JSON name, limits, label and help. Reading, writing,
// the history's words, the editor, the API's schema and docs/site-definition.md are made from that.
//
//     {"version":2, "domains":["shop.example.com"],
//      "upstream":{"servers":[{"host":"10.0.0.1","port":8080}], "balancing":"least_connections"},
//      "tls":{"mode":"self_signed","redirect_http":true},
//      "routes":[{"match":"prefix","path":"/api","strip_prefix":true,
//                 "upstream":{"servers":[{"host":"10.0.0.2","port":9000}]}}]}
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/id.h"
#include "shared/base/json.h"
#include "shared/model/http_text.h"
#include "shared/model/network.h"
#include "shared/model/values.h"
#include "shared/model/words.h"

namespace rpm {

// ---- Upstream: where requests go to ------------------------------------------------------------

enum class UpstreamScheme { http, https, h2c, grpc, grpcs };
template <>
inline constexpr auto kWords<UpstreamScheme> = std::array{
    Word{UpstreamScheme::http, "http", "HTTP"}, Word{UpstreamScheme::https, "https", "HTTPS"},
    Word{UpstreamScheme::h2c, "h2c", "HTTP/2 without TLS"}, Word{UpstreamScheme::grpc, "grpc", "gRPC"},
    Word{UpstreamScheme::grpcs, "grpcs", "gRPC over TLS"}};
inline bool is_encrypted(UpstreamScheme scheme) {
    return scheme == UpstreamScheme::https || scheme == UpstreamScheme::grpcs;
}

enum class Balancing { round_robin, least_connections, ip_hash, sticky_cookie };
template <>
inline constexpr auto kWords<Balancing> =
    std::array{Word{Balancing::round_robin, "round_robin", "Round robin"},
               Word{Balancing::least_connections, "least_connections", "Least connections"},
               Word{Balancing::ip_hash, "ip_hash", "By visitor's address"},
               Word{Balancing::sticky_cookie, "sticky_cookie", "By cookie"}};

/// The header by which a proxy tells the visitor's address at the start of a connection: the PROXY protocol
/// of HAProxy (proxy-protocol.txt), as text or binary.
enum class ProxyProtocol { off, v1, v2 };
template <>
inline constexpr auto kWords<ProxyProtocol> =
    std::array{Word{ProxyProtocol::off, "off", "Not sent"}, Word{ProxyProtocol::v1, "v1", "Version 1 (text)"},
               Word{ProxyProtocol::v2, "v2", "Version 2 (binary)"}};

/// One backend of the pool.
struct UpstreamServer {
    HostAddress host = *HostAddress::parse("localhost");
    Port port = *Port::from(80);
    unsigned weight = 1;  ///< 1-1000: share of requests relative to the others
    bool backup = false;  ///< used only when no other answers; not together with ip_hash or sticky_cookie
    bool operator==(const UpstreamServer&) const = default;
};

/// With https and grpcs.
struct UpstreamTls {
    bool verify = true;       ///< the certificate must be valid for the name
    std::string server_name;  ///< SNI and the name that is verified; empty: the server's host
    std::string ca;           ///< PEM of the authorities to trust; empty: the system's
    std::string certificate;  ///< PEM, leaf first, shown to servers that ask for one; needs the key
    /// As it is saved: "stored:" and the leaf's fingerprint (SHA-256, 64 hex digits), under which it is kept
    /// sealed. As it is given: PEM. Never saved as that (ops::keep_upstream_keys()).
    std::string key;
    bool operator==(const UpstreamTls&) const = default;
};

/// Active checks; without a path, and on engines that have none, only what requests tell (max_fails).
struct HealthCheck {
    std::string path;                   ///< asked with GET; empty: no active checks
    std::chrono::seconds interval{10};  ///< 1-3600
    std::chrono::seconds timeout{3};    ///< 1-300
    unsigned status = 0;                ///< the expected one, 200-599; 0: any of 200-399
    bool operator==(const HealthCheck&) const = default;
};

struct Upstream {
    UpstreamScheme scheme = UpstreamScheme::http;
    Balancing balancing = Balancing::round_robin;
    std::string cookie = "rpm_backend";       ///< its name, with sticky_cookie
    std::vector<UpstreamServer> servers;      ///< 1-64, at least one that is no backup
    std::chrono::seconds connect_timeout{5};  ///< 1-75 (nginx: connect timeouts cannot usually exceed 75 s)
    std::chrono::seconds read_timeout{60};    ///< 1-86400, between two reads
    std::chrono::seconds send_timeout{60};    ///< 1-86400, between two writes
    unsigned keepalive = 16;                  ///< idle connections kept open per worker, 0-1000; 0: none
    unsigned max_fails = 2;  ///< failures within fail_timeout that take a server out, 0-100; 0: never
    std::chrono::seconds fail_timeout{10};  ///< 1-3600; also how long it stays out
    std::string host_header;                ///< the Host that the servers see; empty: the visitor's
    ProxyProtocol proxy_protocol = ProxyProtocol::off;  ///< sent at the start of each connection
    UpstreamTls tls;
    HealthCheck health;
    bool operator==(const Upstream&) const = default;
};

// ---- Access: who may come in --------------------------------------------------------------------

enum class Satisfy { all, any };
template <>
inline constexpr auto kWords<Satisfy> = std::array{Word{Satisfy::all, "all", "Address and sign-in"},
                                                   Word{Satisfy::any, "any", "Address or sign-in"}};

struct BasicUser {
    std::string name;  ///< 1-100 characters, no colon (RFC 7617 section 2)
    std::string hash;  ///< bcrypt
    bool operator==(const BasicUser&) const = default;
};
/// RFC 7617; on when there are users.
struct BasicAuth {
    std::string realm = "Restricted";
    std::vector<BasicUser> users;  ///< up to 200
    bool operator==(const BasicAuth&) const = default;
};

enum class ForwardMode { browser, api };
template <>
inline constexpr auto kWords<ForwardMode> =
    std::array{Word{ForwardMode::browser, "browser", "Send to the sign-in page"},
               Word{ForwardMode::api, "api", "Answer 401"}};
/// A request is let through when this URL answers 2xx for it (Authelia, Authentik, any other); on when there
/// is a URL. The URL is asked with the visitor's headers and X-Forwarded-Method, -Proto, -Host, -Uri, -For.
struct ForwardAuth {
    std::optional<HttpUrl> url;
    ForwardMode mode = ForwardMode::browser;  ///< what a 401 becomes: a redirect to sign_in, or itself
    std::string sign_in;  ///< a target; with mode browser; empty: the answer of the URL is passed on
    std::vector<std::string> copy_headers;  ///< of its answer, set for the upstream: up to 20 names
    bool operator==(const ForwardAuth&) const = default;
};

enum class ClientCertificate { off, optional, required };
template <>
inline constexpr auto kWords<ClientCertificate> =
    std::array{Word{ClientCertificate::off, "off", "Not asked for"},
               Word{ClientCertificate::optional, "optional", "Asked for"},
               Word{ClientCertificate::required, "required", "Required"}};

enum class RouteCertificate { as_site, required };
template <>
inline constexpr auto kWords<RouteCertificate> =
    std::array{Word{RouteCertificate::as_site, "as_site", "As the site says"},
               Word{RouteCertificate::required, "required", "Required"}};

/// Rules about addresses and sign-in. An address that no list names is let in unless `allow` has entries.
struct Access {
    std::vector<IpNetwork> allow;  ///< up to 500; when not empty, only these come in
    std::vector<IpNetwork> deny;   ///< up to 500; wins over allow
    Satisfy satisfy = Satisfy::all;
    BasicAuth basic;  ///< not together with forward
    ForwardAuth forward;
    std::vector<IpNetwork> no_sign_in_from;  ///< up to 100: these need no sign-in
    std::string list;  ///< name of a shared access list below these members (shared_piece.h); empty: none
    bool operator==(const Access&) const = default;
    bool open() const { return *this == Access{}; }
    bool by_address() const { return !allow.empty() || !deny.empty(); }
    bool by_sign_in() const { return !basic.users.empty() || forward.url.has_value(); }
};

/// RFC 8446 section 4.3.2; for the whole site, because names share the handshake.
struct ClientCertificates {
    ClientCertificate mode = ClientCertificate::off;
    std::string ca;   ///< PEM of the authorities that issue them
    std::string crl;  ///< PEM of their revocation lists (RFC 5280 section 5); empty: none
    bool operator==(const ClientCertificates&) const = default;
};

// ---- Limits ---------------------------------------------------------------------------------------

enum class RateKey { address, header, path };
template <>
inline constexpr auto kWords<RateKey> =
    std::array{Word{RateKey::address, "address", "Visitor's address"},
               Word{RateKey::header, "header", "A header's value"}, Word{RateKey::path, "path", "Path"}};
enum class RatePer { second, minute };
template <>
inline constexpr auto kWords<RatePer> =
    std::array{Word{RatePer::second, "second", "Second"}, Word{RatePer::minute, "minute", "Minute"}};

struct RateLimit {
    RateKey key = RateKey::address;
    std::string header;      ///< its name, with key header
    unsigned requests = 10;  ///< 1-100000 per `per`
    RatePer per = RatePer::second;
    unsigned burst = 20;    ///< 0-100000: so many more at once are let through
    unsigned status = 429;  ///< 429 or 503
    bool operator==(const RateLimit&) const = default;
};

struct Limits {
    unsigned max_body_mib = 16;    ///< 0 = no limit; up to 1048576
    unsigned connections = 0;      ///< at a time per visitor's address, up to 100000; 0 = no limit
    bool buffer_requests = true;   ///< off: an upload reaches the upstream while it is sent
    bool buffer_responses = true;  ///< off: what the upstream sends is passed on at once (SSE, long polls)
    std::vector<RateLimit> rates;  ///< up to 8; each must let a request through
    bool operator==(const Limits&) const = default;
};

// ---- Routes -----------------------------------------------------------------------------------------

enum class PathMatch { prefix, exact, regex };
template <>
inline constexpr auto kWords<PathMatch> = std::array{
    Word{PathMatch::prefix, "prefix", "Starts with"}, Word{PathMatch::exact, "exact", "Is exactly"},
    Word{PathMatch::regex, "regex", "Matches the expression"}};

enum class RouteAction { proxy, redirect };
template <>
inline constexpr auto kWords<RouteAction> = std::array{Word{RouteAction::proxy, "proxy", "Proxy"},
                                                       Word{RouteAction::redirect, "redirect", "Redirect"}};

struct Redirect {
    std::string to;          ///< a URL or a path; $1-$9 with a regex route
    unsigned status = 308;   ///< 301, 302, 307 or 308 (RFC 9110 section 15.4)
    bool keep_path = false;  ///< the request's path and query follow `to`
    bool operator==(const Redirect&) const = default;
};

/// What is different below a path. Exact routes are tried first, then regular expressions in their order,
/// then the longest prefix; "/api" covers "/api" and "/api/x" but not "/apis".
struct Route {
    PathMatch match = PathMatch::prefix;
    std::string path = "/";
    RouteAction action = RouteAction::proxy;
    std::optional<Upstream> upstream;  ///< none: the site's
    bool strip_prefix = false;         ///< the upstream sees the path without the prefix
    std::string rewrite;           ///< the path that the upstream sees; $1-$9 with regex; empty: as it came
    Redirect redirect;             ///< with action redirect
    std::optional<Access> access;  ///< none: the site's; an empty one lets everybody in
    std::vector<RateLimit> rates;  ///< up to 8, instead of the site's; none: the site's
    /// Required: 403 for whoever showed none in the handshake, where the site only asks (tls.clients.mode).
    RouteCertificate client_certificate = RouteCertificate::as_site;
    bool operator==(const Route&) const = default;
};

// ---- Headers ----------------------------------------------------------------------------------------

enum class HeaderAction { set, add, remove };
template <>
inline constexpr auto kWords<HeaderAction> =
    std::array{Word{HeaderAction::set, "set", "Set"}, Word{HeaderAction::add, "add", "Add"},
               Word{HeaderAction::remove, "remove", "Remove"}};
struct HeaderRule {
    HeaderAction action = HeaderAction::set;
    std::string name;
    std::string value;  ///< literal text, no variables; none with remove
    bool operator==(const HeaderRule&) const = default;
};

enum class FrameOptions { unset, deny, same_origin };
template <>
inline constexpr auto kWords<FrameOptions> = std::array{
    Word{FrameOptions::unset, "unset", "Not set"}, Word{FrameOptions::deny, "deny", "Never (DENY)"},
    Word{FrameOptions::same_origin, "same_origin", "Own pages only (SAMEORIGIN)"}};

/// Set on every answer, in place of what the upstream sent. Empty: not set.
struct SecurityHeaders {
    bool no_sniff = false;  ///< X-Content-Type-Options: nosniff
    FrameOptions frame = FrameOptions::unset;
    std::string referrer_policy;
    std::string permissions_policy;
    std::string content_policy;  ///< Content-Security-Policy
    bool operator==(const SecurityHeaders&) const = default;
};

/// The CORS protocol (Fetch standard, section 3.3); on when there are origins. Preflight requests are
/// answered by the engine with 204.
struct Cors {
    std::vector<std::string> origins;  ///< "https://app.example.com", or "*" alone; up to 50
    std::vector<std::string> methods = {"GET", "HEAD", "POST"};
    std::vector<std::string> headers;   ///< that a request may have; up to 50
    std::vector<std::string> expose;    ///< that a script may read; up to 50
    bool credentials = false;           ///< not with "*"
    std::chrono::seconds max_age{600};  ///< 0-86400
    bool operator==(const Cors&) const = default;
};

struct Headers {
    std::vector<HeaderRule> request;   ///< up to 50, on their way to the upstream
    std::vector<HeaderRule> response;  ///< up to 50, on their way to the visitor
    SecurityHeaders security;
    Cors cors;
    bool operator==(const Headers&) const = default;
};

// ---- Pages ------------------------------------------------------------------------------------------

struct ErrorPage {
    std::vector<unsigned> statuses;  ///< 400-599, of the engine's own and of the upstream's answers
    std::string html;
    bool operator==(const ErrorPage&) const = default;
};
struct Maintenance {
    bool on = false;                      ///< 503 for everybody but…
    std::vector<IpNetwork> bypass;        ///< …these
    std::string html;                     ///< empty: a plain sentence
    std::chrono::seconds retry_after{0};  ///< Retry-After (RFC 9110 section 10.2.3), up to 604800; 0: none
    bool operator==(const Maintenance&) const = default;
};
struct Pages {
    std::vector<ErrorPage> errors;  ///< up to 20
    Maintenance maintenance;
    std::string robots_txt;    ///< RFC 9309; empty: the upstream's
    std::string security_txt;  ///< RFC 9116, at /.well-known/security.txt; empty: the upstream's
    bool operator==(const Pages&) const = default;
};

// ---- Streams ----------------------------------------------------------------------------------------

enum class StreamProtocol { tcp, udp };
template <>
inline constexpr auto kWords<StreamProtocol> =
    std::array{Word{StreamProtocol::tcp, "tcp", "TCP"}, Word{StreamProtocol::udp, "udp", "UDP"}};

/// Connections (TCP) or exchanges of datagrams (UDP) that are passed on as they are, from ports of its own on
/// every node of the site. The first of its ports leads to the servers' port; every other one as many ports
/// above that as it is above the first: with 6000-6010 and a server at 10.0.0.1:7000, port 6003 leads to
/// 10.0.0.1:7003. With a TLS mode other than none the engine ends TLS and passes the plain text on.
struct Stream {
    StreamProtocol protocol = StreamProtocol::tcp;
    std::vector<PortRange> ports;                ///< ascending, 1-100 ports in all, up to 20 entries
    bool tls_to_servers = false;                 ///< only with TCP; Upstream::tls says how
    std::chrono::seconds idle_timeout{600};      ///< 1-86400 without a byte or datagram in any direction
    std::vector<IpNetwork> proxy_protocol_from;  ///< up to 100: balancers before the nodes; only with TCP
    bool operator==(const Stream&) const = default;

    /// Every port that it listens on, and how far it is above the first.
    struct Listen {
        Port port;
        unsigned offset;
    };
    std::vector<Listen> listens() const;
};

// ---- The site ---------------------------------------------------------------------------------------

enum class SiteKind { proxy, redirect, stream };
template <>
inline constexpr auto kWords<SiteKind> =
    std::array{Word{SiteKind::proxy, "proxy", "Proxy"}, Word{SiteKind::redirect, "redirect", "Redirect"},
               Word{SiteKind::stream, "stream", "Stream (TCP, UDP)"}};

enum class TlsMode { none, self_signed };
template <>
inline constexpr auto kWords<TlsMode> =
    std::array{Word{TlsMode::none, "none", "None"}, Word{TlsMode::self_signed, "self_signed", "Self-signed"}};

enum class TlsVersion { v1_2, v1_3 };
template <>
inline constexpr auto kWords<TlsVersion> =
    std::array{Word{TlsVersion::v1_2, "1.2", "TLS 1.2"}, Word{TlsVersion::v1_3, "1.3", "TLS 1.3"}};

struct Tls {
    TlsMode mode = TlsMode::none;
    /// Plain HTTP is sent to https with a permanent redirect that keeps the method (308; 301 for GET where an
    /// engine has no other); needs a mode other than none.
    bool redirect_http = false;
    std::chrono::seconds hsts_seconds{0};  ///< Strict-Transport-Security max-age (RFC 6797); 0 = no header
    bool hsts_subdomains = false;
    bool hsts_preload = false;  ///< wants subdomains and a year
    TlsVersion minimum = TlsVersion::v1_2;
    /// Also over QUIC, UDP on the port of HTTPS, which answers announce (RFC 9114 section 3.1.1: Alt-Svc).
    bool http3 = false;
    ClientCertificates clients;
    bool operator==(const Tls&) const = default;
};

/// The engines' own directives, given by an administrator; checked by the rules in nginx_directives.h,
/// caddy_directives.h and traefik_directives.h. A type of its own, so that every place that lets them through
/// is found by one search.
struct RawDirectives {
    std::string nginx;    ///< goes into the site's server block; at most 16 KiB
    std::string caddy;    ///< JSON array of handlers, run before a request is passed on; at most 16 KiB
    std::string traefik;  ///< JSON object of middlewares, met before a request is passed on; at most 16 KiB
    bool operator==(const RawDirectives&) const = default;
};

struct SiteDefinition {
    SiteKind kind = SiteKind::proxy;
    std::vector<DomainName> domains;  ///< 1-100, no name twice; the first is the primary one
    Upstream upstream;                ///< with kind proxy and stream
    Redirect redirect;                ///< with kind redirect
    Stream stream;                    ///< with kind stream, which has no member that is about requests
    std::vector<Route> routes;        ///< up to 100
    Tls tls;
    Limits limits;
    Headers headers;
    Access access;
    Pages pages;
    bool compression = true;  ///< answers are compressed for visitors who accept it
    RawDirectives raw;
    std::vector<std::string> snippets;  ///< names of shared snippets, up to 20, later ones over earlier ones
    std::vector<std::string> own;  ///< paths of members that no snippet sets here, up to 50: "tls.minimum"
    std::string note;              ///< for people, at most 500 characters
    bool operator==(const SiteDefinition&) const = default;

    const DomainName& primary() const { return domains.front(); }
    /// Whether compose() (shared_piece.h) has to put shared pieces below it before a node can serve it.
    bool has_pieces() const;
    /// Version 2, without the members that have their default value.
    Json to_json() const;
    /// Reads versions 1 and 2; absent members take their defaults, unknown members are problems. Throws
    /// Invalid with every problem found; fields are paths: "domains.1", "upstream.servers.0.port",
    /// "tls.mode", "raw.nginx". What must hold between members is asked of compose()'s result where there are
    /// snippets, because a snippet may have the other half.
    static SiteDefinition parse(const Json& json);
    /// A part of a definition: only what holds for each member by itself is asked, and "domains" may be
    /// absent, which reads as localhost.
    static SiteDefinition parse_part(const Json& json);
};

/// Words to find sites by; no part of the definition, so that a tag makes no version. Each of 1-32 lower-case
/// letters, digits, '-', '_' and '.'; up to 20, which come back sorted and each once. Capitals become small.
/// Throws Invalid for field "tags".
std::vector<std::string> parse_tags(const std::vector<std::string>& words);

/// Why visitors see something else than the upstream.
enum class SiteState { active, paused, blocked };
template <>
inline constexpr auto kWords<SiteState> =
    std::array{Word{SiteState::active, "active", "Active"}, Word{SiteState::paused, "paused", "Paused"},
               Word{SiteState::blocked, "blocked", "Blocked"}};
SiteState site_state(std::string_view word);  ///< throws Error for an unknown word

/// "stored:…" of a leaf's fingerprint, and back; empty for any other text.
std::string stored_key(std::string_view fingerprint);
std::string fingerprint_of_key(std::string_view key);
/// The upstreams of a definition, the site's first, each with its path: "upstream", "routes.3.upstream".
std::vector<std::pair<std::string, const Upstream*>> upstreams_of(const SiteDefinition& site);
/// Whether the site speaks TLS with the servers of this upstream of it.
bool encrypts_to(const SiteDefinition& site, const Upstream& upstream);
/// What may be shown or drawn of a definition that nobody has saved yet: with stored_key() of zeros instead
/// of each key that is given as PEM.
SiteDefinition without_clear_keys(SiteDefinition site);

/// One line in words per difference, for plans and history: "upstream: adds 10.0.0.2:8080".
std::vector<std::string> describe_changes(const SiteDefinition& from, const SiteDefinition& to);

}  // namespace rpm
