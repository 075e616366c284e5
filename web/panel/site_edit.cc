// SPDX-License-Identifier: MIT
// The site editor: routes. Saving never changes a node; "Review and deploy" saves and goes to the plan.
#include "shared/base/text.h"
#include "shared/ops/sites.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/panel/site_editor.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr std::size_t kMaxRows = 64;

unsigned base_number(const Visit& visit) {
    return text::number<unsigned>(visit.request.form.text("version")).value_or(0);
}

// "Add a server" and "Remove" answer with the form as typed and a row more or less. True when one was
// pressed.
bool change_rows(const http::Values& posted, SiteForm& form) {
    if (posted.has("add")) {
        if (form.servers.size() < kMaxRows) form.servers.push_back({});
        return true;
    }
    if (!posted.has("remove")) return false;
    const auto row = text::number<std::size_t>(posted.text("remove"));
    if (row && *row < form.servers.size())
        form.servers.erase(form.servers.begin() + static_cast<std::ptrdiff_t>(*row));
    return true;
}

// After a conflict: "theirs" was chosen for some fields.
void apply_picks(const http::Values& posted, const Editing& editing, SiteForm& form) {
    const SiteForm theirs = SiteForm::of(editing.base->definition);
    for (const FormPart& part : form_parts())
        if (posted.text("pick_" + std::string(part.name)) == "theirs") part.copy(theirs, form);
}

rpm::ops::SiteInput input_of(const Visit& visit, const Editing& editing, const SiteForm& form) {
    rpm::ops::SiteInput input{
        .definition = form.definition(editing.before(), visit.viewer.may(Permission::sites_raw)),
        .owner = {},
        .targets = std::nullopt,
        .reason = {}};
    if (!visit.viewer.may(Permission::sites_assign)) return input;
    input.owner = UserId::parse(form.owner).value_or(UserId());
    std::vector<NodeId> targets;
    for (const std::string& node : form.nodes)
        if (const auto id = NodeId::parse(node)) targets.push_back(*id);
    input.targets = targets;
    return input;
}

http::Response saved(const Visit& visit, SiteId id, unsigned number, bool changed) {
    if (visit.request.form.text("do") == "review") return redirect("/review?site=" + id.text());
    return redirect("/sites/" + id.text(),
                    Flash{"ok", changed ? "Saved version " + std::to_string(number) +
                                              ". It waits until it is reviewed and deployed."
                                        : "Nothing was changed, so there is no new version."});
}

http::Response save(Visit& visit, const Editing& editing, const SiteForm& form) {
    const auto input = input_of(visit, editing, form);
    if (!editing.site) return saved(visit, rpm::ops::create_site(visit.ops, visit.viewer, input), 1, true);
    const SiteId id = editing.site->id;
    const unsigned number = rpm::ops::update_site(visit.ops, visit.viewer, id, editing.base->number, input);
    return saved(visit, id, number, number != editing.base->number);
}

http::Response handle_form(Visit& visit, const Editing& editing, SiteForm form) {
    const http::Values& posted = visit.request.form;
    if (change_rows(posted, form)) return editor_page(visit, editing, form, {}, false, 200);
    if (posted.text("do") == "preview") return editor_page(visit, editing, form, {}, true, 200);
    if (editing.site) {
        if (editing.base->number != editing.site->head_number) return conflict_page(visit, editing, form);
        apply_picks(posted, editing, form);
    }
    try {
        return save(visit, editing, form);
    } catch (const Invalid& invalid) {  // shown in the fields, with everything that was typed
        return editor_page(visit, editing, form, invalid.problems, false, 422);
    }
}

http::Response preview(Visit& visit, const Editing& editing) {
    Fields fields;
    set_preview(fields, visit, editing, SiteForm::of(visit.request.form));
    return fragment(visit, "site_preview.html", std::move(fields));
}

}  // namespace

Editing load_editing(Visit& visit, unsigned number) {
    Editing editing;
    editing.site = store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
    const SiteId id = editing.site->id;
    editing.base = number ? store::get_revision_number(visit.db(), id, number)
                          : store::get_revision(visit.db(), id, editing.site->head);
    if (editing.site->released)
        editing.released = store::get_revision(visit.db(), id, editing.site->released);
    return editing;
}

http::Response new_site_page(Visit& visit) {
    SiteForm form;
    form.owner = visit.viewer.id.text();
    form.servers.push_back({});
    for (const store::Node& node : store::list_nodes(visit.db()))
        if (node.active) form.nodes.insert(node.id.text());
    return editor_page(visit, {}, form, {}, false, 200);
}

http::Response create_site(Visit& visit) {
    return handle_form(visit, {}, SiteForm::of(visit.request.form));
}

http::Response edit_site_page(Visit& visit) {
    const Editing editing = load_editing(visit);
    SiteForm form = SiteForm::of(editing.base->definition);
    form.owner = editing.site->owner.text();
    for (const NodeId node : store::list_site_targets(visit.db(), editing.site->id))
        form.nodes.insert(node.text());
    return editor_page(visit, editing, form, {}, true, 200);
}

http::Response save_site(Visit& visit) {
    return handle_form(visit, load_editing(visit, base_number(visit)), SiteForm::of(visit.request.form));
}

http::Response preview_new_site(Visit& visit) {
    return preview(visit, {});
}

http::Response preview_site(Visit& visit) {
    return preview(visit, load_editing(visit, base_number(visit)));
}

}  // namespace rpm::web
