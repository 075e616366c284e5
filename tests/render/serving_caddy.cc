// SPDX-License-Identifier: MIT
// Requests through each real Caddy that runs a rendered release.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>
#include <random>

#include "shared/base/config.h"
#include "tests/render/backend.h"
#include "tests/render/support.h"
#include "tests/support/caddy.h"

using namespace rpm;
using namespace rpm::test;
namespace data = boost::unit_test::data;

namespace {

// "open sesame" with bcrypt, cost 4.
constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

// What has a meaning to Caddy, and whatever else its braces can stand in.
std::vector<std::string> texts_with_braces() {
    std::vector<std::string> out = {"{env.HOME}",        "{$HOME}",         "{file./etc/hostname}",
                                    "\\{env.HOME}",      "{{env.HOME}}",    "{http.request.host}",
                                    "\\\\{env.HOME\\}}", "{env.HOME\\}}\\", "{http.vars.none}x"};
    std::minstd_rand random(7);
    while (out.size() < 50) {
        std::string text = "a";
        for (int i = 0; i < 9; ++i) text += std::string_view("{}\\\\b")[random() % 5];
        out.push_back(text);
    }
    return out;
}
const std::vector<std::string> kBraces = texts_with_braces();

Json proxied(std::string_view name, Port port) {
    return a_definition(name, "127.0.0.1", port.value());
}

Json page_texts(const std::string& name, Port port) {
    Json json = proxied(name, port);
    json["pages"]["errors"].push(
        Json::object({{"statuses", Json::array({418, 404})},
                      {"html", "<style>a{b:c}</style>{env.HOME}{http.request.host}\\{\\}}{{x"}}));
    json["pages"]["robots_txt"] = "User-agent: \\}\nDisallow: /\n";
    json["pages"]["security_txt"] = "Contact: {env.HOME}\n";
    json["headers"]["security"]["no_sniff"] = true;
    json["headers"]["security"]["frame"] = "deny";
    json["headers"]["response"].push(
        Json::object({{"action", "set"}, {"name", "X-Own"}, {"value", "{env.HOME} \\} {"}}));
    json["headers"]["response"].push(Json::object({{"action", "remove"}, {"name", "X-Upstream"}}));
    json["headers"]["request"].push(
        Json::object({{"action", "set"}, {"name", "X-Extra"}, {"value", "{http.request.host}"}}));
    json["headers"]["request"].push(Json::object({{"action", "add"}, {"name", "X-More"}, {"value", "more"}}));
    return json;
}

Json a_route(std::string_view match, std::string_view path) {
    return Json::object({{"match", match}, {"path", path}});
}

Json routed(const std::string& name, Port one, Port two) {
    Json json = proxied(name, one);
    const auto elsewhere = [&] {
        Json upstream;
        upstream["servers"].push(a_server("127.0.0.1", two.value()));
        return upstream;
    };
    Json prefix = a_route("prefix", "/api");
    prefix["strip_prefix"] = true;
    prefix["upstream"] = elsewhere();
    Json longer = a_route("prefix", "/api/deep");
    longer["rewrite"] = "/fixed%20path";
    Json exact = a_route("exact", "/api/deep/exact");
    exact["upstream"] = elsewhere();
    Json regex = a_route("regex", "^/user/([a-z]+)/(.*)$");
    regex["rewrite"] = "/u/$2/$1";
    Json first = a_route("regex", "^/user/admin/");
    first["rewrite"] = "/never";
    Json moved = a_route("prefix", "/old");
    moved["action"] = "redirect";
    moved["redirect"] = Json::object({{"to", "https://new.example.com/base/"}, {"keep_path", true}});
    Json grouped = a_route("regex", "^/r/([0-9]+)$");
    grouped["action"] = "redirect";
    grouped["redirect"] = Json::object({{"to", "/item?id=$1"}, {"status", 302}});
    json["routes"] = Json::array({prefix, longer, exact, regex, first, moved, grouped});
    return json;
}

struct World {
    const CaddyBinary& caddy;
    Backend one{"one"};
    Backend two{"two"};
    NodeProfile node = a_node(private_ports());
    TemporaryFolder folder;
    std::unique_ptr<Process> engine;
    std::string key;

    explicit World(const CaddyBinary& binary) : caddy(binary) {
        node.engine = Engine::caddy;
        node.facts = binary.facts;
        write_release(folder.path(), render::renderer(Engine::caddy).render(templates(), node, sites()),
                      render::renderer(Engine::caddy).marker(templates(), node, "feedfacecafebeef"), key);
        engine = run_caddy(caddy, folder.path(), node.listen.http);
    }

    bool has_rates() const { return caddy.facts.modules.contains("http.handlers.rate_limit"); }

    std::vector<DeployableSite> sites();

    std::string get(const std::string& name, const std::string& path = "/",
                    std::vector<std::string> more = {}) const {
        return fetch("http", node.listen.http, name, path, std::move(more)).output;
    }
    Finished tls(const std::string& name, const std::string& path = "/",
                 std::vector<std::string> more = {}) const {
        return fetch("https", node.listen.https, name, path, std::move(more));
    }
    Finished fetch(const std::string& scheme, Port port, const std::string& name, const std::string& path,
                   std::vector<std::string> more) const {
        std::vector<std::string> argv = {"curl", "-sik",         "--noproxy",
                                         "*",    "--path-as-is", "--max-time",
                                         "20",   "--resolve",    name + ":" + port.text() + ":127.0.0.1"};
        argv.insert(argv.end(), more.begin(), more.end());
        argv.push_back(scheme + "://" + name + ":" + port.text() + path);
        return run(argv);
    }
};

std::vector<DeployableSite> World::sites() {
    const auto [certificate, private_key] = a_certificate({"tls.example.com"});
    key = private_key;
    const int nobody = free_port().value();
    std::vector<DeployableSite> out;
    const auto add = [&](const Json& json) -> DeployableSite& {
        out.push_back(a_site(out.size() + 1, json));
        if (out.back().definition->tls.mode != TlsMode::none)
            out.back() = with_certificate(std::move(out.back()), certificate);
        return out.back();
    };

    Json plain = proxied("plain.example.com", one.port());
    plain["domains"].push("*.wild.example.com");
    plain["limits"]["max_body_mib"] = 1;
    add(plain);
    add(proxied("exact.wild.example.com", two.port()));

    Json tls = proxied("tls.example.com", one.port());
    tls["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}, {"hsts_seconds", 300}});
    add(tls);
    Json clients = proxied("clients.example.com", one.port());
    clients["tls"] = Json::object({{"mode", "self_signed"}});
    clients["tls"]["clients"] =
        Json::object({{"mode", "required"}, {"ca", a_certificate({"visitor.example.com"}).first}});
    add(clients);

    add(proxied("paused.example.com", one.port())).state = SiteState::paused;
    DeployableSite& blocked = add(proxied("blocked.example.com", one.port()));
    blocked.state = SiteState::blocked;
    blocked.block_status = 451;

    add(page_texts("pages.example.com", one.port()));
    Json braces = proxied("braces.example.com", one.port());
    for (std::size_t i = 0; i < kBraces.size(); ++i)
        braces["headers"]["response"].push(
            Json::object({{"action", "set"}, {"name", "X-" + std::to_string(i)}, {"value", kBraces[i]}}));
    add(braces);
    add(routed("routes.example.com", one.port(), two.port()));

    Json closed = proxied("closed.example.com", one.port());
    closed["access"]["deny"] = Json::array({"127.0.0.0/8"});
    closed["routes"].push(a_route("prefix", "/open"));
    closed["routes"].items()[0]["access"] = Json::object();
    add(closed);
    Json password = proxied("password.example.com", one.port());
    password["access"]["basic"]["users"].push(Json::object({{"name", "a{b}"}, {"hash", kHash}}));
    password["access"]["basic"]["realm"] = "Only {us}";
    add(password);
    Json any = proxied("any.example.com", one.port());
    any["access"] = password["access"];
    any["access"]["allow"] = Json::array({"127.0.0.1"});
    any["access"]["satisfy"] = "any";
    add(any);
    Json forward = proxied("forward.example.com", one.port());
    forward["access"]["forward"] = Json::object({{"url", "http://127.0.0.1:" + one.port().text() + "/auth"},
                                                 {"sign_in", "https://auth.example.com/"},
                                                 {"copy_headers", Json::array({"remote-user"})}});
    forward["routes"].push(a_route("prefix", "/open"));
    forward["routes"].items()[0]["access"] = Json::object();
    add(forward);

    Json cors = proxied("cors.example.com", one.port());
    cors["headers"]["cors"] = Json::object({{"origins", Json::array({"https://app.example.com"})},
                                            {"headers", Json::array({"X-Token"})},
                                            {"credentials", true}});
    add(cors);
    Json maintained = proxied("maintained.example.com", one.port());
    maintained["pages"]["maintenance"] =
        Json::object({{"on", true}, {"html", "<p>{later}</p>"}, {"retry_after", 60}});
    add(maintained);
    Json bypassed = proxied("bypassed.example.com", one.port());
    bypassed["pages"]["maintenance"] = Json::object({{"on", true}, {"bypass", Json::array({"127.0.0.1"})}});
    add(bypassed);
    Json away = Json::object({{"version", 2}, {"kind", "redirect"}});
    away["domains"].push("away.example.com");
    away["redirect"] =
        Json::object({{"to", "https://new.example.com"}, {"keep_path", true}, {"status", 301}});
    add(away);

    Json fallback = proxied("fallback.example.com", one.port());
    fallback["upstream"]["servers"] =
        Json::array({a_server("127.0.0.1", nobody), a_server("127.0.0.1", two.port().value(), 1, true)});
    add(fallback);
    Json next = proxied("next.example.com", one.port());
    next["upstream"]["servers"] =
        Json::array({a_server("127.0.0.1", nobody), a_server("127.0.0.1", two.port().value())});
    add(next);
    Json dead = proxied("dead.example.com", one.port());
    dead["upstream"]["servers"] = Json::array({a_server("127.0.0.1", nobody)});
    dead["headers"]["security"]["no_sniff"] = true;
    add(dead);
    Json sticky = proxied("sticky.example.com", one.port());
    sticky["upstream"]["balancing"] = "sticky_cookie";
    sticky["upstream"]["servers"].push(a_server("127.0.0.1", two.port().value()));
    add(sticky);

    Json secure = proxied("secure.example.com", one.tls());
    secure["upstream"]["scheme"] = "https";
    secure["upstream"]["host_header"] = "inner.example.com";
    secure["upstream"]["tls"] = Json::object(
        {{"server_name", "backend.internal"}, {"ca", a_certificate({"backend.internal"}).first}});
    add(secure);
    Json unverified = secure;
    unverified["domains"] = Json::array({"unverified.example.com"});
    unverified["upstream"]["tls"]["server_name"] = "other.internal";
    add(unverified);
    Json h2c = proxied("h2c.example.com", one.h2c());
    h2c["upstream"]["scheme"] = "h2c";
    add(h2c);
    Json grpcs = secure;
    grpcs["domains"] = Json::array({"grpcs.example.com"});
    grpcs["upstream"]["scheme"] = "grpcs";
    add(grpcs);

    if (has_rates()) {
        Json rated = proxied("rated.example.com", one.port());
        rated["limits"]["rates"].push(Json::object({{"requests", 1}, {"per", "minute"}, {"burst", 1}}));
        add(rated);
        Json header = proxied("header.example.com", one.port());
        header["limits"]["rates"].push(Json::object({{"key", "header"},
                                                     {"header", "X-Key"},
                                                     {"requests", 1},
                                                     {"per", "minute"},
                                                     {"burst", 0},
                                                     {"status", 503}}));
        add(header);
    }
    return out;
}

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
    expect(w.get(name, "/api/deep/x?q=1"), {"backend=one", "uri=/fixed%20path?q=1 "});
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
    expect(w.get("forward.example.com", "/a"), {"HTTP/1.1 302", "Location: https://auth.example.com/\r\n"});
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
           {"HTTP/1.1 503", "text/plain", "being worked on"});
}

BOOST_DATA_TEST_CASE(a_server_that_cannot_be_reached_is_replaced, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    // Caddy 2.6 has thrown the body away by the time that it asks the next server.
    std::vector<std::string> post = {"-d", "x"};
    if (caddy.facts.version < EngineVersion{2, 7, 0}) post = {"-X", "POST"};
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

BOOST_DATA_TEST_CASE(the_marker_tells_the_release, data::make(caddies()), caddy) {
    const World& w = world(caddy);
    expect(w.fetch("http", w.node.listen.proof, "127.0.0.1", "/release", {}).output,
           {"HTTP/1.1 200", "feedfacecafebeef\n"});
    expect(w.fetch("http", w.node.listen.proof, "127.0.0.1", "/", {}).output, {"HTTP/1.1 404"});
}

BOOST_AUTO_TEST_SUITE_END()
