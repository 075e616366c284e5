// SPDX-License-Identifier: MIT
#include "shared/ops/sites.h"

#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/x509.h"
#include "shared/model/member_doc.h"
#include "shared/ops/approvals.h"
#include "shared/ops/domains.h"
#include "shared/ops/release.h"
#include "shared/ops/upstreams.h"
#include "shared/store/audit.h"
#include "shared/store/certificates.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

// The audit log is for people to read, and nobody takes anything out of it.
Json recorded(const SiteDefinition& definition) {
    return without_passwords(site_members(), definition.to_json());
}

constexpr auto kSelfSignedLife = std::chrono::days(365);
constexpr auto kSelfSignedRenew = std::chrono::days(60);
constexpr std::size_t kMaxReason = 200;

void check_reason(const std::string& reason) {
    if (reason.size() > kMaxReason) throw Invalid("reason", "is longer than 200 bytes");
}

// Raw directives reach into the engine, so they need a permission of their own; others may keep what is
// there.
void check_raw(const Viewer& viewer, const SiteDefinition& wanted, const SiteDefinition* before) {
    const RawDirectives allowed = before != nullptr ? before->raw : RawDirectives{};
    if (viewer.may(Permission::sites_raw) || wanted.raw == allowed) return;
    throw Invalid(wanted.raw.nginx != allowed.nginx   ? "raw.nginx"
                  : wanted.raw.caddy != allowed.caddy ? "raw.caddy"
                                                      : "raw.traefik",
                  "may only be changed by an administrator");
}

void check_assignment(const Viewer& viewer, const SiteInput& input) {
    if (input.owner && input.owner != viewer.owner()) viewer.demand(Permission::sites_assign);
    if (input.targets) viewer.demand(Permission::sites_assign);
}

std::vector<NodeId> active_nodes(db::Connection& db) {
    std::vector<NodeId> nodes;
    for (const store::Node& node : store::list_nodes(db))
        if (node.active) nodes.push_back(node.id);
    return nodes;
}

std::vector<NodeId> checked_targets(db::Connection& db, const std::vector<NodeId>& wanted) {
    const std::set<NodeId> targets(wanted.begin(), wanted.end());
    const auto nodes = store::list_nodes(db);
    for (const NodeId target : targets)
        if (std::ranges::find(nodes, target, &store::Node::id) == nodes.end())
            throw Invalid("targets", "node " + target.text() + " does not exist");
    return {targets.begin(), targets.end()};
}

Json ids(const std::vector<NodeId>& nodes) {
    Json out = Json::array();
    for (const NodeId node : nodes) out.push(node.value());
    return out;
}

bool covers(const store::Certificate& certificate, const SiteDefinition& definition) {
    return std::ranges::all_of(definition.domains, [&](const DomainName& name) {
        return std::ranges::find(certificate.names, name.text()) != certificate.names.end();
    });
}

// The certificate for the revision: the one before when it still fits, else a new one, its key sealed from
// birth.
CertificateId certificate_for(Context& context, db::Transaction& tx, UserId owner,
                              const SiteDefinition& definition, CertificateId before, Time now) {
    if (definition.tls.mode == TlsMode::none) return {};
    if (before) {
        const auto held = store::get_certificate(tx.connection(), before);
        if (covers(held, definition) && held.not_after > now + kSelfSignedRenew) return before;
    }
    std::vector<std::string> names;
    for (const DomainName& name : definition.domains) names.push_back(name.text());
    // An hour back: clocks of visitors differ.
    const auto made = crypto::self_signed(names, now - std::chrono::hours(1), now + kSelfSignedLife);
    const auto facts = crypto::read_certificate(made.chain_pem);
    return store::insert_certificate(
        tx,
        {.id = {},
         .owner = owner,
         .kind = "self_signed",
         .fingerprint = facts.fingerprint,
         .subject = facts.subject,
         .chain_pem = made.chain_pem,
         .sealed_key = context.sealing.seal(made.private_key_pem, "certificate:" + facts.fingerprint),
         .key_digest = crypto::sha256_hex(made.private_key_pem.reveal()),
         .not_before = facts.not_before,
         .not_after = facts.not_after,
         .names = facts.names},
        now);
}

void demand_owner(db::Connection& db, UserId owner) {
    try {
        store::get_user(db, owner);
    } catch (const NotFound&) {
        throw Invalid("owner", "does not exist");
    }
}

// A deployment of one site as it stands, after its state changed or it was removed.
std::optional<DeploymentId> deploy_as_is(db::Transaction& tx, const Viewer& viewer, const store::Site& site,
                                         RevisionId revision, const std::vector<NodeId>& nodes,
                                         const std::string& reason, Time now) {
    const auto active = only_active_nodes(tx.connection(), {nodes.begin(), nodes.end()});
    if (!site.released || active.empty()) return std::nullopt;
    const DeploymentId id = store::insert_deployment(tx, viewer, site.owner, reason, {}, now);
    store::insert_deployment_site(tx, id, site.id, revision);
    enqueue_nodes(tx, viewer.id, id, active, reason, now);
    return id;
}

}  // namespace

SiteId create_site(Context& context, const Viewer& viewer, const SiteInput& input) {
    viewer.demand(Permission::sites_edit);
    check_assignment(viewer, input);
    check_raw(viewer, input.definition, nullptr);
    check_upstreams(context.db, viewer, input.definition, nullptr);
    check_reason(input.reason);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const UserId owner = input.owner ? input.owner : viewer.owner();
        demand_owner(context.db, owner);
        const auto targets =
            input.targets ? checked_targets(context.db, *input.targets) : active_nodes(context.db);
        const SiteId id = store::insert_site(tx, owner, now);
        const auto certificate = certificate_for(context, tx, owner, input.definition, {}, now);
        store::insert_revision(tx, id, 0, input.definition, certificate, viewer.id, input.reason, now);
        hold_names(tx, viewer, id, owner, input.definition.domains, false, now);
        store::update_site_targets(tx, id, targets);
        store::insert_audit(
            tx, viewer, "site.create",
            {.type = "site", .id = id.value(), .name = input.definition.primary().text(), .owner = owner},
            nullptr, recorded(input.definition), now);
        return id;
    });
}

namespace {

void update_owner(db::Transaction& tx, const store::Site& site, UserId owner, Json& was, Json& is) {
    if (!owner || owner == site.owner) return;
    demand_owner(tx.connection(), owner);
    store::update_site_owner(tx, site.id, owner);
    was["owner"] = site.owner.value();
    is["owner"] = owner.value();
}

void update_targets(db::Transaction& tx, const store::Site& site, const std::vector<NodeId>& wanted,
                    Json& was, Json& is) {
    const auto held = store::list_site_targets(tx.connection(), site.id);
    const auto targets = checked_targets(tx.connection(), wanted);
    if (targets == held) return;
    store::update_site_targets(tx, site.id, targets);
    was["targets"] = ids(held);
    is["targets"] = ids(targets);
}

}  // namespace

unsigned update_site(Context& context, const Viewer& viewer, SiteId id, unsigned based_on,
                     const SiteInput& input) {
    viewer.demand(Permission::sites_edit);
    check_assignment(viewer, input);
    check_reason(input.reason);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto site = store::get_site_for_update(tx, Scope::of(viewer), id);
        if (site.head_number != based_on)
            throw Conflict("somebody saved version " + std::to_string(site.head_number) +
                           " of this site meanwhile");
        const auto before = store::get_revision(context.db, id, site.head);
        check_raw(viewer, input.definition, &before.definition);
        check_upstreams(context.db, viewer, input.definition, &before.definition);
        Json was = Json::object();
        Json is = Json::object();
        if (input.definition != before.definition) {
            was = recorded(before.definition);
            is = recorded(input.definition);
        }
        update_owner(tx, site, input.owner, was, is);
        if (input.targets) update_targets(tx, site, *input.targets, was, is);
        if (was == is && input.definition == before.definition) return site.head_number;
        store::insert_audit(tx, viewer, "site.update", subject_of(site), was, is, now);
        const UserId owner = input.owner ? input.owner : site.owner;
        const auto certificate =
            certificate_for(context, tx, owner, input.definition, before.certificate, now);
        store::insert_revision(tx, id, based_on, input.definition, certificate, viewer.id, input.reason, now);
        // Another owner, too, shows for itself that it holds the names, and stands in nobody's way.
        hold_names(tx, viewer, id, owner, input.definition.domains, owner != site.owner, now);
        void_approvals(tx, site,
                       "version " + std::to_string(based_on + 1) + " of " +
                           input.definition.primary().text() + " was saved",
                       now);
        return based_on + 1;
    });
}

unsigned restore_revision(Context& context, const Viewer& viewer, SiteId id, unsigned number) {
    const auto site = store::get_site(context.db, Scope::of(viewer), id);
    auto old = store::get_revision_number(context.db, id, number);
    // What an administrator put in by hand stays an administrator's matter.
    if (!viewer.may(Permission::sites_raw))
        old.definition.raw = store::get_revision(context.db, id, site.head).definition.raw;
    return update_site(context, viewer, id, site.head_number,
                       {.definition = old.definition,
                        .owner = {},
                        .targets = std::nullopt,
                        .reason = "restored version " + std::to_string(number)});
}

namespace {

// A plan is computed without a lock: what was saved since then was seen by nobody.
void demand_versions(const std::vector<store::Site>& sites, const std::map<SiteId, unsigned>& reviewed) {
    for (const store::Site& site : sites) {
        const auto seen = reviewed.find(site.id);
        if (seen != reviewed.end() && seen->second != site.head_number)
            throw Conflict("version " + std::to_string(site.head_number) + " of " + site.domain +
                           " was saved after version " + std::to_string(seen->second) + " was reviewed");
    }
}

}  // namespace

DeploymentId deploy_sites(Context& context, const Viewer& viewer, const std::vector<SiteId>& wanted,
                          const std::string& reason, const Reviewed& reviewed) {
    viewer.demand(Permission::sites_deploy);
    if (wanted.empty()) throw Invalid("sites", "none was given");
    check_reason(reason);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto sites = lock_sites(tx, Scope::of(viewer), wanted);
        demand_versions(sites, reviewed.versions);
        demand_names(tx, sites);
        const auto nodes = reachable_nodes(context.db, sites);
        const bool waits = needs_approval(context.db, viewer);
        // What an administrator asked for as a client, the same administrator could approve as oneself.
        if (waits && viewer.impersonator)
            throw Forbidden("ask for this deployment in the administrators' panel, in your own name");
        if (waits)
            return ask_for_approval(context, tx, viewer, sites, nodes, reason, reviewed.plan_digest, now);
        const DeploymentId deployment =
            store::insert_deployment(tx, viewer, common_owner(sites), reason, reviewed.plan_digest, now);
        for (const store::Site& site : sites)
            store::insert_deployment_site(tx, deployment, site.id, site.head);
        release_heads(tx, viewer, viewer.id, deployment, sites, nodes, reason, now);
        return deployment;
    });
}

namespace {

std::string deployment_reason(const std::string& verb, const store::Site& site) {
    return text::ellipsis(verb + "s " + site.domain, kMaxReason - 10);
}

std::optional<DeploymentId> change_state(Context& context, const Viewer& viewer, SiteId id, SiteState state,
                                         unsigned status, const std::string& reason, const char* verb) {
    viewer.demand(Permission::sites_edit);
    return db::transact(context.db, [&](db::Transaction& tx) -> std::optional<DeploymentId> {
        const Time now = context.clock.now();
        const auto site = store::get_site_for_update(tx, Scope::of(viewer), id);
        if (site.state == SiteState::blocked && !viewer.may(Permission::sites_block))
            throw Forbidden("an administrator blocked this site");
        store::update_site_state(tx, id, state, status, reason, now);
        store::update_site_domains(tx, id);  // a block that ended frees the names it kept
        store::insert_audit(tx, viewer, std::string("site.") + verb, subject_of(site),
                            Json::object({{"state", to_word(site.state)}}),
                            Json::object({{"state", to_word(state)}, {"status", status}, {"reason", reason}}),
                            now);
        return deploy_as_is(tx, viewer, site, site.released, store::list_concerned_nodes(context.db, id),
                            deployment_reason(verb, site), now);
    });
}

}  // namespace

std::optional<DeploymentId> block_site(Context& context, const Viewer& viewer, SiteId id, unsigned status,
                                       const std::string& reason) {
    viewer.demand(Permission::sites_block);
    if (status != 403 && status != 451 && status != 503) throw Invalid("status", "must be 403, 451 or 503");
    if (reason.size() > 500) throw Invalid("reason", "is longer than 500 bytes");
    return change_state(context, viewer, id, SiteState::blocked, status, reason, "block");
}

std::optional<DeploymentId> pause_site(Context& context, const Viewer& viewer, SiteId id) {
    return change_state(context, viewer, id, SiteState::paused, 403, {}, "pause");
}

std::optional<DeploymentId> resume_site(Context& context, const Viewer& viewer, SiteId id) {
    return change_state(context, viewer, id, SiteState::active, 403, {}, "resume");
}

std::optional<DeploymentId> remove_site(Context& context, const Viewer& viewer, SiteId id) {
    viewer.demand(Permission::sites_edit);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto site = store::get_site_for_update(tx, Scope::of(viewer), id);
        // Else its owner could make it anew, unblocked.
        if (site.state == SiteState::blocked && !viewer.may(Permission::sites_block))
            throw Forbidden("an administrator blocked this site");
        const auto before = store::get_revision(context.db, id, site.head);
        const auto nodes = store::list_concerned_nodes(context.db, id);
        store::update_site_removed(tx, id, now);
        void_approvals(tx, site, site.domain + " was deleted", now);
        store::insert_audit(tx, viewer, "site.remove", subject_of(site), recorded(before.definition), nullptr,
                            now);
        return deploy_as_is(tx, viewer, site, {}, nodes, deployment_reason("remove", site), now);
    });
}

}  // namespace rpm::ops
