// SPDX-License-Identifier: MIT
// A node's own settings as a form, made from the table in shared/model/node_members.h. Saving deploys.
#include "shared/ops/node_settings.h"

#include "shared/store/nodes.h"
#include "web/admin/pages.h"
#include "web/panel/member_fields.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr std::string_view kShown[] = {"default_site", "trusted_lists"};

Json form_of(const store::Node& node) {
    const Json saved = node.node_settings().to_json();
    return typed_of(node_settings_members(), &saved);
}

http::Response show(Visit& visit, const store::Node& node, const Json& typed, const Problems& problems) {
    const MemberDoc& doc = node_settings_members();
    Page page(visit, "Settings of " + node.name, At::nodes);
    page.crumb("Nodes", "/nodes").crumb(node.name, "/nodes/" + node.id.text());
    Fields& fields = page.content("node_settings.html");
    fields.set("ID", node.id.text()).set("NAME", node.name).set("SEEN", rpm::ops::settings_version(node));
    const PasswordWays none;
    const MemberLook look{.problems = by_field(doc, problems),
                          .action_url = "/nodes/" + node.id.text() + "/settings",
                          .staff = true,
                          .ways = &none};
    Problems shown;
    for (const auto& [field, text] : look.problems) shown.add(field, text);
    set_errors(fields, shown, [&doc](const std::string& field) { return member_id(doc, field); });
    const bool may_change = visit.viewer.may(Permission::nodes_manage) && !node.settings_by_file;
    fields.show("SAVE", may_change).show("LOCKED", !may_change).show("BY_FILE", node.settings_by_file);
    add_members(fields, entries_of(doc, typed, kShown), look);
    return page.response(problems.empty() ? 200 : 422);
}

store::Node node_of(Visit& visit) {
    return store::get_node(visit.db(), visit.captures.id<NodeId>("id"));
}

}  // namespace

http::Response node_settings_page(Visit& visit) {
    const store::Node node = node_of(visit);
    return show(visit, node, form_of(node), {});
}

http::Response save_node_settings(Visit& visit) {
    const store::Node node = node_of(visit);
    const MemberDoc& doc = node_settings_members();
    const Json typed = PostedMembers(visit.request.form, true, {}).read(doc, "", form_of(node));
    try {
        const auto deployment = rpm::ops::set_node_settings(visit.ops, visit.viewer, node.id,
                                                            NodeSettings::parse(*meant_by(doc, typed)),
                                                            std::string(visit.request.form.text("seen")));
        if (deployment) return redirect("/deployments/" + deployment->text());
        return redirect("/nodes/" + node.id.text(), Flash{"ok", "The settings are saved."});
    } catch (const Invalid& invalid) {  // shown in the fields, with everything that was typed
        return show(visit, node, typed, invalid.problems);
    }
}

}  // namespace rpm::web
