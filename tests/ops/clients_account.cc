// SPDX-License-Identifier: MIT
// What clients do works with the rights of their panel's database account, and no more does.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "shared/ops/approvals.h"
#include "shared/ops/shared_pieces.h"
#include "shared/ops/sites.h"
#include "shared/ops/throttle.h"
#include "tests/support/folder.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

// The account as an installation makes it.
db::Settings clients_account() {
    static const test::Folder folder;
    db::Settings settings = test::database_settings();
    const std::string made = "sql/create-accounts --passwords " + folder.path().string() + " --database " +
                             settings.name + " -- --no-defaults -uroot -S " + settings.socket.string() +
                             " >" + (folder.path() / "log").string() + " 2>&1";
    BOOST_REQUIRE_EQUAL(std::system(made.c_str()), 0);  // NOLINT: words of our own
    settings.user = "rpmgr_client";
    settings.password_file = folder.path() / "client.password";
    settings.views = "client_";
    return settings;
}

struct ClientsPanel : test::World {
    NodeId node = add_node("edge-1");
    db::Connection account{clients_account()};
    ops::Context panel{account, clock, keys.sealing};

    DeploymentId ask(const Viewer& viewer, SiteId site) {
        return ops::deploy_sites(panel, viewer, {site}, "please", {});
    }
    SiteId make(std::string_view domain) {
        return ops::create_site(panel, alice,
                                {.definition = definition(domain, TlsMode::self_signed),
                                 .owner = {},
                                 .targets = std::nullopt,
                                 .reason = {}});
    }
    void save(SiteId site, std::string note) {
        auto wanted = store::get_revision(db, site, the_site(site).head).definition;
        wanted.note = std::move(note);
        ops::update_site(panel, alice, site, the_site(site).head_number,
                         {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(clients_account_, ClientsPanel)

BOOST_AUTO_TEST_CASE(a_site_is_made_released_changed_and_removed) {
    const SiteId site = make("shop.example");
    BOOST_TEST(store::list_site_targets(db, site).size() == 1U);
    const auto id = ask(alice, site);
    BOOST_TEST(the_deployment(id).state == "queued");
    BOOST_TEST(the_site(site).released_number == 1U);
    run(node);
    BOOST_TEST(the_site(site).deploy_state == "live");
    save(site, "another note");
    ops::pause_site(panel, alice, site);
    ops::resume_site(panel, alice, site);
    ops::restore_revision(panel, alice, site, 1);
    ask(alice, site);
    BOOST_TEST(the_site(site).released_number == 3U);
    ops::remove_site(panel, alice, site);
    run(node);
    BOOST_TEST(carried(node).empty());
}

BOOST_AUTO_TEST_CASE(what_needs_approval_waits_and_is_called_off) {
    set(Setting::approval_clients, "on");
    const SiteId site = make("shop.example");
    const auto first = ask(alice, site);
    BOOST_TEST(the_deployment(first).state == "awaiting_approval");
    BOOST_TEST(the_site(site).released_number == 0U);
    const auto second = ask(alice, site);
    BOOST_TEST(the_deployment(first).state == "voided");
    ops::withdraw_deployment(panel, alice, second);
    BOOST_TEST(the_deployment(second).state == "cancelled");
    const auto third = ask(alice, site);
    save(site, "saved meanwhile");
    BOOST_TEST(the_deployment(third).state == "voided");
    const auto fourth = ask(alice, site);
    ops::approve_deployment(context, admin, fourth, the_deployment(fourth).basis, "fine");
    BOOST_TEST(the_site(site).released_number == 2U);
}

// The verbs are asked for more than a client's viewer may: the database says no where a panel would not.
BOOST_AUTO_TEST_CASE(the_database_refuses_what_is_the_staffs) {
    set(Setting::approval_clients, "on");
    const SiteId site = make("shop.example");
    const auto waiting = ask(alice, site);
    Viewer forged = admin;
    BOOST_CHECK_THROW(ops::approve_deployment(panel, forged, waiting, the_deployment(waiting).basis, "mine"),
                      Error);
    BOOST_CHECK_THROW(ops::reject_deployment(panel, forged, waiting, "mine"), Error);
    BOOST_CHECK_THROW(ops::block_site(panel, forged, site, 403, ""), Error);
    BOOST_TEST(the_deployment(waiting).state == "awaiting_approval");
    BOOST_TEST(the_site(site).released_number == 0U);
    ops::block_site(context, admin, site, 451, "complaint");
    BOOST_CHECK_THROW(ops::resume_site(panel, forged, site), Error);
    BOOST_CHECK_THROW(ops::remove_site(panel, forged, site), Error);
    auto wanted = definition("shop.example");
    wanted.raw.nginx = "autoindex on;";
    BOOST_CHECK_THROW(
        ops::update_site(panel, forged, site, 1,
                         {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}}),
        Error);
    BOOST_TEST(the_site(site).head_number == 1U);
    const SiteId staffs = add_site(admin, "staff.example");
    BOOST_CHECK_THROW(ops::pause_site(panel, forged, staffs), Error);
}

// What nodes serve is the composed definition: nobody writes directives past the definition.
BOOST_AUTO_TEST_CASE(directives_come_from_the_staff_alone) {
    const auto offer = [&](std::string name, const std::string& json, bool offered) {
        return ops::create_piece(context, admin,
                                 {.kind = PieceKind::snippet,
                                  .name = std::move(name),
                                  .offered = offered,
                                  .definition = Json::parse(json)});
    };
    offer("guard", R"j({"raw":{"nginx":"gzip off;","caddy":"[]"}})j", true);
    offer("inside", R"j({"raw":{"nginx":"gzip on;"}})j", false);
    const SiteId site = make("shop.example");
    auto wanted = definition("shop.example");
    wanted.snippets = {"guard"};
    ops::update_site(panel, alice, site, 1,
                     {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}});
    const auto composed = store::get_revision(db, site, the_site(site).head).composed;
    BOOST_TEST(composed.raw.nginx == "gzip off;");
    ops::change_tags(panel, alice, site, {"shop"}, {});
    BOOST_TEST((the_site(site).tags == std::vector<std::string>{"shop"}));

    const auto insert = [&](const std::string& definition, const std::string& served) {
        db::transact(account, [&](db::Transaction& tx) {
            tx.execute(
                "INSERT INTO site_revisions (site_id, number, definition, composed, created_by, reason, "
                "created_at) VALUES (?, 9, ?, ?, ?, '', UTC_TIMESTAMP(6))",
                site, definition, served, alice.id);
            tx.execute("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept out of the next'");
        });
    };
    const auto says = [](std::string words) {
        return [words = std::move(words)](const Error& error) {
            return std::string(error.what()).find(words) != std::string::npos;
        };
    };
    const std::string mine = wanted.to_json().dump();
    const auto refused = says("directives are the operator's");
    const auto taken = says("kept out");
    BOOST_CHECK_EXCEPTION(insert(mine, composed.to_json().dump()), Error, taken);
    for (const char* raw : {R"j({"raw":{"nginx":"gzip on;"}})j", R"j({"raw":{"caddy":"[{}]"}})j",
                            R"j({"raw":{"traefik":"{}"}})j"}) {
        BOOST_CHECK_EXCEPTION(insert(mine, raw), Error, refused);
        BOOST_CHECK_EXCEPTION(insert(raw, "{}"), Error, refused);
    }
    std::string deep = R"j({"note":)j";
    for (int i = 0; i < 40; ++i) deep += "[";
    for (int i = 0; i < 40; ++i) deep += "]";
    deep += R"j(,"raw":{"nginx":"gzip on;"}})j";
    BOOST_CHECK_EXCEPTION(insert(mine, deep), Error, says("not a definition"));
    // The database compares names as they are written.
    for (const char* raw :
         {R"j({"r\u0061w":{"nginx":"gzip on;"}})j", R"j({"raw":{"ngin\u0078":"gzip on;"}})j"})
        BOOST_CHECK_EXCEPTION(insert(mine, raw), Error, says("not a definition"));
    BOOST_CHECK_EXCEPTION(insert(R"j({"note":"\\u0061"})j", "{}"), Error, taken);

    // Nor into snippets of their own; those that an administrator put there stay through a client's changes.
    Viewer forged = alice;
    forged.role = Role::admin;
    const auto add = [&](std::string name, PieceKind kind) {
        return ops::create_piece(panel, forged,
                                 {.kind = kind,
                                  .name = std::move(name),
                                  .owner = alice.id,
                                  .definition = Json::parse(R"j({"raw":{"nginx":"gzip on;"}})j")});
    };
    BOOST_CHECK_EXCEPTION(add("mine", PieceKind::snippet), Error, refused);
    BOOST_CHECK_EXCEPTION(add("mine", PieceKind::site_template), Error, refused);
    const auto own = ops::create_piece(
        context, admin,
        {.kind = PieceKind::snippet,
         .name = "own",
         .owner = alice.id,
         .definition = Json::parse(R"j({"raw":{"nginx":"gzip on;"},"compression":false})j")});
    ops::update_piece(panel, alice, own, 1, {.definition = Json::parse(R"j({"compression":true})j")});
    BOOST_TEST(store::get_piece(db, Scope::everything(), own).part.at("raw").at("nginx").text() ==
               "gzip on;");
    BOOST_CHECK_THROW(
        ops::update_piece(panel, forged, own, 2, {.definition = Json::parse(R"j({"compression":true})j")}),
        Error);
    wanted.snippets = {"own"};
    ops::update_site(panel, alice, site, 2,
                     {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}});
    BOOST_TEST(store::get_revision(db, site, the_site(site).head).composed.raw.nginx == "gzip on;");

    // A copy has what its client has already.
    auto with_raw = definition("raw.example");
    with_raw.raw.nginx = "gzip off;";
    const SiteId set = add_site(alice, "raw.example");
    ops::update_site(context, admin, set, 1,
                     {.definition = with_raw, .owner = {}, .targets = std::nullopt, .reason = {}});
    const SiteId copy = ops::clone_site(panel, alice, set, {*DomainName::parse("copy.example")}, "");
    BOOST_TEST(store::get_revision(db, copy, the_site(copy).head).definition.raw.nginx == "gzip off;");
}

BOOST_AUTO_TEST_CASE(attempts_are_counted_and_forgiven_apart) {
    const auto limits = ops::sign_in_limits("alice", "192.0.2.1", "");
    for (int i = 0; i < 5; ++i) BOOST_TEST(!ops::count_attempt(context, limits).has_value());
    BOOST_TEST(!ops::count_attempt(panel, limits).has_value());
    ops::forgive(panel, limits);
    BOOST_TEST(number("SELECT COUNT(*) FROM client_attempt_counters WHERE hits > 0") == 0U);
    BOOST_TEST(ops::count_attempt(context, limits).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
