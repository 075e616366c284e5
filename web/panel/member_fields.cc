// SPDX-License-Identifier: MIT
#include "web/panel/member_fields.h"

#include <algorithm>

#include "shared/base/text.h"
#include "web/panel/member_words.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr std::size_t kLongestWas = 80;      // bytes
constexpr std::size_t kLongestSummary = 90;  // bytes

bool is_rows(const MemberDoc& doc) {
    return doc.kind == MemberKind::list && !is_lines(doc);
}
bool is_container(const MemberDoc& doc) {
    return doc.kind == MemberKind::object || is_rows(doc);
}

template <class Map>
bool any_within(const Map& marks, const std::string& path) {
    for (auto at = marks.lower_bound(path); at != marks.end() && at->first.starts_with(path); ++at)
        if (is_within(at->first, path)) return true;
    return false;
}

// One member on its way to its template.
class Shower {
  public:
    Shower(const MemberLook& look, bool in_row, bool first_row)
        : look_(look), in_row_(in_row), first_row_(first_row) {}

    void show(Fields& fields, FieldName include, const MemberEntry& entry, bool focus) const {
        const MemberDoc& doc = *entry.doc;
        if (doc.kind == MemberKind::object)
            object(fields.include(include, "components/member_object.html"), entry, focus);
        else if (is_rows(doc))
            rows(fields.include(include, "components/member_list.html"), entry, focus);
        else
            scalar(fields, include, entry, focus);
    }

    void group(Fields& fields, const std::vector<MemberEntry>& members, bool focus) const {
        Fields& group = fields.include("GROUP", "components/member_group.html");
        std::vector<MemberEntry> rare;
        for (const MemberEntry& entry : members) {
            if (entry.doc->staff_only && !look_.staff) continue;
            if (look_.rare != nullptr && look_.rare(entry.path)) {
                rare.push_back(entry);
                continue;
            }
            show(group, "MEMBERS", entry, focus);
            focus = false;
        }
        if (!rare.empty()) more(group.row("MORE"), rare);
    }

  private:
    void more(Fields& more, const std::vector<MemberEntry>& rare) const {
        std::string now;
        bool open = false;
        for (const MemberEntry& entry : rare) {
            const std::string phrase = member_phrase(*entry.doc, *entry.typed);
            if (!phrase.empty()) now += (now.empty() ? "" : ", ") + phrase;
            open = open || any_within(look_.problems, entry.path) || any_within(look_.warnings, entry.path) ||
                   is_within(look_.focus, entry.path);
            show(more, "MORE_MEMBERS", entry, false);
        }
        more.set("NOW", text::ellipsis(now, kLongestSummary)).show("OPEN", open);
    }

    // Name, label and what stands below the field.
    void begin(Fields& field, const MemberEntry& entry, bool focus) const {
        const MemberDoc& doc = *entry.doc;
        const std::string id = is_container(doc) ? "l-" + entry.path : entry.path;
        field.set("NAME", entry.path).set("ID", id).set("LABEL", doc.label).show("FOCUS", focus);
        Fields& notes = field.include("NOTES", "components/member_notes.html");
        notes.set("ID", id);
        std::string by;
        const auto described = [&](const std::string& suffix) {
            by += (by.empty() ? "" : " ") + id + suffix;
        };
        if (const auto found = look_.problems.find(entry.path); found != look_.problems.end()) {
            notes.row("ERROR").set("TEXT", sentence(found->second));
            field.show("BAD");
            described("-e");
        }
        if (const auto found = look_.warnings.find(entry.path); found != look_.warnings.end())
            for (std::size_t i = 0; i < found->second.size(); ++i) {
                const std::string number = std::to_string(i);
                notes.row("WARNING").set("N", number).set("TEXT", found->second[i]);
                described("-w" + number);
            }
        if (add_change(field, notes, entry)) described("-c");
        if (const std::string hint = hint_of(entry); !hint.empty()) {
            notes.row("HINT").set("TEXT", hint);
            described("-h");
        }
        if (!by.empty()) field.row("BY").set("IDS", by);
    }

    // True when it says what the member was.
    bool add_change(Fields& field, Fields& notes, const MemberEntry& entry) const {
        if (in_row_ || look_.live == nullptr) return false;
        const Json* live = find_typed(*look_.live, entry.path);
        if (live == nullptr || *live == *entry.typed) return false;
        field.show("CHANGED");
        const MemberDoc& doc = *entry.doc;
        if (is_container(doc) || doc.kind == MemberKind::block) return false;
        std::string was = member_words(doc, *live);
        std::ranges::replace(was, '\n', ' ');
        notes.row("WAS").set("TEXT", "Live: " + (was.empty() ? "empty" : text::ellipsis(was, kLongestWas)));
        return true;
    }

    std::string hint_of(const MemberEntry& entry) const {
        const MemberDoc& doc = *entry.doc;
        if (in_row_ && !first_row_) return "";
        if (doc.password)
            return entry.typed->text().empty()
                       ? sentence(doc.help)
                       : std::string(doc.kind == MemberKind::block ? "A key" : "A password") +
                             " is set. Leave this empty to keep it.";
        std::string hint = is_lines(doc) ? "One per line." : "";
        if (!doc.help.empty()) hint += (hint.empty() ? "" : " ") + sentence(doc.help);
        return hint;
    }

    static std::string rows_for(const std::string& text, std::size_t least, std::size_t most) {
        return std::to_string(std::clamp(text::lines(text).size() + 1, least, most));
    }

    void scalar(Fields& fields, FieldName include, const MemberEntry& entry, bool focus) const {
        const MemberDoc& doc = *entry.doc;
        const auto begun = [&](const char* kind) -> Fields& {
            Fields& field = fields.include(include, std::string("components/member_") + kind + ".html");
            begin(field, entry, focus);
            return field;
        };
        if (doc.kind == MemberKind::boolean) {
            begun("boolean").show("CHECKED", entry.typed->boolean());
            return;
        }
        const std::string& value = entry.typed->text();
        if (doc.password) {
            begun(doc.kind == MemberKind::block ? "secret" : "password")
                .set("VALUE", look_.ways->seal(value))
                .show("KEPT", !value.empty());
        } else if (doc.kind == MemberKind::word) {
            add_choices(begun("word"), doc, value);
        } else if (doc.kind == MemberKind::whole) {
            Fields& field = begun("whole").set("VALUE", value);
            if (!doc.unit.empty()) field.row("UNIT").set("TEXT", doc.unit);
        } else if (doc.kind == MemberKind::text) {
            begun("text").set("VALUE", value);
        } else {
            const bool lines = is_lines(doc);
            begun("block").set("VALUE", value).set("ROWS", rows_for(value, lines ? 2 : 3, lines ? 8 : 14));
        }
    }

    // A word that is none of the choices is shown, too: it is what was sent.
    static void add_choices(Fields& field, const MemberDoc& doc, const std::string& value) {
        bool known = false;
        for (const auto& choice : doc.choices) {
            known = known || choice.word == value;
            field.row("CHOICE")
                .set("WORD", choice.word)
                .set("TEXT", choice.label)
                .show("SELECTED", choice.word == value);
        }
        if (!known) field.row("CHOICE").set("WORD", value).set("TEXT", value).show("SELECTED");
    }

    static std::vector<MemberEntry> inside(const MemberDoc& object, const Json& typed,
                                           const std::string& path) {
        std::vector<MemberEntry> out;
        for (const MemberDoc& member : object.members)
            out.push_back({&member, typed.find(member.name), path + "." + member.name});
        return out;
    }

    void object(Fields& field, const MemberEntry& entry, bool focus) const {
        const bool on = !entry.typed->is_null();
        begin(field, entry, false);
        field.set("ACTION_URL", look_.action_url);
        if (entry.doc->nullable) field.row("OPTIONAL").set("STATE", on ? "1" : "0");
        const bool focused = look_.focus == entry.path;
        if (entry.doc->nullable && !on) field.row("SET").show("FOCUS", focused);
        if (entry.doc->nullable && on) field.show("UNSET");
        if (on) group(field, inside(*entry.doc, *entry.typed, entry.path), focus || focused);
    }

    void rows(Fields& field, const MemberEntry& entry, bool focus) const {
        const MemberDoc& item = entry.doc->members.front();
        const std::string name = row_name(entry.path, *entry.doc);
        const bool vowel = std::string_view("AEIOU").find(name[0]) != std::string_view::npos;
        begin(field, entry, false);
        field.set("ACTION_URL", look_.action_url).set("ROW_NAME", (vowel ? "an " : "a ") + text::lower(name));
        // Servers are what everybody comes for: the first row is there at once.
        Json shown = *entry.typed;
        const bool servers = entry.doc->name == "servers";
        static const Json nothing = Json::object();
        if (shown.items().empty() && servers) shown.push(typed_of(item, &nothing));
        const bool flat = std::ranges::none_of(item.members, is_long);
        Fields* list = shown.items().empty() ? nullptr : &field.row("ROWS");
        for (std::size_t i = 0; i < shown.items().size(); ++i) {
            const std::string path = entry.path + "." + std::to_string(i);
            const Json& row = shown.items()[i];
            Fields& each = list->row(flat ? FieldName("FLAT") : FieldName("FOLDED"));
            each.set("PATH", path).set("TITLE", name + " " + std::to_string(i + 1));
            const bool focused = look_.focus == path || (focus && i == 0);
            if (!flat) {
                const bool bad = any_within(look_.problems, path);
                each.set("NOW", text::ellipsis(row_words(item, row), kLongestSummary))
                    .show("BAD_ROW", bad)
                    .show("RAISE", i > 0)
                    .show("OPEN", bad || any_within(look_.warnings, path) || is_within(look_.focus, path));
            }
            Shower(look_, true, i == 0 || !flat).group(each, inside(item, row, path), focused);
        }
        if (shown.items().size() < static_cast<std::size_t>(entry.doc->most))
            field.row("ADD").show("FOCUS", look_.focus == entry.path);
    }

    static bool is_long(const MemberDoc& member) {
        return is_container(member) || member.kind == MemberKind::block || is_lines(member);
    }

    const MemberLook& look_;
    bool in_row_;
    bool first_row_;
};

}  // namespace

bool is_within(std::string_view path, std::string_view outer) {
    return path.starts_with(outer) && (path.size() == outer.size() || path[outer.size()] == '.');
}

std::vector<MemberEntry> entries_of(const MemberDoc& root, const Json& typed,
                                    std::span<const std::string_view> paths) {
    std::vector<MemberEntry> out;
    for (std::string_view path : paths) {
        const bool inside = path.ends_with(".*");
        if (inside) path.remove_suffix(2);
        const MemberDoc* doc = root.find(path);
        const Json* at = find_typed(typed, path);
        if (!inside)
            out.push_back({doc, at, std::string(path)});
        else
            for (const MemberDoc& member : doc->members)
                out.push_back({&member, at->find(member.name), std::string(path) + "." + member.name});
    }
    return out;
}

void add_members(Fields& fields, const std::vector<MemberEntry>& members, const MemberLook& look) {
    Shower(look, false, false).group(fields, members, false);
}

std::map<std::string, std::string> by_field(const MemberDoc& root, const Problems& problems) {
    std::map<std::string, std::string> out;
    for (const auto& [path, text] : problems.entries()) {
        const std::string field = field_of(root, path);
        std::string& words = out[field];
        words += words.empty() ? "" : "; ";
        const auto number = text::number<std::size_t>(
            path.size() > field.size() ? std::string_view(path).substr(field.size() + 1) : "");
        if (number) words += "entry " + std::to_string(*number + 1) + " ";
        words += text;
    }
    return out;
}

std::string member_id(const MemberDoc& root, const std::string& path) {
    const MemberDoc* doc = root.find(path);
    return doc != nullptr && is_container(*doc) ? "l-" + path : path;
}

}  // namespace rpm::web
