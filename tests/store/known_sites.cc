// SPDX-License-Identifier: MIT
#include "shared/store/known_sites.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <functional>

#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

std::string words(const store::SiteSummary& site) {
    std::string out =
        site.id.text() + ' ' + site.owner_name + ' ' + site.domain + ' ' + site.upstream_summary;
    out += ' ' + site.tls_mode + ' ' + std::string(to_word(site.state)) + ' ' + site.deploy_state;
    for (const unsigned number : {site.head_number, site.released_number, site.node_count})
        out += ' ' + std::to_string(number);
    return out + ' ' + to_sql(site.updated_at);
}

struct KnownSites : test::World {
    store::KnownSites known;

    std::vector<store::KnownSite> list(Scope scope = Scope::everything(),
                                       const store::SiteFilter& filter = {}) {
        return store::list_site_summaries(db, scope, filter, known);
    }
    // As the rows say, without any memory.
    std::vector<std::string> truth(Scope scope = Scope::everything()) {
        std::vector<std::string> out;
        for (const auto& site : store::list_sites(db, scope, {})) out.push_back(words(site));
        return out;
    }
    std::vector<std::string> shown(Scope scope = Scope::everything()) {
        std::vector<std::string> out;
        for (const auto& site : list(scope)) out.push_back(words(*site));
        return out;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(known_sites, KnownSites)

BOOST_AUTO_TEST_CASE(a_site_that_did_not_change_is_not_read_again) {
    const auto first = add_site(alice, "a.example");
    add_site(bob, "b.example");
    const auto before = list();
    BOOST_TEST_REQUIRE(before.size() == 2U);
    BOOST_TEST((list() == before));
    db::transact(db, [&](db::Transaction& tx) {
        store::update_site_state(tx, first, SiteState::paused, 403, "", clock.now());
    });
    const auto after = list();
    BOOST_TEST((after[0] != before[0]));
    BOOST_TEST((after[1] == before[1]));
    BOOST_TEST((list(Scope::of(bob)) == std::vector{before[1]}));
}

// Each column that a list shows, changed by another program and on another connection.
BOOST_AUTO_TEST_CASE(what_anybody_changes_is_seen_at_once) {
    const auto id = add_site(alice, "a.example");
    add_site(bob, "b.example");
    const std::string ours = " WHERE id = " + id.text();
    db::Connection theirs(test::database_settings());
    const std::vector<std::string> changes{"owner_id = " + bob.id.text(),
                                           "domain = 'c.example'",
                                           "domain = 'a.example'",
                                           "upstream_summary = '192.0.2.1:80'",
                                           "upstream_summary = 'ü'",
                                           "tls_mode = 'self_signed'",
                                           "state = 'blocked'",
                                           "head_number = 7",
                                           "released_number = 7",
                                           "deploy_state = 'live'",
                                           "node_count = 3",
                                           "updated_at = updated_at + INTERVAL 1 MICROSECOND"};
    for (const std::string& change : changes) {
        const auto before = shown();
        db::transact(theirs,
                     [&](db::Transaction& tx) { tx.execute_once("UPDATE sites SET " + change + ours); });
        BOOST_TEST(shown() == truth(), boost::test_tools::per_element());
        BOOST_TEST((shown() != before), change);
    }
    db::transact(theirs, [](db::Transaction& tx) {
        tx.execute("UPDATE users SET username = 'robert' WHERE username = 'bob'");
    });
    BOOST_TEST(list().front()->owner_name == "robert");
    for (const Scope scope : {Scope::everything(), Scope::of(alice), Scope::of(bob)})
        BOOST_TEST(shown(scope) == truth(scope), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_whole_life_of_a_site_is_seen_step_by_step) {
    const auto node = add_node("edge-1");
    const auto same = [this] { BOOST_TEST(shown() == truth(), boost::test_tools::per_element()); };
    const auto id = add_site(alice, "a.example");
    same();
    deploy(alice, {id});
    same();
    run(node);
    same();
    BOOST_TEST(list().front()->deploy_state == "live");
    db::transact(db, [&](db::Transaction& tx) { store::update_site_owner(tx, id, bob.id); });
    same();
    BOOST_TEST(list(Scope::of(alice)).empty());
    BOOST_TEST(list(Scope::of(bob)).front()->owner_name == "bob");
    db::transact(db, [&](db::Transaction& tx) { store::update_site_removed(tx, id, clock.now()); });
    BOOST_TEST(list().empty());
    BOOST_TEST(list(Scope::of(bob)).empty());
}

BOOST_AUTO_TEST_CASE(pages_keep_their_order_whatever_is_known) {
    for (const char* domain : {"c.example", "a.example", "d.example", "b.example"}) add_site(alice, domain);
    const auto domains = [this](const store::SiteFilter& filter) {
        std::string out;
        for (const auto& site : list(Scope::of(alice), filter)) out += site->domain.front();
        return out;
    };
    BOOST_TEST(domains({.text = "b"}) == "b");
    BOOST_TEST(domains({.limit = 3}) == "abc");
    const auto last = list(Scope::everything(), {.limit = 2}).back();
    const auto id = last->id;
    BOOST_TEST(domains({.after_domain = "b.example", .after_id = id}) == "cd");
    BOOST_TEST(domains({.after_domain = "d.example", .after_id = SiteId(1), .backwards = true, .limit = 2}) ==
               "bc");
    BOOST_TEST(domains({}) == "abcd");
}

// More than are kept: it begins anew, and shows all the same.
BOOST_AUTO_TEST_CASE(what_is_kept_is_bounded) {
    const auto id = add_site(alice, "a.example");
    const auto before = list();
    for (unsigned i = 0; i < 10'000; ++i) {
        auto other = *before.front();
        other.id = SiteId(id.value() + 1 + i);
        known.keep(std::make_shared<const store::SiteSummary>(std::move(other)));
    }
    BOOST_TEST((list().front() != before.front()));
    BOOST_TEST(shown() == truth(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
