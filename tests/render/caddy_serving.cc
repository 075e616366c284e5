// SPDX-License-Identifier: MIT
// Requests through each real Caddy that runs a rendered release.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>

#include "shared/base/config.h"
#include "tests/render/caddy_world.h"

using namespace rpm;
using namespace rpm::test;
namespace data = boost::unit_test::data;

namespace {

// One world per binary, made when the first case needs it.
World& world(const CaddyBinary& caddy) {
    static std::map<std::string, std::unique_ptr<World>> made;
    auto& entry = made[caddy.path];
    if (!entry) entry = std::make_unique<World>(caddy);
    return *entry;
}

void expect(const std::string& answer, const std::vector<std::string>& parts) {
    for (const std::string& part : parts)
        BOOST_TEST(answer.find(part) != std::string::npos, part + " in " + answer);
}
void expect_not(const std::string& answer, const std::vector<std::string>& parts) {
    for (const std::string& part : parts)
        BOOST_TEST(answer.find(part) == std::string::npos, part + " not in " + answer);
}
const std::string& home() {
    static const std::string value = std::getenv("HOME") != nullptr ? std::getenv("HOME") : "/root";
    return value;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(serving_by_caddy)

BOOST_DATA_TEST_CASE(proxy_headers_tell_the_truth, data::make(caddies()), caddy) {
    const std::string answer =
        world(caddy).get("plain.example.com", "/a%20b?c=d",
                         {"-H", "X-Forwarded-For: 6.6.6.6", "-H", "X-Real-IP: 6.6.6.6", "-H",
                          "X-Forwarded-Proto: https", "-H", "X-Forwarded-Host: evil", "-H",
                          "X-Forwarded-Port: 1", "-H", "Forwarded: for=6.6.6.6", "-H", "Proxy: evil"});
    expect(answer,
           {"HTTP/1.1 200", "host=plain.example.com ", "real=127.0.0.1 ", "for=127.0.0.1 ", "proto=http\n",
            "fhost=plain.example.com ", "fport=" + world(caddy).node.listen.http.text() + " ",
            "forwarded= ", "proxy=\n", "upgrade= ", "version=HTTP/1.1", "uri=/a%20b?c=d"});
}

BOOST_DATA_TEST_CASE(websocket_upgrades_reach_the_upstream, data::make(caddies()), caddy) {
    const std::string answer =
        world(caddy).get("plain.example.com", "/", {"-H", "Connection: Upgrade", "-H", "Upgrade: websocket"});
    expect(answer, {"upgrade=websocket connection=Upgrade "});
}

BOOST_DATA_TEST_CASE(exact_names_come_before_wildcards, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.get("x.wild.example.com"), {"HTTP/1.1 200", "backend=one"});
    expect(w.get("exact.wild.example.com"), {"backend=two"});
    expect(w.get("a.b.wild.example.com"), {"HTTP/1.1 404"});
    expect(w.get("wild.example.com"), {"HTTP/1.1 404"});
    expect(w.get("unknown.example.com"), {"HTTP/1.1 404"});
}

BOOST_DATA_TEST_CASE(large_bodies_are_refused, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const TemporaryFolder folder;
    const std::string file = (folder.path() / "body").string();
    write_file(file, std::string(1024 * 1024 + 1, 'x'));
    const std::vector<std::string> large = {"-H", "Expect:", "--data-binary", "@" + file};
    expect(w.get("plain.example.com", "/reads", large), {"HTTP/1.1 413", "413 Request Entity Too Large"});
    std::vector<std::string> chunked = large;
    chunked.insert(chunked.end(), {"-H", "Transfer-Encoding: chunked"});
    expect(w.get("plain.example.com", "/reads", chunked), {"HTTP/1.1 413"});
    expect(w.get("routes.example.com", "/reads", large), {"HTTP/1.1 200", "method=POST"});
    write_file(file, std::string(1024 * 1024, 'x'));
    expect(w.get("plain.example.com", "/reads", large), {"HTTP/1.1 200", "method=POST"});
}

BOOST_DATA_TEST_CASE(http_is_redirected_and_https_is_served, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const std::string redirect = w.get("tls.example.com", "/a?b=c");
    expect(redirect,
           {"HTTP/1.1 308", "https://tls.example.com:" + w.node.listen.https.text() + "/a?b=c\r\n"});
    expect_not(redirect, {"Strict-Transport-Security"});
    expect(w.tls("tls.example.com").output,
           {"HTTP/2 200", "strict-transport-security: max-age=300", "proto=https", "host=tls.example.com ",
            "fport=" + w.node.listen.https.text() + " "});
}

BOOST_DATA_TEST_CASE(unknown_names_get_no_handshake, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    BOOST_TEST(w.tls("unknown.example.com").status == 35);
    BOOST_TEST(w.tls("plain.example.com").status == 35);
    expect(w.tls("tls.example.com", "/", {"--http1.1", "-H", "Host: other"}).output, {"HTTP/1.1 404"});
    expect(w.tls("tls.example.com", "/", {"--http1.1", "-H", "Host: plain.example.com"}).output,
           {"HTTP/1.1 404"});
}

BOOST_DATA_TEST_CASE(client_certificates_are_required, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    BOOST_TEST(w.tls("clients.example.com").status != 0);
    const auto [certificate, private_key] = a_certificate({"visitor.example.com"});
    const TemporaryFolder folder;
    write_file(folder.path() / "crt", certificate);
    write_file(folder.path() / "key", private_key);
    expect(w.tls("clients.example.com", "/",
                 {"--cert", (folder.path() / "crt").string(), "--key", (folder.path() / "key").string()})
               .output,
           {"HTTP/2 200"});
    expect(w.tls("tls.example.com", "/", {"--http1.1", "-H", "Host: clients.example.com"}).output,
           {"HTTP/1.1 421"});
}

BOOST_DATA_TEST_CASE(paused_and_blocked_sites_say_so, data::make(caddies()), caddy) {
    expect(world(caddy).get("paused.example.com"), {"HTTP/1.1 503", "This site is paused"});
    expect(world(caddy).get("blocked.example.com"), {"HTTP/1.1 451", "not available"});
}

BOOST_DATA_TEST_CASE(texts_of_users_are_literal, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const std::string page = w.get("pages.example.com", "/teapot");
    expect(page, {"HTTP/1.1 418", "text/html; charset=utf-8",
                  "<style>a{b:c}</style>{env.HOME}{http.request.host}\\{\\}}{{x",
                  "X-Own: {env.HOME} \\} {\r\n", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY"});
    expect(w.get("pages.example.com", "/robots.txt"),
           {"HTTP/1.1 200", "text/plain", "\r\n\r\nUser-agent: \\}\nDis"});
    expect(w.get("pages.example.com", "/.well-known/security.txt"), {"\r\n\r\nContact: {env.HOME}\n"});
    const std::string upstream = w.get("pages.example.com", "/gone");
    expect(upstream, {"HTTP/1.1 410", "X-Frame-Options: DENY", "gone\n"});
    expect_not(upstream, {"X-Upstream", "X-Frame-Options: upstream", home() + " "});
    expect(w.get("pages.example.com"), {"extra={http.request.host} more=more "});
}

BOOST_DATA_TEST_CASE(no_text_has_a_meaning, data::make(caddies()), caddy) {
    const std::string answer = world(caddy).get("braces.example.com");
    for (std::size_t i = 0; i < kBraces.size(); ++i)
        expect(answer, {"X-" + std::to_string(i) + ": " + kBraces[i] + "\r\n"});
}

BOOST_DATA_TEST_CASE(errors_of_the_engine_have_the_headers_too, data::make(caddies()), caddy) {
    expect(world(caddy).get("dead.example.com"),
           {"HTTP/1.1 502", "X-Content-Type-Options: nosniff", "502 Bad Gateway\n"});
}

BOOST_DATA_TEST_CASE(routes_are_tried_as_described, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const std::string name = "routes.example.com";
    expect(w.get(name, "/api"), {"backend=two", "uri=/ "});
    expect(w.get(name, "/api/"), {"backend=two", "uri=/ "});
    expect(w.get(name, "/api/a%20b?q=1"), {"backend=two", "uri=/a%20b?q=1 "});
    expect(w.get(name, "/apis"), {"backend=one", "uri=/apis "});
    expect(w.get(name, "/API"), {"backend=one", "uri=/API "});
    expect(w.get(name, "/api/deep/x?q=1"), {"backend=one", "uri=/fixed%20path/x?q=1 "});
    expect(w.get(name, "/api/deep/exact"), {"backend=two", "uri=/api/deep/exact "});
    expect(w.get(name, "/user/admin/x"), {"backend=one", "uri=/u/x/admin "});
    expect(w.get(name, "/user/bob/a%20b/c?q=1"), {"uri=/u/a%20b/c/bob?q=1 "});
    for (const char* unsafe : {"%252e%252e%252f", "a%3fb", "a%23b", "a%01b"})
        expect(w.get(name, std::string("/user/bob/") + unsafe), {"HTTP/1.1 400"});
    expect(w.get(name, "/x/../api/y"), {"backend=two"});
    expect(w.get(name, "/old/a?b=c"),
           {"HTTP/1.1 308", "Location: https://new.example.com/base/old/a?b=c\r\n"});
    expect(w.get(name, "/r/12"), {"HTTP/1.1 302", "Location: /item?id=12\r\n"});
    expect(w.get(name, "/r/x"), {"backend=one"});
    expect(w.get("away.example.com", "//a?b"),
           {"HTTP/1.1 301", "Location: https://new.example.com//a?b\r\n"});
}

BOOST_DATA_TEST_CASE(addresses_and_passwords_guard, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.get("closed.example.com"), {"HTTP/1.1 403", "403 Forbidden"});
    expect(w.get("closed.example.com", "/open/x"), {"HTTP/1.1 200"});
    expect(w.get("password.example.com"), {"HTTP/1.1 401", "Basic realm=\"Only {us}\""});
    expect(w.get("password.example.com", "/", {"-u", "a{b}:open sesame"}), {"HTTP/1.1 200"});
    expect(w.get("password.example.com", "/", {"-u", "a{b}:wrong"}), {"HTTP/1.1 401"});
    expect(w.get("any.example.com"), {"HTTP/1.1 200"});
    expect(w.get("any.example.com", "/", {"--interface", "127.0.0.9"}), {"HTTP/1.1 401"});
    expect(w.get("any.example.com", "/", {"--interface", "127.0.0.9", "-u", "a{b}:open sesame"}),
           {"HTTP/1.1 200"});
}

BOOST_DATA_TEST_CASE(a_sign_in_elsewhere_guards, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.get("forward.example.com", "/a"),
           {"HTTP/1.1 302", "Location: https://auth.example.com/?rd=http://forward.example.com"});
    expect(w.get("forward.example.com", "/a?b", {"-H", "X-Token: good", "-d", "body"}),
           {"HTTP/1.1 200", "user=alice-POST", "method=POST", "uri=/a?b"});
    expect(w.get("forward.example.com", "/open", {"-H", "Remote-User: mallory"}),
           {"HTTP/1.1 200", "user=\n"});
}

BOOST_DATA_TEST_CASE(other_sites_may_call, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const std::string asked = w.get("cors.example.com", "/",
                                    {"-X", "OPTIONS", "-H", "Origin: https://app.example.com", "-H",
                                     "Access-Control-Request-Method: POST"});
    expect(asked,
           {"HTTP/1.1 204", "Access-Control-Allow-Origin: https://app.example.com\r\n",
            "Access-Control-Allow-Methods: GET, HEAD, POST\r\n", "Access-Control-Allow-Headers: X-Token\r\n",
            "Access-Control-Allow-Credentials: true\r\n", "Access-Control-Max-Age: 600\r\n", "Vary: Origin"});
    expect(w.get("cors.example.com", "/cors", {"-H", "Origin: https://app.example.com"}),
           {"HTTP/1.1 200", "Access-Control-Allow-Origin: https://app.example.com\r\n"});
    const std::string foreign =
        w.get("cors.example.com", "/cors", {"-H", "Origin: https://evil.example.com"});
    expect(foreign, {"HTTP/1.1 200", "Vary: Origin"});
    expect_not(foreign, {"Access-Control-Allow-Origin"});
}

BOOST_DATA_TEST_CASE(maintenance_is_told, data::make(caddies()), caddy) {
    expect(world(caddy).get("maintained.example.com"),
           {"HTTP/1.1 503", "Retry-After: 60\r\n", "text/html", "<p>{later}</p>"});
    expect(world(caddy).get("bypassed.example.com"), {"HTTP/1.1 200"});
    expect(world(caddy).get("bypassed.example.com", "/", {"--interface", "127.0.0.9"}),
           {"HTTP/1.1 503", "text/plain", "down for maintenance"});
}

BOOST_DATA_TEST_CASE(a_server_that_cannot_be_reached_is_replaced, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    // Caddy before 2.8 has thrown the body away by the time that it asks the next server.
    std::vector<std::string> post = {"-d", "x"};
    if (caddy.facts.version < EngineVersion{2, 8, 0}) post = {"-X", "POST"};
    for (int i = 0; i < 4; ++i) {
        expect(w.get("fallback.example.com", "/", post), {"HTTP/1.1 200", "backend=two", "method=POST"});
        expect(w.get("next.example.com", "/", post), {"HTTP/1.1 200", "backend=two", "method=POST"});
    }
}

BOOST_DATA_TEST_CASE(a_cookie_binds_to_a_server, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    const TemporaryFolder folder;
    const std::string jar = (folder.path() / "jar").string();
    const std::string first = w.get("sticky.example.com", "/", {"-c", jar});
    expect(first, {"Set-Cookie: rpm_backend="});
    const std::string server = first.substr(first.find("backend=", first.find("\r\n\r\n")), 11);
    for (int i = 0; i < 4; ++i) expect(w.get("sticky.example.com", "/", {"-b", jar}), {server});
}

BOOST_DATA_TEST_CASE(servers_are_spoken_to_as_asked, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.get("secure.example.com"), {"HTTP/1.1 200", "host=inner.example.com ", "version=HTTP/1.1"});
    expect(w.get("unverified.example.com"), {"HTTP/1.1 502"});
    expect(w.get("h2c.example.com"), {"HTTP/1.1 200", "version=HTTP/2.0"});
    expect(w.get("grpcs.example.com"), {"HTTP/1.1 200", "version=HTTP/2.0"});
}

BOOST_DATA_TEST_CASE(answers_are_compressed_for_those_who_ask, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.get("plain.example.com", "/long", {"-H", "Accept-Encoding: gzip", "-o", "/dev/null", "-D", "-"}),
           {"Content-Encoding: gzip\r\n", "Vary: Accept-Encoding"});
    expect_not(w.get("plain.example.com", "/long"), {"Content-Encoding"});
}

BOOST_DATA_TEST_CASE(rates_are_limited, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    if (!w.has_rates()) return;
    expect(w.get("rated.example.com"), {"HTTP/1.1 200"});
    expect(w.get("rated.example.com"), {"HTTP/1.1 200"});
    expect(w.get("rated.example.com"), {"HTTP/1.1 429", "Retry-After"});
    for (int i = 0; i < 3; ++i) expect(w.get("header.example.com"), {"HTTP/1.1 200"});
    expect(w.get("header.example.com", "/", {"-H", "X-Key: a"}), {"HTTP/1.1 200"});
    expect(w.get("header.example.com", "/", {"-H", "X-Key: a"}), {"HTTP/1.1 503"});
    expect(w.get("header.example.com", "/", {"-H", "X-Key: b"}), {"HTTP/1.1 200"});
}

BOOST_DATA_TEST_CASE(visitors_behind_proxies_have_their_own_address, data::make(caddies()), caddy) {
    if (caddy.facts.version < EngineVersion{2, 8, 0}) return;
    const Backend backend;
    NodeProfile node = a_caddy(private_ports(), caddy.facts);
    node.trusted_proxies = parse_networks("x", "127.0.0.0/30");
    Json json = proxied("behind.example.com", backend.port());
    json["access"]["deny"].push("192.0.2.0/24");
    const DeployableSite site = a_site(1, json);
    const TemporaryFolder folder;
    write_release(folder.path(), by_caddy(node, {&site, 1}), caddy_marker(node));
    const auto engine = run_caddy(caddy, folder.path(), node.listen.http);
    const auto from = [&](const char* address, const char* said) {
        return fetch("http", node.listen.http, "behind.example.com", "/",
                     {"--interface", address, "-H", std::string("X-Forwarded-For: ") + said})
            .output;
    };
    expect(from("127.0.0.1", "6.6.6.6, 7.7.7.7, 127.0.0.2"), {"HTTP/1.1 200", "real=7.7.7.7 for=7.7.7.7 "});
    expect(from("127.0.0.1", "6.6.6.6, 192.0.2.7"), {"HTTP/1.1 403"});
    expect(from("127.0.0.9", "192.0.2.7"), {"HTTP/1.1 200", "real=127.0.0.9 for=127.0.0.9 "});
}

BOOST_DATA_TEST_CASE(the_marker_tells_the_release, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(fetch("http", w.node.listen.proof, "127.0.0.1", "/release", {}).output,
           {"HTTP/1.1 200", "feedfacecafebeef\n"});
    expect(fetch("http", w.node.listen.proof, "127.0.0.1", "/", {}).output, {"HTTP/1.1 404"});
}

BOOST_AUTO_TEST_SUITE_END()
