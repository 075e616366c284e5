// SPDX-License-Identifier: MIT
// Two people saved: nothing of either is lost. What only one changed is merged; the rest is chosen field by
// field.
#include "web/panel/site_editor.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

struct Merge {
    SiteForm merged;
    std::vector<const FormPart*> collisions;
    std::size_t taken = 0;  // fields that only the other one changed
};

Merge merge(const SiteForm& base, const SiteForm& theirs, const SiteForm& mine) {
    Merge out{.merged = mine, .collisions = {}};
    for (const FormPart& part : form_parts()) {
        const std::string before = part.show(base);
        const std::string saved = part.show(theirs);
        const std::string typed = part.show(mine);
        if (saved == before || saved == typed) continue;
        if (typed == before) {
            part.copy(theirs, out.merged);
            ++out.taken;
        } else {
            out.collisions.push_back(&part);
        }
    }
    return out;
}

}  // namespace

http::Response conflict_page(Visit& visit, const Editing& editing, const SiteForm& mine) {
    const store::Site& site = *editing.site;
    const auto head = store::get_revision(visit.db(), site.id, site.head);
    const SiteForm base = SiteForm::of(editing.base->definition);
    SiteForm theirs = SiteForm::of(head.definition);
    SiteForm typed = mine;
    if (!visit.viewer.may(Permission::sites_raw)) typed.directives = base.directives;  // not on the form
    const Merge result = merge(base, theirs, typed);

    Page page(visit, "Conflict", At::sites);
    page.crumb("Sites", "/sites").crumb(site.domain, "/sites/" + site.id.text());
    Fields& fields = page.content("conflict.html");
    fields.set("DOMAIN", site.domain).set("ACTION_URL", editing.url()).set("CANCEL_URL", editing.url());
    fields.set("WHO", head.created_by).set("WHEN", age_words(head.created_at, visit.now()));
    fields.set("VERSION_FROM", std::to_string(editing.base->number));
    fields.set("VERSION_NOW", std::to_string(head.number));
    fields.set("SENTENCE", result.collisions.empty()
                               ? "You changed different things, so both can be kept."
                               : "Both of you changed " +
                                     count_words(result.collisions.size(), "field", "fields") +
                                     ": choose which value to keep.");
    for (const FormPart* part : result.collisions)
        fields.row("FIELD")
            .set("LABEL", part->label)
            .set("NAME", part->name)
            .set("BASE", part->show(base))
            .set("THEIRS", part->show(theirs))
            .set("MINE", part->show(typed));
    for (const auto& [name, value] : result.merged.posted())
        fields.row("KEEP").set("NAME", name).set("VALUE", value);
    if (result.taken)
        fields.row("MERGED").set("TEXT", count_words(result.taken, "other change", "other changes") + " by " +
                                             head.created_by + " will be kept.");
    return page.response(409);
}

}  // namespace rpm::web
