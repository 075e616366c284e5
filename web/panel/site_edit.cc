// SPDX-License-Identifier: MIT
// The site editor: routes. Saving never changes a node; "Review and deploy" saves and goes to the plan.
#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/model/site_templates.h"
#include "shared/ops/sites.h"
#include "web/http/form.h"
#include "web/panel/member_buttons.h"
#include "web/panel/pages.h"
#include "web/panel/site_editor.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

unsigned base_number(const Visit& visit) {
    return text::number<unsigned>(visit.request.form.text("version")).value_or(0);
}

// After a conflict: "theirs" was chosen for some fields.
void apply_picks(Visit& visit, const Editing& editing, SiteForm& form) {
    constexpr std::string_view kPick = "pick_";
    const SiteForm theirs = editing.before();
    for (const auto& [name, value] : visit.request.form) {
        if (value != "theirs" || !name.starts_with(kPick)) continue;
        const std::string path = name.substr(kPick.size());
        if (path == "owner") form.owner = editing.site->owner.text();
        if (path == "nodes") form.nodes = target_texts(visit.db(), editing.site->id);
        Json* mine = find_typed(form.values, path);
        const Json* saved = find_typed(theirs.values, path);
        if (mine != nullptr && saved != nullptr) *mine = *saved;
    }
}

rpm::ops::SiteInput input_of(const Visit& visit, const SiteForm& form) {
    rpm::ops::SiteInput input{
        .definition = form.definition(), .owner = {}, .targets = std::nullopt, .reason = {}};
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
    const auto input = input_of(visit, form);
    if (!editing.site) return saved(visit, rpm::ops::create_site(visit.ops, visit.viewer, input), 1, true);
    const SiteId id = editing.site->id;
    const unsigned number = rpm::ops::update_site(visit.ops, visit.viewer, id, editing.base->number, input);
    return saved(visit, id, number, number != editing.base->number);
}

http::Response handle_form(Visit& visit, const Editing& editing) {
    const http::Values& posted = visit.request.form;
    Problems refused;
    SiteForm form =
        SiteForm::of(posted, sees_staff_members(visit), password_ways(visit, refused), editing.before());
    if (const auto focus = press_row_button(posted, site_members(), form.values))
        return editor_page(visit, editing, form, {.problems = refused, .focus = *focus});
    if (posted.text("do") == "preview")
        return editor_page(visit, editing, form, {.problems = refused, .preview = true});
    if (!refused.empty()) return editor_page(visit, editing, form, {.problems = refused, .status = 422});
    if (editing.site) {
        if (editing.base->number != editing.site->head_number) return conflict_page(visit, editing, form);
        apply_picks(visit, editing, form);
    }
    try {
        return save(visit, editing, form);
    } catch (const Invalid& invalid) {  // shown in the fields, with everything that was typed
        return editor_page(visit, editing, form, {.problems = invalid.problems, .status = 422});
    }
}

// Asked for while somebody types: a new password is not hashed each time.
http::Response preview(Visit& visit, const Editing& editing) {
    Problems refused;
    PasswordWays ways = password_ways(visit, refused);
    ways.hash = [](const std::string&, const Secret&) { return "$2y$10$" + std::string(53, '.'); };
    Fields fields;
    set_preview(
        fields, visit, editing,
        SiteForm::of(visit.request.form, sees_staff_members(visit), std::move(ways), editing.before()));
    return fragment(visit, "site_preview.html", std::move(fields));
}

// A saved one, of the viewer's own before others, else one that is built in. Members for the staff are left
// out for others: they could not save them.
Json template_named(const Visit& visit, const std::string& name) {
    const auto saved = store::find_piece(visit.db(), visit.scope(), PieceKind::site_template, name);
    const SiteTemplate* built_in = find_built_in_template(name);
    if (!saved && built_in == nullptr) throw NotFound("no such template");
    Json out = saved ? saved->part : built_in->definition;
    return sees_staff_members(visit) ? out : without_staff_members(site_members(), std::move(out));
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
    const http::Values& query = visit.request.query;
    SiteForm form;
    Problems problems;
    if (const std::string name(query.text("template")); !name.empty()) {
        const auto words = text::words(query.text("domain"));
        try {
            const Json json = fill_template(template_named(visit, name),
                                            {.domains = {words.begin(), words.end()},
                                             .upstream = std::string(text::trim(query.text("upstream")))});
            form.values = typed_of(site_members(), &json);
        } catch (const Invalid& error) {
            problems = error.problems;
        }
    }
    form.owner = visit.viewer.id.text();
    for (const store::Node& node : store::list_nodes(visit.db()))
        if (node.active) form.nodes.insert(node.id.text());
    return editor_page(visit, {}, form, {.problems = problems, .begin = true});
}

http::Response create_site(Visit& visit) {
    return handle_form(visit, {});
}

http::Response edit_site_page(Visit& visit) {
    const Editing editing = load_editing(visit);
    SiteForm form = editing.before();
    form.owner = editing.site->owner.text();
    form.nodes = target_texts(visit.db(), editing.site->id);
    return editor_page(visit, editing, form, {.preview = true});
}

http::Response save_site(Visit& visit) {
    return handle_form(visit, load_editing(visit, base_number(visit)));
}

http::Response preview_new_site(Visit& visit) {
    return preview(visit, {});
}

http::Response preview_site(Visit& visit) {
    return preview(visit, load_editing(visit, base_number(visit)));
}

}  // namespace rpm::web
