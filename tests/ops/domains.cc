// SPDX-License-Identifier: MIT
#include "shared/ops/domains.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "tests/support/sites.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

DomainName name(std::string_view text) {
    return DomainName::parse(text).value();
}

auto says(const std::string& field, const std::string& words) {
    return [=](const Invalid& error) {
        const auto found = error.problems.entries().find(field);
        return found != error.problems.entries().end() && found->second.find(words) != std::string::npos;
    };
}

struct Domains : test::World {
    Domains() {
        set(Setting::domains_proof, "required");
        add_node("edge-1");
    }
    SiteDefinition with(std::vector<std::string> names) {
        auto made = definition(names.front());
        made.domains.clear();
        for (const std::string& each : names) made.domains.push_back(name(each));
        return made;
    }
    std::vector<store::DomainProof> proofs(const Viewer& of) { return store::list_proofs(db, of.id); }
    void show(const Viewer& of, std::string_view domain, ProofMethod method) {
        for (const auto& proof : proofs(of))
            if (proof.domain == domain)
                db::transact(db, [&](db::Transaction& tx) {
                    store::record_look(tx, proof.id, method, "", clock.now());
                });
    }
    std::uint64_t checks() { return number("SELECT COUNT(*) FROM jobs WHERE kind = 'domain.check'"); }
    SiteId for_client(const Viewer& owner, const SiteDefinition& wanted) {
        return ops::create_site(
            context, admin, {.definition = wanted, .owner = owner.id, .targets = std::nullopt, .reason = {}});
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(domains, Domains)

BOOST_AUTO_TEST_CASE(a_draft_is_saved_and_deployed_only_with_a_proof) {
    const auto id = add_site(alice, with({"shop.example.com", "www.example.com"}));
    BOOST_TEST(proofs(alice).size() == 2U);
    BOOST_TEST(checks() == 2U);
    BOOST_CHECK_EXCEPTION(deploy(alice, {id}), Invalid,
                          says("domains", "shop.example.com, www.example.com are not"));
    BOOST_TEST(the_site(id).released_number == 0U);
    show(alice, "shop.example.com", ProofMethod::http);
    BOOST_CHECK_EXCEPTION(deploy(alice, {id}), Invalid, says("domains", "www.example.com is not proven"));
    BOOST_CHECK_THROW(deploy(admin, {id}), Invalid);  // whoever asks
    show(alice, "www.example.com", ProofMethod::txt);
    deploy(alice, {id});
    BOOST_TEST(the_site(id).released_number == 1U);
}

BOOST_AUTO_TEST_CASE(a_record_for_the_parent_is_enough_and_a_file_is_not) {
    ops::vouch_name(context, admin, bob.id, name("other.example"));
    const auto id = add_site(alice, with({"example.com", "*.example.com"}));
    BOOST_TEST(proofs(alice).size() == 1U);  // one record for both
    show(alice, "example.com", ProofMethod::http);
    BOOST_CHECK_EXCEPTION(deploy(alice, {id}), Invalid, says("domains", "*.example.com is not"));
    show(alice, "example.com", ProofMethod::txt);
    deploy(alice, {id});
    const auto below = add_site(alice, with({"deep.under.example.com"}));
    BOOST_TEST(proofs(alice).size() == 1U);
    deploy(alice, {below});
}

BOOST_AUTO_TEST_CASE(what_staff_save_or_say_counts) {
    const auto made = for_client(alice, with({"made.example.com"}));
    BOOST_TEST((proofs(alice).at(0).method == ProofMethod::admin));
    BOOST_TEST(proofs(alice).at(0).proven_by == "root");
    deploy(alice, {made});
    const auto own = add_site(admin, with({"own.example.com"}));
    deploy(admin, {own});
    const auto draft = add_site(alice, with({"draft.example.com"}));
    BOOST_CHECK_THROW(deploy(alice, {draft}), Invalid);
    // Staff who touch the site vouch for what they add, not for what was there.
    auto more = with({"draft.example.com", "more.example.com"});
    ops::update_site(context, admin, draft, 1,
                     {.definition = more, .owner = {}, .targets = std::nullopt, .reason = {}});
    BOOST_CHECK_EXCEPTION(deploy(alice, {draft}), Invalid, says("domains", "draft.example.com is not"));
    BOOST_CHECK_THROW(ops::vouch_name(context, alice, alice.id, name("draft.example.com")), Forbidden);
    ops::vouch_name(context, admin, alice.id, name("draft.example.com"));
    deploy(alice, {draft});
    BOOST_TEST(store::list_audit(db, Scope::everything(), {.action_prefix = "domain.vouch"}).size() == 3U);
}

BOOST_AUTO_TEST_CASE(the_setting_turns_it_off) {
    set(Setting::domains_proof, "off");
    const auto id = add_site(alice, with({"shop.example.com"}));
    BOOST_TEST(proofs(alice).empty());
    deploy(alice, {id});
    // Turned on later, what to do is one click away.
    set(Setting::domains_proof, "required");
    BOOST_CHECK_THROW(deploy(alice, {id}), Invalid);
    BOOST_TEST(ops::check_names(context, alice, id) == 1U);
    BOOST_TEST(proofs(alice).size() == 1U);
}

BOOST_AUTO_TEST_CASE(another_owner_shows_for_itself) {
    const auto id = for_client(alice, with({"shop.example.com"}));
    deploy(alice, {id});
    ops::update_site(
        context, admin, id, 1,
        {.definition = with({"shop.example.com"}), .owner = bob.id, .targets = std::nullopt, .reason = {}});
    BOOST_CHECK_THROW(deploy(bob, {id}), Invalid);
    BOOST_TEST(proofs(bob).size() == 1U);
    show(bob, "shop.example.com", ProofMethod::txt);
    deploy(bob, {id});
}

BOOST_AUTO_TEST_CASE(proofs_that_nobody_needs_any_more_go) {
    const auto id = add_site(alice, with({"one.example.com"}));
    ops::update_site(
        context, alice, id, 1,
        {.definition = with({"two.example.com"}), .owner = {}, .targets = std::nullopt, .reason = {}});
    BOOST_REQUIRE(proofs(alice).size() == 1U);
    BOOST_TEST(proofs(alice).at(0).domain == "two.example.com");
}

BOOST_AUTO_TEST_CASE(check_now_is_a_job_at_once_but_not_all_the_time) {
    const auto id = add_site(alice, with({"shop.example.com"}));
    const auto jobs =
        store::claim_jobs(db, {.kind = "domain.check", .worker = "test:1", .token = token}, clock.now()).jobs;
    BOOST_REQUIRE(jobs.size() == 1U);
    const auto& job = jobs.front();
    const ProofId proof = proofs(alice).at(0).id;
    db::transact(db, [&](db::Transaction& tx) {
        store::record_look(tx, proof, std::nullopt, "no TXT record", clock.now());
        store::requeue_job(tx, job.id, token, "no TXT record", clock.now() + 1h, clock.now(),
                           store::Attempt::given_back);
    });
    clock.advance(4s);
    BOOST_TEST(ops::check_names(context, alice, id) == 1U);
    BOOST_TEST((store::get_job(db, job.id).run_after == clock.now() + 6s));
    BOOST_CHECK_THROW(ops::check_names(context, bob, id), NotFound);
}

// ---- Standing in each other's way -------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(nobody_takes_a_name_under_anothers_wildcard) {
    ops::vouch_name(context, admin, alice.id, name("example.com"));
    add_site(alice, with({"*.example.com"}));
    for (const char* taken : {"a.example.com", "a.b.example.com", "*.b.example.com", "A.EXAMPLE.COM."})
        BOOST_CHECK_EXCEPTION(add_site(bob, with({taken})), Invalid, [&](const Invalid& error) {
            return says("domains", "wildcard of somebody else")(error) &&
                   error.problems.text().find("alice") == std::string::npos;
        });
    add_site(bob, with({"example.com"}));  // a wildcard does not answer for its own base
    add_site(bob, with({"notexample.com"}));
    add_site(alice, with({"a.example.com"}));
}

BOOST_AUTO_TEST_CASE(nobody_puts_a_wildcard_over_anothers_name) {
    ops::vouch_name(context, admin, alice.id, name("example.com"));
    ops::vouch_name(context, admin, alice.id, name("example.org"));
    add_site(alice, with({"a.example.com"}));
    add_site(alice, with({"x.y.example.org"}));
    BOOST_CHECK_EXCEPTION(add_site(bob, with({"*.example.com"})), Invalid,
                          says("domains", "would answer for"));
    BOOST_CHECK_THROW(add_site(bob, with({"*.example.org"})), Invalid);
    add_site(bob, with({"*.a.example.com"}));
    add_site(bob, with({"*.ample.com"}));
    const auto site = add_site(bob, with({"b.example.com"}));
    BOOST_CHECK_THROW(
        ops::update_site(
            context, bob, site, 1,
            {.definition = with({"*.example.com"}), .owner = {}, .targets = std::nullopt, .reason = {}}),
        Invalid);
    // An administrator's word for exactly this name lets it through.
    ops::vouch_name(context, admin, bob.id, name("example.com"));
    add_site(bob, with({"*.example.com"}));
}

// ---- What is merely wanted
// ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_wish_holds_nobody_up_who_shows_the_name) {
    const auto wish = add_site(alice, with({"shop.example.com", "*.example.com"}));
    const auto site = add_site(bob, with({"shop.example.com", "www.example.com"}));
    using Elsewhere = ops::NameState::Elsewhere;
    BOOST_TEST((ops::list_name_states(db, the_site(site)).at(0).elsewhere == Elsewhere::wanted));
    BOOST_CHECK_EXCEPTION(deploy(bob, {site}), Invalid, says("domains", "are not proven yet"));
    // Its record is asked for as long as the draft wants it, with the same token.
    const auto token_of_shop = [&] {
        for (const auto& proof : proofs(bob))
            if (proof.domain == "shop.example.com") return proof.token;
        return std::string("none");
    };
    const std::string before = token_of_shop();
    add_site(bob, with({"another.example.com"}));
    BOOST_TEST(token_of_shop() == before);
    show(bob, "shop.example.com", ProofMethod::txt);
    show(bob, "www.example.com", ProofMethod::txt);
    BOOST_TEST((ops::list_name_states(db, the_site(wish)).at(0).elsewhere == Elsewhere::no));
    deploy(bob, {site});
    BOOST_TEST(text("SELECT site_id FROM site_domains WHERE domain = 'shop.example.com'") == site.text());
    BOOST_TEST((ops::list_name_states(db, the_site(wish)).at(0).elsewhere == Elsewhere::held));
    // Too late, and said so; the rest of the draft is as it was.
    show(alice, "shop.example.com", ProofMethod::txt);
    show(alice, "example.com", ProofMethod::txt);
    BOOST_CHECK_EXCEPTION(deploy(alice, {wish}), Invalid, says("domains", "already used by another site"));
    // Pausing and saving it are no deployment.
    ops::pause_site(context, alice, wish);
    BOOST_CHECK_EXCEPTION(ops::update_site(context, alice, wish, 1,
                                           {.definition = with({"shop.example.com", "new.example.com"}),
                                            .owner = {},
                                            .targets = std::nullopt,
                                            .reason = {}}),
                          Invalid, says("domains", "already used by another site"));
    ops::update_site(
        context, alice, wish, 1,
        {.definition = with({"new.example.com"}), .owner = {}, .targets = std::nullopt, .reason = {}});
    deploy(alice, {wish});
}

BOOST_AUTO_TEST_CASE(the_first_who_shows_it_has_it_and_covering_names_count) {
    add_site(alice, with({"*.example.com"}));
    const auto below = add_site(bob, with({"a.example.com"}));
    show(bob, "a.example.com", ProofMethod::http);
    deploy(bob, {below});
    show(alice, "example.com", ProofMethod::txt);
    const auto wild =
        the_site(SiteId(number("SELECT site_id FROM site_domains WHERE domain = '*.example.com'")));
    BOOST_CHECK_EXCEPTION(deploy(alice, {wild.id}), Invalid, says("domains", "would answer for a name"));
    ops::vouch_name(context, admin, alice.id, name("*.example.com"));
    deploy(alice, {wild.id});
}

BOOST_AUTO_TEST_CASE(what_is_served_or_blocked_is_no_wish) {
    const auto served = add_site(alice, with({"shop.example.com"}));
    show(alice, "shop.example.com", ProofMethod::txt);
    deploy(alice, {served});
    const auto proof = proofs(alice).at(0).id;
    db::transact(db, [&](db::Transaction& tx) { store::withdraw_proof(tx, proof); });
    BOOST_CHECK_EXCEPTION(add_site(bob, with({"shop.example.com"})), Invalid,
                          says("domains", "already used by another site"));
    BOOST_CHECK_THROW(deploy(alice, {served}), Invalid);
    const auto blocked = add_site(alice, with({"bad.example.com"}));
    ops::block_site(context, admin, blocked, 451, "court order");
    ops::vouch_name(context, admin, bob.id, name("bad.example.com"));
    BOOST_CHECK_THROW(add_site(bob, with({"bad.example.com"})), Invalid);
    // Staff, too, need not wait for a wish.
    add_site(alice, with({"wish.example.com"}));
    const auto own = add_site(admin, with({"wish.example.com"}));
    BOOST_TEST(text("SELECT site_id FROM site_domains WHERE domain = 'wish.example.com'") == own.text());
}

BOOST_AUTO_TEST_CASE(another_owner_stands_in_nobodys_way) {
    const auto wide = for_client(alice, with({"*.example.com"}));
    const auto narrow = for_client(alice, with({"a.example.com"}));
    const auto give = [&](SiteId id, const char* text) {
        ops::update_site(
            context, admin, id, 1,
            {.definition = with({text}), .owner = bob.id, .targets = std::nullopt, .reason = {}});
    };
    BOOST_CHECK_EXCEPTION(give(narrow, "a.example.com"), Invalid,
                          says("domains", "wildcard of somebody else"));
    BOOST_CHECK_EXCEPTION(give(wide, "*.example.com"), Invalid, says("domains", "would answer for a name"));
    BOOST_TEST((the_site(narrow).owner == alice.id));
    ops::vouch_name(context, admin, bob.id, name("a.example.com"));
    give(narrow, "a.example.com");
    BOOST_TEST((the_site(narrow).owner == bob.id));
}

BOOST_AUTO_TEST_CASE(of_two_at_once_one_is_refused) {
    set(Setting::domains_proof, "off");  // then every name counts
    for (int round = 0; round < 4; ++round) {
        const std::string zone = "race" + std::to_string(round) + ".example";
        std::atomic<int> saved = 0, refused = 0;
        std::vector<std::jthread> threads;
        for (const auto& [viewer, text] : {std::pair{&alice, "*." + zone}, std::pair{&bob, "a." + zone}})
            threads.emplace_back([&, viewer, text] {
                db::Connection own(test::database_settings());
                ops::Context its{own, clock, keys.sealing};
                try {
                    ops::create_site(
                        its, *viewer,
                        {.definition = with({text}), .owner = {}, .targets = std::nullopt, .reason = {}});
                    ++saved;
                } catch (const Invalid&) {
                    ++refused;
                }
            });
        threads.clear();
        BOOST_TEST(saved == 1);
        BOOST_TEST(refused == 1);
    }
}

// ---- Upstreams
// ----------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(clients_do_not_reach_into_the_proxies) {
    const auto to = [&](const char* host) {
        return SiteDefinition::parse(test::a_definition("up.example.com", host, 80));
    };
    for (const char* host :
         {"127.0.0.1", "127.8.9.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1",
          "224.0.0.1", "255.255.255.255", "localhost", "db.localhost", "100.100.100.200", "fd00:ec2::254",
          "metadata.google.internal", "192.0.2.1"})  // the last is edge-1
        BOOST_CHECK_EXCEPTION(add_site(alice, to(host)), Invalid, says("upstream.servers.0.host", "'"));
    // Also below a path, and for the question whether to let a visitor in.
    Json json = test::a_definition("up.example.com", "192.168.0.9", 80);
    json["routes"].push(Json::object({{"path", "/a"}}));
    json["routes"].items()[0]["upstream"]["servers"].push(test::a_server("127.0.0.1", 80));
    BOOST_CHECK_EXCEPTION(add_site(alice, SiteDefinition::parse(json)), Invalid,
                          says("routes.0.upstream.servers.0.host", "'127.0.0.1'"));
    json = test::a_definition("up.example.com", "192.168.0.9", 80);
    json["access"]["forward"]["url"] = "http://localhost:9091/verify";
    BOOST_CHECK_EXCEPTION(add_site(alice, SiteDefinition::parse(json)), Invalid,
                          says("access.forward.url", "'localhost'"));
    set(Setting::clients_denied_networks, "10.0.0.0/8");
    BOOST_CHECK_EXCEPTION(add_site(alice, to("10.1.2.3")), Invalid,
                          says("upstream.servers.0.host", "10.0.0.0/8"));
    const auto id = for_client(alice, to("10.1.2.3"));
    // What staff put in, the client keeps, and only that.
    auto kept = to("10.1.2.3");
    kept.note = "mine";
    BOOST_TEST(ops::update_site(context, alice, id, 1,
                                {.definition = kept, .owner = {}, .targets = std::nullopt, .reason = {}}) ==
               2U);
    auto moved = SiteDefinition::parse(test::a_definition("up.example.com", "10.1.2.3", 22));
    BOOST_CHECK_THROW(
        ops::update_site(context, alice, id, 2,
                         {.definition = moved, .owner = {}, .targets = std::nullopt, .reason = {}}),
        Invalid);
    add_site(alice, SiteDefinition::parse(test::a_definition("ok.example.com", "192.168.0.9", 80)));
}

BOOST_AUTO_TEST_SUITE_END()
