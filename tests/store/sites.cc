// SPDX-License-Identifier: MIT
#include "shared/store/sites.h"
#include "shared/store/node_sites.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/store/audit.h"
#include "shared/store/certificates.h"
#include "shared/store/nodes.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

struct Sites : test::World {
    std::vector<std::string> names(Scope scope, const store::SiteFilter& filter = {}) {
        std::vector<std::string> domains;
        for (const auto& site : store::list_sites(db, scope, filter)) domains.push_back(site.domain);
        return domains;
    }
    template <class F>
    void write(F&& change) {
        db::transact(db, change);
    }
};

using Names = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sites, Sites)

BOOST_AUTO_TEST_CASE(lists_are_scoped_and_paged_by_name) {
    for (const char* domain : {"c.example", "a.example", "d.example", "b.example"})
        add_site(domain[0] == 'd' ? bob : alice, domain);
    BOOST_TEST((names(Scope::everything()) == Names{"a.example", "b.example", "c.example", "d.example"}));
    BOOST_TEST((names(Scope::of(alice)) == Names{"a.example", "b.example", "c.example"}));
    BOOST_TEST((names(Scope::of(bob)) == Names{"d.example"}));
    BOOST_TEST((names(Scope::everything(), {.limit = 2}) == Names{"a.example", "b.example"}));
    const auto second = store::list_sites(db, Scope::everything(), {.limit = 2}).back();
    BOOST_TEST(
        (names(Scope::everything(), {.after_domain = second.domain, .after_id = second.id, .limit = 2}) ==
         Names{"c.example", "d.example"}));
    BOOST_TEST((names(Scope::everything(),
                      {.after_domain = "d.example", .after_id = SiteId(1), .backwards = true, .limit = 2}) ==
                Names{"b.example", "c.example"}));
    BOOST_TEST(store::count_sites(db, Scope::of(alice)) == 3U);
}

BOOST_AUTO_TEST_CASE(first_pages_leave_out_removed_sites) {
    const auto gone = add_site(alice, "a.example");
    add_site(alice, "b.example");
    const auto also_gone = add_site(alice, "c.example");
    add_site(alice, "d.example");
    write([&](db::Transaction& tx) {
        store::update_site_removed(tx, gone, clock.now());
        store::update_site_removed(tx, also_gone, clock.now());
    });
    for (const Scope scope : {Scope::everything(), Scope::of(alice)}) {
        BOOST_TEST((names(scope) == Names{"b.example", "d.example"}));
        BOOST_TEST((names(scope, {.limit = 1}) == Names{"b.example"}));
        BOOST_TEST((names(scope, {.after_domain = "a.example", .after_id = gone}) ==
                    Names{"b.example", "d.example"}));
    }
}

BOOST_AUTO_TEST_CASE(lists_are_filtered_by_text_and_state) {
    const auto node = add_node("edge-1");
    const auto shop = add_site(alice, "shop.example");
    add_site(alice, "blog.example");
    BOOST_TEST((names(Scope::everything(), {.text = "SHO"}) == Names{"shop.example"}));
    BOOST_TEST(names(Scope::everything(), {.text = "%"}).empty());
    BOOST_TEST(names(Scope::everything(), {.text = "_"}).empty());
    BOOST_TEST(names(Scope::everything(), {.text = "jürgen"}).empty());
    BOOST_TEST((names(Scope::everything(), {.deploy_state = "draft"}).size() == 2U));
    deploy(alice, {shop});
    BOOST_TEST((names(Scope::everything(), {.deploy_state = "deploying"}) == Names{"shop.example"}));
    BOOST_TEST((names(Scope::everything(), {.deploy_state = "undeployed"}) == Names{"blog.example"}));
    run(node);
    BOOST_TEST(
        (names(Scope::of(alice), {.text = "example", .deploy_state = "live"}) == Names{"shop.example"}));
    const auto counts = store::count_site_states(db, Scope::of(alice));
    BOOST_TEST(counts.all == 2U);
    BOOST_TEST(counts.live == 1U);
    BOOST_TEST(counts.failed == 0U);
    BOOST_TEST(counts.undeployed == 1U);
    BOOST_TEST(store::count_site_states(db, Scope::of(bob)).all == 0U);
}

BOOST_AUTO_TEST_CASE(a_site_is_found_by_any_of_its_names) {
    auto wanted = definition("shop.example");
    wanted.domains.push_back(*DomainName::parse("*.shop.example"));
    const auto id = add_site(alice, wanted);
    BOOST_TEST((store::find_site(db, Scope::of(alice), "*.shop.example")->id == id));
    BOOST_TEST(!store::find_site(db, Scope::of(bob), "shop.example"));
    BOOST_TEST(!store::find_site(db, Scope::of(alice), "other.example"));
}

BOOST_AUTO_TEST_CASE(a_foreign_site_is_not_found) {
    const auto id = add_site(alice, "shop.example");
    BOOST_TEST(store::get_site(db, Scope::of(alice), id).domain == "shop.example");
    BOOST_CHECK_THROW(store::get_site(db, Scope::of(bob), id), NotFound);
    BOOST_CHECK_THROW(store::get_site(db, Scope::of(alice), SiteId(999'999)), NotFound);
    write([&](db::Transaction& tx) {
        BOOST_CHECK_THROW(store::get_site_for_update(tx, Scope::of(bob), id), NotFound);
        BOOST_TEST((store::get_site_for_update(tx, Scope::of(alice), id).id == id));
    });
}

BOOST_AUTO_TEST_CASE(revisions_are_numbered_and_keep_their_definition) {
    const auto id = add_site(alice, "shop.example");
    auto next = definition("shop.example");
    next.note = "zwei — 2";
    write([&](db::Transaction& tx) {
        store::insert_revision(tx, id, 1, next, {}, alice.id, "because", clock.now());
        BOOST_CHECK_THROW(store::insert_revision(tx, id, 1, next, {}, alice.id, "", clock.now()), Conflict);
    });
    const auto site = the_site(id);
    BOOST_TEST(site.head_number == 2U);
    BOOST_TEST(site.upstream_summary == "10.0.0.1:8080");
    const auto head = store::get_revision(db, id, site.head);
    BOOST_TEST((head.definition == next));
    BOOST_TEST(head.created_by == "alice");
    BOOST_TEST(head.reason == "because");
    BOOST_TEST(store::get_revision_number(db, id, 1).definition.note.empty());
    BOOST_CHECK_THROW(store::get_revision_number(db, id, 3), NotFound);
    BOOST_CHECK_THROW(store::get_revision(db, SiteId(id.value() + 1), site.head), NotFound);
    const auto all = store::list_revisions(db, id);
    BOOST_REQUIRE(all.size() == 2U);
    BOOST_TEST(all.front().number == 2U);
    BOOST_TEST(store::list_revisions(db, id, 1).size() == 1U);
}

BOOST_AUTO_TEST_CASE(small_changes_are_stored) {
    const auto id = add_site(alice, "shop.example");
    write([&](db::Transaction& tx) {
        store::update_site_owner(tx, id, bob.id);
        store::update_site_state(tx, id, SiteState::blocked, 451, "court order", clock.now());
    });
    const auto site = store::get_site(db, Scope::of(bob), id);
    BOOST_TEST((site.state == SiteState::blocked));
    BOOST_TEST(site.block_status == 451U);
    BOOST_TEST(site.blocked_reason == "court order");
    BOOST_TEST(site.owner_name == "bob");
}

BOOST_AUTO_TEST_CASE(a_node_carries_released_revisions_and_candidates_for_plans) {
    const auto node = add_node("edge-1");
    const auto other = add_node("edge-2");
    const auto shop = add_site(alice, "shop.example");
    const auto blog = add_site(bob, "blog.example");
    BOOST_TEST(carried(node).empty());
    BOOST_TEST((carried(node, {shop}) == std::map<SiteId, unsigned>{{shop, 1}}));
    deploy(alice, {shop});
    auto next = definition("shop.example");
    next.note = "new";
    write([&](db::Transaction& tx) {
        store::insert_revision(tx, shop, 1, next, {}, alice.id, "", clock.now());
    });
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{shop, 1}}));
    BOOST_TEST((carried(other) == std::map<SiteId, unsigned>{{shop, 1}}));
    BOOST_TEST((carried(node, {shop, blog}) == std::map<SiteId, unsigned>{{shop, 2}, {blog, 1}}));
    write([&](db::Transaction& tx) { store::update_site_targets(tx, shop, {other}); });
    BOOST_TEST(carried(node).empty());
    BOOST_TEST((store::list_site_targets(db, shop) == std::vector<NodeId>{other}));
    BOOST_TEST(the_site(shop).node_count == 1U);
}

BOOST_AUTO_TEST_CASE(a_refused_revision_is_replaced_by_the_last_good_one) {
    const auto node = add_node("edge-1");
    const auto other = add_node("edge-2");
    const auto site = add_site(alice, "shop.example");
    const auto refuse = [&](unsigned number) {
        write([&](db::Transaction& tx) {
            store::upsert_quarantine(tx, node, site, store::get_revision_number(db, site, number).id,
                                     "not \xff text", 3, clock.now());
        });
    };
    deploy(alice, {site});
    refuse(1);
    BOOST_TEST(carried(node).empty());
    BOOST_TEST((carried(other) == std::map<SiteId, unsigned>{{site, 1}}));

    write([&](db::Transaction& tx) { store::remove_quarantine(tx, site); });
    run(node);
    auto next = definition("shop.example");
    next.note = "new";
    write([&](db::Transaction& tx) {
        store::insert_revision(tx, site, 1, next, {}, alice.id, "", clock.now());
    });
    deploy(alice, {site});
    refuse(2);
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{site, 1}}));
    const auto on = store::list_site_nodes(db, site);
    BOOST_REQUIRE(on.size() == 2U);
    BOOST_TEST(on[0].target);
    BOOST_TEST(on[0].served_number == 1U);
    BOOST_TEST(on[0].quarantined_number == 2U);
    BOOST_TEST(on[0].quarantine_line == 3U);
    BOOST_TEST(on[0].quarantine_message == "not ? text");

    // The last good one is refused, too: the released one stays refused, or the two would take turns.
    refuse(1);
    BOOST_TEST(store::list_site_nodes(db, site)[0].quarantined_number == 2U);
    BOOST_TEST((carried(node) == std::map<SiteId, unsigned>{{site, 1}}));
    BOOST_TEST(on[1].served_number == 0U);
    BOOST_TEST(on[1].quarantine_message.empty());
    BOOST_TEST(store::get_node(db, node).quarantined == 1U);
    BOOST_TEST(store::get_node(db, node).sites == 1U);
}

BOOST_AUTO_TEST_CASE(a_removed_site_is_gone_from_lists_names_and_nodes) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example");
    deploy(alice, {id});
    run(node);
    write([&](db::Transaction& tx) { store::update_site_removed(tx, id, clock.now()); });
    BOOST_TEST(carried(node).empty());
    BOOST_TEST(names(Scope::everything()).empty());
    BOOST_CHECK_THROW(the_site(id), NotFound);
    BOOST_TEST((store::list_concerned_nodes(db, id) == std::vector<NodeId>{node}));
    add_site(bob, "shop.example");
}

BOOST_AUTO_TEST_CASE(a_paused_site_is_carried_as_paused) {
    const auto node = add_node("edge-1");
    const auto id = add_site(alice, "shop.example", TlsMode::self_signed);
    deploy(alice, {id});
    write([&](db::Transaction& tx) {
        store::update_site_state(tx, id, SiteState::paused, 403, "", clock.now());
    });
    const auto sites = store::load_node_sites(db, node);
    BOOST_REQUIRE(sites.size() == 1U);
    BOOST_TEST((sites[0].state == SiteState::paused));
    BOOST_TEST(sites[0].owner == "alice");
    BOOST_REQUIRE(sites[0].certificate);
    BOOST_TEST(sites[0].certificate->chain_pem->starts_with("-----BEGIN CERTIFICATE-----"));
    const auto sealed = store::get_sealed_key(db, sites[0].certificate->id);
    BOOST_TEST(sealed.fingerprint == sites[0].certificate->fingerprint);
    BOOST_TEST(sealed.sealed_key.starts_with("s1:"));
    BOOST_CHECK_THROW(store::get_sealed_key(db, CertificateId(999'999)), NotFound);
}

BOOST_AUTO_TEST_CASE(many_sites_are_loaded_in_order) {
    const auto node = add_node("edge-1");
    std::vector<SiteId> all;
    for (int i = 0; i < 30; ++i)
        all.push_back(add_site(i % 2 ? alice : bob, "s" + std::to_string(i) + ".example"));
    deploy(admin, all);
    const auto sites = store::load_node_sites(db, node);
    BOOST_TEST(sites.size() == 30U);
    BOOST_TEST(std::ranges::is_sorted(sites, {}, &DeployableSite::id));
}

BOOST_AUTO_TEST_SUITE_END()
