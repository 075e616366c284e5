// SPDX-License-Identifier: MIT
// Every member of a site's definition: JSON name, label, help and limits, said once.
//
// describe(visitor, object) calls visitor.member(About, the member, Rule) for each member in the order in
// which they are written. Visitors are the reader (site_json.cc), the writer (site_writer.h) and the
// documentation (site_doc.cc). Included by these only.
#pragma once

#include <concepts>
#include <limits>

#include "shared/model/site.h"

namespace rpm::members {

struct About {
    std::string_view name, label, help;
};

struct Rule {
    std::int64_t least = 0;  ///< of whole numbers and seconds
    std::int64_t most = std::numeric_limits<std::int64_t>::max();
    std::string_view unit = "";
    std::size_t entries = 0;                             ///< the longest list
    std::string (*why_not)(std::string_view) = nullptr;  ///< of text that is not empty, or of a list's texts
    bool block = false;                                  ///< text of several lines
    bool required = false;
    bool staff_only = false;
    bool password = false;  ///< a secret: a bcrypt hash, or with block a private key

    Rule is_required() const {
        Rule copy = *this;
        copy.required = true;
        return copy;
    }
};
constexpr Rule whole(std::int64_t least, std::int64_t most, std::string_view unit = "") {
    return {.least = least, .most = most, .unit = unit};
}
constexpr Rule line(std::string (*why_not)(std::string_view)) {
    return {.why_not = why_not};
}
constexpr Rule block(std::string (*why_not)(std::string_view)) {
    return {.why_not = why_not, .block = true};
}
constexpr Rule up_to(std::size_t entries, std::string (*why_not)(std::string_view) = nullptr) {
    return {.entries = entries, .why_not = why_not};
}

// What texts may be that only definitions have.
std::string why_not_certificates(std::string_view text);
std::string why_not_revocations(std::string_view text);
std::string why_not_key(std::string_view text);
std::string why_not_user_name(std::string_view text);
std::string why_not_realm(std::string_view text);
std::string why_not_origin(std::string_view text);
std::string why_not_note(std::string_view text);
std::string why_not_nginx(std::string_view text);
std::string why_not_caddy(std::string_view text);
std::string why_not_traefik(std::string_view text);
std::string why_not_plain_target(std::string_view text);  ///< without groups
std::string why_not_request_header(std::string_view text);
std::string why_not_piece_name(std::string_view text);
std::string why_not_own(std::string_view text);  ///< a member that a snippet may set

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kTenYears = 315'360'000;

template <class T, class Which>
concept Is = std::same_as<std::remove_const_t<T>, Which>;

template <class V>
void describe(V& v, Is<UpstreamServer> auto& s) {
    v.member({"host", "Address", "An IP address or a host name, which is resolved while the site runs."},
             s.host, Rule{.required = true});
    v.member({"port", "Port", ""}, s.port, whole(1, 65535).is_required());
    v.member({"weight", "Weight", "The share of requests relative to the other servers."}, s.weight,
             whole(1, 1000));
    v.member({"backup", "Backup", "Used only when no other server answers."}, s.backup);
}

template <class V>
void describe(V& v, Is<UpstreamTls> auto& s) {
    v.member(
        {"verify", "Verify the certificate", "A server whose certificate is not valid is not talked to."},
        s.verify);
    v.member({"server_name", "Server name",
              "Asked for and verified in the handshake; empty: the server's own address."},
             s.server_name, line(why_not_host_header));
    v.member({"ca", "Own authorities", "PEM; empty: those that the node's system trusts."}, s.ca,
             block(why_not_certificates));
    v.member({"certificate", "Own certificate", "PEM; shown to servers that ask for one."}, s.certificate,
             block(why_not_certificates));
    v.member(
        {"key", "Its key",
         "PEM, without a passphrase. It is sealed when it is saved, and stored:FINGERPRINT stands for it."},
        s.key, {.why_not = why_not_key, .block = true, .password = true});
}

template <class V>
void describe(V& v, Is<HealthCheck> auto& s) {
    v.member({"path", "Path", "Asked of every server; empty: servers are judged by ordinary requests only."},
             s.path, line(why_not_path));
    v.member({"interval", "Every", ""}, s.interval, whole(1, 3600, "s"));
    v.member({"timeout", "Answer within", ""}, s.timeout, whole(1, 300, "s"));
    v.member({"status", "Expected status", "0: any from 200 to 399."}, s.status, whole(0, 599));
}

template <class V>
void describe(V& v, Is<Upstream> auto& s) {
    v.member({"scheme", "The servers speak", ""}, s.scheme);
    v.member({"servers", "Servers", ""}, s.servers, up_to(64));
    v.member({"balancing", "Balancing", "How one of several servers is chosen."}, s.balancing);
    v.member({"cookie", "Cookie", "Its name, when balancing by cookie."}, s.cookie,
             line(why_not_cookie_name));
    v.member({"connect_timeout", "Connect within", ""}, s.connect_timeout, whole(1, 75, "s"));
    v.member({"read_timeout", "Wait for data", "Between two pieces of an answer."}, s.read_timeout,
             whole(1, kDay, "s"));
    v.member({"send_timeout", "Send within", "Between two pieces of a request."}, s.send_timeout,
             whole(1, kDay, "s"));
    v.member(
        {"keepalive", "Kept connections", "Idle connections that stay open for the next request; 0: none."},
        s.keepalive, whole(0, 1000));
    v.member({"max_fails", "Failures",
              "So many within the time below take a server out; 0: never. Matters with several servers."},
             s.max_fails, whole(0, 100));
    v.member({"fail_timeout", "Out for", "Also the time within which failures are counted."}, s.fail_timeout,
             whole(1, 3600, "s"));
    v.member(
        {"host_header", "Host header", "The name that the servers see; empty: the one that was asked for."},
        s.host_header, line(why_not_host_header));
    v.member(
        {"proxy_protocol", "PROXY protocol",
         "Tells the servers the visitor's address at the start of each connection; they must expect it."},
        s.proxy_protocol);
    v.member({"tls", "TLS to the servers", ""}, s.tls);
    v.member({"health", "Health check", ""}, s.health);
}

template <class V>
void describe(V& v, Is<BasicUser> auto& s) {
    v.member({"name", "User name", ""}, s.name, line(why_not_user_name).is_required());
    v.member({"hash", "Password",
              "As its bcrypt hash, which the panel makes from a password. Answers say \"set\" instead; sent "
              "back so, or left out, the stored password of this user stays."},
             s.hash, {.why_not = why_not_bcrypt, .required = true, .password = true});
}

template <class V>
void describe(V& v, Is<BasicAuth> auto& s) {
    v.member({"realm", "Shown to visitors", ""}, s.realm, line(why_not_realm));
    v.member({"users", "Users", "Whoever may sign in with a name and a password."}, s.users, up_to(200));
}

template <class V>
void describe(V& v, Is<ForwardAuth> auto& s) {
    v.member({"url", "Ask this URL", "A request is let in when it answers 2xx."}, s.url);
    v.member({"mode", "Who is not let in", ""}, s.mode);
    v.member(
        {"sign_in", "Sign-in page", "Where a browser is sent; empty: the answer of the URL is passed on."},
        s.sign_in, line(why_not_plain_target));
    v.member({"copy_headers", "Pass on", "Headers of the answer that the servers get to see."},
             s.copy_headers, up_to(20, why_not_request_header));
}

template <class V>
void describe(V& v, Is<Access> auto& s) {
    v.member({"allow", "Only from", "Addresses and networks; empty: from anywhere."}, s.allow, up_to(500));
    v.member({"deny", "Never from", "Wins over the list above."}, s.deny, up_to(500));
    v.member({"satisfy", "With sign-in", "What a visitor needs when there are both addresses and a sign-in."},
             s.satisfy);
    v.member({"basic", "Password", ""}, s.basic);
    v.member({"forward", "Sign-in elsewhere", ""}, s.forward);
    v.member({"no_sign_in_from", "No sign-in from", "Addresses and networks that need none."},
             s.no_sign_in_from, up_to(100));
    v.member({"list", "Access list", "A shared one, by its name; what is set here replaces what it says."},
             s.list, line(why_not_piece_name));
}

template <class V>
void describe(V& v, Is<ClientCertificates> auto& s) {
    v.member({"mode", "Client certificates", ""}, s.mode);
    v.member({"ca", "Issued by", "PEM of the authorities."}, s.ca, block(why_not_certificates));
    v.member({"crl", "Revoked", "PEM of the authorities' revocation lists; empty: none."}, s.crl,
             block(why_not_revocations));
}

template <class V>
void describe(V& v, Is<RateLimit> auto& s) {
    v.member({"key", "Counted by", ""}, s.key);
    v.member({"header", "Header", "Its name, when counted by a header."}, s.header,
             line(why_not_header_name));
    v.member({"requests", "Requests", ""}, s.requests, whole(1, 100'000));
    v.member({"per", "Per", ""}, s.per);
    v.member({"burst", "Burst", "So many more at once are let through."}, s.burst, whole(0, 100'000));
    v.member({"status", "Answer", "429 or 503."}, s.status, whole(429, 503));
}

template <class V>
void describe(V& v, Is<Limits> auto& s) {
    v.member({"max_body_mib", "Largest upload",
              "A larger request body is answered with 413 before it reaches a server; 0: no limit."},
             s.max_body_mib, whole(0, 1'048'576, "MiB"));
    v.member({"connections", "Connections per visitor", "At a time from one address; 0: no limit."},
             s.connections, whole(0, 100'000));
    v.member({"buffer_requests", "Buffer uploads", "Off: an upload reaches the server while it is sent."},
             s.buffer_requests);
    v.member({"buffer_responses", "Buffer answers",
              "Off: what the server sends is passed on at once (server-sent events, long polls)."},
             s.buffer_responses);
    v.member({"rates", "Rate limits", "Every one of them must let a request through."}, s.rates, up_to(8));
}

template <class V>
void describe(V& v, Is<Redirect> auto& s) {
    v.member({"to", "To", "A URL, or a path of this site; $1 to $9 are the groups of a regular expression."},
             s.to, {});
    v.member({"status", "Status", "301, 302, 307 or 308."}, s.status, whole(301, 308));
    v.member({"keep_path", "Keep the path", "The path and query that were asked for are added."},
             s.keep_path);
}

template <class V>
void describe(V& v, Is<Route> auto& s) {
    v.member({"match", "The path", ""}, s.match);
    v.member({"path", "Path", "As it reads after decoding."}, s.path, Rule{.required = true});
    v.member({"action", "Then", ""}, s.action);
    v.member({"upstream", "Own servers", "None: the site's."}, s.upstream);
    v.member({"strip_prefix", "Strip the prefix", "The server sees the path without it."}, s.strip_prefix);
    v.member({"rewrite", "Rewrite to", "The path that the server sees; empty: as it came."}, s.rewrite, {});
    v.member({"redirect", "Redirect", ""}, s.redirect);
    v.member({"access", "Own access rules", "None: the site's."}, s.access);
    v.member({"rates", "Own rate limits", "None: the site's."}, s.rates, up_to(8));
    v.member({"client_certificate", "Client certificate",
              "Required: who shows none is answered with 403, where the site only asks for one."},
             s.client_certificate);
}

template <class V>
void describe(V& v, Is<HeaderRule> auto& s) {
    v.member({"action", "Action", ""}, s.action);
    v.member({"name", "Name", ""}, s.name, line(why_not_header_name).is_required());
    v.member({"value", "Value", "Literal text."}, s.value, line(why_not_header_value));
}

template <class V>
void describe(V& v, Is<SecurityHeaders> auto& s) {
    v.member({"no_sniff", "No content sniffing", "X-Content-Type-Options: nosniff"}, s.no_sniff);
    v.member({"frame", "Shown in frames", "X-Frame-Options"}, s.frame);
    v.member({"referrer_policy", "Referrer-Policy", "For example strict-origin-when-cross-origin."},
             s.referrer_policy, line(why_not_header_value));
    v.member({"permissions_policy", "Permissions-Policy", "For example geolocation=(), camera=()."},
             s.permissions_policy, line(why_not_header_value));
    v.member({"content_policy", "Content-Security-Policy", "For example default-src 'self'."},
             s.content_policy, line(why_not_header_value));
}

template <class V>
void describe(V& v, Is<Cors> auto& s) {
    v.member({"origins", "Origins", "Sites whose scripts may call this one; * alone: all."}, s.origins,
             up_to(50, why_not_origin));
    v.member({"methods", "Methods", ""}, s.methods, up_to(20, why_not_method));
    v.member({"headers", "Request headers", "Besides those that are always allowed."}, s.headers,
             up_to(50, why_not_header_name));
    v.member({"expose", "Readable headers", "Of the answer, besides those that always are."}, s.expose,
             up_to(50, why_not_header_name));
    v.member({"credentials", "With cookies", "Not together with all origins."}, s.credentials);
    v.member({"max_age", "Remembered for", ""}, s.max_age, whole(0, kDay, "s"));
}

template <class V>
void describe(V& v, Is<Headers> auto& s) {
    v.member({"request", "Request headers", "On their way to the servers."}, s.request, up_to(50));
    v.member({"response", "Response headers", "On their way to the visitor."}, s.response, up_to(50));
    v.member({"security", "Security headers", ""}, s.security);
    v.member({"cors", "Calls from other sites (CORS)", ""}, s.cors);
}

template <class V>
void describe(V& v, Is<ErrorPage> auto& s) {
    v.member({"statuses", "Statuses", "From 400 to 599."}, s.statuses,
             Rule{.least = 400, .most = 599, .entries = 30});
    v.member({"html", "Page", "HTML."}, s.html, block(why_not_page).is_required());
}

template <class V>
void describe(V& v, Is<Maintenance> auto& s) {
    v.member({"on", "Maintenance", "Everybody sees the page below, with status 503."}, s.on);
    v.member({"bypass", "Except", "Addresses and networks that see the site."}, s.bypass, up_to(100));
    v.member({"html", "Page", "HTML; empty: one plain sentence."}, s.html, block(why_not_page));
    v.member({"retry_after", "Retry after", "0: not said."}, s.retry_after, whole(0, 7 * kDay, "s"));
}

template <class V>
void describe(V& v, Is<Pages> auto& s) {
    v.member({"errors", "Error pages", "In place of what the engine or the server would show."}, s.errors,
             up_to(20));
    v.member({"maintenance", "Maintenance", ""}, s.maintenance);
    v.member({"robots_txt", "robots.txt", "Empty: the server's own."}, s.robots_txt, block(why_not_page));
    v.member({"security_txt", "security.txt", "Empty: the server's own."}, s.security_txt,
             block(why_not_page));
}

template <class V>
void describe(V& v, Is<Tls> auto& s) {
    v.member({"mode", "Certificate", ""}, s.mode);
    v.member({"redirect_http", "Send all HTTP to HTTPS", "With a permanent redirect."}, s.redirect_http);
    v.member({"hsts_seconds", "HSTS",
              "Browsers will refuse plain HTTP for so long, even if this is turned off later; 0: off."},
             s.hsts_seconds, whole(0, kTenYears, "s"));
    v.member({"hsts_subdomains", "HSTS for all subdomains", ""}, s.hsts_subdomains);
    v.member({"hsts_preload", "HSTS preload", "Wants a year and all subdomains; hard to take back."},
             s.hsts_preload);
    v.member({"minimum", "Oldest version", ""}, s.minimum);
    v.member({"http3", "HTTP/3", "Also over QUIC: UDP on the port of HTTPS must reach the node."}, s.http3);
    v.member({"clients", "Client certificates", ""}, s.clients);
}

template <class V>
void describe(V& v, Is<Stream> auto& s) {
    v.member({"protocol", "Protocol", ""}, s.protocol);
    v.member(
        {"ports", "Ports",
         "That nodes listen on: 5432, or 6000-6010. The first leads to the servers' port, each other one "
         "as far above that as it is above the first."},
        s.ports, up_to(20));
    v.member({"tls_to_servers", "Speak TLS to the servers", "Only with TCP."}, s.tls_to_servers);
    v.member({"idle_timeout", "Idle for", "A connection on which nothing is sent for so long is closed."},
             s.idle_timeout, whole(1, kDay, "s"));
    v.member({"proxy_protocol_from", "PROXY protocol from",
              "Networks of balancers whose connections begin with the PROXY protocol, which tells the "
              "visitor's address; empty: visitors come by themselves."},
             s.proxy_protocol_from, up_to(100));
}

template <class V>
void describe(V& v, Is<RawDirectives> auto& s) {
    v.member(
        {"nginx", "nginx directives",
         "Copied as they are into the site's server block. Every node tests the result before it switches."},
        s.nginx, {.why_not = why_not_nginx, .block = true, .staff_only = true});
    v.member(
        {"caddy", "Caddy handlers",
         "A JSON array of handlers (headers, rewrite, static_response, subroute and others), run in this "
         "order before a request is passed on or redirected. Every node tests the result before it "
         "switches."},
        s.caddy, {.why_not = why_not_caddy, .block = true, .staff_only = true});
    v.member(
        {"traefik", "Traefik middlewares",
         "A JSON object of named middlewares (headers, redirectRegex, rateLimit and others), met in this "
         "order before a request is passed on or redirected. Every node tests the result before it "
         "switches."},
        s.traefik, {.why_not = why_not_traefik, .block = true, .staff_only = true});
}

template <class V>
void describe(V& v, Is<SiteDefinition> auto& s) {
    v.member({"kind", "Kind", ""}, s.kind);
    v.member({"domains", "Domain names",
              "The first one names the site; *.example.com covers one level of subdomains."},
             s.domains, up_to(100).is_required());
    v.member({"upstream", "Upstream", ""}, s.upstream);
    v.member({"redirect", "Redirect", "With kind redirect."}, s.redirect);
    v.member({"stream", "Stream",
              "With kind stream: ports of its own, from which connections are passed on as they are."},
             s.stream);
    v.member({"routes", "Routes",
              "What is different below a path. Exact paths are tried first, then expressions in their order, "
              "then the longest prefix."},
             s.routes, up_to(100));
    v.member({"tls", "TLS", ""}, s.tls);
    v.member({"limits", "Limits", ""}, s.limits);
    v.member({"headers", "Headers", ""}, s.headers);
    v.member({"access", "Access", ""}, s.access);
    v.member({"pages", "Pages", ""}, s.pages);
    v.member({"compression", "Compress answers", "For visitors whose browsers accept it."}, s.compression);
    v.member({"raw", "Engine directives", ""}, s.raw);
    v.member({"snippets", "Snippets",
              "Shared settings, by their names; later ones win over earlier ones, and what the site sets "
              "itself wins over all."},
             s.snippets, up_to(20, why_not_piece_name));
    v.member(
        {"own", "Not from snippets",
         "Members that no snippet sets here, such as tls.minimum: the site's own value counts, also where "
         "it is the default."},
        s.own, up_to(50, why_not_own));
    v.member({"note", "Note", "For people only, shown in lists and history."}, s.note, block(why_not_note));
}

}  // namespace rpm::members
