// SPDX-License-Identifier: MIT
// Who did what.
#include "shared/store/audit.h"

#include <array>
#include <map>

#include "shared/base/text.h"
#include "web/admin/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kPage = 50;
constexpr std::size_t kShownChanges = 100;
constexpr std::size_t kShownValue = 300;

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

std::string action_of(const Visit& visit) {
    for (const Choice& choice : kActions)
        if (choice.value == visit.request.query.text("action")) return std::string(choice.value);
    return {};
}

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
    add_object(row, entry);
    add_details(row, entry);
}

void add_filter(Fields& fields, const store::AuditFilter& filter) {
    fields.set("Q", filter.text);
    fields.show("FILTERED", !filter.text.empty() || !filter.action_prefix.empty());
    for (const Choice& choice : kActions)
        fields.row("ACTION")
            .set("VALUE", std::string(choice.value))
            .set("NAME", choice.name)
            .show("SELECTED", choice.value == filter.action_prefix);
}

Address address_of(const store::AuditFilter& filter) {
    Address address("/audit");
    address.with("q", filter.text).with("action", filter.action_prefix);
    return address;
}

}  // namespace

http::Response audit_page(Visit& visit) {
    store::AuditFilter filter;
    filter.text = text::ellipsis(text::trim(visit.request.query.text("q")), 100);
    filter.action_prefix = action_of(visit);
    if (const auto before = AuditId::parse(visit.request.query.text("before"))) filter.before_id = *before;
    filter.limit = kPage + 1;
    auto entries = store::list_audit(visit.db(), visit.scope(), filter);
    Page page(visit, "Audit log", At::audit);
    Fields& fields = page.content("audit.html");
    fields.set("SUMMARY", "Newest first; nobody can change or remove an entry");
    add_filter(fields, filter);
    if (entries.empty()) {
        fields.row("EMPTY")
            .set("TITLE", "Nothing found")
            .set("TEXT", "No entry fits. Every change is written here with who made it.");
        return page.response();
    }
    Fields& list = fields.row("LIST");
    const bool more = entries.size() > kPage;
    if (more) entries.pop_back();
    for (const store::AuditEntry& entry : entries) add_row(list, entry, visit.now());
    Pager pager;
    pager.range = count_words(entries.size(), "entry", "entries");
    if (filter.before_id) pager.previous = address_of(filter).text();
    if (more) pager.next = address_of(filter).with("before", entries.back().id.text()).text();
    set_pager(list, pager);
    return page.response();
}

}  // namespace rpm::web
