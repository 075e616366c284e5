// SPDX-License-Identifier: MIT
#include "shared/ops/shared_pieces.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/x509.h"
#include "shared/ops/bulk.h"
#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "shared/store/certificates.h"
#include "shared/store/node_sites.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

constexpr char kHash[] = "$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234";

struct Pieces : test::World {
    PieceId piece(const Viewer& viewer, std::string name, const std::string& json, bool offered = false,
                  PieceKind kind = PieceKind::snippet) {
        return ops::create_piece(context, viewer,
                                 {.kind = kind,
                                  .name = std::move(name),
                                  .offered = offered,
                                  .definition = Json::parse(json),
                                  .reason = "a test"});
    }
    SiteId site_with(const Viewer& viewer, std::string_view domain, std::vector<std::string> snippets) {
        auto wanted = definition(domain);
        wanted.snippets = std::move(snippets);
        return add_site(viewer, wanted);
    }
    ops::PieceSaved change(const Viewer& viewer, PieceId id, const std::string& json) {
        const auto number = store::get_piece(db, Scope::of(viewer), id).number;
        return ops::update_piece(context, viewer, id, number, {.definition = Json::parse(json)});
    }
    SiteDefinition composed(SiteId id) { return store::get_revision(db, id, the_site(id).head).composed; }
    std::uint64_t rows() {
        return number(
            "SELECT (SELECT COUNT(*) FROM shared_pieces) + (SELECT COUNT(*) FROM shared_piece_revisions) + "
            "(SELECT COUNT(*) FROM site_revisions) + (SELECT COUNT(*) FROM audit_log)");
    }
};

auto says(const std::string& field, const std::string& words) {
    return [=](const Invalid& error) {
        const auto found = error.problems.entries().find(field);
        return found != error.problems.entries().end() && found->second.find(words) != std::string::npos;
    };
}
auto tells(const std::string& words) {
    return [=](const Error& error) { return std::string(error.what()).find(words) != std::string::npos; };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(shared_pieces, Pieces)

BOOST_AUTO_TEST_CASE(a_clients_piece_is_nobody_elses_by_name) {
    const auto find = [&](Scope scope, const char* name) {
        return store::find_piece(db, scope, PieceKind::site_template, name);
    };
    const std::string json = R"({"limits":{"max_body_mib":5}})";
    const auto hers = piece(alice, "shop", json, false, PieceKind::site_template);
    BOOST_REQUIRE(find(Scope::of(alice), "shop"));
    BOOST_TEST((find(Scope::of(alice), "shop")->id == hers));
    BOOST_TEST(!find(Scope::of(bob), "shop"));
    BOOST_TEST(!find(Scope::of(admin), "shop"));
    const auto offered = piece(admin, "app", json, true, PieceKind::site_template);
    for (const Viewer& viewer : {alice, bob, admin})
        BOOST_TEST((find(Scope::of(viewer), "app")->id == offered));
}

BOOST_AUTO_TEST_CASE(a_changed_snippet_gives_each_of_its_sites_a_version) {
    const auto node = add_node("edge-1");
    const auto id = piece(alice, "base", R"({"limits":{"max_body_mib":5}})");
    const auto shop = site_with(alice, "shop.example", {"base"});
    const auto blog = site_with(alice, "blog.example", {"base"});
    const auto other = add_site(alice, "other.example");
    BOOST_TEST(composed(shop).limits.max_body_mib == 5U);
    deploy(alice, {shop, blog});
    run(node);

    const auto saved = change(alice, id, R"({"limits":{"max_body_mib":6}})");
    BOOST_TEST(saved.number == 2U);
    BOOST_TEST((saved.sites == std::vector<SiteId>{shop, blog}));
    BOOST_TEST(the_site(other).head_number == 1U);
    for (const SiteId site : {shop, blog}) {
        BOOST_TEST(composed(site).limits.max_body_mib == 6U);
        BOOST_TEST(the_site(site).head_number == 2U);
        BOOST_TEST(the_site(site).released_number == 1U);
        const auto head = store::get_revision(db, site, the_site(site).head);
        BOOST_TEST(head.reason == "snippet base, version 2");
        BOOST_TEST(head.definition.limits.max_body_mib == 16U);
        const auto used = store::list_revision_pieces(db, head.id);
        BOOST_REQUIRE(used.size() == 1U);
        BOOST_TEST(used[0].number == 2U);
    }
    // Nothing changes on a node before it is deployed, and one deployment brings all of it.
    const auto limit_of = [&](SiteId site) {
        for (const DeployableSite& each : store::load_node_sites(db, node))
            if (each.id == site) return each.definition->limits.max_body_mib;
        return 0U;
    };
    BOOST_TEST(limit_of(shop) == 5U);
    deploy(alice, saved.sites);
    BOOST_TEST(limit_of(shop) == 6U);
    BOOST_TEST(limit_of(blog) == 6U);
}

BOOST_AUTO_TEST_CASE(a_snippet_may_name_a_stored_key_of_its_owner) {
    const auto node = add_node("edge-1");
    const auto made = crypto::self_signed({"client"}, clock.now(), clock.now() + std::chrono::days(30));
    const auto part = [&](const std::string& key) {
        Json json = Json::object();
        json["upstream"]["scheme"] = "https";
        json["upstream"]["tls"] = Json::object({{"certificate", made.chain_pem}, {"key", key}});
        return json.dump();
    };
    const std::string fingerprint = crypto::read_certificate(made.chain_pem).fingerprint;
    const std::string stored = part("stored:" + fingerprint);
    BOOST_CHECK_EXCEPTION(piece(alice, "shown", stored), Invalid, says("upstream.tls.key", "is not stored"));
    const std::string clear = part(std::string(made.private_key_pem.reveal()));
    BOOST_CHECK_EXCEPTION(piece(alice, "shown", clear), Invalid, says("upstream.tls.key", "stored:"));
    auto first = definition("first.example");
    first.upstream.scheme = UpstreamScheme::https;
    first.upstream.tls.certificate = made.chain_pem;
    first.upstream.tls.key = made.private_key_pem.reveal();
    add_site(alice, first);

    BOOST_CHECK_EXCEPTION(piece(bob, "shown", stored), Invalid, says("upstream.tls.key", "is not stored"));
    piece(alice, "shown", stored);
    const auto shop = site_with(alice, "shop.example", {"shown"});
    BOOST_TEST(composed(shop).upstream.tls.key == "stored:" + fingerprint);
    deploy(alice, {shop});
    const auto sites = store::load_node_sites(db, node);
    BOOST_REQUIRE(sites.size() == 1U);
    BOOST_TEST(sites[0].upstream_certificates.contains(fingerprint));
    // Half of a pair is no piece, and keys are not for changes of many sites.
    BOOST_CHECK_EXCEPTION(
        piece(alice, "half", R"({"upstream":{"tls":{"key":"stored:)" + fingerprint + R"("}}})"), Invalid,
        says("upstream.tls.certificate", "is missing"));
    BOOST_CHECK_THROW(ops::preview_bulk(db, alice, {shop},
                                        {.action = ops::BulkAction::set_member,
                                         .member = "upstream.tls.key",
                                         .value = Json("stored:" + fingerprint)}),
                      Invalid);
}

BOOST_AUTO_TEST_CASE(an_old_version_still_says_what_was_live) {
    add_node("edge-1");
    const auto id = piece(alice, "base", R"({"limits":{"max_body_mib":5}})");
    const auto shop = site_with(alice, "shop.example", {"base"});
    change(alice, id, R"({"limits":{"max_body_mib":6}})");
    BOOST_TEST(store::get_revision_number(db, shop, 1).composed.limits.max_body_mib == 5U);
    // Restored, it takes the snippet as it is now.
    BOOST_TEST(ops::restore_revision(context, alice, shop, 1) == 2U);
    BOOST_TEST(composed(shop).limits.max_body_mib == 6U);
}

BOOST_AUTO_TEST_CASE(a_change_that_one_site_cannot_have_changes_nothing) {
    const auto id = piece(alice, "base", R"({"compression":false})");
    site_with(alice, "a.example", {"base"});
    auto tls = definition("b.example", TlsMode::self_signed);
    tls.snippets = {"base"};
    add_site(alice, tls);
    const auto before = rows();
    BOOST_CHECK_EXCEPTION(change(alice, id, R"({"tls":{"redirect_http":true}})"), Invalid,
                          says("sites", "a.example cannot have these settings: tls.redirect_http"));
    BOOST_CHECK_EXCEPTION(ops::preview_piece(db, alice, id, Json::parse(R"({"tls":{"redirect_http":true}})")),
                          Invalid, says("sites", "a.example"));
    BOOST_TEST(rows() == before);
    const auto effects = ops::preview_piece(db, alice, id, Json::parse(R"({"compression":true})"));
    BOOST_REQUIRE(effects.size() == 2U);
    BOOST_TEST(effects[0].domain == "a.example");
    BOOST_TEST(effects[0].changes.size() == 1U);
    BOOST_TEST(rows() == before);
}

BOOST_AUTO_TEST_CASE(a_snippet_that_turns_tls_on_brings_the_certificate) {
    const auto id = piece(alice, "base", R"({"compression":false})");
    const auto site = site_with(alice, "a.example", {"base"});
    change(alice, id, R"({"tls":{"mode":"self_signed"}})");
    BOOST_TEST(!!store::get_revision(db, site, the_site(site).head).certificate);
    BOOST_TEST(the_site(site).tls_mode == "self_signed");
}

BOOST_AUTO_TEST_CASE(a_lost_update_is_refused) {
    const auto id = piece(alice, "base", R"({"compression":false})");
    change(alice, id, R"({"compression":true})");
    BOOST_CHECK_THROW(ops::update_piece(context, alice, id, 1, {.description = "mine"}), Conflict);
    BOOST_TEST(ops::update_piece(context, alice, id, 2, {.description = "mine"}).number == 3U);
    BOOST_TEST(ops::update_piece(context, alice, id, 3, {.description = "mine"}).number == 3U);
}

BOOST_AUTO_TEST_CASE(clients_see_their_own_and_what_is_offered) {
    const auto own = piece(alice, "mine", R"({"compression":false})");
    const auto offered = piece(admin, "house", R"({"compression":false})", true);
    const auto kept = piece(admin, "secret", R"({"compression":false})");
    BOOST_TEST(store::list_pieces(db, Scope::of(alice)).size() == 2U);
    BOOST_TEST(store::list_pieces(db, Scope::of(bob)).size() == 1U);
    BOOST_TEST(store::list_pieces(db, Scope::of(admin)).size() == 3U);
    BOOST_CHECK_THROW(store::get_piece(db, Scope::of(bob), own), NotFound);
    BOOST_CHECK_THROW(store::get_piece(db, Scope::of(alice), kept), NotFound);
    BOOST_TEST(store::get_piece(db, Scope::of(alice), offered).name == "house");

    BOOST_CHECK_THROW(change(alice, offered, R"({"compression":true})"), NotFound);
    BOOST_CHECK_THROW(ops::remove_piece(context, alice, offered), NotFound);
    BOOST_CHECK_THROW(ops::preview_piece(db, alice, offered, Json::parse(R"({"compression":true})")),
                      NotFound);
    BOOST_CHECK_THROW(ops::update_piece(context, bob, own, 1, {.description = "x"}), NotFound);

    BOOST_TEST(!composed(site_with(alice, "a.example", {"house"})).compression);
    BOOST_CHECK_EXCEPTION(site_with(alice, "b.example", {"secret"}), Invalid,
                          says("snippets.0", "there is no snippet named 'secret'"));
    BOOST_CHECK_EXCEPTION(site_with(bob, "c.example", {"mine"}), Invalid, says("snippets.0", "there is no"));
    // A site of the staff uses the staff's.
    BOOST_TEST(!composed(site_with(admin, "d.example", {"secret"})).compression);
}

BOOST_AUTO_TEST_CASE(what_is_offered_is_changed_for_everybody_and_stays_offered_while_used) {
    const auto house = piece(admin, "house", R"({"compression":false})", true);
    const auto a = site_with(alice, "a.example", {"house"});
    const auto b = site_with(bob, "b.example", {"house"});
    BOOST_TEST((change(admin, house, R"({"limits":{"connections":7}})").sites == std::vector<SiteId>{a, b}));
    BOOST_TEST(composed(b).limits.connections == 7U);
    BOOST_CHECK_EXCEPTION(ops::update_piece(context, admin, house, 2, {.offered = false}), Invalid,
                          says("offered", "a.example, b.example"));
    BOOST_CHECK_EXCEPTION(ops::remove_piece(context, admin, house), Conflict, tells("a.example, b.example"));
    // Another name's owner may not put one under it.
    BOOST_CHECK_THROW(piece(alice, "house", R"({"compression":true})"), Conflict);
}

BOOST_AUTO_TEST_CASE(a_piece_is_removed_once_nothing_newest_or_live_has_it) {
    const auto node = add_node("edge-1");
    const auto id = piece(alice, "base", R"({"compression":false})");
    const auto site = site_with(alice, "a.example", {"base"});
    deploy(alice, {site});
    run(node);
    BOOST_TEST(ops::update_site(context, alice, site, 1,
                                {.definition = definition("a.example"), .targets = std::nullopt}) == 2U);
    BOOST_CHECK_THROW(ops::remove_piece(context, alice, id), Conflict);  // it is live
    deploy(alice, {site});
    ops::remove_piece(context, alice, id);
    BOOST_CHECK_THROW(store::get_piece(db, Scope::of(alice), id), NotFound);
    piece(alice, "base", R"({"compression":false})");  // the name is free
}

// What the staff opened is one service: a stream's further ports would lead to others of the same machine.
BOOST_AUTO_TEST_CASE(streams_reach_no_other_ports_of_what_a_snippet_names) {
    set(Setting::clients_stream_ports, "10");
    piece(admin, "database", R"({"upstream":{"servers":[{"host":"127.0.0.1","port":9000}]}})", true);
    const auto stream = [](const std::string& ports) {
        return SiteDefinition::parse(
            Json::parse(R"({"version":2,"kind":"stream","domains":["db.example"],"tls":{"mode":"none"},)"
                        R"("snippets":["database"],"stream":{"ports":[")" +
                        ports + R"("]}})"));
    };
    BOOST_CHECK_EXCEPTION(add_site(alice, stream("9000-9003")), Invalid,
                          says("upstream.servers.0.host", "closed to sites of clients"));
    add_site(alice, stream("9000"));
}

BOOST_AUTO_TEST_CASE(pieces_are_limited_and_checked_as_sites_are) {
    set(Setting::clients_pieces, "1");
    piece(alice, "a", R"({"compression":false})");
    BOOST_CHECK_EXCEPTION(piece(alice, "b", R"({"compression":false})"), Invalid,
                          says("name", "one more than the 1"));
    BOOST_CHECK_EXCEPTION(piece(bob, "a", R"({"raw":{"nginx":"gzip off;\n"}})"), Invalid,
                          says("raw.nginx", "administrator"));
    BOOST_CHECK_EXCEPTION(piece(bob, "a", R"({"upstream":{"servers":[{"host":"127.0.0.1","port":80}]}})"),
                          Invalid, says("upstream.servers.0.host", "closed to sites of clients"));
    BOOST_CHECK_EXCEPTION(piece(bob, "Bad Name", R"({"compression":false})"), Invalid,
                          says("name", "lower-case"));
    BOOST_CHECK_THROW(piece(bob, "a", R"({"compression":false})", true), Invalid);  // offered
    auto reader = bob;
    reader.role = Role::client_read_only;
    BOOST_CHECK_THROW(piece(reader, "a", R"({"compression":false})"), Forbidden);
    piece(admin, "raw", R"({"raw":{"nginx":"gzip off;\n"}})", true);
    BOOST_TEST(composed(site_with(bob, "b.example", {"raw"})).raw.nginx == "gzip off;\n");
}

BOOST_AUTO_TEST_CASE(an_access_list_is_shared_and_its_passwords_are_kept_and_not_told) {
    const auto id = piece(alice, "office",
                          R"({"access":{"allow":["192.0.2.0/24"],"basic":{"users":[{"name":"anna","hash":")" +
                              std::string(kHash) + R"("}]}}})",
                          false, PieceKind::access_list);
    auto wanted = definition("a.example");
    wanted.access.list = "office";
    const auto site = add_site(alice, wanted);
    BOOST_TEST(composed(site).access.basic.users.at(0).hash == kHash);
    // As the API shows it, with another network.
    change(alice, id,
           R"({"access":{"allow":["198.51.100.0/24"],"basic":{"users":[{"name":"anna","hash":"set"}]}}})");
    BOOST_TEST(composed(site).access.basic.users.at(0).hash == kHash);
    BOOST_TEST(composed(site).access.allow.at(0).text() == "198.51.100.0/24");
    BOOST_CHECK_THROW(change(alice, id, R"({"access":{"basic":{"users":[{"name":"otto","hash":"set"}]}}})"),
                      Invalid);
    for (const auto& entry : store::list_audit(db, Scope::of(alice), {})) {
        BOOST_TEST(entry.before.find(kHash) == std::string::npos);
        BOOST_TEST(entry.after.find(kHash) == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_site_that_changes_hands_uses_what_its_new_owner_may) {
    piece(alice, "base", R"({"compression":false})");
    const auto site = site_with(alice, "a.example", {"base"});
    const auto head = store::get_revision(db, site, the_site(site).head).definition;
    BOOST_CHECK_EXCEPTION(ops::update_site(context, admin, site, 1,
                                           {.definition = head, .owner = bob.id, .targets = std::nullopt}),
                          Invalid, says("snippets.0", "there is no snippet"));
    BOOST_TEST((the_site(site).owner == alice.id));
}

BOOST_AUTO_TEST_CASE(a_copy_has_other_names_and_everything_else) {
    const auto node = add_node("edge-1");
    add_node("edge-2");
    auto wanted = definition("a.example");
    wanted.note = "kept";
    wanted.access.basic.users = {{"anna", kHash}};
    const auto from = add_site(alice, wanted);
    ops::change_tags(context, alice, from, {"prod", "eu"}, {});
    ops::update_site(context, admin, from, 1, {.definition = wanted, .targets = std::vector{node}});
    const auto copy = ops::clone_site(
        context, alice, from, {*DomainName::parse("b.example"), *DomainName::parse("www.b.example")}, "");
    const auto head = store::get_revision(db, copy, the_site(copy).head);
    BOOST_TEST(head.definition.domains.size() == 2U);
    BOOST_TEST(head.definition.note == "kept");
    BOOST_TEST(head.definition.access.basic.users.at(0).hash == kHash);
    BOOST_TEST(head.reason == "copied from a.example");
    BOOST_TEST((the_site(copy).tags == std::vector<std::string>{"eu", "prod"}));
    BOOST_TEST((store::list_site_targets(db, copy) == std::vector<NodeId>{node}));
    BOOST_CHECK_THROW(ops::clone_site(context, bob, from, {*DomainName::parse("c.example")}, ""), NotFound);
    BOOST_CHECK_EXCEPTION(ops::clone_site(context, alice, from, {*DomainName::parse("a.example")}, ""),
                          Invalid, says("domains", "already used"));
    // What the staff put in goes along, also where its client could not have put it.
    auto raw = wanted;
    raw.raw.nginx = "gzip off;\n";
    ops::update_site(context, admin, from, 2, {.definition = raw, .targets = std::nullopt});
    const auto second = ops::clone_site(context, alice, from, {*DomainName::parse("d.example")}, "");
    BOOST_TEST(store::get_revision(db, second, the_site(second).head).definition.raw.nginx == "gzip off;\n");
}

BOOST_AUTO_TEST_CASE(tags_make_no_version_and_lists_find_by_them) {
    const auto a = add_site(alice, "a.example");
    const auto b = add_site(alice, "b.example");
    add_site(bob, "c.example");
    const auto key = store::list_sites(db, Scope::of(alice), {}).front().list_key;
    ops::change_tags(context, alice, a, {"Prod", "eu"}, {});
    ops::change_tags(context, alice, b, {"prod"}, {});
    BOOST_TEST(store::list_sites(db, Scope::of(alice), {}).front().list_key != key);
    BOOST_TEST((ops::change_tags(context, alice, a, {"us"}, {"eu", "nothing"}) ==
                std::vector<std::string>{"prod", "us"}));
    BOOST_TEST(the_site(a).head_number == 1U);
    BOOST_CHECK_THROW(ops::change_tags(context, bob, a, {"x"}, {}), NotFound);
    BOOST_CHECK_THROW(ops::change_tags(context, alice, a, {"not a tag"}, {}), Invalid);
    const auto found = store::list_sites(db, Scope::of(alice), {.tag = "prod", .limit = 1});
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST((found[0].id == a));
    const auto next = store::list_sites(
        db, Scope::of(alice), {.tag = "prod", .after_domain = "a.example", .after_id = a, .limit = 1});
    BOOST_REQUIRE(next.size() == 1U);
    BOOST_TEST((next[0].id == b));
    BOOST_TEST(store::count_sites(db, Scope::of(alice), {.tag = "us"}) == 1U);
    BOOST_TEST(store::count_sites(db, Scope::of(bob), {.tag = "prod"}) == 0U);
    BOOST_TEST(store::list_tags(db, Scope::of(alice)).at("prod") == 2U);
    BOOST_TEST(store::list_tags(db, Scope::of(bob)).empty());
    BOOST_TEST(store::list_audit(db, Scope::of(alice), {.action_prefix = "site.tag"}).size() == 3U);
}

BOOST_AUTO_TEST_CASE(one_change_for_many_sites_stands_for_itself_on_each) {
    add_node("edge-1");
    const auto a = add_site(alice, "a.example", TlsMode::self_signed);
    const auto b = add_site(alice, "b.example");
    const auto foreign = add_site(bob, "c.example");
    const ops::BulkChange change{
        .action = ops::BulkAction::set_member, .member = "tls.hsts_seconds", .value = 3600};
    const auto before = number("SELECT COUNT(*) FROM site_revisions");
    const auto seen = ops::preview_bulk(db, alice, {a, b, foreign}, change);
    BOOST_TEST(number("SELECT COUNT(*) FROM site_revisions") == before);
    BOOST_REQUIRE(seen.size() == 3U);
    BOOST_TEST(seen[0].changes.size() == 1U);
    BOOST_TEST(seen[1].refused.find("tls.hsts_seconds") != std::string::npos);
    BOOST_TEST(seen[2].refused == "no such site");
    BOOST_TEST(seen[2].domain == "");

    const auto done = ops::apply_bulk(context, alice, {a, b, foreign}, change, "harder", {{a, 1}});
    BOOST_TEST(done[0].refused == "");
    BOOST_TEST(done[0].version == 2U);
    BOOST_TEST(the_site(a).head_number == 2U);
    BOOST_TEST(the_site(b).head_number == 1U);
    BOOST_TEST(the_site(foreign).head_number == 1U);
    BOOST_TEST(store::get_revision(db, a, the_site(a).head).reason == "harder");
    // Again: it is so already. And what was reviewed must still be the newest.
    BOOST_TEST(ops::apply_bulk(context, alice, {a}, change, "")[0].changes.empty());
    const ops::BulkChange back{.action = ops::BulkAction::set_member, .member = "tls.hsts_seconds"};
    BOOST_TEST(ops::apply_bulk(context, alice, {a}, back, "", {{a, 1}})[0].refused.find("meanwhile") !=
               std::string::npos);
    BOOST_TEST(ops::apply_bulk(context, alice, {a}, back, "", {{a, 2}})[0].version == 3U);
    BOOST_TEST(composed(a).tls.hsts_seconds.count() == 0);
}

BOOST_AUTO_TEST_CASE(many_sites_get_tags_snippets_nodes_and_states) {
    const auto node = add_node("edge-1");
    const auto second = add_node("edge-2");
    piece(alice, "base", R"({"compression":false})");
    const auto a = add_site(alice, "a.example");
    const auto b = add_site(alice, "b.example");
    const std::vector sites{a, b};
    using ops::BulkAction;
    const auto apply = [&](const Viewer& viewer, const ops::BulkChange& change) {
        return ops::apply_bulk(context, viewer, sites, change, "");
    };
    apply(alice, {.action = BulkAction::add_tag, .word = "x"});
    BOOST_TEST(the_site(b).tags.size() == 1U);
    apply(alice, {.action = BulkAction::remove_tag, .word = "x"});
    BOOST_TEST(the_site(b).tags.empty());
    apply(alice, {.action = BulkAction::add_snippet, .word = "base"});
    BOOST_TEST(!composed(a).compression);
    BOOST_TEST(apply(alice, {.action = BulkAction::add_snippet, .word = "gone"})[0].refused.find(
                   "there is no snippet") != std::string::npos);
    apply(alice, {.action = BulkAction::remove_snippet, .word = "base"});
    BOOST_TEST(composed(a).compression);
    apply(admin, {.action = BulkAction::set_nodes, .nodes = {node}});
    BOOST_TEST((store::list_site_targets(db, a) == std::vector<NodeId>{node}));
    BOOST_TEST(!apply(alice, {.action = BulkAction::set_nodes, .nodes = {second}})[0].refused.empty());
    apply(alice, {.action = BulkAction::pause});
    BOOST_TEST((the_site(a).state == SiteState::paused));
    apply(admin, {.action = BulkAction::block});
    BOOST_TEST((the_site(a).state == SiteState::blocked));
    BOOST_TEST(apply(alice, {.action = BulkAction::resume})[0].refused ==
               "an administrator blocked this site");
    apply(admin, {.action = BulkAction::resume});
    BOOST_TEST((the_site(b).state == SiteState::active));
}

BOOST_AUTO_TEST_CASE(a_change_that_fits_no_site_is_refused_as_a_whole) {
    const auto a = add_site(alice, "a.example");
    using ops::BulkAction;
    const auto refused = [&](const ops::BulkChange& change, const std::vector<SiteId>& sites,
                             const char* field) {
        BOOST_CHECK_EXCEPTION(ops::preview_bulk(db, alice, sites, change), Invalid, says(field, ""));
    };
    refused({.action = BulkAction::set_member, .member = "domains"}, {a}, "member");
    refused({.action = BulkAction::set_member, .member = "tls"}, {a}, "member");
    refused({.action = BulkAction::set_member, .member = "routes.0.path"}, {a}, "member");
    refused({.action = BulkAction::add_tag, .word = "not a tag"}, {a}, "word");
    refused({.action = BulkAction::add_snippet, .word = "Not"}, {a}, "word");
    refused({.action = BulkAction::set_nodes}, {a}, "nodes");
    refused({.action = BulkAction::pause}, {}, "sites");
    refused({.action = BulkAction::pause}, std::vector<SiteId>(201, a), "sites");
}

BOOST_AUTO_TEST_SUITE_END()
