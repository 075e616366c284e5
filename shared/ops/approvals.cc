// SPDX-License-Identifier: MIT
#include "shared/ops/approvals.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/ops/domains.h"
#include "shared/ops/mail.h"
#include "shared/ops/release.h"
#include "shared/store/audit.h"
#include "shared/store/jobs.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

constexpr const char* kWaiting = "awaiting_approval";

store::AuditSubject subject_of(const store::Deployment& deployment) {
    return {.type = "deployment",
            .id = deployment.id.value(),
            .name = text::ellipsis(deployment.sites, 200),
            .owner = deployment.owner};
}

// Versions and states of the sites, and what each node should serve besides them.
std::string basis_of(db::Connection& db, const std::vector<store::Site>& sites,
                     const std::set<NodeId>& nodes) {
    crypto::Sha256 hash;
    std::set<SiteId> ids;
    for (const store::Site& site : sites) {
        ids.insert(site.id);
        hash.update("site " + site.id.text() + "@" + site.head.text() + " " +
                    std::string(to_word(site.state)) + "\n");
    }
    for (const NodeId node : nodes)
        hash.update("node " + node.text() + " " + store::wanted_of_node(db, node, ids) + "\n");
    return text::hex(hash.finish());
}

std::vector<SiteId> ids_of(const std::vector<store::DeploymentSite>& sites) {
    std::vector<SiteId> ids;
    for (const store::DeploymentSite& site : sites) ids.push_back(site.site);
    return ids;
}

// What is not as it was asked for; empty: all is.
std::string why_void(const std::vector<store::DeploymentSite>& asked, const std::vector<store::Site>& now) {
    for (const store::DeploymentSite& site : asked) {
        const auto found = std::ranges::find(now, site.site, &store::Site::id);
        if (found == now.end()) return site.domain + " was deleted";
        if (found->head != site.revision)
            return "version " + std::to_string(found->head_number) + " of " + found->domain + " was saved";
    }
    return {};
}

// Sites first, then the deployment: the order in which saving takes them.
std::vector<store::Site> lock_remaining(db::Transaction& tx,
                                        const std::vector<store::DeploymentSite>& asked) {
    std::vector<store::Site> sites;
    for (const SiteId id : [&] {
             auto ids = ids_of(asked);
             std::ranges::sort(ids);
             return ids;
         }()) {
        try {
            sites.push_back(store::get_site_for_update(tx, Scope::everything(), id));
        } catch (const NotFound&) {  // deleted meanwhile: told by why_void()
        }
    }
    return sites;
}

void demand_waiting(db::Transaction& tx, DeploymentId id) {
    const std::string state = store::lock_deployment_state(tx, id);
    if (state != kWaiting)
        throw Conflict("deployment " + id.text() + " does not wait for approval: it is " + state);
}

void check_reason(const std::string& reason, bool required) {
    if (required && text::trim(reason).empty()) throw Invalid("reason", "is missing: who asked will read it");
    if (reason.size() > kMostDecision)
        throw Invalid("reason", "is longer than " + std::to_string(kMostDecision) + " bytes");
}

std::string sites_words(const std::vector<store::Site>& sites) {
    std::vector<std::string> names;
    for (const store::Site& site : sites) names.push_back(site.domain);
    return text::join(names, ", ");
}

void tell_approvers(Context& context, db::Transaction& tx, const Viewer& viewer, const std::string& what) {
    for (const store::User& user : store::list_users(context.db))
        if (user.active && user.id != viewer.id && allows(user.role, Permission::deployments_approve))
            queue_notice(context, tx, user, Notice::approval_waits, viewer, {}, what);
}

void tell_requester(Context& context, db::Transaction& tx, const store::Deployment& deployment,
                    const Viewer& viewer, const std::string& outcome) {
    if (!deployment.requester) return;
    queue_notice(context, tx, store::get_user(context.db, deployment.requester), Notice::approval_decided,
                 viewer, {},
                 text::ellipsis(
                     "deployment " + deployment.id.text() + " of " + deployment.sites + ": " + outcome, 300));
}

void end_job(db::Transaction& tx, DeploymentId id, const char* state, Time now) {
    store::end_waiting_job(tx, "deployment", id.value(), state, now);
}

}  // namespace

bool needs_approval(db::Connection& db, const Viewer& viewer) {
    if (!viewer.id) return false;  // the system, and the operator's command
    const Settings settings = store::load_settings(db);
    // Staff stay staff in the clients' panel. Behind a client's eyes the client's rule holds, too: what that
    // panel's database account may release goes by it (sql/guards.sql).
    const bool staff = viewer.impersonator || is_staff(store::get_user(db, viewer.id).role);
    return settings.on(staff ? Setting::approval_four_eyes : Setting::approval_clients) ||
           (viewer.impersonator && settings.on(Setting::approval_clients));
}

DeploymentId ask_for_approval(Context& context, db::Transaction& tx, const Viewer& viewer,
                              const std::vector<store::Site>& sites, const std::set<NodeId>& nodes,
                              const std::string& reason, const std::string& plan_digest, Time now) {
    const DeploymentId id = store::insert_waiting_deployment(
        tx, viewer, common_owner(sites), reason, plan_digest, basis_of(tx.connection(), sites, nodes), now);
    for (const store::Site& site : sites) {
        store::insert_deployment_site(tx, id, site.id, site.head);
        store::void_waiting_deployments(tx, site.id, "asked for again as deployment " + id.text(), id, now);
        store::insert_audit(tx, viewer, "deployment.ask", subject_of(site), nullptr,
                            Json::object({{"version", site.head_number}, {"deployment", id.value()}}), now);
    }
    store::insert_waiting_job(tx,
                              {.kind = "deployment.release",
                               .subject_type = "deployment",
                               .subject_id = id.value(),
                               .lane = {},
                               .requested_by = viewer.id,
                               .reason = reason,
                               .payload = {}},
                              now);
    tell_approvers(context, tx, viewer,
                   text::ellipsis(sites_words(sites) + ", deployment " + id.text(), 300));
    return id;
}

void void_approvals(db::Transaction& tx, const store::Site& site, const std::string& why, Time now) {
    store::void_waiting_deployments(tx, site.id, why, {}, now);
}

Approval approve_deployment(Context& context, const Viewer& viewer, DeploymentId id, const std::string& basis,
                            const std::string& reason) {
    viewer.demand(Permission::deployments_approve);
    check_reason(reason, false);
    return db::transact(context.db, [&](db::Transaction& tx) -> Approval {
        const Time now = context.clock.now();
        const auto asked = store::list_deployment_sites(context.db, id);
        const auto sites = lock_remaining(tx, asked);
        demand_waiting(tx, id);
        const auto deployment = store::get_deployment(context.db, Scope::of(viewer), id);
        if (deployment.requester && deployment.requester == viewer.id)
            throw Forbidden("nobody approves what they asked for themselves");
        if (basis != deployment.basis) throw Conflict("that is not the plan which waits: look at it again");
        std::string why = why_void(asked, sites);
        std::set<NodeId> nodes;
        if (why.empty()) {
            nodes = reachable_nodes(context.db, sites);
            if (basis_of(context.db, sites, nodes) != basis) why = "what the nodes serve has changed";
        }
        if (!why.empty()) {
            store::decide_deployment(tx, id, "voided", {}, why, now);
            end_job(tx, id, "cancelled", now);
            tell_requester(context, tx, deployment, viewer, "void, " + why);
            store::insert_audit(tx, viewer, "deployment.void", subject_of(deployment), nullptr,
                                Json::object({{"reason", why}}), now);
            return {false, why};
        }
        demand_names(tx, sites);
        store::decide_deployment(tx, id, "queued", viewer.id, reason, now);
        end_job(tx, id, "succeeded", now);
        release_heads(tx, viewer, deployment.requester, id, sites, nodes, deployment.reason, now);
        tell_requester(context, tx, deployment, viewer, "approved");
        store::insert_audit(tx, viewer, "deployment.approve", subject_of(deployment), nullptr,
                            Json::object({{"plan", basis}, {"reason", reason}}), now);
        return {true, {}};
    });
}

void reject_deployment(Context& context, const Viewer& viewer, DeploymentId id, const std::string& reason) {
    viewer.demand(Permission::deployments_approve);
    check_reason(reason, true);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto deployment = store::get_deployment(context.db, Scope::of(viewer), id);
        demand_waiting(tx, id);
        store::decide_deployment(tx, id, "rejected", viewer.id, reason, now);
        end_job(tx, id, "cancelled", now);
        tell_requester(context, tx, deployment, viewer, "rejected, " + reason);
        store::insert_audit(tx, viewer, "deployment.reject", subject_of(deployment), nullptr,
                            Json::object({{"reason", reason}}), now);
    });
}

void withdraw_deployment(Context& context, const Viewer& viewer, DeploymentId id) {
    viewer.demand(Permission::sites_deploy);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto deployment = store::get_deployment(context.db, Scope::of(viewer), id);
        if (viewer.is_staff() && deployment.requester != viewer.id) viewer.demand(Permission::jobs_manage);
        demand_waiting(tx, id);
        store::decide_deployment(tx, id, "cancelled", {}, "withdrawn by " + viewer.username, now);
        // The clients' account may not end jobs: housekeeping ends what does not wait any more.
        if (viewer.may(Permission::jobs_manage)) end_job(tx, id, "cancelled", now);
        store::insert_audit(tx, viewer, "deployment.withdraw", subject_of(deployment), nullptr, nullptr, now);
    });
}

}  // namespace rpm::ops
