// SPDX-License-Identifier: MIT
// What the typed values become on each engine, against what is released now.
#include <algorithm>
#include <map>
#include <set>

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/plan/line_fields.h"
#include "shared/render/directives.h"
#include "web/panel/member_links.h"
#include "web/panel/site_editor.h"
#include "web/view/diff.h"
#include "web/view/format.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

DeployableSite as_site(const Visit& visit, const Editing& editing, SiteDefinition definition,
                       unsigned number) {
    DeployableSite site;
    site.id = editing.site ? editing.site->id : SiteId(1);
    site.revision_number = number;
    site.owner = editing.site ? editing.site->owner_name : visit.viewer.username;
    if (editing.site) {
        site.state = editing.site->state;
        site.block_status = editing.site->block_status;
    }
    site.definition = std::make_shared<const SiteDefinition>(without_clear_keys(std::move(definition)));
    return site;
}

using plan::Files;

// What the viewer may read of it; the lines count as they are shown.
plan::Draw shown_drawing(const Visit& visit, const NodeProfile& profile) {
    plan::Draw draw = plan::drawing(visit.context.proxy_templates, profile);
    if (visit.viewer.is_staff()) return draw;
    return [draw = std::move(draw)](const DeployableSite& wanted) {
        DeployableSite site = wanted;
        SiteDefinition readable = *wanted.definition;
        readable.raw.caddy.clear();  // in these engines' files nothing says where they end
        readable.raw.traefik.clear();
        site.definition = std::make_shared<const SiteDefinition>(std::move(readable));
        Files files = draw(site);
        for (auto& [path, text] : files)
            text = render::without_directives(text, {site.definition->raw.nginx});
        return files;
    };
}

std::vector<FileDiff> compare(const Files& live, const Files& next) {
    std::vector<FileDiff> diffs;
    const auto add = [&](const std::string& path, plan::ChangeKind kind, std::string_view from,
                         std::string_view to) {
        FileDiff diff = diff_of(path, kind, from, to);
        if (!diff.lines.empty()) diffs.push_back(std::move(diff));
    };
    for (const auto& [path, text] : next) {
        const auto old = live.find(path);
        if (old == live.end())
            add(path, plan::ChangeKind::added, "", text);
        else
            add(path, plan::ChangeKind::changed, old->second, text);
    }
    for (const auto& [path, text] : live)
        if (!next.contains(path)) add(path, plan::ChangeKind::removed, text, "");
    // The site's own file before the texts that it includes.
    std::ranges::stable_sort(diffs, {},
                             [](const FileDiff& diff) { return !diff.path.starts_with("sites/"); });
    return diffs;
}

void add_whole(Fields& engine, const std::string& path, const std::string& text, const std::string& id,
               const MarkLine& mark) {
    Fields& whole = engine.row("WHOLE");
    whole.set("ID", id).set("NAME", path);
    unsigned number = 0;
    for (const std::string_view line : text::lines(text)) {
        Fields& row = whole.row("LINE");
        row.set("KIND", "").set("NO", std::to_string(++number));
        row.set("TEXT", crypto::without_hashes(std::string(line)));
        mark(row, path, number);
    }
}

void add_note(Fields& fields, const char* kind, const std::string& text) {
    fields.row("NOTE").set("KIND", kind).set("TEXT", text);
}

void add_engine(Fields& fields, Visit& visit, const Editing& editing, const SiteDefinition& wanted,
                const std::vector<store::Node>& nodes) {
    // Of several nodes one that can serve it; where none can, the notes say why.
    const auto able = std::ranges::find_if(
        nodes, [&](const store::Node& each) { return node_limits(visit, wanted, {each}).empty(); });
    if (able == nodes.end()) return;
    const store::Node& node = *able;
    const std::string name(name_of(node.engine));
    try {
        const NodeProfile profile = node.profile();
        const plan::Draw draw = shown_drawing(visit, profile);
        const unsigned number = editing.site ? editing.site->head_number + 1 : 1;
        const DeployableSite site = as_site(visit, editing, wanted, number);
        const Files next = draw(site);
        if (next.empty()) return;
        const plan::LineTable table = plan::trace_lines(site, next, draw);
        const MarkLine mark = [&](Fields& row, const std::string& path, std::size_t line) {
            set_member_link(row, table.of(path, line), sees_staff_members(visit));
        };
        Fields& engine = fields.row("ENGINE");
        engine.set("NAME", name).set("NODES", count_words(nodes.size(), "node", "nodes"));
        if (editing.released) {  // with the same number, which is in a comment and no change of the site
            const Files live = draw(as_site(visit, editing, editing.released->composed, number));
            const auto diffs = compare(live, next);
            if (diffs.empty()) engine.row("SAME").set("TEXT", "As it is live now.");
            if (!diffs.empty()) set_diff(engine, diffs, "preview-" + name, mark);
        }
        std::size_t count = 0;
        for (const auto& [path, text] : next)
            add_whole(engine, path, text, "whole-" + name + "-" + std::to_string(count++), mark);
    } catch (const Invalid& invalid) {  // part of the answer: this engine cannot say it
        add_note(fields, "warn", name + ": " + invalid.problems.text());
    }
}

}  // namespace

std::vector<store::Node> nodes_of(Visit& visit, const Editing& editing, const SiteForm& form) {
    // Who may not choose nodes gets those of the site, whatever the form says.
    const bool chooses = visit.viewer.may(Permission::sites_assign);
    std::set<std::string> chosen = chooses ? form.nodes : std::set<std::string>();
    if (!chooses && editing.site)
        for (const NodeId node : store::list_site_targets(visit.db(), editing.site->id))
            chosen.insert(node.text());
    const bool all = !chooses && !editing.site;
    std::vector<store::Node> nodes;
    for (store::Node& node : store::list_nodes(visit.db()))
        if (all ? node.active : chosen.contains(node.id.text())) nodes.push_back(std::move(node));
    return nodes;
}

void set_preview(Fields& fields, Visit& visit, const Editing& editing, const SiteForm& form) {
    std::optional<SiteDefinition> wanted;
    try {
        wanted = composed_of(visit, editing, form);
    } catch (const Invalid& invalid) {  // half-typed forms are normal here
        fields.row("EMPTY").set("TEXT", "Shown as soon as the form is complete: " +
                                            text::ellipsis(invalid.problems.text(), 300) + ".");
        return;
    }
    auto all = nodes_of(visit, editing, form);
    for (const auto& [field, limits] : node_limits(visit, *wanted, all))
        for (const std::string& limit : limits) add_note(fields, "warn", limit);
    std::map<Engine, std::vector<store::Node>> engines;
    for (store::Node& node : all) engines[node.engine].push_back(std::move(node));
    if (engines.empty()) fields.row("EMPTY").set("TEXT", "Choose a node to see what it would get.");
    for (const auto& [engine, nodes] : engines) add_engine(fields, visit, editing, *wanted, nodes);
}

}  // namespace rpm::web
