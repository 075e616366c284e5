// SPDX-License-Identifier: MIT
#include "web/panel/member_words.h"

#include <algorithm>

#include "shared/base/text.h"
#include "web/panel/member_form.h"
#include "web/view/format.h"

namespace rpm::web {
namespace {

constexpr std::size_t kLongestInRow = 120;  // bytes of one text in a line

// "No content sniffing" -> "no content sniffing"; HSTS, TLS to the servers and Referrer-Policy stay.
std::string begins_small(const std::string& label) {
    const std::string first = label.substr(0, label.find(' '));
    const bool name = std::ranges::any_of(first.substr(std::min<std::size_t>(1, first.size())),
                                          [](char c) { return c >= 'A' && c <= 'Z'; });
    return name || label.empty() ? label : text::lower(label.substr(0, 1)) + label.substr(1);
}

std::string choice_label(const MemberDoc& doc, const std::string& word) {
    const auto found = std::ranges::find(doc.choices, word, &MemberDoc::Choice::word);
    return found == doc.choices.end() ? word : found->label;
}

std::string one_line(std::string_view words) {
    const auto lines = text::lines(text::trim(words));
    if (lines.empty()) return "";
    std::string out = text::ellipsis(lines.front(), kLongestInRow);
    if (lines.size() > 1) out += " and " + std::to_string(lines.size() - 1) + " more";
    return out;
}

// Of a nullable object: null.
Json usual_of(const MemberDoc& doc) {
    return typed_of(doc, nullptr);
}
// Of one that is on.
Json usual_row(const MemberDoc& doc) {
    static const Json nothing = Json::object();
    return typed_of(doc, &nothing);
}

// "weight 3", "backup", "no buffer uploads": what a member adds to a line; nothing at its default.
std::string phrase(const MemberDoc& member, const Json& typed, const Json& usual) {
    if (typed == usual || member.password) return "";
    const std::string label = begins_small(member.label);
    switch (member.kind) {
        case MemberKind::boolean:
            return typed.boolean() ? label : label + ": off";
        case MemberKind::word:
            return begins_small(choice_label(member, typed.text()));
        case MemberKind::block:
            return typed.text().empty() ? "" : label;
        case MemberKind::object: {
            const std::string inner = typed.is_null() ? "" : row_words(member, typed);
            return inner.empty() ? label : label + " (" + inner + ")";
        }
        case MemberKind::list:
            if (is_lines(member)) return label + " " + one_line(typed.text());
            return count_words(typed.items().size(), begins_small(row_name(member.name, member)), label);
        default: {
            const std::string words = one_line(member_words(member, typed));
            return words.empty() ? "" : label + " " + words;
        }
    }
}

}  // namespace

std::string member_phrase(const MemberDoc& doc, const Json& typed) {
    return phrase(doc, typed, usual_of(doc));
}

std::string row_name(std::string_view path, const MemberDoc& list) {
    struct Name {
        std::string_view list, row;
    };
    static constexpr Name kNames[] = {
        {"servers", "Server"},         {"users", "User"},
        {"rates", "Rate limit"},       {"routes", "Route"},
        {"request", "Request header"}, {"response", "Response header"},
        {"errors", "Error page"},
    };
    const std::string_view last = path.substr(path.rfind('.') + 1);
    for (const Name& name : kNames)
        if (name.list == last) return std::string(name.row);
    return list.label;
}

std::string row_words(const MemberDoc& item, const Json& row) {
    std::string out;
    const Json usual = usual_row(item);
    for (const MemberDoc& member : item.members) {
        if (!member.required || member.password || member.kind == MemberKind::block) continue;
        const std::string words = one_line(member_words(member, *row.find(member.name)));
        if (!words.empty()) out += (out.empty() ? "" : member.kind == MemberKind::whole ? ":" : " ") + words;
    }
    for (const MemberDoc& member : item.members) {
        if (member.required) continue;
        const std::string words = phrase(member, *row.find(member.name), *usual.find(member.name));
        if (!words.empty()) out += (out.empty() ? "" : ", ") + words;
    }
    return out;
}

std::string member_words(const MemberDoc& doc, const Json& typed) {
    if (doc.password) return typed.text().empty() ? "none" : "set";
    switch (doc.kind) {
        case MemberKind::boolean:
            return typed.boolean() ? "on" : "off";
        case MemberKind::whole:
            return typed.text() + (doc.unit.empty() || typed.text().empty() ? "" : " " + doc.unit);
        case MemberKind::word:
            return choice_label(doc, typed.text());
        case MemberKind::object: {
            if (typed.is_null()) return "none";
            const std::string words = row_words(doc, typed);
            return words.empty() ? "as usual" : words;
        }
        case MemberKind::list: {
            if (is_lines(doc)) return typed.text().empty() ? "none" : typed.text();
            std::string out;
            for (const Json& row : typed.items()) {
                const std::string words = row_words(doc.members.front(), row);
                out += (out.empty() ? "" : "\n") + (words.empty() ? "as usual" : words);
            }
            return out.empty() ? "none" : out;
        }
        default:
            return typed.text();
    }
}

std::vector<SetMember> set_members(const MemberDoc& doc, const Json& typed, const std::string& path) {
    std::vector<SetMember> out;
    if (doc.kind != MemberKind::object || doc.nullable) {
        if (typed != usual_of(doc)) out.push_back({path, doc.label, member_words(doc, typed)});
        return out;
    }
    for (const MemberDoc& member : doc.members) {
        const std::string at = path.empty() ? member.name : path + "." + member.name;
        const Json& inner = *typed.find(member.name);
        for (SetMember& each : set_members(member, inner, at)) {
            if (member.kind == MemberKind::object) each.label = member.label + " \xe2\x80\xba " + each.label;
            out.push_back(std::move(each));
        }
    }
    return out;
}

}  // namespace rpm::web
