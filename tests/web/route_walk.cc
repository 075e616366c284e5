// SPDX-License-Identifier: MIT
// Every route of every program, asked as everybody. What each may do stands here in words of its own, written
// down beside the routes' tables, so that a wrong line there shows. A new route without a row here fails.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <string>

#include "shared/ops/people.h"
#include "shared/ops/settings.h"
#include "shared/ops/shared_pieces.h"
#include "shared/ops/sites.h"
#include "shared/store/jobs.h"
#include "shared/store/users.h"
#include "tests/support/panel.h"
#include "tests/web/api_support.h"
#include "web/admin/routes.h"
#include "web/client/routes.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

// Who is let in, one letter each: - nobody signed in, A admin, O operator, R read only, C the client whose
// object it is, c a colleague of that client who only reads, X another client. What is not let in gets 303 to
// the sign-in, 401, 403 or 404.
struct Expected {
    const char* route;
    const char* let_in;
};

constexpr Expected kAdmin[] = {
    {"GET /health", "-AOR"},
    {"POST /csp-report", "-AOR"},
    {"GET /login", "-AOR"},
    {"POST /login", "-AOR"},
    {"GET /login/forgot", "-AOR"},
    {"POST /login/forgot", "-AOR"},
    {"GET /login/link/{token}", "-AOR"},
    {"POST /login/link/{token}", "-AOR"},
    {"POST /logout", "AOR"},
    {"GET /login/second", "AOR"},
    {"POST /login/second", "-AOR"},
    {"POST /login/passkey/options", "-AOR"},
    {"POST /login/passkey", "-AOR"},
    {"GET /login/oidc", "-AOR"},
    {"GET /login/oidc/callback", "-AOR"},
    {"GET /account/factors", "AOR"},
    {"POST /account/factors/totp/start", "AOR"},
    {"GET /account/factors/totp", "AOR"},
    {"POST /account/factors/totp", "AOR"},
    {"POST /account/factors/passkeys/options", "AOR"},
    {"POST /account/factors/passkeys", "AOR"},
    {"POST /account/factors/totp/remove", "AOR"},
    {"POST /account/factors/recovery", "AOR"},
    {"POST /account/factors/passkeys/{id}/rename", "AOR"},
    {"POST /account/factors/passkeys/{id}/remove", "AOR"},
    {"GET /account/oidc", "AOR"},
    {"POST /account/oidc/remove", "AOR"},
    {"GET /account", "AOR"},
    {"POST /account/confirm", "AOR"},
    {"POST /account/confirm/passkey", "AOR"},
    {"POST /account/password", "AOR"},
    {"POST /account/sessions/revoke-others", "AOR"},
    {"POST /account/sessions/{id}/revoke", "AOR"},
    {"GET /account/tokens", "AOR"},
    {"POST /account/tokens", "AOR"},
    {"POST /account/tokens/{id}/revoke", "AOR"},
    {"POST /prefs/theme", "AOR"},
    {"GET /", "AOR"},
    {"GET /sites", "AOR"},
    {"GET /sites/new", "AO"},
    {"POST /sites/new", "AO"},
    {"POST /sites/new/preview", "AO"},
    {"GET /sites/{id}", "AOR"},
    {"GET /sites/{id}/edit", "AO"},
    {"POST /sites/{id}/edit", "AO"},
    {"POST /sites/{id}/preview", "AO"},
    {"GET /sites/{id}/history", "AOR"},
    {"GET /sites/{id}/names", "AOR"},
    {"POST /sites/{id}/names/check", "AO"},
    {"POST /sites/{id}/names/vouch", "AO"},
    {"POST /sites/{id}/restore", "AO"},
    {"POST /sites/{id}/pause", "AO"},
    {"POST /sites/{id}/resume", "AO"},
    {"POST /sites/{id}/block", "AO"},
    {"POST /sites/{id}/unblock", "AO"},
    {"POST /sites/{id}/delete", "AO"},
    {"GET /sites/bulk", "AO"},
    {"POST /sites/bulk", "AO"},
    {"POST /sites/{id}/clone", "AO"},
    {"POST /sites/{id}/tags", "AO"},
    {"POST /sites/{id}/template", "AO"},
    {"GET /shared", "AOR"},
    {"GET /shared/new", "AO"},
    {"POST /shared/new", "AO"},
    {"GET /shared/{id}", "AOR"},
    {"POST /shared/{id}", "AO"},
    {"POST /shared/{id}/delete", "AO"},
    {"GET /explain", "AOR"},
    {"GET /review", "AOR"},
    {"POST /review", "AO"},
    {"GET /deployments", "AOR"},
    {"GET /deployments/{id}", "AOR"},
    {"GET /deployments/{id}/live", "AOR"},
    {"POST /deployments/{id}/retry", "AO"},
    {"GET /deployments/{id}/plan", "AOR"},
    {"POST /deployments/{id}/withdraw", "AO"},
    {"POST /deployments/{id}/approve", "AO"},
    {"POST /deployments/{id}/reject", "AO"},
    {"GET /approvals", "AO"},
    {"POST /deployments/{id}/cancel", "AO"},
    {"GET /nodes", "AOR"},
    {"GET /nodes/{id}", "AOR"},
    {"POST /nodes/{id}/check", "AO"},
    {"POST /nodes/{id}/enable", "AO"},
    {"POST /nodes/{id}/disable", "AO"},
    {"GET /nodes/{id}/settings", "AOR"},
    {"POST /nodes/{id}/settings", "AO"},
    {"POST /nodes/{id}/trust", "AO"},
    {"GET /jobs", "AOR"},
    {"POST /jobs/{id}/retry", "AO"},
    {"POST /jobs/{id}/cancel", "AO"},
    {"GET /audit", "AOR"},
    {"GET /audit/export", "AOR"},
    {"GET /csp-reports", "AR"},
    {"GET /users", "AR"},
    {"POST /users", "A"},
    {"GET /users/{id}", "AR"},
    {"POST /users/{id}", "A"},
    {"POST /users/{id}/sign-out", "A"},
    {"POST /users/{id}/send", "A"},
    {"POST /users/{id}/link", "A"},
    {"POST /users/{id}/impersonate", "A"},
    {"POST /users/{id}/enable", "A"},
    {"POST /users/{id}/disable", "A"},
    {"POST /users/{id}/reset-factors", "A"},
    {"POST /users/{id}/tokens/{token}/revoke", "A"},
    {"GET /settings", "AR"},
    {"POST /settings/{section}", "A"},
};

// Staff may sign in to the clients' panel, but are clients there: they see their own sites.
constexpr Expected kClient[] = {
    {"GET /health", "-CcX"},
    {"POST /csp-report", "-CcX"},
    {"GET /login", "-CcX"},
    {"POST /login", "-CcX"},
    {"GET /login/forgot", "-CcX"},
    {"POST /login/forgot", "-CcX"},
    {"GET /login/link/{token}", "-CcX"},
    {"POST /login/link/{token}", "-CcX"},
    {"POST /logout", "CcX"},
    {"GET /login/second", "CcX"},
    {"POST /login/second", "-CcX"},
    {"POST /login/passkey/options", "-CcX"},
    {"POST /login/passkey", "-CcX"},
    {"GET /login/oidc", "-CcX"},
    {"GET /login/oidc/callback", "-CcX"},
    {"GET /account/factors", "CcX"},
    {"POST /account/factors/totp/start", "CcX"},
    {"GET /account/factors/totp", "CcX"},
    {"POST /account/factors/totp", "CcX"},
    {"POST /account/factors/passkeys/options", "CcX"},
    {"POST /account/factors/passkeys", "CcX"},
    {"POST /account/factors/totp/remove", "CcX"},
    {"POST /account/factors/recovery", "CcX"},
    {"POST /account/factors/passkeys/{id}/rename", "CcX"},
    {"POST /account/factors/passkeys/{id}/remove", "CcX"},
    {"GET /account/oidc", "CcX"},
    {"POST /account/oidc/remove", "CcX"},
    {"GET /account", "CcX"},
    {"POST /account/confirm", "CcX"},
    {"POST /account/confirm/passkey", "CcX"},
    {"POST /account/password", "CcX"},
    {"POST /account/sessions/revoke-others", "CcX"},
    {"POST /account/sessions/{id}/revoke", "CcX"},
    {"GET /account/tokens", "CcX"},
    {"POST /account/tokens", "CcX"},
    {"POST /account/tokens/{id}/revoke", "CcX"},
    {"POST /prefs/theme", "CcX"},
    {"GET /", "CcX"},
    {"GET /sites", "CcX"},
    {"GET /sites/new", "CX"},
    {"POST /sites/new", "CX"},
    {"POST /sites/new/preview", "CX"},
    {"GET /sites/{id}", "Cc"},
    {"GET /sites/{id}/edit", "C"},
    {"POST /sites/{id}/edit", "C"},
    {"POST /sites/{id}/preview", "C"},
    {"GET /sites/{id}/history", "Cc"},
    {"GET /sites/{id}/names", "Cc"},
    {"POST /sites/{id}/names/check", "C"},
    {"POST /sites/{id}/restore", "C"},
    {"POST /sites/{id}/pause", "C"},
    {"POST /sites/{id}/resume", "C"},
    {"POST /sites/{id}/delete", "C"},
    {"GET /sites/bulk", "CX"},
    {"POST /sites/bulk", "CX"},
    {"POST /sites/{id}/clone", "C"},
    {"POST /sites/{id}/tags", "C"},
    {"POST /sites/{id}/template", "C"},
    {"GET /shared", "CcX"},
    {"GET /shared/new", "CX"},
    {"POST /shared/new", "CX"},
    {"GET /shared/{id}", "Cc"},
    {"POST /shared/{id}", "C"},
    {"POST /shared/{id}/delete", "C"},
    {"GET /explain", "CcX"},
    {"GET /review", "Cc"},
    {"POST /review", "C"},
    {"GET /deployments", "CcX"},
    {"GET /deployments/{id}", "Cc"},
    {"GET /deployments/{id}/live", "Cc"},
    {"POST /deployments/{id}/retry", "C"},
    {"GET /audit", "CcX"},
    {"GET /audit/export", "CcX"},
    {"GET /deployments/{id}/plan", "Cc"},
    {"POST /deployments/{id}/withdraw", "C"},
};

constexpr Expected kApi[] = {
    {"GET /api/v1/health", "-AORCcX"},
    {"GET /api/v1/openapi.json", "-AORCcX"},
    {"GET /api/v1/me", "AORCcX"},
    {"GET /api/v1/tokens", "AORCcX"},
    {"DELETE /api/v1/tokens/{id}", "AORCcX"},
    {"GET /api/v1/sites", "AORCcX"},
    {"POST /api/v1/sites", "AOCX"},
    {"GET /api/v1/sites/{id}", "AORCc"},
    {"PUT /api/v1/sites/{id}", "AOC"},
    {"DELETE /api/v1/sites/{id}", "AOC"},
    {"POST /api/v1/sites/{id}/deploy", "AOC"},
    {"POST /api/v1/sites/{id}/block", "AO"},
    {"POST /api/v1/sites/{id}/pause", "AOC"},
    {"POST /api/v1/sites/{id}/resume", "AOC"},
    {"GET /api/v1/sites/{id}/revisions", "AORCc"},
    {"POST /api/v1/sites/{id}/clone", "AOC"},
    {"POST /api/v1/sites/{id}/tags", "AOC"},
    {"GET /api/v1/tags", "AORCcX"},
    {"POST /api/v1/bulk", "AOCX"},
    {"GET /api/v1/templates", "AORCcX"},
    {"GET /api/v1/pieces", "AORCcX"},
    {"POST /api/v1/pieces", "AOCX"},
    {"GET /api/v1/pieces/{id}", "AORCc"},
    {"PUT /api/v1/pieces/{id}", "AOC"},
    {"DELETE /api/v1/pieces/{id}", "AOC"},
    {"POST /api/v1/pieces/{id}/preview", "AOC"},
    {"GET /api/v1/pieces/{id}/revisions", "AORCc"},
    {"GET /api/v1/sites/{id}/names", "AORCc"},
    {"POST /api/v1/sites/{id}/names/check", "AOC"},
    {"POST /api/v1/sites/{id}/names/vouch", "AO"},
    {"GET /api/v1/deployments", "AORCcX"},
    {"GET /api/v1/deployments/{id}", "AORCc"},
    {"POST /api/v1/deployments/{id}/approve", "AO"},
    {"POST /api/v1/deployments/{id}/reject", "AO"},
    {"POST /api/v1/deployments/{id}/withdraw", "AOC"},
    {"GET /api/v1/explain", "AORCcX"},
    {"GET /api/v1/nodes", "AOR"},
    {"GET /api/v1/nodes/{id}", "AOR"},
    {"GET /api/v1/nodes/{id}/settings", "AOR"},
    {"PUT /api/v1/nodes/{id}/settings", "AO"},
    {"POST /api/v1/nodes/{id}/deploy", "AO"},
    {"GET /api/v1/users", "AR"},
    {"POST /api/v1/users", "A"},
    {"GET /api/v1/users/{id}", "AR"},
    {"PATCH /api/v1/users/{id}", "A"},
    {"POST /api/v1/users/{id}/disable", "A"},
    {"POST /api/v1/users/{id}/enable", "A"},
    {"POST /api/v1/users/{id}/invite", "A"},
    {"GET /api/v1/jobs", "AOR"},
    {"GET /api/v1/audit", "AORCcX"},
};

std::map<std::string, std::string> table_of(std::span<const Expected> rows) {
    std::map<std::string, std::string> out;
    for (const Expected& row : rows) out[row.route] = row.let_in;
    return out;
}

// "/sites/{id}" with the ids of the objects that belong to the client C.
struct Objects {
    std::string site, node, deployment, job, user, session, piece;
    std::string path(std::string pattern) const {
        const auto put = [&](const std::string& before, const std::string& value) {
            const auto at = pattern.find(before + "/{id}");
            if (at != std::string::npos) pattern.replace(at + before.size() + 1, 4, value);
        };
        put("/sites", site);
        put("/shared", piece);
        put("/pieces", piece);
        put("/nodes", node);
        put("/deployments", deployment);
        put("/jobs", job);
        put("/users", user);
        put("/account/sessions", session);
        put("/account/tokens", session);
        put("/tokens", session);
        if (const auto at = pattern.find("/tokens/{token}"); at != std::string::npos)
            pattern.replace(at, 15, "/tokens/" + session);
        const auto token = pattern.find("{token}");
        if (token != std::string::npos) pattern.replace(token, 7, std::string(43, 'x'));
        return pattern;
    }
};

struct Walk : PanelFixture {
    NodeId node = add_node("edge-1");
    UserId carl = add_user("carl", Role::client);
    UserId xena = add_user("xena", Role::client);
    Objects objects;

    Walk() {
        rpm::ops::create_user(ops, Viewer::system(),
                              {.username = "cora",
                               .email = {},
                               .role = Role::client_read_only,
                               .password = Secret(kPassword),
                               .tenant = carl});
        for (const auto& [name, role] : {std::pair{"root", Role::admin}, std::pair{"olga", Role::operator_},
                                         std::pair{"rita", Role::read_only}})
            add_user(name, role);
        // The pages of forgotten passwords are there while mail is on.
        rpm::ops::change_settings(ops, Viewer::system(),
                                  {{Setting::mail_enabled, "on"},
                                   {Setting::panel_admin_url, "https://admin.example.com"},
                                   {Setting::panel_client_url, "https://panel.example.com"}});
        add_site(xena, "other.example.com");
        const SiteId site = add_site(carl, "shop.example.com");
        const Viewer owner = viewer(carl, Role::client);
        // Used, so that nobody's delete takes it away from the others.
        const PieceId piece = rpm::ops::create_piece(
            ops, owner, {.name = "base", .owner = {}, .definition = Json::parse(R"({"compression":false})")});
        auto wanted = store::get_revision_number(db, site, 1).definition;
        wanted.snippets = {"base"};
        rpm::ops::update_site(ops, owner, site, 1, {.definition = wanted});
        const auto deployment = rpm::ops::deploy_sites(ops, owner, {site}, "first", {});
        objects = {.site = site.text(),
                   .node = node.text(),
                   .deployment = deployment.text(),
                   .job = store::list_jobs(db, {}).front().id.text(),
                   .user = xena.text(),
                   .session = "999999",
                   .piece = piece.text()};
    }

    // A real browser each, signed in once.
    std::map<char, Browser> browsers(PanelKind kind) {
        std::map<char, Browser> out;
        out.emplace('-', Browser(*this, kind)).first->second.get("/login");
        const auto enter = [&](char who, const char* name) {
            Browser browser(*this, kind);
            browser.get("/login");
            if (browser.post("/login", {{"name", name}, {"password", kPassword}}).status != 303)
                throw Error(std::string("cannot sign in: ") + name);
            browser.get("/account");
            out.emplace(who, std::move(browser));
        };
        if (kind == PanelKind::admin) {
            enter('A', "root");
            enter('O', "olga");
            enter('R', "rita");
        } else {
            enter('C', "carl");
            enter('c', "cora");
            enter('X', "xena");
        }
        return out;
    }

    // Let in: the handler ran. What it then says of an empty form is its own matter.
    static bool let_in(const http::Response& response, bool public_route, bool safe) {
        if (response.status == 401 || response.status == 403 || response.status == 404) return false;
        const auto* to = response.find("Location");
        if (response.status == 303 && to != nullptr && to->starts_with("/login") && safe) return false;
        if (response.status == 303 && to != nullptr && to->starts_with("/login") && !public_route)
            return to->find("next=") == std::string::npos && *to != "/login";
        return true;
    }

    void walk(PanelKind kind, std::span<const web::Route> routes, std::span<const Expected> rows) {
        auto table = table_of(rows);
        std::set<std::string> seen;
        for (const web::Route& route : routes) {
            const std::string name = std::string(route.method) + " " + std::string(route.pattern);
            seen.insert(name);
            BOOST_TEST(table.contains(name), "the new route " << name << " has no row in this test");
            if (!table.contains(name)) continue;
            // Signing out and what ends sessions is asked by a browser of its own.
            auto everybody = browsers(kind);
            for (auto& [who, browser] : everybody) {
                std::string path = objects.path(std::string(route.pattern));
                const bool safe = route.method == "GET";
                if (name == "GET /review") path += "?site=" + objects.site;
                http::Values form{{"version", "1"}, {"base", "1"}, {"site", objects.site}};
                const auto answer = safe ? browser.get(path) : browser.post(path, form);
                // Whatever the answer is, nobody keeps it, and it can be found again in the logs.
                BOOST_TEST(*answer.find("Cache-Control") == "no-store", name);
                BOOST_TEST(answer.find("X-Request-Id") != nullptr, name);
                bool in = let_in(answer, route.needs == Permission::nothing, safe);
                // What these are about does not exist, so 404 is the handler's own answer; signing out leads
                // to the sign-in page.
                const bool missing = name == "POST /account/sessions/{id}/revoke" ||
                                     name.ends_with("tokens/{id}/revoke") ||
                                     name.ends_with("tokens/{token}/revoke") ||
                                     name.find("/passkeys/{id}/") != std::string::npos ||
                                     name.find("/oidc") != std::string::npos;
                if (missing && answer.status == 404 && table[name].find(who) != std::string::npos) in = true;
                if (name == "POST /logout" && answer.status == 303 && who != '-') in = true;
                const bool should = table[name].find(who) != std::string::npos;
                BOOST_TEST(in == should, name << " as " << who << " answered " << answer.status);
                if (!should && who != '-' && answer.status != 404 && kind == PanelKind::client)
                    BOOST_TEST(answer.status == 404, name << " as " << who << " tells that it exists");
            }
        }
        for (const auto& [name, ignored] : table)
            BOOST_TEST(seen.contains(name), "there is no route " << name << " any more");
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(route_walk, Walk)

BOOST_AUTO_TEST_CASE(administrators_panel) {
    walk(PanelKind::admin, web::admin_routes(), kAdmin);
}

BOOST_AUTO_TEST_CASE(clients_panel) {
    walk(PanelKind::client, web::client_routes(), kClient);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(route_walk_api, ApiWorld)

BOOST_AUTO_TEST_CASE(rest_api) {
    set(Setting::clients_sites, "10000");  // one site for each question
    set(Setting::clients_names, "10000");
    set(Setting::clients_pieces, "10000");
    const NodeId node = add_node("edge-1");
    const auto person = [&](const char* name, Role role, UserId tenant = {}) {
        const UserId id = rpm::ops::create_user(
            context, admin, {.username = name, .email = {}, .role = role, .password = {}, .tenant = tenant});
        return Viewer{.id = id, .username = name, .role = role, .tenant = tenant};
    };
    const Viewer carl = person("carl", Role::client);
    std::map<char, Viewer> everybody{{'A', person("anna", Role::admin)},
                                     {'O', person("olga", Role::operator_)},
                                     {'R', person("rita", Role::read_only)},
                                     {'C', carl},
                                     {'c', person("cora", Role::client_read_only, carl.id)},
                                     {'X', person("xena", Role::client)}};
    auto table = table_of(kApi);
    std::set<std::string> seen;
    for (const api::Route& route : api::routes()) {
        const std::string name = std::string(route.method) + " " + std::string(route.pattern);
        seen.insert(name);
        BOOST_TEST(table.contains(name), "the new route " << name << " has no row in this test");
        if (!table.contains(name)) continue;
        for (const char who : std::string("-AORCcX")) {
            // Anew for each, since some take their object away.
            static unsigned number = 0;
            const SiteId site = add_site(carl, "s" + std::to_string(++number) + ".example.com");
            const DeploymentId deployment = deploy(carl, {site});
            const PieceId piece =
                rpm::ops::create_piece(context, carl,
                                       {.name = "p" + std::to_string(number),
                                        .owner = {},
                                        .definition = Json::parse(R"({"compression":false})")});
            const Objects objects{.site = site.text(),
                                  .node = node.text(),
                                  .deployment = deployment.text(),
                                  .job = {},
                                  .user = carl.id.text(),
                                  .session = "999999",
                                  .piece = piece.text()};
            const std::string path = objects.path(std::string(route.pattern)).substr(7);
            auto made = request(std::string(route.method), path, who == '-' ? nullptr : &everybody.at(who));
            made.headers.add("content-type", "application/json");
            made.body = "{}";
            const int status = http::answer(api, made).status;
            // The token that is to be revoked does not exist, so 404 is the handler's own answer.
            const bool handled = name == "DELETE /api/v1/tokens/{id}" && status == 404;
            const bool in = handled || (status != 401 && status != 403 && status != 404);
            const bool should = table[name].find(who) != std::string::npos;
            BOOST_TEST(in == should, name << " as " << who << " answered " << status);
            if (who == 'X' && !should && name.find("{id}") != std::string::npos)
                BOOST_TEST((status == 404 || status == 403), name << " as " << who << " answered " << status);
        }
    }
    for (const auto& [name, ignored] : table)
        BOOST_TEST(seen.contains(name), "there is no route " << name << " any more");
}

BOOST_AUTO_TEST_CASE(a_token_does_no_more_than_its_scopes) {
    Viewer carl{.id = alice.id, .username = alice.username, .role = alice.role};
    carl.limit = PermissionSet::parse("sites:read");
    BOOST_TEST(carl.may(Permission::sites_read));
    BOOST_TEST(!carl.may(Permission::sites_edit));
    BOOST_CHECK_THROW(carl.demand(Permission::sites_edit), Forbidden);
    BOOST_TEST(PermissionSet::parse("").words() == "");
    BOOST_TEST(PermissionSet::parse("sites:read  sites:edit").words() == "sites:read sites:edit");
    BOOST_CHECK_THROW(PermissionSet::parse("sites:everything"), Invalid);
    BOOST_CHECK_THROW(PermissionSet::parse(","), Invalid);  // not everything
}

BOOST_AUTO_TEST_SUITE_END()
