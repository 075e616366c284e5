// SPDX-License-Identifier: MIT
// Who did what: administrators see all of it, clients what was done to their own.
#include "shared/store/audit.h"

#include <array>
#include <map>
#include <utility>

#include "shared/base/text.h"
#include "shared/ops/audit_export.h"
#include "shared/store/audit_seals.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kPage = 50;
constexpr std::size_t kShownChanges = 100;
constexpr std::size_t kShownValue = 300;
constexpr std::size_t kPart = 65'000;  // bytes of an export that go out at once

struct Choice {
    std::string_view value;  // head of the action's name
    const char* name;
};
constexpr std::array kActions = std::to_array<Choice>({
    {"site.", "Everything with sites"},
    {"site.deploy", "Deployments of sites"},
    {"site.block", "Blocked sites"},
    {"node.", "Everything with nodes"},
    {"node.trust_key", "Trusted host keys"},
    {"job.", "Jobs"},
    {"user.", "Everything with users"},
    {"user.sign_in", "Sign-ins"},
});

// ---- What was asked for ---------------------------------------------------------------------------------

std::optional<Time> time_of(http::Form& form, const char* name) {
    const std::string given = form.text(name, {.max = 30});
    if (given.empty()) return std::nullopt;
    const auto time = parse_time(given);
    if (!time) form.problem(name, "must be a time like 2026-11-22T20:34 (UTC)");
    return time;
}

// The fields as they were typed, for the form and for links; and as a filter.
struct Wanted {
    explicit Wanted(const http::Request& request) {
        http::Form form(request.query);
        const auto text = [&form](const char* name) { return form.text(name, {.max = 100}); };
        typed = {{"q", text("q")},
                 {"action", text("action")},
                 {"user", text("user")},
                 {"object", text("object")},
                 {"address", text("address")},
                 {"from", form.text("from", {.max = 30})},
                 {"until", form.text("until", {.max = 30})}};
        filter.text = typed["q"];
        filter.action_prefix = typed["action"];
        filter.username = typed["user"];
        filter.object_name = typed["object"];
        filter.address = typed["address"];
        filter.from = time_of(form, "from");
        filter.until = time_of(form, "until");
        if (filter.from && filter.until && *filter.until <= *filter.from)
            form.problem("until", "must be later than from");
        problems = form.problems();
    }
    bool any(std::initializer_list<const char*> names) const {
        for (const char* name : names)
            if (!typed.at(name).empty()) return true;
        return false;
    }
    Address address(std::string path) const {
        Address address(std::move(path));
        for (const auto& [name, value] : typed) address.with(name, value);
        return address;
    }
    std::map<std::string, std::string> typed;
    store::AuditFilter filter;
    Problems problems;
};

// ---- Changes, field by field ----------------------------------------------------------------------------

using Flat = std::map<std::string, std::string>;

void flatten(Flat& flat, const std::string& path, const Json& value) {
    const auto below = [&](const std::string& name) { return path.empty() ? name : path + "." + name; };
    if (value.is_object())
        for (const auto& [name, member] : value.members()) flatten(flat, below(name), member);
    else if (value.is_array())
        for (std::size_t i = 0; i < value.items().size(); ++i)
            flatten(flat, below(std::to_string(i + 1)), value.items()[i]);
    else
        flat[path] = value.is_text() ? value.text() : value.dump();
}

Flat flat_from(const std::string& json) {
    Flat flat;
    if (json.empty()) return flat;
    try {
        flatten(flat, "", Json::parse(json));
    } catch (const Invalid&) {  // rows are never changed, so an odd one must still be shown
        flat["text"] = json;
    }
    return flat;
}

struct Change {
    std::string field, before, after;
};

std::vector<Change> changes_of(const store::AuditEntry& entry) {
    const Flat before = flat_from(entry.before);
    const Flat after = flat_from(entry.after);
    Flat names = before;
    names.insert(after.begin(), after.end());
    const auto value = [](const Flat& flat, const std::string& name) {
        const auto found = flat.find(name);
        return found == flat.end() ? std::string() : text::ellipsis(found->second, kShownValue);
    };
    std::vector<Change> changes;
    for (const auto& [name, ignored] : names)
        if (const Change change{name, value(before, name), value(after, name)}; change.before != change.after)
            changes.push_back(change);
    return changes;
}

void add_details(Fields& row, const store::AuditEntry& entry) {
    const auto changes = changes_of(entry);
    if (changes.empty()) return;
    Fields& details = row.row("DETAILS");
    details.set("TITLE", count_words(changes.size(), "field", "fields"));
    for (std::size_t i = 0; i < changes.size() && i < kShownChanges; ++i)
        details.row("CHANGE")
            .set("FIELD", changes[i].field)
            .set("BEFORE", changes[i].before)
            .set("AFTER", changes[i].after);
}

// ---- Rows -----------------------------------------------------------------------------------------------

void add_object(Fields& row, const store::AuditEntry& entry) {
    const bool oneself = entry.object_type == "user" && entry.object_name == entry.username;
    if (entry.object_name.empty() || oneself) return;
    const std::string id = std::to_string(entry.object_id);
    if (entry.object_type == "site" && entry.action != "site.remove")
        row.row("OBJECT").set("URL", "/sites/" + id).set("NAME", entry.object_name);
    else if (entry.object_type == "node")
        row.row("OBJECT").set("URL", "/nodes/" + id).set("NAME", entry.object_name);
    else
        row.row("PLAIN_OBJECT")
            .set("NAME", entry.object_type == "job" ? id + " (" + job_words(entry.object_name) + ")"
                                                    : entry.object_name);
}

void add_row(Fields& list, const store::AuditEntry& entry, Time now) {
    Fields& row = list.row("ROW");
    set_time(row, "TIME", "TIME_ISO", entry.at, now);
    row.set("WHO", entry.username).set("WHAT", action_words(entry.action)).set("ADDRESS", entry.address);
    if (!entry.impersonator.empty()) row.row("IMPERSONATOR").set("NAME", entry.impersonator);
    add_object(row, entry);
    add_details(row, entry);
}

void add_filter(Fields& fields, const Wanted& wanted, bool staff) {
    const auto typed = [&wanted](const char* name) { return wanted.typed.at(name); };
    fields.set("Q", typed("q")).set("USER", typed("user")).set("OBJECT_NAME", typed("object"));
    fields.set("FROM", typed("from")).set("UNTIL", typed("until")).set("FROM_ADDRESS", typed("address"));
    fields.show(staff ? FieldName("STAFF") : FieldName("CLIENT"));
    fields.show("FILTERED", wanted.any({"q", "action", "user", "object", "address", "from", "until"}));
    fields.show("MORE", wanted.any({"user", "object", "address", "from", "until"}));
    const std::string& chosen = wanted.typed.at("action");
    bool known = chosen.empty();
    for (const Choice& choice : kActions) {
        if (!staff && !choice.value.starts_with("site.") && !choice.value.starts_with("user.")) continue;
        known |= choice.value == chosen;
        fields.row("ACTION")
            .set("VALUE", std::string(choice.value))
            .set("NAME", choice.name)
            .show("SELECTED", choice.value == chosen);
    }
    if (!known) fields.row("ACTION").set("VALUE", chosen).set("NAME", chosen).show("SELECTED");
}

void add_exports(Fields& fields, const Wanted& wanted) {
    for (const auto& [format, name] : {std::pair{"csv", "CSV"}, {"jsonl", "JSON lines"}})
        fields.row("EXPORT")
            .set("URL", wanted.address("/audit/export").with("format", format).text())
            .set("NAME", name);
}

// "Sealed until 14:20", for those who can do something about it.
std::string summary(Visit& visit) {
    if (visit.context.panel == PanelKind::client)
        return "What was done to your sites and account, newest first";
    const std::string words = "Newest first; nobody can change or remove an entry unseen";
    const auto mark = store::find_seal_mark(visit.db());
    return words + (mark ? "; sealed until " + time_words(*mark, visit.now()) : std::string());
}

http::Response show_nothing(Page& page, Fields& fields, const Problems& problems) {
    if (problems.empty()) {
        fields.row("EMPTY")
            .set("TITLE", "Nothing found")
            .set("TEXT", "No entry fits. Every change is written here with who made it.");
        return page.response();
    }
    set_errors(fields, problems);
    return page.response(422);
}

void add_pager(Fields& list, const Wanted& wanted, const std::vector<store::AuditEntry>& entries, bool more) {
    Pager pager;
    pager.range = count_words(entries.size(), "entry", "entries");
    if (wanted.filter.before_id) pager.previous = wanted.address("/audit").text();
    if (more) pager.next = wanted.address("/audit").with("before", entries.back().id.text()).text();
    set_pager(list, pager);
}

}  // namespace

http::Response audit_page(Visit& visit) {
    Wanted wanted(visit.request);
    if (const auto before = AuditId::parse(visit.request.query.text("before")))
        wanted.filter.before_id = *before;
    wanted.filter.limit = kPage + 1;
    const bool staff = visit.context.panel == PanelKind::admin;
    Page page(visit, staff ? "Audit log" : "Activity", At::audit);
    Fields& fields = page.content("audit.html");
    fields.set("HEADING", staff ? "Audit log" : "Activity").set("SUMMARY", summary(visit));
    add_filter(fields, wanted, staff);
    if (!wanted.problems.empty()) return show_nothing(page, fields, wanted.problems);
    auto entries = store::list_audit(visit.db(), visit.scope(), wanted.filter);
    if (entries.empty()) return show_nothing(page, fields, {});
    add_exports(fields, wanted);
    Fields& list = fields.row("LIST");
    const bool more = entries.size() > kPage;
    if (more) entries.pop_back();
    for (store::AuditEntry& entry : entries)
        add_row(list, ops::readable_entry(std::move(entry), visit.viewer.is_staff()), visit.now());
    add_pager(list, wanted, entries, more);
    return page.response();
}

http::Response export_audit(Visit& visit) {
    const Wanted wanted(visit.request);
    http::Form form(visit.request.query);
    const std::string chosen = form.choice("format", {"csv", "jsonl"}, "csv");
    form.check();
    if (!wanted.problems.empty()) throw Invalid(wanted.problems);
    const auto format = chosen == "csv" ? ops::AuditFormat::csv : ops::AuditFormat::json_lines;
    const std::string day = to_rfc3339(visit.now()).substr(0, 10);
    const std::string name = "audit-" + day + "." + std::string(ops::file_ending(format));
    auto response = http::content(std::string(ops::mime_type(format)), "")
                        .set("Content-Disposition", "attachment; filename=\"" + name + "\"");
    // Of any length: entries go out as they are read. The connection is the thread's own and outlives the
    // visit.
    response.stream = [&db = visit.db(), scope = visit.scope(), filter = wanted.filter, format,
                       staff = visit.viewer.is_staff()](const http::Response::Write& write) {
        std::string part = ops::audit_head(format);
        store::each_audit_entry(db, scope, filter, [&](const store::AuditEntry& entry) {
            part += ops::audit_line(format, ops::readable_entry(entry, staff));
            if (part.size() >= kPart) write(std::exchange(part, {}));
            return true;
        });
        write(part);
    };
    return response;
}

}  // namespace rpm::web
