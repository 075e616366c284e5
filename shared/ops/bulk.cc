// SPDX-License-Identifier: MIT
#include "shared/ops/bulk.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "shared/model/shared_piece.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"

namespace rpm::ops {
namespace {

bool is_tag(BulkAction action) {
    return action == BulkAction::add_tag || action == BulkAction::remove_tag;
}
bool is_snippet(BulkAction action) {
    return action == BulkAction::add_snippet || action == BulkAction::remove_snippet;
}
bool is_definition(BulkAction action) {
    return action == BulkAction::set_member || is_snippet(action);
}

// A member that means the same on every site, one value or list, no secret; whole objects are set member by
// member.
bool is_settable(const std::string& path) {
    if (path == "access.list" || path == "note") return true;
    const MemberDoc* doc = is_shareable(path) ? site_members().find(path) : nullptr;
    return doc != nullptr && doc->kind != MemberKind::object && !doc->password;
}

void put(Json& json, std::string_view path, const Json& value) {
    const auto dot = path.find('.');
    if (dot != std::string_view::npos) {
        Json& inner = json[path.substr(0, dot)];
        put(inner, path.substr(dot + 1), value);
    } else if (value.is_null()) {
        if (json.is_object())
            std::erase_if(json.members(), [&](const Json::Member& each) { return each.first == path; });
        else
            json = Json::object();
    } else {
        json[path] = value;
    }
}

SiteDefinition changed(const SiteDefinition& definition, const BulkChange& change) {
    SiteDefinition out = definition;
    switch (change.action) {
        case BulkAction::add_snippet:
            if (std::ranges::find(out.snippets, change.word) == out.snippets.end())
                out.snippets.push_back(change.word);
            break;
        case BulkAction::remove_snippet:
            std::erase(out.snippets, change.word);
            break;
        default: {
            Json json = definition.to_json();
            put(json, change.member, change.value);
            return SiteDefinition::parse(json);
        }
    }
    return SiteDefinition::parse(out.to_json());
}

// What fits one site and not the next is said at the site.
template <class F>
void guarded(BulkOutcome& outcome, F&& f) {
    try {
        f();
    } catch (const Invalid& error) {
        outcome.refused = error.problems.text();
    } catch (const Conflict& error) {
        outcome.refused = error.what();
    } catch (const Forbidden& error) {
        outcome.refused = error.what();
    } catch (const NotFound& error) {
        outcome.refused = error.what();
    }
}

void describe_tags(BulkOutcome& outcome, const store::Site& site, const BulkChange& change) {
    const auto tag = parse_tags({change.word}).front();
    const bool has = std::ranges::find(site.tags, tag) != site.tags.end();
    const bool adds = change.action == BulkAction::add_tag;
    if (has != adds) outcome.changes.push_back(std::string("Tags: ") + (adds ? "adds " : "removes ") + tag);
    if (adds && !has) {
        auto all = site.tags;
        all.push_back(tag);
        parse_tags(all);
    }
}

void describe_state(BulkOutcome& outcome, const Viewer& viewer, const store::Site& site, BulkAction action) {
    if (action == BulkAction::block) viewer.demand(Permission::sites_block);
    if (site.state == SiteState::blocked && !viewer.may(Permission::sites_block))
        throw Forbidden("an administrator blocked this site");
    const SiteState wanted = action == BulkAction::pause   ? SiteState::paused
                             : action == BulkAction::block ? SiteState::blocked
                                                           : SiteState::active;
    if (site.state != wanted)
        outcome.changes.push_back("State: " + std::string(label_of(site.state)) + " -> " +
                                  std::string(label_of(wanted)) + ", at once");
}

std::string node_names(db::Connection& db, const std::vector<NodeId>& nodes) {
    std::vector<std::string> names;
    for (const NodeId node : nodes) names.push_back(store::get_node(db, node).name);
    return names.empty() ? "none" : text::join(names, ", ");
}

void describe_nodes(db::Connection& db, BulkOutcome& outcome, const Viewer& viewer,
                    const BulkChange& change) {
    viewer.demand(Permission::sites_assign);
    auto wanted = change.nodes;
    std::ranges::sort(wanted);
    const auto held = store::list_site_targets(db, outcome.site);
    if (wanted != held)
        outcome.changes.push_back("Nodes: " + node_names(db, held) + " -> " + node_names(db, wanted));
}

void describe_definition(db::Connection& db, BulkOutcome& outcome, const store::Site& site,
                         const BulkChange& change) {
    const auto head = store::get_revision(db, site.id, site.head);
    const SiteDefinition after = changed(head.definition, change);
    const auto composed = store::compose_for(db, site.owner, after, store::Locks::no).definition;
    outcome.changes = describe_changes({head.definition, head.composed}, {after, composed});
}

void apply(Context& context, const Viewer& viewer, const store::Site& site, const BulkChange& change,
           const std::string& reason, BulkOutcome& outcome) {
    switch (change.action) {
        case BulkAction::add_tag:
            change_tags(context, viewer, site.id, {change.word}, {});
            break;
        case BulkAction::remove_tag:
            change_tags(context, viewer, site.id, {}, {change.word});
            break;
        case BulkAction::pause:
            outcome.deployment = pause_site(context, viewer, site.id);
            break;
        case BulkAction::resume:
            outcome.deployment = resume_site(context, viewer, site.id);
            break;
        case BulkAction::block:
            outcome.deployment = block_site(context, viewer, site.id, change.block_status, reason);
            break;
        default: {
            SiteInput input{.definition = store::get_revision(context.db, site.id, site.head).definition,
                            .owner = {},
                            .targets = std::nullopt,
                            .reason = reason};
            if (change.action == BulkAction::set_nodes)
                input.targets = change.nodes;
            else
                input.definition = changed(input.definition, change);
            outcome.version = update_site(context, viewer, site.id, site.head_number, input);
        }
    }
}

}  // namespace

void check_bulk(const BulkChange& change, std::size_t sites) {
    Problems problems;
    if (sites == 0) problems.add("sites", "none was chosen");
    if (sites > kMostBulkSites) problems.add("sites", "are more than " + std::to_string(kMostBulkSites));
    if (is_snippet(change.action))
        if (const std::string why = why_not_piece_name(change.word); !why.empty()) problems.add("word", why);
    if (change.action == BulkAction::set_member && !is_settable(change.member))
        problems.add("member", "is no single setting that sites share, such as tls.minimum");
    if (change.action == BulkAction::set_nodes && change.nodes.empty())
        problems.add("nodes", "none was chosen");
    try {
        if (is_tag(change.action)) parse_tags({change.word});
    } catch (const Invalid& error) {
        problems.add("word", error.problems.entries().begin()->second);
    }
    if (!problems.empty()) throw Invalid(std::move(problems));
}

std::vector<BulkOutcome> preview_bulk(db::Connection& db, const Viewer& viewer,
                                      const std::vector<SiteId>& sites, const BulkChange& change) {
    viewer.demand(Permission::sites_edit);
    check_bulk(change, sites.size());
    std::vector<BulkOutcome> out;
    for (const SiteId id : sites) {
        BulkOutcome& outcome = out.emplace_back();
        outcome.site = id;
        guarded(outcome, [&] {
            const auto site = store::get_site(db, Scope::of(viewer), id);
            outcome.domain = site.domain;
            outcome.version = site.head_number;
            if (is_tag(change.action))
                describe_tags(outcome, site, change);
            else if (is_definition(change.action))
                describe_definition(db, outcome, site, change);
            else if (change.action == BulkAction::set_nodes)
                describe_nodes(db, outcome, viewer, change);
            else
                describe_state(outcome, viewer, site, change.action);
        });
    }
    return out;
}

std::vector<BulkOutcome> apply_bulk(Context& context, const Viewer& viewer, const std::vector<SiteId>& sites,
                                    const BulkChange& change, const std::string& reason,
                                    const std::map<SiteId, unsigned>& versions) {
    auto out = preview_bulk(context.db, viewer, sites, change);
    for (BulkOutcome& outcome : out) {
        if (!outcome.refused.empty() || outcome.changes.empty()) continue;
        guarded(outcome, [&] {
            const auto site = store::get_site(context.db, Scope::of(viewer), outcome.site);
            const auto seen = versions.find(site.id);
            if (seen != versions.end() && seen->second != site.head_number)
                throw Conflict("version " + std::to_string(site.head_number) + " was saved meanwhile");
            apply(context, viewer, site, change, reason, outcome);
        });
        if (!outcome.refused.empty()) outcome.changes.clear();
    }
    return out;
}

}  // namespace rpm::ops
