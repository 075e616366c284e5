// SPDX-License-Identifier: MIT
#include "shared/ops/limits.h"

#define BOOST_TEST_DYN_LINK
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/ops/accounts.h"
#include "shared/ops/sites.h"
#include "shared/store/users.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Limited : test::World {
    SiteDefinition with(std::vector<std::string> names) {
        auto made = definition(names.front());
        made.domains.clear();
        for (const std::string& each : names) made.domains.push_back(*DomainName::parse(each));
        return made;
    }
    void limit(std::optional<unsigned> sites, std::optional<unsigned> names) {
        auto change = ops::change_of(store::get_user(db, alice.id));
        change.max_sites = sites;
        change.max_domains = names;
        ops::update_user(context, admin, alice.id, change);
    }
    unsigned update(SiteId id, unsigned based_on, SiteDefinition wanted) {
        return ops::update_site(
            context, alice, id, based_on,
            {.definition = std::move(wanted), .owner = {}, .targets = std::nullopt, .reason = {}});
    }
};

auto says(const std::string& field, const std::string& words) {
    return [=](const Invalid& error) {
        const auto found = error.problems.entries().find(field);
        return found != error.problems.entries().end() && found->second.find(words) != std::string::npos;
    };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(client_limits, Limited)

BOOST_AUTO_TEST_CASE(a_client_has_as_many_sites_as_the_settings_or_its_own_limit_say) {
    set(Setting::clients_sites, "2");
    const auto first = add_site(alice, "one.example");
    add_site(alice, "two.example");
    BOOST_CHECK_EXCEPTION(add_site(alice, "three.example"), Invalid, says("site", "the 2 that you may have"));
    BOOST_TEST(store::count_sites(db, Scope::of(alice)) == 2U);
    add_site(bob, "bob.example");
    limit(3, std::nullopt);
    add_site(alice, "three.example");
    BOOST_CHECK_THROW(add_site(alice, "four.example"), Invalid);
    ops::remove_site(context, alice, first);
    add_site(alice, "four.example");
    const auto usage = ops::usage_of(db, alice.id).value();
    BOOST_TEST(usage.sites == 3U);
    BOOST_TEST(usage.most_sites == 3U);
    BOOST_TEST(usage.names == 3U);
    BOOST_TEST(!ops::usage_of(db, admin.id));
    // Staff may go beyond, and what is there may still be changed.
    ops::create_site(
        context, admin,
        {.definition = definition("five.example"), .owner = alice.id, .targets = std::nullopt, .reason = {}});
    limit(1, std::nullopt);
    const auto site = *store::find_site(db, Scope::of(alice), "two.example");
    auto noted = definition("two.example");
    noted.note = "still mine";
    BOOST_TEST(update(site.id, 1, noted) == 2U);
}

BOOST_AUTO_TEST_CASE(names_are_counted_over_all_sites) {
    limit(std::nullopt, 3);
    const auto id = add_site(alice, with({"a.example", "b.example"}));
    BOOST_CHECK_EXCEPTION(add_site(alice, with({"c.example", "d.example"})), Invalid,
                          says("domains", "you may have 3"));
    add_site(alice, with({"c.example"}));
    BOOST_CHECK_THROW(update(id, 1, with({"a.example", "b.example", "e.example"})), Invalid);
    BOOST_TEST(update(id, 1, with({"a.example"})) == 2U);
    BOOST_TEST(update(id, 2, with({"a.example", "e.example"})) == 3U);
}

BOOST_AUTO_TEST_CASE(versions_a_day) {
    set(Setting::clients_saves, "3");
    const auto id = add_site(alice, "a.example");
    const auto noted = [&](const char* note) {
        auto wanted = definition("a.example");
        wanted.note = note;
        return wanted;
    };
    update(id, 1, noted("2"));
    update(id, 2, noted("3"));
    BOOST_CHECK_EXCEPTION(update(id, 3, noted("4")), Invalid, says("site", "3 versions within 24 hours"));
    clock.advance(25h);
    BOOST_TEST(update(id, 3, noted("4")) == 4U);
}

BOOST_AUTO_TEST_CASE(two_at_once_do_not_pass_the_limit_together) {
    limit(4, std::nullopt);
    std::atomic<int> saved = 0, refused = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&, i] {
            db::Connection own(test::database_settings());
            ops::Context its{own, clock, keys.sealing};
            for (int n = 0; n < 2; ++n) try {
                    ops::create_site(
                        its, alice,
                        {.definition = definition("s" + std::to_string(i) + std::to_string(n) + ".example"),
                         .owner = {},
                         .targets = std::nullopt,
                         .reason = {}});
                    ++saved;
                } catch (const Invalid&) {
                    ++refused;
                }
        });
    threads.clear();
    BOOST_TEST(saved == 4);
    BOOST_TEST(refused == 4);
    BOOST_TEST(store::count_sites(db, Scope::of(alice)) == 4U);
}

BOOST_AUTO_TEST_CASE(plans_are_counted_for_clients_only) {
    set(Setting::clients_plans, "2");
    BOOST_TEST(!ops::count_plan(context, alice));
    BOOST_TEST(!ops::count_plan(context, alice));
    BOOST_TEST(ops::count_plan(context, alice).has_value());
    BOOST_TEST(!ops::count_plan(context, bob));
    for (int i = 0; i < 5; ++i) BOOST_TEST(!ops::count_plan(context, admin));
    clock.advance(16min);
    BOOST_TEST(!ops::count_plan(context, alice));
}

BOOST_AUTO_TEST_SUITE_END()
