// SPDX-License-Identifier: MIT
// Every version of a site, and what is different between any two.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/sites.h"
#include "shared/store/sites.h"
#include "web/http/form.h"
#include "web/panel/member_words.h"
#include "web/panel/pages.h"
#include "web/panel/site_editor.h"
#include "web/view/diff.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kVersions = 50;

struct Chosen {
    unsigned from = 0;
    unsigned to = 0;
};

Chosen read_chosen(const http::Values& query, const store::Site& site) {
    Chosen chosen;
    chosen.to = text::number<unsigned>(query.text("to")).value_or(site.head_number);
    chosen.from = text::number<unsigned>(query.text("from")).value_or(chosen.to > 1 ? chosen.to - 1 : 1);
    return chosen;
}

std::string definition_text(const SiteDefinition& definition, bool staff) {
    Json saved = definition.to_json();  // diff_of() hides hashes, and shows that one changed
    if (!staff) saved = without_staff_members(site_members(), std::move(saved));
    return saved.dump(2) + '\n';
}

void add_compared(Fields& fields, Visit& visit, const store::Site& site, const Chosen& chosen) {
    const auto from = store::get_revision_number(visit.db(), site.id, chosen.from);
    const auto to = store::get_revision_number(visit.db(), site.id, chosen.to);
    Fields& compared = fields.row("COMPARED");
    compared.set("FROM", std::to_string(from.number)).set("TO", std::to_string(to.number));
    if (from.number != site.head_number && visit.viewer.may(Permission::sites_edit))
        compared.row("RESTORE").set("VERSION_FROM", std::to_string(site.head_number));
    const bool staff = sees_staff_members(visit);
    // What people changed; where they changed nothing, what the shared pieces brought.
    const bool by_pieces = from.definition == to.definition;
    const SiteDefinition& before = by_pieces ? from.composed : from.definition;
    const SiteDefinition& after = by_pieces ? to.composed : to.definition;
    for (const MemberDifference& each :
         typed_differences(site_members(), SiteForm::of(before).values, SiteForm::of(after).values)) {
        if (each.doc->staff_only && !staff) continue;
        compared.row("CHANGE")
            .set("FIELD", each.label)
            .set("BEFORE", member_words(*each.doc, each.before))
            .set("AFTER", member_words(*each.doc, each.after));
    }
    compared.show("SAME", before == after);
    const auto diff = diff_of("definition", plan::ChangeKind::changed, definition_text(before, staff),
                              definition_text(after, staff));
    if (!diff.lines.empty()) set_diff(compared, {diff}, "definition");
}

void add_row(Fields& fields, const store::Site& site, const store::Revision& revision,
             const store::Revision* before, const Chosen& chosen, Time now) {
    Fields& row = fields.row("ROW");
    row.set("NUMBER", std::to_string(revision.number)).set("WHO", revision.created_by);
    set_time(row, "TIME", "TIME_ISO", revision.created_at, now);
    std::string what = revision.reason;
    if (what.empty() && before != nullptr)
        what = text::join(describe_changes(before->composition(), revision.composition()), "; ");
    row.set("WHAT", what.empty() && revision.number == 1 ? "first version" : text::ellipsis(what, 400));
    row.show("IS_FROM", revision.number == chosen.from);
    row.show("IS_TO", revision.number == chosen.to);
    if (revision.number == site.released_number)
        set_sign(row.row("CHIP"), {"ok", "Released"});
    else if (revision.number == site.head_number)
        set_sign(row.row("CHIP"), {"draft", "Draft"});
}

}  // namespace

http::Response site_history_page(Visit& visit) {
    const auto site = store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
    const Chosen chosen = read_chosen(visit.request.query, site);
    const auto revisions = store::list_revisions(visit.db(), site.id, kVersions + 1);
    Page page(visit, "History", At::sites);
    page.crumb("Sites", "/sites").crumb(site.domain, "/sites/" + site.id.text());
    Fields& fields = page.content("site_history.html");
    fields.set("ID", site.id.text()).set("DOMAIN", site.domain);
    fields.set("SUMMARY", count_words(site.head_number, "version", "versions"));
    if (site.head_number > 1) add_compared(fields, visit, site, chosen);
    for (std::size_t i = 0; i < revisions.size() && i < kVersions; ++i)
        add_row(fields, site, revisions[i], i + 1 < revisions.size() ? &revisions[i + 1] : nullptr, chosen,
                visit.now());
    const std::string range = revisions.size() > kVersions
                                  ? "The newest " + std::to_string(kVersions)
                                  : count_words(revisions.size(), "version", "versions");
    set_pager(fields, {.range = range, .previous = {}, .next = {}});
    return page.response();
}

http::Response restore_site(Visit& visit) {
    const auto site = store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
    http::Form form(visit.request);
    const auto from = form.number<unsigned>("from", 1, 1'000'000'000);
    const auto version = form.number<unsigned>("version", 1, 1'000'000'000);
    form.check();
    if (version != site.head_number)
        throw Conflict("somebody saved version " + std::to_string(site.head_number) +
                       " of this site meanwhile");
    const unsigned now = rpm::ops::restore_revision(visit.ops, visit.viewer, site.id, from);
    return redirect(
        "/sites/" + site.id.text(),
        Flash{"ok", now == site.head_number ? "Version " + std::to_string(from) + " is what is saved already."
                                            : "Version " + std::to_string(from) +
                                                  " is saved again as version " + std::to_string(now) + "."});
}

}  // namespace rpm::web
