// SPDX-License-Identifier: MIT
#include "shared/ops/approvals.h"

#define BOOST_TEST_DYN_LINK
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/ops/nodes.h"
#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "tests/support/world.h"

using namespace rpm;

namespace {

struct Approvals : test::World {
    NodeId node = add_node("edge-1");
    Viewer olga{.id = add_user("olga", Role::operator_), .username = "olga", .role = Role::operator_};
    SiteId site = add_site(alice, "shop.example");

    Approvals() { set(Setting::approval_clients, "on"); }
    void save(std::string note) {
        auto wanted = definition("shop.example");
        wanted.note = std::move(note);
        ops::update_site(context, alice, site, the_site(site).head_number,
                         {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}});
    }
    std::string basis(DeploymentId id) { return the_deployment(id).basis; }
    ops::Approval approve(const Viewer& viewer, DeploymentId id) {
        return ops::approve_deployment(context, viewer, id, basis(id), "fine");
    }
    std::string job_state() {
        return text("SELECT state FROM jobs WHERE kind = 'deployment.release' ORDER BY id DESC LIMIT 1");
    }
    std::uint64_t node_jobs() { return number("SELECT COUNT(*) FROM jobs WHERE kind = 'node.deploy'"); }
    std::size_t audited(const std::string& action) {
        return store::list_audit(db, Scope::everything(), {.action_prefix = action}).size();
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(approvals, Approvals)

BOOST_AUTO_TEST_CASE(what_waits_touches_nothing) {
    const auto id = deploy(alice, {site});
    BOOST_TEST(the_deployment(id).state == "awaiting_approval");
    BOOST_TEST(the_site(site).released_number == 0U);
    BOOST_TEST(the_site(site).deploy_state == "draft");
    BOOST_TEST(node_jobs() == 0U);
    BOOST_TEST(job_state() == "awaiting_approval");
    BOOST_TEST(
        store::claim_jobs(db, {.kind = "deployment.release", .worker = "w", .token = token}, clock.now())
            .jobs.empty());
    BOOST_TEST(carried(node).empty());
}

BOOST_AUTO_TEST_CASE(exactly_what_was_approved_goes_out) {
    const auto id = deploy(alice, {site});
    BOOST_TEST(approve(olga, id).approved);
    const auto done = the_deployment(id);
    BOOST_TEST(done.state == "queued");
    BOOST_TEST(done.decided_by == "olga");
    BOOST_TEST(done.decision == "fine");
    BOOST_TEST(done.requested_by == "alice");
    BOOST_TEST(job_state() == "succeeded");
    BOOST_TEST(the_site(site).released_number == 1U);
    run(node);
    BOOST_TEST(the_deployment(id).state == "succeeded");
    BOOST_TEST(audited("deployment.ask") == 1U);
    BOOST_TEST(audited("deployment.approve") == 1U);
    BOOST_CHECK_THROW(approve(olga, id), Conflict);
}

BOOST_AUTO_TEST_CASE(a_cancelled_deployment_does_not_let_out_what_waits) {
    set(Setting::approval_clients, "off");
    deploy(alice, {site});
    set(Setting::approval_clients, "on");
    save("second");
    const auto waiting = deploy(alice, {site});
    BOOST_TEST(the_deployment(waiting).state == "awaiting_approval");
    ops::cancel_job(context, admin, JobId(number("SELECT id FROM jobs WHERE kind = 'node.deploy'")));
    BOOST_TEST(the_site(site).released_number == 0U);
    BOOST_TEST(carried(node).empty());
}

BOOST_AUTO_TEST_CASE(a_deleted_site_does_not_take_its_names_back) {
    set(Setting::approval_clients, "off");
    deploy(alice, {site});
    ops::remove_site(context, alice, site);
    ops::cancel_job(context, admin, JobId(number("SELECT MIN(id) FROM jobs WHERE kind = 'node.deploy'")));
    BOOST_TEST(number("SELECT COUNT(*) FROM site_domains") == 0U);
    BOOST_CHECK_NO_THROW(add_site(bob, "shop.example"));
}

// Who approves would be who asked.
BOOST_AUTO_TEST_CASE(nobody_asks_through_a_clients_eyes) {
    set(Setting::approval_clients, "off");
    set(Setting::approval_four_eyes, "on");
    Viewer eyes = alice;
    eyes.impersonator = admin.id;
    BOOST_CHECK_THROW(deploy(eyes, {site}), Forbidden);
    BOOST_TEST(node_jobs() == 0U);
    Viewer in_the_other_panel = admin;
    in_the_other_panel.role = Role::client;
    BOOST_TEST(ops::needs_approval(db, in_the_other_panel));
    set(Setting::approval_four_eyes, "off");
    set(Setting::approval_clients, "on");
    BOOST_CHECK_THROW(deploy(eyes, {site}), Forbidden);
    BOOST_TEST(!ops::needs_approval(db, in_the_other_panel));
}

BOOST_AUTO_TEST_CASE(approvers_and_who_asked_are_told_by_mail) {
    set(Setting::mail_enabled, "on");
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE users SET email = CONCAT(username, '@example.com') WHERE username <> 'bob'");
    });
    const auto mails = [&](const std::string& to) {
        return number("SELECT COUNT(*) FROM notifications WHERE kind = 'approval' AND recipient = '" + to +
                      "'");
    };
    const auto id = deploy(alice, {site});
    BOOST_TEST(mails("olga@example.com") == 1U);
    BOOST_TEST(mails("root@example.com") == 1U);
    BOOST_TEST(mails("alice@example.com") == 0U);
    ops::reject_deployment(context, olga, id, "not on a Friday");
    BOOST_TEST(mails("alice@example.com") == 1U);
    BOOST_TEST(mails("olga@example.com") == 1U);
}

BOOST_AUTO_TEST_CASE(saving_again_makes_it_void) {
    const auto id = deploy(alice, {site});
    const std::string seen = basis(id);
    save("newer");
    BOOST_TEST(the_deployment(id).state == "voided");
    BOOST_TEST(the_deployment(id).decision == "version 2 of shop.example was saved");
    BOOST_CHECK_THROW(ops::approve_deployment(context, olga, id, seen, ""), Conflict);
    BOOST_TEST(the_site(site).released_number == 0U);
    // Asked for anew, it is another plan.
    const auto next = deploy(alice, {site});
    BOOST_TEST(basis(next) != seen);
    BOOST_CHECK_THROW(ops::approve_deployment(context, olga, next, seen, ""), Conflict);
    BOOST_TEST(approve(olga, next).approved);
    BOOST_TEST(the_site(site).released_number == 2U);
}

BOOST_AUTO_TEST_CASE(what_the_node_serves_belongs_to_the_plan) {
    const auto id = deploy(alice, {site});
    set(Setting::approval_clients, "off");
    deploy(bob, {add_site(bob, "other.example")});
    const auto approval = approve(olga, id);
    BOOST_TEST(!approval.approved);
    BOOST_TEST(approval.why == "what the nodes serve has changed");
    BOOST_TEST(the_deployment(id).state == "voided");
    BOOST_TEST(job_state() == "cancelled");
    BOOST_TEST(the_site(site).released_number == 0U);
    BOOST_TEST(audited("deployment.void") == 1U);
}

BOOST_AUTO_TEST_CASE(a_node_that_only_catches_up_voids_nothing) {
    set(Setting::approval_clients, "off");
    deploy(bob, {add_site(bob, "other.example")});
    set(Setting::approval_clients, "on");
    const auto id = deploy(alice, {site});
    run(node);
    BOOST_TEST(approve(olga, id).approved);
}

BOOST_AUTO_TEST_CASE(asking_again_replaces_what_waited) {
    const auto first = deploy(alice, {site});
    const auto second = deploy(alice, {site});
    BOOST_TEST(the_deployment(first).state == "voided");
    BOOST_TEST(the_deployment(second).state == "awaiting_approval");
}

BOOST_AUTO_TEST_CASE(rejected_with_a_reason) {
    const auto id = deploy(alice, {site});
    BOOST_CHECK_THROW(ops::reject_deployment(context, olga, id, " "), Invalid);
    BOOST_CHECK_THROW(ops::reject_deployment(context, alice, id, "no"), Forbidden);
    ops::reject_deployment(context, olga, id, "not on a Friday");
    BOOST_TEST(the_deployment(id).state == "rejected");
    BOOST_TEST(the_deployment(id).decision == "not on a Friday");
    BOOST_TEST(job_state() == "cancelled");
    BOOST_CHECK_THROW(approve(olga, id), Conflict);
    BOOST_TEST(node_jobs() == 0U);
}

BOOST_AUTO_TEST_CASE(who_asked_may_withdraw) {
    const auto id = deploy(alice, {site});
    BOOST_CHECK_THROW(ops::withdraw_deployment(context, bob, id), NotFound);
    ops::withdraw_deployment(context, alice, id);
    BOOST_TEST(the_deployment(id).state == "cancelled");
    BOOST_CHECK_THROW(approve(olga, id), Conflict);
    // The clients' account may not end jobs.
    BOOST_TEST(job_state() == "awaiting_approval");
    db::transact(
        db, [&](db::Transaction& tx) { BOOST_TEST(store::end_stale_waiting_jobs(tx, clock.now()) == 1U); });
    BOOST_TEST(job_state() == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_cancelled_job_takes_its_deployment_along) {
    const auto id = deploy(alice, {site});
    const JobId job(number("SELECT id FROM jobs WHERE kind = 'deployment.release'"));
    ops::cancel_job(context, olga, job);
    BOOST_TEST(the_deployment(id).state == "cancelled");
    BOOST_CHECK_THROW(ops::repeat_job(context, olga, job), Conflict);
}

BOOST_AUTO_TEST_CASE(four_eyes_are_two_people) {
    BOOST_TEST(the_deployment(deploy(olga, {site})).state == "queued");  // that policy is for clients only
    set(Setting::approval_four_eyes, "on");
    save("newer");
    const auto id = deploy(olga, {site});
    BOOST_TEST(the_deployment(id).state == "awaiting_approval");
    BOOST_CHECK_EXCEPTION(approve(olga, id), Forbidden, [](const Forbidden& error) {
        return std::string(error.what()).find("themselves") != std::string::npos;
    });
    BOOST_CHECK_THROW(approve(alice, id), Forbidden);
    BOOST_TEST(approve(admin, id).approved);
    // The operator's command is the system.
    save("newest");
    BOOST_TEST(the_deployment(deploy(Viewer::system(), {site})).state == "queued");
}

BOOST_AUTO_TEST_CASE(taking_offline_does_not_wait) {
    const auto id = deploy(alice, {site});
    approve(olga, id);
    run(node);
    BOOST_REQUIRE(ops::pause_site(context, alice, site).has_value());
    run(node);
    BOOST_TEST((the_site(site).state == SiteState::paused));
    save("newer");
    const auto waits = deploy(alice, {site});
    ops::remove_site(context, alice, site);
    BOOST_TEST(the_deployment(waits).state == "voided");
}

// ---- At the same time, each with a connection of its own
// ------------------------------------------------------

namespace {

// Runs all at once; how many went through.
template <class... F>
int race(Approvals& world, F... acts) {
    std::atomic<int> through = 0;
    std::atomic<int> ready = 0;
    std::vector<std::jthread> threads;
    const auto start = [&](auto act) {
        threads.emplace_back([&, act] {
            db::Connection own(test::database_settings());
            own.ping();
            ops::Context its{own, world.clock, world.keys.sealing};
            for (++ready; ready < static_cast<int>(sizeof...(F));) std::this_thread::yield();
            try {
                if (act(its)) ++through;
            } catch (const Conflict&) {  // too late
            }
        });
    };
    (start(acts), ...);
    threads.clear();
    return through;
}

}  // namespace

BOOST_AUTO_TEST_CASE(approved_twice_at_once_it_goes_out_once) {
    for (int round = 0; round < 5; ++round) {
        save("round " + std::to_string(round));
        const auto id = deploy(alice, {site});
        const std::string seen = basis(id);
        const auto approve_as = [&](const Viewer& viewer) {
            return [&, viewer](ops::Context& its) {
                return ops::approve_deployment(its, viewer, id, seen, "").approved;
            };
        };
        BOOST_TEST(race(*this, approve_as(olga), approve_as(admin)) == 1);
        BOOST_TEST(the_deployment(id).state == "queued");
        run(node);
    }
    BOOST_TEST(audited("deployment.approve") == 5U);
}

BOOST_AUTO_TEST_CASE(approved_while_saved_again_never_releases_the_newer) {
    for (int round = 0; round < 5; ++round) {
        save("before " + std::to_string(round));
        const unsigned asked = the_site(site).head_number;
        const auto id = deploy(alice, {site});
        const std::string seen = basis(id);
        const unsigned released_before = the_site(site).released_number;
        auto wanted = definition("shop.example");
        wanted.note = "meanwhile " + std::to_string(round);
        race(
            *this,
            [&](ops::Context& its) { return ops::approve_deployment(its, olga, id, seen, "").approved; },
            [&](ops::Context& its) {
                ops::update_site(its, alice, site, asked,
                                 {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = {}});
                return true;
            });
        BOOST_TEST(the_site(site).head_number == asked + 1);
        const auto state = the_deployment(id).state;
        BOOST_TEST((state == "queued" || state == "voided"), state);
        BOOST_TEST(the_site(site).released_number == (state == "queued" ? asked : released_before));
        if (state == "queued") run(node);
    }
}

BOOST_AUTO_TEST_CASE(approved_while_withdrawn_is_one_of_both) {
    for (int round = 0; round < 5; ++round) {
        save("round " + std::to_string(round));
        const auto id = deploy(alice, {site});
        const std::string seen = basis(id);
        const auto through = race(
            *this,
            [&](ops::Context& its) { return ops::approve_deployment(its, olga, id, seen, "").approved; },
            [&](ops::Context& its) {
                ops::withdraw_deployment(its, alice, id);
                return true;
            });
        BOOST_TEST(through == 1);
        const auto state = the_deployment(id).state;
        BOOST_TEST((state == "queued") == (the_site(site).released_number == the_site(site).head_number));
        if (state == "queued") run(node);
    }
}

BOOST_AUTO_TEST_SUITE_END()
