// SPDX-License-Identifier: MIT
#include "tests/support/panel.h"

#include "shared/crypto/password.h"
#include "shared/model/site.h"
#include "shared/ops/people.h"
#include "shared/ops/sites.h"
#include "shared/render/renderer.h"
#include "shared/store/nodes.h"
#include "shared/store/settings.h"
#include "web/admin/routes.h"
#include "web/client/routes.h"
#include "web/panel/program.h"

namespace rpm::test {
namespace {

const TemplateSet& pages() {
    static const TemplateSet set("templates", {".html"});
    return set;
}
const TemplateSet& proxy_templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}
const web::Router& router(web::PanelKind kind) {
    static const web::Router admin(web::admin_routes());
    static const web::Router client(web::client_routes());
    return kind == web::PanelKind::admin ? admin : client;
}

http::Values parse_query(std::string_view target) {
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? http::Values()
                                          : http::parse_urlencoded(target.substr(mark + 1), 100);
}

}  // namespace

std::string input_value(const std::string& html, const std::string& name) {
    const auto at = html.find("name=\"" + name + "\" value=\"");
    if (at == std::string::npos) return {};
    const auto start = at + name.size() + 15;
    return html.substr(start, html.find('"', start) - start);
}

namespace {

db::Settings of_clients() {
    auto settings = database_settings();
    settings.views = web::people_views(web::PanelKind::client);
    return settings;
}

}  // namespace

PanelFixture::PanelFixture()
    : clock(SystemClock().now()),
      sealing(crypto::KeyPair::generate().sealing),
      ops{db, clock, sealing, &vault},
      client_db_(of_clients()) {
    crypto::set_cost(crypto::PasswordCost::minimal);
    // Most cases are not about proofs of names and second factors; the others set what they need.
    set(Setting::domains_proof, "off");
    set(Setting::second_factor_admin, "off");
    set(Setting::second_factor_operator, "off");
    set(Setting::second_factor_read_only, "off");
    const auto make = [&](web::PanelKind kind) {
        return std::make_unique<web::Panel>(
            web::Context{.db = kind == web::PanelKind::client ? client_db_ : db,
                         .clock = clock,
                         .sealing = sealing,
                         .vault = vault,
                         .pages = pages(),
                         .proxy_templates = proxy_templates(),
                         .badges = badges,
                         .known_sites = known_sites,
                         .panel = kind,
                         .assets = "/static/0"},
            router(kind));
    };
    admin_ = make(web::PanelKind::admin);
    client_ = make(web::PanelKind::client);
}

http::Handler& PanelFixture::handler(web::PanelKind kind) {
    return kind == web::PanelKind::admin ? *admin_ : *client_;
}

Viewer PanelFixture::viewer(UserId id, Role role) const {
    return {.id = id, .username = "test", .role = role, .address = "192.0.2.1", .request_id = {}};
}

void PanelFixture::set(Setting setting, std::string_view value) {
    db::transact(db,
                 [&](db::Transaction& tx) { store::upsert_setting(tx, setting, value, {}, clock.now()); });
}

UserId PanelFixture::add_user(const std::string& name, Role role) {
    if (const auto user = store::find_user(db, name)) return user->id;
    return rpm::ops::create_user(
        ops, Viewer::system(), {.username = name, .email = {}, .role = role, .password = Secret(kPassword)});
}

NodeId PanelFixture::add_node(const std::string& name, Engine engine) {
    return db::transact(db, [&](db::Transaction& tx) {
        store::Node node;
        node.name = name;
        node.ip_address = "192.0.2.10";
        node.ssh_user = "rpmgr";
        node.engine = engine;
        return store::insert_node(tx, node, clock.now());
    });
}

SiteId PanelFixture::add_site(UserId owner, const std::string& domain) {
    const auto definition = SiteDefinition::parse(
        Json::parse(R"({"version":1,"domains":[")" + domain +
                    R"("],"upstream":{"scheme":"http","servers":[{"host":"10.0.0.1","port":8080}]}})"));
    return rpm::ops::create_site(
        ops, Viewer::system(),
        {.definition = definition, .owner = owner, .targets = std::nullopt, .reason = {}});
}

Browser PanelFixture::sign_in(web::PanelKind kind, const std::string& name) {
    add_user(name, kind == web::PanelKind::admin ? Role::admin : Role::client);
    Browser browser(*this, kind);
    browser.get("/login");
    const auto answer = browser.post("/login", {{"name", name}, {"password", kPassword}});
    if (answer.status != 303) throw Error("cannot sign in: " + std::to_string(answer.status));
    browser.get("/account");
    return browser;
}

http::Response Browser::send(http::Request request) {
    request.id = "0123456789abcdef";
    request.scheme = "https";
    request.host = "panel.example";
    request.remote_address = "192.0.2.1";
    for (const auto& [name, value] : cookies_) request.cookies.add(name, value);
    auto response = http::answer(fixture_.handler(kind_), request);
    if (response.stream) response.stream([&](std::string_view part) { response.body += part; });
    for (const auto& [name, value] : response.headers()) {
        if (name != "Set-Cookie") continue;
        const auto equals = value.find('=');
        cookies_[value.substr(0, equals)] = value.substr(equals + 1, value.find(';') - equals - 1);
        if (value.find("Max-Age=0") != std::string::npos) cookies_.erase(value.substr(0, equals));
    }
    if (const auto token = input_value(response.body, "csrf"); !token.empty()) token_ = token;
    return response;
}

http::Response Browser::get(const std::string& target, const http::Values& headers) {
    http::Request request;
    request.method = "GET";
    request.path = target.substr(0, target.find('?'));
    request.query = parse_query(target);
    request.headers = headers;
    return send(std::move(request));
}

http::Response Browser::post(const std::string& path, http::Values form, const http::Values& headers) {
    form.add("csrf", token_);
    return post_without_token(path, form, headers);
}

http::Response Browser::post_without_token(const std::string& path, const http::Values& form,
                                           const http::Values& headers) {
    http::Request request;
    request.method = "POST";
    request.path = path;
    request.form = form;
    request.headers = headers;
    return send(std::move(request));
}

}  // namespace rpm::test
