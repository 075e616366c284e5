// SPDX-License-Identifier: MIT
#include "web/panel/refused_line.h"

#include "shared/base/error.h"
#include "shared/plan/line_fields.h"
#include "shared/render/renderer.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "web/panel/site_editor.h"

namespace rpm::web {
namespace {

constexpr std::string_view kFolder = "sites/";

std::optional<MemberLink> first_link(const std::vector<std::string>& members, bool staff) {
    for (const std::string& member : members)
        if (auto link = member_link(member, staff)) return link;
    return std::nullopt;
}

}  // namespace

std::optional<MemberLink> link_of_refused_line(const Visit& visit, NodeId node, const store::Site& site,
                                               unsigned version, unsigned line) {
    if (line == 0) return std::nullopt;
    DeployableSite refused;
    refused.id = site.id;
    refused.revision_number = version;
    refused.owner = site.owner_name;
    refused.definition = std::make_shared<const SiteDefinition>(
        store::get_revision_number(visit.db(), site.id, version).composed);
    const NodeProfile profile = store::get_node(visit.db(), node).profile();
    const plan::Draw draw = plan::drawing(visit.context.proxy_templates, profile);
    try {
        const plan::Files files = draw(refused);
        const plan::LineTable table = plan::trace_lines(refused, files, draw);
        for (const auto& [path, content] : files)
            if (path.starts_with(kFolder)) return first_link(table.of(path, line), sees_staff_members(visit));
    } catch (const Invalid&) {  // the node has another version by now, which cannot say it at all
    }
    return std::nullopt;
}

std::optional<MemberLink> link_of_engine_words(const Visit& visit, NodeId node, const store::Site& site,
                                               unsigned version, std::string_view words) {
    const auto engine = store::get_node(visit.db(), node).engine;
    const auto culprit = render::renderer(engine).culprit(words);
    if (!culprit || culprit->site != site.id) return std::nullopt;
    return link_of_refused_line(visit, node, site, version, culprit->line);
}

}  // namespace rpm::web
