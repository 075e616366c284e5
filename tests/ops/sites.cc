// SPDX-License-Identifier: MIT
#include "shared/ops/sites.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/sealing.h"
#include "shared/crypto/x509.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/nodes.h"
#include "shared/store/audit.h"
#include "shared/store/certificates.h"
#include "shared/store/node_sites.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Sites : test::World {
    ops::SiteInput input(SiteDefinition wanted) {
        return {.definition = std::move(wanted), .owner = {}, .targets = std::nullopt, .reason = "why"};
    }
    unsigned update(const Viewer& viewer, SiteId id, unsigned based_on, SiteDefinition wanted) {
        return ops::update_site(context, viewer, id, based_on, input(std::move(wanted)));
    }
    SiteDefinition with_note(std::string_view domain, std::string note) {
        auto wanted = definition(domain);
        wanted.note = std::move(note);
        return wanted;
    }
    std::uint64_t rows() {
        return number(
            "SELECT (SELECT COUNT(*) FROM sites) + (SELECT COUNT(*) FROM site_revisions) + "
            "(SELECT COUNT(*) FROM site_domains) + (SELECT COUNT(*) FROM site_targets) + "
            "(SELECT COUNT(*) FROM certificates) + (SELECT COUNT(*) FROM deployments) + "
            "(SELECT COUNT(*) FROM jobs) + (SELECT COUNT(*) FROM audit_log)");
    }
    std::vector<store::AuditEntry> audit(const std::string& action) {
        return store::list_audit(db, Scope::everything(), {.action_prefix = action});
    }
    CertificateId certificate(SiteId id) {
        return store::get_revision(db, id, the_site(id).head).certificate;
    }
};

auto says(const std::string& field, const std::string& words) {
    return [=](const Invalid& error) {
        const auto found = error.problems.entries().find(field);
        return found != error.problems.entries().end() && found->second.find(words) != std::string::npos;
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sites, Sites)

BOOST_AUTO_TEST_CASE(a_new_site_belongs_to_its_maker_and_goes_to_all_active_nodes) {
    const auto node = add_node("edge-1");
    add_node("edge-2", false);
    const auto id = add_site(alice, "shop.example");
    const auto site = the_site(id);
    BOOST_TEST(site.owner_name == "alice");
    BOOST_TEST(site.head_number == 1U);
    BOOST_TEST(site.released_number == 0U);
    BOOST_TEST(site.deploy_state == "draft");
    BOOST_TEST((store::list_site_targets(db, id) == std::vector<NodeId>{node}));
    const auto entries = audit("site.");
    BOOST_REQUIRE(entries.size() == 1U);
    BOOST_TEST(entries[0].action == "site.create");
    BOOST_TEST(entries[0].username == "alice");
    BOOST_TEST(entries[0].address == "192.0.2.7");
    BOOST_TEST(entries[0].request_id == "request-1");
    BOOST_TEST((entries[0].owner == alice.id));
    BOOST_TEST(entries[0].before.empty());
    BOOST_TEST((Json::parse(entries[0].after) == definition("shop.example").to_json()));
    BOOST_TEST(store::list_audit(db, Scope::of(bob), {}).empty());
    BOOST_TEST(store::list_audit(db, Scope::of(alice), {}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_name_in_use_is_named_and_nothing_changes) {
    add_site(alice, "shop.example");
    const auto before = rows();
    auto wanted = definition("blog.example", TlsMode::self_signed);
    wanted.domains.push_back(*DomainName::parse("shop.example"));
    BOOST_CHECK_EXCEPTION(add_site(bob, wanted), Invalid, says("domains", "'shop.example'"));
    BOOST_TEST(rows() == before);
    const auto blog = add_site(bob, "blog.example");
    const auto after = rows();
    BOOST_CHECK_EXCEPTION(update(bob, blog, 1, wanted), Invalid, says("domains", "'shop.example'"));
    BOOST_TEST(rows() == after);
    BOOST_TEST(the_site(blog).head_number == 1U);
}

BOOST_AUTO_TEST_CASE(a_stale_editor_gets_a_conflict) {
    const auto id = add_site(alice, "shop.example");
    BOOST_TEST(update(alice, id, 1, with_note("shop.example", "one")) == 2U);
    const auto before = rows();
    BOOST_CHECK_THROW(update(alice, id, 1, with_note("shop.example", "two")), Conflict);
    BOOST_TEST(rows() == before);
    BOOST_TEST(update(alice, id, 2, with_note("shop.example", "one")) == 2U);
    BOOST_TEST(rows() == before);
    const auto entries = audit("site.update");
    BOOST_REQUIRE(entries.size() == 1U);
    BOOST_TEST(Json::parse(entries[0].before).find("note") == nullptr);
    BOOST_TEST(Json::parse(entries[0].after).at("note").text() == "one");
}

BOOST_AUTO_TEST_CASE(names_are_freed_when_neither_head_nor_released_has_them) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "old.example");
    deploy(alice, {id});
    run(node);
    update(alice, id, 1, definition("new.example"));
    BOOST_CHECK_THROW(add_site(bob, "old.example"), Invalid);
    BOOST_CHECK_THROW(add_site(bob, "new.example"), Invalid);
    update(alice, id, 2, definition("newest.example"));
    add_site(bob, "new.example");
    deploy(alice, {id});
    add_site(bob, "old.example");
}

BOOST_AUTO_TEST_CASE(clients_cannot_reach_into_the_engine_or_the_fleet) {
    const auto node = add_node("edge-1");
    auto raw = definition("shop.example");
    raw.raw.nginx = "proxy_buffering off;";
    BOOST_CHECK_EXCEPTION(add_site(alice, raw), Invalid, says("raw.nginx", "administrator"));
    const auto id = add_site(alice, "shop.example");
    BOOST_CHECK_THROW(update(alice, id, 1, raw), Invalid);
    auto owner = input(with_note("shop.example", "x"));
    owner.owner = bob.id;
    BOOST_CHECK_THROW(ops::update_site(context, alice, id, 1, owner), Forbidden);
    BOOST_CHECK_THROW(ops::create_site(context, alice, owner), Forbidden);
    auto targets = input(with_note("shop.example", "x"));
    targets.targets = std::vector<NodeId>{node};
    BOOST_CHECK_THROW(ops::update_site(context, alice, id, 1, targets), Forbidden);

    // What an administrator put in, the owner may keep but not change.
    update(admin, id, 1, raw);
    raw.note = "mine";
    BOOST_TEST(update(alice, id, 2, raw) == 3U);
    BOOST_CHECK_THROW(update(alice, id, 3, definition("shop.example")), Invalid);
    BOOST_TEST(ops::restore_revision(context, alice, id, 1) == 4U);
    const auto head = store::get_revision(db, id, the_site(id).head).definition;
    BOOST_TEST(head.raw.nginx == "proxy_buffering off;");
    BOOST_TEST(head.note.empty());
}

BOOST_AUTO_TEST_CASE(a_foreign_site_answers_like_a_missing_one) {
    add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    const auto before = rows();
    BOOST_CHECK_THROW(update(bob, id, 1, with_note("shop.example", "x")), NotFound);
    BOOST_CHECK_THROW(ops::restore_revision(context, bob, id, 1), NotFound);
    BOOST_CHECK_THROW(deploy(bob, {id}), NotFound);
    BOOST_CHECK_THROW(ops::pause_site(context, bob, id), NotFound);
    BOOST_CHECK_THROW(ops::resume_site(context, bob, id), NotFound);
    BOOST_CHECK_THROW(ops::remove_site(context, bob, id), NotFound);
    BOOST_CHECK_THROW(ops::block_site(context, alice, id, 403, ""), Forbidden);
    BOOST_TEST(rows() == before);
}

BOOST_AUTO_TEST_CASE(unknown_owners_nodes_and_reasons_are_named) {
    auto wanted = input(definition("shop.example"));
    wanted.targets = std::vector<NodeId>{NodeId(999'999)};
    BOOST_CHECK_EXCEPTION(ops::create_site(context, admin, wanted), Invalid, says("targets", "999999"));
    wanted.targets.reset();
    wanted.owner = UserId(999'999);
    BOOST_CHECK_EXCEPTION(ops::create_site(context, admin, wanted), Invalid, says("owner", "not exist"));
    wanted.owner = {};
    wanted.reason = std::string(201, 'x');
    BOOST_CHECK_EXCEPTION(ops::create_site(context, admin, wanted), Invalid, says("reason", "longer"));
    BOOST_TEST(rows() == 0U);
}

BOOST_AUTO_TEST_CASE(a_change_of_owner_or_nodes_is_a_version_and_is_audited) {
    const auto first = add_node("edge-1");
    const auto second = add_node("edge-2");
    const auto id = add_site(alice, "shop.example");
    auto wanted = input(definition("shop.example"));
    wanted.owner = bob.id;
    wanted.targets = std::vector<NodeId>{second, second};
    BOOST_TEST(ops::update_site(context, admin, id, 1, wanted) == 2U);
    BOOST_TEST(the_site(id).owner_name == "bob");
    BOOST_TEST((store::list_site_targets(db, id) == std::vector<NodeId>{second}));
    const auto entries = audit("site.update");
    BOOST_REQUIRE(entries.size() == 1U);
    BOOST_TEST(entries[0].before == "{\"owner\":" + alice.id.text() + ",\"targets\":[" + first.text() + "," +
                                        second.text() + "]}");
    BOOST_TEST(entries[0].after == "{\"owner\":" + bob.id.text() + ",\"targets\":[" + second.text() + "]}");
    BOOST_TEST(ops::update_site(context, admin, id, 2, wanted) == 2U);
    BOOST_TEST(audit("site.update").size() == 1U);
    // Whoever chose nodes while looking at version 1 has not seen the choice that version 2 brought.
    wanted.targets = std::vector<NodeId>{first};
    BOOST_CHECK_THROW(ops::update_site(context, admin, id, 1, wanted), Conflict);
    BOOST_TEST((store::list_site_targets(db, id) == std::vector<NodeId>{second}));
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_kept_while_it_fits) {
    const auto id = add_site(alice, "shop.example", TlsMode::self_signed);
    const auto first = certificate(id);
    BOOST_REQUIRE(first);
    auto wanted = definition("shop.example", TlsMode::self_signed);
    wanted.note = "same names";
    update(alice, id, 1, wanted);
    BOOST_TEST((certificate(id) == first));
    wanted.domains.push_back(*DomainName::parse("www.shop.example"));
    update(alice, id, 2, wanted);
    const auto second = certificate(id);
    BOOST_TEST((second != first));
    const auto held = store::get_certificate(db, second);
    BOOST_TEST((held.names == std::vector<std::string>{"shop.example", "www.shop.example"}));
    BOOST_TEST((held.owner == alice.id));
    wanted.domains.pop_back();
    update(alice, id, 3, wanted);
    BOOST_TEST((certificate(id) == second));
    clock.advance(std::chrono::days(320));
    wanted.note = "old";
    update(alice, id, 4, wanted);
    BOOST_TEST((certificate(id) != second));
    wanted.tls.mode = TlsMode::none;
    update(alice, id, 5, wanted);
    BOOST_TEST(!certificate(id));
}

BOOST_AUTO_TEST_CASE(a_private_key_is_nowhere_in_the_database_in_clear) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example", TlsMode::self_signed);
    deploy(alice, {id});
    run(node);
    const auto sealed = store::get_sealed_key(db, certificate(id));
    crypto::UnsealingKeys unsealing;
    unsealing.add(keys.private_key);
    const Secret key = unsealing.open(sealed.sealed_key, "certificate:" + sealed.fingerprint);
    BOOST_TEST(key.reveal().starts_with("-----BEGIN PRIVATE KEY-----"));
    BOOST_CHECK_THROW(unsealing.open(sealed.sealed_key, "certificate:other"), Error);

    const std::string secret(key.reveal().substr(60, 40));
    unsigned columns = 0;
    for (auto row = db.query_once("SELECT table_name AS t, column_name AS c FROM information_schema.columns "
                                  "WHERE table_schema = DATABASE() AND table_name NOT LIKE 'v\\_%'");
         row.next(); ++columns) {
        auto found = db.query_once("SELECT COUNT(*) AS n FROM `" + row.text("t") + "` WHERE INSTR(CAST(`" +
                                       row.text("c") + "` AS BINARY), ?) OR INSTR(CAST(`" + row.text("c") +
                                       "` AS BINARY), 'PRIVATE KEY')",
                                   {db::Bytes{secret}});
        found.first();
        BOOST_TEST(found.uint64("n") == 0U, row.text("t") + "." + row.text("c"));
    }
    BOOST_TEST(columns > 100U);
}

BOOST_AUTO_TEST_CASE(restoring_saves_an_old_version_as_the_newest) {
    const auto id = add_site(alice, "shop.example");
    update(alice, id, 1, with_note("shop.example", "two"));
    BOOST_TEST(ops::restore_revision(context, alice, id, 1) == 3U);
    const auto head = store::get_revision(db, id, the_site(id).head);
    BOOST_TEST(head.definition.note.empty());
    BOOST_TEST(head.reason == "restored version 1");
    BOOST_CHECK_THROW(ops::restore_revision(context, alice, id, 9), NotFound);
}

BOOST_AUTO_TEST_CASE(a_deployment_queues_one_job_per_active_node_and_joins) {
    const auto a = add_node("a");
    const auto b = add_node("b");
    const auto off = add_node("off");
    const auto shop = add_site(alice, "shop.example");
    const auto blog = add_site(bob, "blog.example");
    ops::set_node_active(context, admin, off, false);
    const auto first = deploy(alice, {shop, shop});
    BOOST_TEST(store::list_deployment_nodes(db, first).size() == 2U);
    BOOST_TEST(store::list_deployment_sites(db, first).size() == 1U);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == 2U);
    BOOST_TEST((the_deployment(first).owner == alice.id));
    const auto second = deploy(bob, {blog});
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == 2U);
    BOOST_TEST((the_part(second, a).job == the_part(first, a).job));
    start(a);
    const auto third = deploy(admin, {shop, blog});
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == 3U);
    BOOST_TEST((the_part(third, a).job != the_part(first, a).job));
    BOOST_TEST((the_part(third, b).job == the_part(first, b).job));
    BOOST_TEST(!the_deployment(third).owner);
    BOOST_TEST(the_site(shop).released_number == 1U);
    BOOST_TEST(audit("site.deploy").size() == 4U);
}

BOOST_AUTO_TEST_CASE(only_what_was_reviewed_is_released) {
    add_node("edge-1");
    const auto shop = add_site(alice, "shop.example");
    const auto blog = add_site(alice, "blog.example");
    const ops::Reviewed reviewed{.plan_digest = "0123", .versions = {{shop, 1}, {blog, 1}}};
    update(alice, blog, 1, with_note("blog.example", "nobody saw this"));
    BOOST_CHECK_THROW(ops::deploy_sites(context, alice, {shop, blog}, "", reviewed), Conflict);
    BOOST_TEST(the_site(shop).released_number == 0U);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs") == 0U);
    const auto id = ops::deploy_sites(context, alice, {shop}, "", reviewed);
    BOOST_TEST(the_deployment(id).plan_digest == "0123");
}

BOOST_AUTO_TEST_CASE(a_site_without_an_active_node_is_named_and_nothing_is_released) {
    const auto lonely = add_site(alice, "lonely.example");
    add_node("edge-1");
    const auto shop = add_site(alice, "shop.example");
    const auto before = rows();
    BOOST_CHECK_EXCEPTION(deploy(alice, {shop, lonely}), Invalid, says("targets", "lonely.example"));
    BOOST_CHECK_THROW(deploy(alice, {}), Invalid);
    BOOST_TEST(rows() == before);
    BOOST_TEST(the_site(shop).released_number == 0U);
}

BOOST_AUTO_TEST_CASE(a_site_moved_away_is_taken_from_its_old_node) {
    const auto a = add_node("a");
    const auto b = add_node("b");
    auto wanted = input(definition("shop.example"));
    wanted.targets = std::vector<NodeId>{a};
    const auto id = ops::create_site(context, admin, wanted);
    deploy(admin, {id});
    run(a);
    wanted.targets = std::vector<NodeId>{b};
    ops::update_site(context, admin, id, 1, wanted);
    const auto moved = deploy(admin, {id});
    BOOST_TEST(store::list_deployment_nodes(db, moved).size() == 2U);
    BOOST_TEST(carried(a).empty());
    run(a);
    run(b);
    BOOST_TEST((store::list_concerned_nodes(db, id) == std::vector<NodeId>{b}));
    BOOST_TEST(the_site(id).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_cancelled_request_leaves_the_site_as_it_was) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    const auto cancel = [&](DeploymentId deployment) {
        ops::cancel_job(context, admin, the_part(deployment, node).job);
        BOOST_TEST(the_deployment(deployment).state == "cancelled");
    };
    cancel(deploy(alice, {id}));
    BOOST_TEST(the_site(id).deploy_state == "draft");
    BOOST_TEST(the_site(id).released_number == 0U);
    BOOST_TEST(carried(node).empty());

    deploy(alice, {id});
    run(node);
    update(alice, id, 1, with_note("other.example", "renamed"));
    cancel(deploy(alice, {id}));
    BOOST_TEST(the_site(id).deploy_state == "live");
    BOOST_TEST(the_site(id).released_number == 1U);
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{id, 1}}));
    // The name that it serves is its own again, besides the one that it has now.
    BOOST_CHECK_THROW(add_site(bob, "shop.example"), Invalid);

    // What is on its way goes on: only the later wish is taken back.
    deploy(alice, {id});
    const auto job = start(node);
    update(alice, id, 2, with_note("third.example", "again"));
    cancel(deploy(alice, {id}));
    BOOST_TEST(the_site(id).deploy_state == "deploying");
    BOOST_TEST(the_site(id).released_number == 2U);
    finish(node, job);
    BOOST_TEST(the_site(id).deploy_state == "live");
}

BOOST_AUTO_TEST_CASE(a_name_that_was_taken_meanwhile_is_not_taken_back) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    deploy(alice, {id});
    run(node);
    update(alice, id, 1, with_note("other.example", "renamed"));
    const auto renaming = deploy(alice, {id});
    add_site(bob, "shop.example");
    ops::cancel_job(context, admin, the_part(renaming, node).job);
    BOOST_TEST(the_site(id).deploy_state == "failed");
    BOOST_TEST(the_site(id).released_number == 2U);
}

BOOST_AUTO_TEST_CASE(a_site_given_away_takes_its_deployments_out_of_sight) {
    const auto node = add_node("edge-1");
    const auto given = add_site(alice, "given.example");
    const auto kept = add_site(alice, "kept.example");
    const auto alone = deploy(alice, {given});
    const auto both = deploy(alice, {given, kept});
    const auto other = deploy(alice, {kept});
    run(node);
    auto wanted = input(definition("given.example"));
    wanted.owner = bob.id;
    ops::update_site(context, admin, given, 1, wanted);

    for (const auto id : {alone, both}) {
        BOOST_CHECK_THROW(store::get_deployment(db, Scope::of(alice), id), NotFound);
        BOOST_CHECK_THROW(store::get_deployment(db, Scope::of(bob), id), NotFound);
        BOOST_TEST((store::get_deployment(db, Scope::everything(), id).id == id));
    }
    const auto seen = store::list_deployments(db, Scope::of(alice), {});
    BOOST_REQUIRE(seen.size() == 1U);
    BOOST_TEST((seen[0].id == other));
    BOOST_TEST(store::list_deployments(db, Scope::of(bob), {}).empty());
    BOOST_TEST(store::list_deployments(db, Scope::everything(), {}).size() == 3U);
    const auto next = deploy(bob, {given});
    BOOST_TEST((store::get_deployment(db, Scope::of(bob), next).owner == bob.id));
}

BOOST_AUTO_TEST_CASE(blocking_pausing_and_resuming_deploy_what_is_live) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    BOOST_TEST(!ops::pause_site(context, alice, id));
    BOOST_TEST(!ops::resume_site(context, alice, id));
    deploy(alice, {id});
    run(node);
    const auto blocked = ops::block_site(context, admin, id, 451, "court order");
    BOOST_REQUIRE(blocked);
    BOOST_TEST(the_deployment(*blocked).reason == "blocks shop.example");
    BOOST_TEST(store::load_node_sites(db, node)[0].block_status == 451U);
    BOOST_CHECK_THROW(ops::pause_site(context, alice, id), Forbidden);
    BOOST_CHECK_THROW(ops::resume_site(context, alice, id), Forbidden);
    BOOST_CHECK_THROW(ops::remove_site(context, alice, id), Forbidden);
    BOOST_CHECK_EXCEPTION(ops::block_site(context, admin, id, 404, ""), Invalid, says("status", "403"));
    run(node);
    BOOST_TEST(ops::resume_site(context, admin, id).has_value());
    BOOST_TEST((the_site(id).state == SiteState::active));
    BOOST_TEST(audit("site.block").size() == 1U);
    BOOST_TEST(audit("site.resume").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_blocked_name_cannot_be_moved_to_another_site) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "bad.example");
    deploy(alice, {id});
    run(node);
    ops::block_site(context, admin, id, 451, "court order");
    update(alice, id, 1, definition("good.example"));
    deploy(alice, {id});
    BOOST_CHECK_THROW(add_site(alice, "bad.example"), Invalid);
    ops::resume_site(context, admin, id);
    add_site(bob, "bad.example");
}

BOOST_AUTO_TEST_CASE(removing_frees_the_name_and_takes_the_site_from_its_nodes) {
    const auto node = add_node("edge-1");
    const std::string name = std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') +
                             "." + std::string(60, 'd') + ".example";
    const auto id = add_site(alice, name);
    deploy(alice, {id});
    run(node);
    const auto gone = ops::remove_site(context, alice, id);
    BOOST_REQUIRE(gone);
    BOOST_CHECK_THROW(the_site(id), NotFound);
    add_site(bob, name);
    run(node);
    BOOST_TEST(the_deployment(*gone).state == "succeeded");
    BOOST_TEST(the_deployment(*gone).sites == name);
    BOOST_TEST(store::list_concerned_nodes(db, id).empty());
    BOOST_TEST(!ops::remove_site(context, alice, add_site(alice, "draft.example")));
    const auto entries = audit("site.remove");
    BOOST_REQUIRE(entries.size() == 2U);
    BOOST_TEST(entries[1].object_name == name);
    BOOST_TEST(entries[1].after.empty());
}

BOOST_AUTO_TEST_CASE(a_key_towards_servers_is_sealed_before_it_is_saved) {
    const auto node = add_node("edge-1");
    const auto made = crypto::self_signed({"client"}, clock.now(), clock.now() + std::chrono::days(30));
    auto wanted = definition("shop.example");
    wanted.upstream.scheme = UpstreamScheme::https;
    wanted.upstream.tls.certificate = made.chain_pem;
    wanted.upstream.tls.key = made.private_key_pem.reveal();
    const auto id = add_site(alice, wanted);
    const auto fingerprint = crypto::read_certificate(made.chain_pem).fingerprint;
    const auto saved = store::get_revision(db, id, the_site(id).head).definition;
    BOOST_TEST(saved.upstream.tls.key == "stored:" + fingerprint);
    for (const char* column : {"SELECT definition FROM site_revisions",
                               "SELECT after_json FROM audit_log WHERE action = 'site.create'"})
        BOOST_TEST(text(column).find("PRIVATE KEY") == std::string::npos, column);
    crypto::UnsealingKeys unsealing;
    unsealing.add(keys.private_key);
    const auto held = store::find_certificate(db, fingerprint);
    BOOST_REQUIRE(held);
    BOOST_TEST(unsealing.open(store::get_sealed_key(db, held->id).sealed_key, "certificate:" + fingerprint)
                   .reveal() == made.private_key_pem.reveal());

    const std::string body(made.private_key_pem.reveal().substr(60, 60));
    auto columns = db.query(
        "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = "
        "DATABASE() AND data_type IN ('char', 'varchar', 'text', 'mediumtext', 'longtext', 'varbinary', "
        "'mediumblob') AND table_name IN (SELECT table_name FROM information_schema.tables WHERE "
        "table_schema = DATABASE() AND table_type = 'BASE TABLE')");
    unsigned looked = 0;
    std::vector<std::pair<std::string, std::string>> all;
    while (columns.next()) all.emplace_back(columns.text("t"), columns.text("c"));
    for (const auto& [table, column] : all) {
        auto row = db.query_once(
            "SELECT COUNT(*) AS n FROM `" + table + "` WHERE INSTR(`" + column + "`, ?) > 0", {body});
        BOOST_REQUIRE(row.first());
        BOOST_TEST(row.number("n") == 0U, table + "." + column);
        ++looked;
    }
    BOOST_TEST(looked > 100U);

    // A copy keeps it; what readers see does not name it.
    const auto copy = ops::clone_site(context, alice, id, {*DomainName::parse("copy.example")}, "");
    BOOST_TEST(store::get_revision(db, copy, the_site(copy).head).definition.upstream.tls.key ==
               "stored:" + fingerprint);
    const Json shown = shown_definition(saved, false);
    BOOST_TEST(shown.at("upstream").at("tls").at("key").text() == "set");
    BOOST_TEST((SiteDefinition::parse(with_hidden_members(shown, &saved, false)) == saved));

    // What is stored stays, through changes of anything else, and reaches the node.
    auto noted = saved;
    noted.note = "x";
    BOOST_TEST(update(alice, id, 1, noted) == 2U);
    deploy(alice, {id});
    const auto sites = store::load_node_sites(db, node, {}, nullptr);
    BOOST_REQUIRE(sites.size() == 1U);
    BOOST_TEST(sites[0].upstream_certificates.at(fingerprint).id.value() == held->id.value());

    // Another client cannot use it by saying its fingerprint; nor does it fit another certificate.
    auto stolen = definition("other.example");
    stolen.upstream = saved.upstream;
    BOOST_CHECK_EXCEPTION(add_site(bob, stolen), Invalid, says("upstream.tls.key", "is not stored"));
    auto other = saved;
    const auto second = crypto::self_signed({"client"}, clock.now(), clock.now() + std::chrono::days(30));
    other.upstream.tls.certificate = second.chain_pem;
    BOOST_CHECK_EXCEPTION(update(alice, id, 2, other), Invalid,
                          says("upstream.tls.key", "of another certificate"));
    other.upstream.tls.key = made.private_key_pem.reveal();
    BOOST_CHECK_EXCEPTION(update(alice, id, 2, other), Invalid,
                          says("upstream.tls.key", "not that of the certificate"));
    // Without the certificate there is no key either.
    auto without = saved;
    without.upstream.tls.certificate.clear();
    BOOST_TEST(update(alice, id, 2, without) == 3U);
    BOOST_TEST(store::get_revision(db, id, the_site(id).head).definition.upstream.tls.key == "");
}

BOOST_AUTO_TEST_SUITE_END()
