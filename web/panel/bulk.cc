// SPDX-License-Identifier: MIT
// One change for the sites that were ticked on the list: choose it, look at what it does to each, do it.
#include "shared/ops/bulk.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/shared_piece.h"
#include "web/http/form.h"
#include "web/panel/member_fields.h"
#include "web/panel/pages.h"
#include "web/panel/site_editor.h"
#include "web/panel/site_sections.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

using rpm::ops::BulkAction;
using rpm::ops::BulkChange;
using rpm::ops::BulkOutcome;

std::vector<SiteId> chosen_in(const http::Values& values) {
    std::vector<SiteId> sites;
    for (const std::string_view text : values.all("site")) {
        const auto id = SiteId::parse(text);
        if (!id) throw NotFound("no such site");
        if (std::ranges::find(sites, *id) == sites.end()) sites.push_back(*id);
    }
    return sites;
}

// "12@3": the version that was looked at.
std::map<SiteId, unsigned> seen_in(const http::Values& values) {
    std::map<SiteId, unsigned> seen;
    for (const std::string_view entry : values.all("seen")) {
        const auto at = entry.find('@');
        if (at == std::string_view::npos) continue;
        const auto id = SiteId::parse(entry.substr(0, at));
        const auto version = text::number<unsigned>(entry.substr(at + 1));
        if (id && version) seen[*id] = *version;
    }
    return seen;
}

void add_members_of(Fields& fields, const MemberDoc& doc, const std::string& path, const std::string& label,
                    const std::string& selected, bool staff) {
    for (const MemberDoc& member : doc.members) {
        const std::string below = path.empty() ? member.name : path + "." + member.name;
        const std::string words = label.empty() ? member.label : label + " \xe2\x80\xba " + member.label;
        if ((!is_shareable(below) && below != "access.list") || (member.staff_only && !staff)) continue;
        if (member.kind == MemberKind::object) {
            add_members_of(fields, member, below, words, selected, staff);
            continue;
        }
        // Lists of objects are changed on each site, or by a snippet.
        if (member.kind == MemberKind::list && !is_lines(member)) continue;
        fields.row("MEMBER").set("PATH", below).set("LABEL", words).show("SELECTED", below == selected);
    }
}

bool is_offered_member(const std::string& path, bool staff) {
    const MemberDoc* doc = site_members().find(path);
    return doc != nullptr && (is_shareable(path) || path == "access.list") &&
           doc->kind != MemberKind::object && (doc->kind != MemberKind::list || is_lines(*doc)) &&
           (staff || !doc->staff_only);
}

void put_chosen(Fields& fields, const std::vector<SiteId>& sites) {
    for (const SiteId id : sites) fields.row("CHOSEN").set("ID", id.text());
}

http::Response choose_page(Visit& visit, const std::vector<SiteId>& sites, const std::string& member,
                           const Problems& problems) {
    Page page(visit, "Change sites", At::sites);
    page.crumb("Sites", "/sites");
    Fields& fields = page.content("bulk.html");
    fields.set("HEADING", "Change " + count_words(sites.size(), "site", "sites"));
    fields.set("LEAD", "You see what happens to each before anything is done.");
    set_errors(fields, problems, [](const std::string& field) {
        return field == "word" ? "tag" : field == "nodes" ? "h-nodes" : "member";
    });
    Fields& choose = fields.row("CHOOSE");
    put_chosen(choose, sites);
    for (const auto& piece : store::list_pieces(visit.db(), visit.scope(), PieceKind::snippet))
        choose.row("SNIPPET").set("NAME", piece.name);
    const bool staff = sees_staff_members(visit);
    add_members_of(choose, site_members(), "", "", member, staff);
    if (is_offered_member(member, staff)) {
        Problems refused;
        const PasswordWays ways = password_ways(visit, refused);
        const Json typed = typed_of(site_members(), nullptr);
        Fields& form = choose.row("VALUE_FORM").set("PATH", member);
        const std::string_view paths[] = {member};
        add_members(form, entries_of(site_members(), typed, paths),
                    {.staff = staff, .ways = &ways, .rare = [](std::string_view) { return false; }});
    }
    choose.show("MAY_BLOCK", visit.viewer.may(Permission::sites_block));
    if (visit.viewer.may(Permission::sites_assign)) {
        Fields& place = choose.row("PLACE");
        for (const store::Node& node : store::list_nodes(visit.db()))
            place.row("NODE").set("ID", node.id.text()).set("NAME", node.name);
    }
    return page.response(problems.empty() ? 200 : 422);
}

// The member's value as the definition has it; null for its default.
Json value_in(const http::Values& posted, const std::string& member) {
    if (const std::string* json = posted.find("value")) return Json::parse(*json);
    if (posted.text("default") == "1") return {};
    PasswordWays ways;
    ways.seal = [](const std::string&) { return std::string(); };
    ways.open = ways.seal;
    ways.hash = [](const std::string&, const Secret&) { return std::string(); };
    const Json typed =
        PostedMembers(posted, true, ways).read(site_members(), "", typed_of(site_members(), nullptr));
    const Json* value = find_typed(typed, member);
    return value == nullptr ? Json() : meant_by(*site_members().find(member), *value).value_or(Json());
}

BulkChange read_change(Visit& visit) {
    const http::Values& posted = visit.request.form;
    BulkChange change;
    const auto action = from_word<BulkAction>(posted.text("action"));
    if (!action) throw Invalid("action", "is not known");
    change.action = *action;
    change.word = text::trim(posted.text("word"));
    change.member = posted.text("member");
    if (change.action == BulkAction::set_member) {
        if (!is_offered_member(change.member, sees_staff_members(visit)))
            throw Invalid("member", "is no single setting that sites share");
        change.value = value_in(posted, change.member);
    }
    for (const std::string_view node : posted.all("node"))
        if (const auto id = NodeId::parse(node)) change.nodes.push_back(*id);
    return change;
}

std::string words_of(const BulkChange& change) {
    const std::string label(label_of(change.action));
    if (change.action == BulkAction::set_member)
        return label + ": " + site_members().find(change.member)->label;
    return change.word.empty() ? label : label + ": " + change.word;
}

void add_outcomes(Fields& fields, const std::vector<BulkOutcome>& outcomes, bool done) {
    Fields& list = fields.row("OUTCOMES");
    for (const BulkOutcome& each : outcomes) {
        Fields& row = list.row("SITE");
        row.set("KIND", !each.refused.empty() ? "bad" : each.changes.empty() ? "idle" : "ok");
        row.set("WORD", !each.refused.empty()  ? (done ? "Refused" : "Would be refused")
                        : each.changes.empty() ? "As it is"
                                               : (done ? "Done" : "Changes"));
        row.row("LINK").set("ID", each.site.text()).set("DOMAIN", each.domain.empty() ? "Gone" : each.domain);
        for (const std::string& line : each.changes) row.row("CHANGE").set("TEXT", line);
        if (!each.refused.empty()) row.row("CHANGE").set("TEXT", sentence(each.refused));
    }
}

std::size_t count_changed(const std::vector<BulkOutcome>& outcomes) {
    return static_cast<std::size_t>(std::ranges::count_if(
        outcomes, [](const BulkOutcome& each) { return each.refused.empty() && !each.changes.empty(); }));
}

void keep(Fields& form, const std::string& name, const std::string& value) {
    form.row("KEPT").set("NAME", name).set("VALUE", value);
}

http::Response look_page(Visit& visit, const BulkChange& change, const std::vector<BulkOutcome>& outcomes) {
    Page page(visit, "Change sites", At::sites);
    page.crumb("Sites", "/sites");
    Fields& fields = page.content("bulk.html");
    const std::size_t changed = count_changed(outcomes);
    fields.set("HEADING", words_of(change));
    fields.set("LEAD", count_words(changed, "site changes", "sites change") + " of " +
                           std::to_string(outcomes.size()) + ". Each stands for itself.");
    add_outcomes(fields, outcomes, false);
    if (changed == 0) {
        fields.row("DONE");
        return page.response();
    }
    Fields& form = fields.row("APPLY");
    form.set("BUTTON", "Change " + count_words(changed, "site", "sites"));
    keep(form, "action", std::string(rpm::to_word(change.action)));
    keep(form, "word", change.word);
    keep(form, "member", change.member);
    if (change.action == BulkAction::set_member) keep(form, "value", change.value.dump());
    for (const NodeId node : change.nodes) keep(form, "node", node.text());
    for (const BulkOutcome& each : outcomes) {
        if (!each.refused.empty() || each.changes.empty()) continue;
        keep(form, "site", each.site.text());
        keep(form, "seen", each.site.text() + "@" + std::to_string(each.version));
    }
    return page.response();
}

http::Response done_page(Visit& visit, const BulkChange& change, const std::vector<BulkOutcome>& outcomes) {
    Page page(visit, "Change sites", At::sites);
    page.crumb("Sites", "/sites");
    Fields& fields = page.content("bulk.html");
    fields.set("HEADING", words_of(change));
    fields.set("LEAD", count_words(count_changed(outcomes), "site was changed", "sites were changed") + ".");
    add_outcomes(fields, outcomes, true);
    Address address("/review");
    bool waits = false;
    for (const BulkOutcome& each : outcomes) {
        if (!each.refused.empty() || each.changes.empty() || each.deployment) continue;
        if (!store::get_site(visit.db(), visit.scope(), each.site).has_undeployed_changes()) continue;
        address.with("site", each.site.text());
        waits = true;
    }
    Fields& done = fields.row("DONE");
    if (waits) done.row("REVIEW_URL").set("URL", address.text());
    return page.response();
}

}  // namespace

http::Response bulk_page(Visit& visit) {
    const auto sites = chosen_in(visit.request.query);
    if (sites.empty()) return redirect("/sites", Flash{"warn", "Tick the sites to change first."});
    return choose_page(visit, sites, std::string(visit.request.query.text("member")), {});
}

http::Response change_sites(Visit& visit) {
    const http::Values& posted = visit.request.form;
    const auto sites = chosen_in(posted);
    if (sites.empty()) return redirect("/sites", Flash{"warn", "Tick the sites to change first."});
    http::Form form(visit.request);
    const std::string reason = form.text("reason", {.max = 200});
    form.check();
    try {
        const BulkChange change = read_change(visit);
        if (posted.text("do") != "apply")
            return look_page(visit, change, rpm::ops::preview_bulk(visit.db(), visit.viewer, sites, change));
        return done_page(
            visit, change,
            rpm::ops::apply_bulk(visit.ops, visit.viewer, sites, change, reason, seen_in(posted)));
    } catch (const Invalid& error) {
        return choose_page(visit, sites, std::string(posted.text("member")), error.problems);
    }
}

}  // namespace rpm::web
