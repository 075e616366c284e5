// SPDX-License-Identifier: MIT
// Settings that sites share: the list, the form of one, and the look at what a change does before it is
// saved.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/shared_pieces.h"
#include "web/http/form.h"
#include "web/panel/member_buttons.h"
#include "web/panel/member_fields.h"
#include "web/panel/member_words.h"
#include "web/panel/pages.h"
#include "web/panel/piece_form.h"
#include "web/panel/site_editor.h"
#include "web/panel/site_sections.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

constexpr std::size_t kVersions = 20;

// The piece that a form is about; none for a new one.
struct Edited {
    std::optional<store::Piece> piece;
    bool own = true;  ///< the viewer may change it
    bool staff = false;
    PieceForm before() const { return piece ? PieceForm::of(*piece, staff) : PieceForm(); }
    std::string url() const { return piece ? "/shared/" + piece->id.text() : "/shared/new"; }
};

Edited load(const Visit& visit) {
    Edited edited;
    edited.piece = store::get_piece(visit.db(), visit.scope(), visit.captures.id<PieceId>("id"));
    const bool theirs = visit.viewer.is_staff() || edited.piece->owner == visit.viewer.owner();
    edited.staff = visit.viewer.is_staff();
    edited.own = theirs && visit.viewer.may(Permission::sites_edit);
    return edited;
}

struct Shown {
    Problems problems{};
    std::string focus{};
    int status = 200;
};

// Names of members become those of the form's fields.
std::map<std::string, std::string> by_field(const Problems& problems) {
    std::map<std::string, std::string> out;
    for (const auto& [path, text] : problems.entries()) {
        const std::string field = SiteForm::field_of(path);
        std::string& words = out[field];
        words += (words.empty() ? "" : "; ") + text;
    }
    return out;
}

void add_section(Fields& page, const PieceSection& section, const PieceForm& form, const MemberLook& look) {
    auto members = entries_of(site_members(), form.values, section.members);
    std::erase_if(members, [](const MemberEntry& each) { return each.path == "access.list"; });
    std::string words;
    bool open = form.kind == PieceKind::access_list;
    for (const MemberEntry& entry : members) {
        if (entry.doc->staff_only && !look.staff) continue;
        const std::string phrase = member_phrase(*entry.doc, *entry.typed);
        if (!phrase.empty()) words += (words.empty() ? "" : ", ") + phrase;
        const auto inside = [&](const auto& mark) { return is_within(mark.first, entry.path); };
        open = open || !phrase.empty() || std::ranges::any_of(look.problems, inside) ||
               (!look.focus.empty() && is_within(look.focus, entry.path));
    }
    Fields& row = page.row("SECTION");
    row.set("ID", std::string(section.id)).set("TITLE", std::string(section.title));
    row.set("ICON", std::string(section.icon));
    row.set("NOW", words.empty() ? "Left to the sites" : text::ellipsis(words, 110));
    row.show("OPEN", open);
    add_members(row, members, look);
}

void add_form(Fields& page, Visit& visit, const Edited& edited, const PieceForm& form, const Shown& shown) {
    Problems refused;
    const PasswordWays ways = password_ways(visit, refused);
    const MemberLook look{.problems = by_field(shown.problems),
                          .focus = shown.focus,
                          .action_url = edited.url(),
                          .staff = sees_staff_members(visit),
                          .ways = &ways,
                          .rare = is_rare};
    Fields& fields = page.row("FORM");
    fields.set("ACTION_URL", edited.url()).set("KIND", std::string(to_word(form.kind)));
    fields.set("VERSION_FROM", edited.piece ? std::to_string(edited.piece->number) : "");
    if (!edited.piece) {
        fields.row("NAMED").set("VALUE", form.name);
        set_error(fields, "NAME_ERROR", shown.problems, "name");
    }
    fields.set("DESCRIPTION", form.description).set("REASON", form.reason);
    set_error(fields, "DESCRIPTION_ERROR", shown.problems, "description");
    const bool staffs = edited.piece ? !edited.piece->owner : visit.viewer.is_staff();
    if (visit.viewer.is_staff() && staffs) fields.row("OFFER").show("CHECKED", form.offered);
    set_error(fields, "OFFERED_ERROR", shown.problems, "offered");
    for (const PieceSection& section : piece_sections(form.kind)) add_section(fields, section, form, look);
    if (form.kind == PieceKind::snippet) fields.row("ALSO").set("VALUE", form.also);
    set_error(fields, "ALSO_ERROR", shown.problems, "also");
    if (form.kind == PieceKind::site_template) fields.row("JSON").set("VALUE", form.template_text);
    set_error(fields, "JSON_ERROR", shown.problems, "template_text");
    if (!shown.problems.empty()) {
        Problems named;
        for (const auto& [field, text] : look.problems) named.add(field, text);
        set_errors(page, named, [](const std::string& field) {
            return site_members().find(field) != nullptr ? member_id(site_members(), field) : field;
        });
    }
}

void add_users(Fields& fields, Visit& visit, const store::Piece& piece) {
    const auto users = store::list_piece_sites(visit.db(), visit.scope(), piece.id);
    for (const store::PieceUser& each : users)
        fields.row("USER")
            .set("ID", each.site.text())
            .set("DOMAIN", each.domain)
            .set("VERSION", each.head ? "newest version" : "deployed version");
    fields.set("USERS",
               users.empty() ? "Used by no site" : "Used by " + count_words(users.size(), "site", "sites"));
}

void add_history(Fields& fields, Visit& visit, const store::Piece& piece) {
    const auto revisions = store::list_piece_revisions(visit.db(), piece.id, kVersions + 1);
    for (std::size_t i = 0; i < revisions.size() && i < kVersions; ++i) {
        const auto& each = revisions[i];
        Fields& row = fields.row("VERSION_ROW");
        row.set("NUMBER", std::to_string(each.number)).set("WHO", each.created_by);
        set_time(row, "TIME", "TIME_ISO", each.created_at, visit.now());
        std::string what = each.reason;
        if (what.empty() && i + 1 < revisions.size() && piece.kind != PieceKind::site_template)
            what = text::join(describe_part_changes(revisions[i + 1].part, each.part), "; ");
        if (!what.empty()) row.row("WHAT").set("TEXT", text::ellipsis(what, 300));
    }
}

std::string heading(const Edited& edited, PieceKind kind) {
    if (edited.piece) return edited.piece->name;
    return "New " + text::lower(label_of(kind));
}

http::Response piece_form_page(Visit& visit, const Edited& edited, const PieceForm& form,
                               const Shown& shown) {
    Page page(visit, heading(edited, form.kind), At::shared);
    page.crumb("Shared settings", "/shared");
    Fields& fields = page.content("piece.html");
    fields.set("HEADING", heading(edited, form.kind));
    fields.set("KIND_WORDS", std::string(label_of(form.kind)));
    if (edited.own)
        add_form(fields, visit, edited, form, shown);
    else
        fields.row("READ_ONLY").set("TEXT", shown_part(edited.piece->part, visit.viewer.is_staff()).dump(2));
    if (edited.piece) {
        const store::Piece& piece = *edited.piece;
        Fields& facts = fields.row("EXISTING");
        facts.set("ID", piece.id.text()).set("OWNER", piece.owner ? piece.owner_name : "The staff");
        facts.set("NUMBER", std::to_string(piece.number));
        facts.show("IS_OFFERED", piece.offered);
        add_users(facts, visit, piece);
        if (edited.own) add_history(facts.row("OWN"), visit, piece);
    }
    return page.response(shown.status);
}

// What the change does to each site, and the same form once more, hidden.
http::Response effects_page(Visit& visit, const Edited& edited, const PieceForm& form,
                            const std::vector<rpm::ops::PieceEffect>& effects) {
    Problems refused;
    Page page(visit, "Review " + edited.piece->name, At::shared);
    page.crumb("Shared settings", "/shared").crumb(edited.piece->name, edited.url());
    Fields& fields = page.content("piece_review.html");
    fields.set("HEADING", edited.piece->name).set("ACTION_URL", edited.url());
    fields.set("VERSION_FROM", std::to_string(edited.piece->number));
    fields.set("SUMMARY", count_words(effects.size(), "site", "sites"));
    for (const auto& [name, value] : form.posted(sees_staff_members(visit), password_ways(visit, refused)))
        fields.row("KEPT").set("NAME", name).set("VALUE", value);
    for (const auto& each : effects) {
        Fields& row = fields.row("SITE");
        row.set("ID", each.site.text()).set("DOMAIN", each.domain);
        for (const std::string& line : each.changes) row.row("CHANGE").set("TEXT", line);
        row.show("SAME", each.changes.empty());
    }
    return page.response();
}

http::Response create(Visit& visit, const PieceForm& form) {
    const PieceId id = rpm::ops::create_piece(visit.ops, visit.viewer,
                                              {.kind = form.kind,
                                               .name = form.name,
                                               .description = form.description,
                                               .offered = form.offered,
                                               .owner = {},
                                               .definition = form.part(),
                                               .reason = form.reason});
    return redirect("/shared/" + id.text(), Flash{"ok", form.name + " is saved. Sites name it to use it."});
}

http::Response save(Visit& visit, const Edited& edited, const PieceForm& form, unsigned based_on) {
    const store::Piece& piece = *edited.piece;
    const Json part = form.part();
    if (visit.request.form.text("do") != "apply" && piece.number == based_on) {
        const auto effects = rpm::ops::preview_piece(visit.db(), visit.viewer, piece.id, part);
        if (!effects.empty()) return effects_page(visit, edited, form, effects);
    }
    rpm::ops::PieceChange change{.definition = part, .description = form.description, .reason = form.reason};
    if (visit.viewer.is_staff() && !piece.owner) change.offered = form.offered;
    const auto saved = rpm::ops::update_piece(visit.ops, visit.viewer, piece.id, based_on, change);
    if (saved.sites.empty())
        return redirect(edited.url(),
                        Flash{"ok", saved.number == piece.number
                                        ? "Nothing was changed."
                                        : "Saved version " + std::to_string(saved.number) + "."});
    Address address("/review");
    for (const SiteId site : saved.sites) address.with("site", site.text());
    return redirect(address.text(), Flash{"ok", "Saved version " + std::to_string(saved.number) + " of " +
                                                    piece.name + ". Its sites wait for this deployment."});
}

http::Response handle(Visit& visit, const Edited& edited, PieceKind kind) {
    const http::Values& posted = visit.request.form;
    Problems refused;
    PieceForm form = PieceForm::of(posted, kind, sees_staff_members(visit), password_ways(visit, refused),
                                   edited.before());
    if (!visit.viewer.is_staff()) form.offered = false;
    if (const auto focus = press_row_button(posted, site_members(), form.values))
        return piece_form_page(visit, edited, form, {.problems = refused, .focus = *focus});
    if (!refused.empty()) return piece_form_page(visit, edited, form, {.problems = refused, .status = 422});
    try {
        if (!edited.piece) return create(visit, form);
        http::Form fields(visit.request);
        const auto based_on = fields.number<unsigned>("version", 1, 1'000'000'000);
        fields.check();
        return save(visit, edited, form, based_on);
    } catch (const Invalid& error) {
        return piece_form_page(visit, edited, form, {.problems = error.problems, .status = 422});
    } catch (const Conflict& error) {
        if (edited.piece) throw;
        Problems problems;
        problems.add("name", error.what());
        return piece_form_page(visit, edited, form, {.problems = problems, .status = 409});
    }
}

PieceKind kind_of(std::string_view word) {
    return from_word<PieceKind>(word).value_or(PieceKind::snippet);
}

}  // namespace

http::Response pieces_page(Visit& visit) {
    Page page(visit, "Shared settings", At::shared);
    Fields& fields = page.content("pieces.html");
    const auto pieces = store::list_pieces(visit.db(), visit.scope());
    fields.set("SUMMARY", count_words(pieces.size(), "entry", "entries"));
    fields.show("ADMIN", visit.viewer.is_staff());
    fields.show("EMPTY", pieces.empty());
    for (const store::Piece& piece : pieces) {
        Fields& row = fields.row("ROW");
        row.set("ID", piece.id.text()).set("NAME", piece.name).set("DESCRIPTION", piece.description);
        row.set("KIND_WORDS", std::string(label_of(piece.kind)));
        if (visit.viewer.is_staff())
            row.row("WHOSE")
                .set("OWNER", piece.owner ? piece.owner_name : "Staff")
                .set("OFFERED", piece.offered ? "Yes" : "No");
        const auto users = store::list_piece_sites(visit.db(), visit.scope(), piece.id);
        row.set("SITES", piece.kind == PieceKind::site_template ? "" : number_words(users.size()));
        row.set("UPDATED", time_words(piece.updated_at, visit.now()));
    }
    return page.response();
}

http::Response new_piece_page(Visit& visit) {
    PieceForm form;
    form.kind = kind_of(visit.request.query.text("kind"));
    if (form.kind == PieceKind::site_template) form.template_text = "{\n  \"version\": 2\n}";
    return piece_form_page(visit, {}, form, {});
}

http::Response create_piece(Visit& visit) {
    return handle(visit, {}, kind_of(visit.request.form.text("piece")));
}

http::Response piece_page(Visit& visit) {
    const Edited edited = load(visit);
    return piece_form_page(visit, edited, edited.before(), {});
}

http::Response save_piece(Visit& visit) {
    const Edited edited = load(visit);
    if (!edited.own) throw NotFound("no such shared piece");
    return handle(visit, edited, edited.piece->kind);
}

http::Response delete_piece(Visit& visit) {
    const auto piece = store::get_piece(visit.db(), visit.scope(), visit.captures.id<PieceId>("id"));
    http::Form form(visit.request);
    if (form.number<unsigned>("version", 0, 1'000'000'000) != piece.number)
        throw Conflict("somebody saved version " + std::to_string(piece.number) + " of it meanwhile");
    rpm::ops::remove_piece(visit.ops, visit.viewer, piece.id);
    return redirect("/shared", Flash{"ok", piece.name + " is deleted."});
}

}  // namespace rpm::web
