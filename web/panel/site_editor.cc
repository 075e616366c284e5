// SPDX-License-Identifier: MIT
// The page of the site editor: each section says its values in a sentence and opens when it needs a look.
#include "web/panel/site_editor.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/model/capabilities.h"
#include "shared/model/site_templates.h"
#include "web/panel/member_fields.h"
#include "web/panel/member_words.h"
#include "web/panel/site_sections.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr std::size_t kLongestNow = 110;      // bytes
constexpr std::size_t kMostPasswords = 20;    // of one form: each costs a core 60 ms
constexpr std::size_t kLongestPassword = 72;  // bcrypt reads no more

// ---- Sections -------------------------------------------------------------------------------------------

std::string names_now(const SiteForm& form) {
    const auto names = text::words(form.values.find("domains")->text());
    if (names.empty()) return "";
    std::string words(names.front());
    if (names.size() > 1) words += " and " + count_words(names.size() - 1, "more name", "more names");
    return words;
}

std::string now_words(const SiteSection& section, const std::vector<MemberEntry>& members,
                      const SiteForm& form, bool staff) {
    std::string words;
    for (const MemberEntry& entry : members) {
        if (entry.doc->staff_only && !staff) continue;
        const std::string phrase =
            entry.path == "domains" ? names_now(form) : member_phrase(*entry.doc, *entry.typed);
        if (!phrase.empty()) words += (words.empty() ? "" : ", ") + phrase;
    }
    if (words.empty()) words = section.nothing;
    words = text::ellipsis(words, kLongestNow);
    if (words[0] >= 'a' && words[0] <= 'z' && section.id != "basics")
        words[0] = static_cast<char>(words[0] - 32);
    return words;
}

struct Look {
    const Editing& editing;
    const SiteForm& form;
    MemberLook members;
};

template <class Map>
std::size_t count_in(const Map& marks, const SiteSection& section) {
    return static_cast<std::size_t>(std::ranges::count_if(
        marks, [&](const auto& mark) { return section_of(mark.first).id == section.id; }));
}

bool differs(const std::vector<MemberEntry>& members, const MemberLook& look) {
    return look.live != nullptr && std::ranges::any_of(members, [&](const MemberEntry& entry) {
               const Json* live = find_typed(*look.live, entry.path);
               return (!entry.doc->staff_only || look.staff) && live != nullptr && *live != *entry.typed;
           });
}

Fields& add_section(Fields& page, const SiteSection& section, const Look& look) {
    const auto members = entries_of(site_members(), look.form.values, section.members);
    const std::size_t bad = count_in(look.members.problems, section);
    const std::size_t warned = count_in(look.members.warnings, section);
    const bool changed = differs(members, look.members);
    const bool fresh = !look.editing.site && (section.id == "basics" || section.id == "upstreams");
    const bool touched = !look.members.focus.empty() && section_of(look.members.focus).id == section.id;
    Fields& link = page.row("SECTION_LINK");
    Fields& row = page.row("SECTION");
    for (Fields* each : {&link, &row})
        each->set("ID", std::string(section.id))
            .set("TITLE", std::string(section.title))
            .set("ICON", std::string(section.icon));
    row.set("NOW", now_words(section, members, look.form, look.members.staff));
    row.show("OPEN", bad + warned != 0 || changed || fresh || touched);
    if (bad) {
        link.row("MARK").set("COUNT", std::to_string(bad));
        row.row("BAD").set("TEXT", count_words(bad, "fix", "fixes"));
    }
    if (warned) row.row("WARNED").set("TEXT", "Not on every node");
    if (changed) row.row("CHANGED").set("TEXT", "Changed");
    add_members(row, members, look.members);
    return row;
}

// ---- Owner and nodes ------------------------------------------------------------------------------------

void put_error(Fields& fields, const Look& look, const std::string& field) {
    const auto found = look.members.problems.find(field);
    if (found != look.members.problems.end()) fields.row("ERROR").set("TEXT", sentence(found->second));
}

void add_owner(Fields& page, const Look& look, Visit& visit) {
    Fields& owner = page.row("OWNER_FIELD");
    for (const store::User& user : store::list_users(visit.db()))
        if (user.active || user.id.text() == look.form.owner)
            owner.row("OPTION")
                .set("ID", user.id.text())
                .set("NAME", user.username)
                .show("SELECTED", user.id.text() == look.form.owner);
    put_error(owner, look, "owner");
}

void add_nodes(Fields& page, const Look& look, Visit& visit) {
    Fields& fields = page.row("NODES_FIELD");
    const auto nodes = store::list_nodes(visit.db());
    for (const store::Node& node : nodes)
        fields.row("NODE")
            .set("ID", node.id.text())
            .set("NAME", node.name)
            .set("DETAIL", std::string(name_of(node.engine)) + (node.active ? "" : ", disabled"))
            .show("CHECKED", look.form.nodes.contains(node.id.text()));
    fields.show("NONE", nodes.empty());
    put_error(fields, look, "nodes");
}

// ---- Shared settings ------------------------------------------------------------------------------------

// What the fields of this section may name.
void add_available(Fields& row, const Look& look, Visit& visit) {
    const UserId owner = look.editing.site ? look.editing.site->owner : visit.viewer.owner();
    Fields& fields = row.row("AVAILABLE");
    for (const store::Piece& piece : store::list_pieces(visit.db(), visit.scope())) {
        if (piece.kind == PieceKind::site_template || (piece.owner && piece.owner != owner)) continue;
        fields.row("PIECE")
            .set("ID", piece.id.text())
            .set("NAME", piece.name)
            .set("ABOUT", std::string(label_of(piece.kind)) +
                              (piece.description.empty() ? "" : ": " + piece.description));
    }
}

// ---- Page -----------------------------------------------------------------------------------------------

void add_heading(Fields& page, const Editing& editing) {
    page.set("ACTION_URL", editing.url());
    if (!editing.site) {
        page.set("HEADING", "Add a site").set("CANCEL_URL", "/sites").set("VERSION_FROM", "");
        page.row("LEAD").set("TEXT", "Nothing reaches a node before you review it.");
        page.set("SAVE_KIND", "draft").set("SAVE_WORD", "Not saved yet");
        return;
    }
    const store::Site& site = *editing.site;
    page.set("HEADING", site.domain).set("CANCEL_URL", "/sites/" + site.id.text());
    page.set("VERSION_FROM", std::to_string(editing.base->number));
    page.row("EXISTING").set("ID", site.id.text());
    set_sign(page.row("CHIP"), site_sign(site));
    page.row("LEAD").set(
        "TEXT", "Version " + std::to_string(editing.base->number) + ", saved by " + editing.base->created_by);
    page.set("SAVE_KIND", site.has_undeployed_changes() ? "draft" : "ok");
    page.set("SAVE_WORD",
             site.has_undeployed_changes() ? "Saved changes wait for deployment" : "Saved and deployed");
}

void add_templates(Fields& page, Visit& visit) {
    const http::Values& query = visit.request.query;
    Fields& begin = page.row("BEGIN");
    begin.set("DOMAIN", std::string(query.text("domain")))
        .set("UPSTREAM", std::string(query.text("upstream")));
    const auto offer = [&](const std::string& name, const std::string& title) {
        begin.row("TEMPLATE")
            .set("NAME", name)
            .set("TITLE", title)
            .show("SELECTED", name == query.text("template"));
    };
    for (const auto& piece : store::list_pieces(visit.db(), visit.scope(), PieceKind::site_template))
        if (!piece.owner || !visit.viewer.is_staff())  // names are the staff's own to the staff (find_piece)
            offer(piece.name, piece.name);
    for (const SiteTemplate& each : built_in_templates())
        offer(std::string(each.name), std::string(each.title));
}

std::map<std::string, std::string> problems_by_field(const Problems& problems) {
    auto out = by_field(site_members(), problems);
    if (auto targets = out.extract("targets")) {
        targets.key() = "nodes";
        out.insert(std::move(targets));
    }
    return out;
}

void add_errors(Fields& page, const Look& look) {
    Problems shown;
    for (const auto& [field, text] : look.members.problems) shown.add(field, text);
    set_errors(page, shown, [](const std::string& field) { return member_id(site_members(), field); });
}

std::map<std::string, std::vector<std::string>> warnings_of(Visit& visit, const Editing& editing,
                                                            const SiteForm& form) {
    try {
        return node_limits(visit, composed_of(visit, editing, form), nodes_of(visit, editing, form));
    } catch (const Invalid&) {  // half-typed: first things first
        return {};
    }
}

}  // namespace

bool sees_staff_members(const Visit& visit) {
    return visit.viewer.may(Permission::sites_raw);
}

SiteDefinition composed_of(Visit& visit, const Editing& editing, const SiteForm& form) {
    UserId owner = editing.site ? editing.site->owner : visit.viewer.owner();
    if (visit.viewer.may(Permission::sites_assign)) owner = UserId::parse(form.owner).value_or(owner);
    return store::compose_for(visit.db(), owner, form.definition(), store::Locks::no).definition;
}

PasswordWays password_ways(const Visit& visit, Problems& refused) {
    const crypto::Vault& vault = visit.context.vault;
    const std::string purpose = "site-form:" + visit.viewer.id.text();
    PasswordWays ways;
    ways.seal = [&vault, purpose](const std::string& hash) {
        return hash.empty() ? "" : vault.encrypt(Secret(hash), purpose);
    };
    ways.open = [&vault, purpose](const std::string& sealed) -> std::string {
        if (sealed.empty()) return "";
        try {
            return std::string(vault.decrypt(sealed, purpose).reveal());
        } catch (const Error&) {  // of somebody else, or of an old key: the password is asked for
            return "";
        }
    };
    ways.hash = [&refused, count = std::size_t{0}](const std::string& path,
                                                   const Secret& password) mutable -> std::string {
        if (password.size() > kLongestPassword || text::has_control(password.reveal()))
            refused.add(path, "must be at most 72 bytes, without control characters");
        else if (++count > kMostPasswords)
            refused.add(path, "is one of more than 20 new passwords; save some of them first");
        else
            return crypto::hash_bcrypt(password);
        return "";
    };
    return ways;
}

std::map<std::string, std::vector<std::string>> node_limits(const Visit& visit,
                                                            const SiteDefinition& definition,
                                                            const std::vector<store::Node>& nodes) {
    const bool names = visit.viewer.is_staff();
    std::map<std::pair<std::string, std::string>, std::vector<std::string>> found;  // field, words: nodes
    for (const store::Node& node : nodes)
        for (const auto& list : {limitations(definition, node.engine, node.profile().facts),
                                 differences(definition, node.engine, node.profile().facts)})
            for (const Limitation& each : list)
                found[{each.field, std::string(name_of(node.engine)) + "\n" + each.message + "."}].push_back(
                    node.name);
    std::map<std::string, std::vector<std::string>> out;
    for (const auto& [what, where] : found) {
        const auto& [field, words] = what;
        const auto cut = words.find('\n');
        std::string text = words.substr(0, cut);
        if (names) text += (where.size() == 1 ? " node " : " nodes ") + text::join(where, ", ");
        out[SiteForm::field_of(field)].push_back(text + ": " + words.substr(cut + 1));
    }
    return out;
}

http::Response editor_page(Visit& visit, const Editing& editing, const SiteForm& form,
                           const EditorView& view) {
    Problems refused;
    const PasswordWays ways = password_ways(visit, refused);
    const auto live = editing.released ? std::optional(SiteForm::of(editing.released->definition))
                                       : std::optional<SiteForm>();
    const Look look{editing,
                    form,
                    {.problems = problems_by_field(view.problems),
                     .warnings = warnings_of(visit, editing, form),
                     .live = live ? &live->values : nullptr,
                     .focus = view.focus,
                     .action_url = editing.url(),
                     .staff = sees_staff_members(visit),
                     .ways = &ways,
                     .rare = is_rare}};
    Page page(visit, editing.site ? "Configure" : "Add a site", At::sites);
    page.crumb("Sites", "/sites");
    if (editing.site) page.crumb(editing.site->domain, "/sites/" + editing.site->id.text());
    Fields& fields = page.content("site_edit.html");
    add_heading(fields, editing);
    if (!view.problems.empty()) add_errors(fields, look);
    if (view.begin) add_templates(fields, visit);
    for (const SiteSection& section : site_sections()) {
        Fields& row = add_section(fields, section, look);
        if (section.id == "shared") add_available(row, look, visit);
        if (section.id == "basics" && visit.viewer.may(Permission::sites_assign)) {
            Fields& placement = row.row("PLACEMENT");
            add_owner(placement, look, visit);
            add_nodes(placement, look, visit);
        }
    }
    fields.row("LIVE_PREVIEW").set("URL", editing.preview_url());
    Fields& shown = fields.include("PREVIEW", "site_preview.html");
    if (view.preview)
        set_preview(shown, visit, editing, form);
    else
        shown.row("EMPTY").set("TEXT", "Press Update to see the files that these values make.");
    return page.response(view.status);
}

}  // namespace rpm::web
