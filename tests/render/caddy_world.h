// SPDX-License-Identifier: MIT
// A Caddy that runs a release of one site per behaviour, and servers behind it; for caddy_serving.cc.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/render/backend.h"
#include "tests/render/caddy_support.h"
#include "tests/support/caddy.h"

namespace rpm::test {

// "open sesame" with bcrypt, cost 4.
inline constexpr const char* kHash = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

// What has a meaning to Caddy, and whatever else its braces can stand in.
inline std::vector<std::string> texts_with_braces() {
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
inline const std::vector<std::string> kBraces = texts_with_braces();

inline Json proxied(std::string_view name, Port port) {
    return a_definition(name, "127.0.0.1", port.value());
}

inline Json page_texts(const std::string& name, Port port) {
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

inline Json a_route(std::string_view match, std::string_view path) {
    return Json::object({{"match", match}, {"path", path}});
}

inline Json routed(const std::string& name, Port one, Port two) {
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

/// curl's output: headers and body.
inline Finished fetch(const std::string& scheme, Port port, const std::string& name, const std::string& path,
                      std::vector<std::string> more) {
    std::vector<std::string> argv = {"curl", "-sik",         "--noproxy",
                                     "*",    "--path-as-is", "--max-time",
                                     "20",   "--resolve",    name + ":" + port.text() + ":127.0.0.1"};
    argv.insert(argv.end(), more.begin(), more.end());
    argv.push_back(scheme + "://" + name + ":" + port.text() + path);
    return run(argv);
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
};

inline std::vector<DeployableSite> World::sites() {
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

}  // namespace rpm::test
