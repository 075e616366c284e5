// SPDX-License-Identifier: MIT
#include "shared/ops/sites.h"

#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/approvals.h"
#include "shared/ops/domains.h"
#include "shared/ops/ports.h"
#include "shared/ops/release.h"
#include "shared/ops/site_revision.h"
#include "shared/ops/upstream_keys.h"
#include "shared/ops/upstreams.h"
#include "shared/store/audit.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

constexpr std::size_t kMaxReason = 200;

void check_reason(const std::string& reason) {
    if (reason.size() > kMaxReason) throw Invalid("reason", "is longer than 200 bytes");
}

// Raw directives reach into the engine, so they need a permission of their own; others may keep what is
// there.
void check_raw(const Viewer& viewer, const SiteDefinition& wanted, const SiteDefinition* before) {
    const RawDirectives allowed = before != nullptr ? before->raw : RawDirectives{};
    if (viewer.may(Permission::sites_raw) || wanted.raw == allowed) return;
    refuse_raw(wanted.raw, allowed);
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

namespace {

Json words(const std::vector<std::string>& texts) {
    Json out = Json::array();
    for (const std::string& each : texts) out.push(each);
    return out;
}

// Makes no version: nodes do not know tags.
void put_tags(db::Transaction& tx, const Viewer& viewer, const store::Site& site,
              const std::vector<std::string>& tags, Time now) {
    if (tags == site.tags) return;
    store::update_site_tags(tx, site.id, tags, now);
    store::insert_audit(tx, viewer, "site.tag", subject_of(site), Json::object({{"tags", words(site.tags)}}),
                        Json::object({{"tags", words(tags)}}), now);
}

// `like`: the site that it copies, whose raw directives and upstreams it may have.
SiteId make_site(Context& context, const Viewer& viewer, const SiteInput& input,
                 const std::vector<std::string>& tags, const SiteDefinition* like) {
    check_raw(viewer, input.definition, like);
    check_upstreams(context.db, viewer, input.definition, like);
    check_reason(input.reason);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const UserId owner = input.owner ? input.owner : viewer.owner();
        demand_owner(context.db, owner);
        const auto targets =
            input.targets ? checked_targets(context.db, *input.targets) : active_nodes(context.db);
        const SiteDefinition definition = keep_upstream_keys(context, tx, owner, input.definition, like, now);
        const SiteId id = store::insert_site(tx, owner, now);
        save_revision(context, tx, viewer, {.site = id, .owner = owner}, definition, input.reason, now);
        hold_names(tx, viewer, id, owner, definition.domains, false, now);
        store::update_site_targets(tx, id, targets);
        if (!tags.empty()) store::update_site_tags(tx, id, tags, now);
        hold_ports(tx, viewer, id, owner, definition);
        store::insert_audit(
            tx, viewer, "site.create",
            {.type = "site", .id = id.value(), .name = definition.primary().text(), .owner = owner}, nullptr,
            recorded_definition(definition), now);
        return id;
    });
}

}  // namespace

SiteId create_site(Context& context, const Viewer& viewer, const SiteInput& input) {
    viewer.demand(Permission::sites_edit);
    check_assignment(viewer, input);
    return make_site(context, viewer, input, parse_tags(input.tags.value_or(std::vector<std::string>())),
                     nullptr);
}

SiteId clone_site(Context& context, const Viewer& viewer, SiteId from, const std::vector<DomainName>& domains,
                  const std::string& reason) {
    viewer.demand(Permission::sites_edit);
    if (domains.empty()) throw Invalid("domains", "needs at least one domain name");
    const auto site = store::get_site(context.db, Scope::of(viewer), from);
    const auto like = store::get_revision(context.db, from, site.head).definition;
    SiteDefinition wanted = like;
    wanted.domains = domains;
    // The reader has the limits of the list.
    wanted = SiteDefinition::parse(wanted.to_json());
    return make_site(context, viewer,
                     {.definition = std::move(wanted),
                      .owner = viewer.may(Permission::sites_assign) ? site.owner : UserId(),
                      .targets = store::list_site_targets(context.db, from),
                      .reason = reason.empty() ? "copied from " + text::ellipsis(site.domain, 180) : reason},
                     site.tags, &like);
}

std::vector<std::string> change_tags(Context& context, const Viewer& viewer, SiteId id,
                                     const std::vector<std::string>& add,
                                     const std::vector<std::string>& remove) {
    viewer.demand(Permission::sites_edit);
    const auto gone = parse_tags(remove);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const auto site = store::get_site_for_update(tx, Scope::of(viewer), id);
        auto wanted = site.tags;
        std::erase_if(wanted,
                      [&](const std::string& tag) { return std::ranges::find(gone, tag) != gone.end(); });
        wanted.insert(wanted.end(), add.begin(), add.end());
        wanted = parse_tags(wanted);
        put_tags(tx, viewer, site, wanted, context.clock.now());
        return wanted;
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
        const UserId owner = input.owner ? input.owner : site.owner;
        const SiteDefinition definition =
            keep_upstream_keys(context, tx, owner, input.definition, &before.definition, now);
        if (input.tags) put_tags(tx, viewer, site, parse_tags(*input.tags), now);
        Json was = Json::object();
        Json is = Json::object();
        if (definition != before.definition) {
            was = recorded_definition(before.definition);
            is = recorded_definition(definition);
        }
        update_owner(tx, site, input.owner, was, is);
        if (input.targets) update_targets(tx, site, *input.targets, was, is);
        if (was == is && definition == before.definition) return site.head_number;
        store::insert_audit(tx, viewer, "site.update", subject_of(site), was, is, now);
        save_revision(context, tx, viewer,
                      {.site = id, .owner = owner, .based_on = based_on, .certificate = before.certificate},
                      definition, input.reason, now);
        // Another owner, too, shows for itself that it holds the names, and stands in nobody's way.
        hold_names(tx, viewer, id, owner, definition.domains, owner != site.owner, now);
        hold_ports(tx, viewer, id, owner, definition);
        void_approvals(
            tx, site,
            "version " + std::to_string(based_on + 1) + " of " + definition.primary().text() + " was saved",
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
        store::insert_audit(tx, viewer, "site.remove", subject_of(site),
                            recorded_definition(before.definition), nullptr, now);
        return deploy_as_is(tx, viewer, site, {}, nodes, deployment_reason("remove", site), now);
    });
}

}  // namespace rpm::ops
