// SPDX-License-Identifier: MIT
#include "web/panel/member_form.h"

#include <algorithm>
#include <set>

#include "shared/base/text.h"

namespace rpm::web {
namespace {

std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
}

// Browsers send "\r\n" in text areas.
std::string plain_lines(std::string_view given) {
    std::string out;
    for (const char c : given)
        if (c != '\r') out += c;
    return out;
}

std::string text_of(const Json& value) {
    if (value.is_integer()) return std::to_string(value.integer());
    return value.is_text() ? value.text() : "";
}

std::string lines_of(const Json& list) {
    std::string out;
    if (list.is_array())
        for (const Json& item : list.items()) out += (out.empty() ? "" : "\n") + text_of(item);
    return out;
}

// A number if it is one; else the text itself.
Json value_of(MemberKind kind, const std::string& typed) {
    if (kind == MemberKind::whole)
        if (const auto number = text::number<std::int64_t>(typed)) return *number;
    return typed;
}

// An object that is on.
Json typed_object(const MemberDoc& doc, const Json* saved) {
    Json out = Json::object();
    for (const MemberDoc& member : doc.members)
        out[member.name] = typed_of(member, saved == nullptr ? nullptr : saved->find(member.name));
    return out;
}

// A row that somebody added and left alone. Where nothing has to be typed, a row means what it shows.
bool is_blank(const MemberDoc& item, const Json& row) {
    return std::ranges::any_of(item.members, &MemberDoc::required) && row == typed_object(item, nullptr);
}

}  // namespace

bool is_lines(const MemberDoc& doc) {
    return doc.kind == MemberKind::list && doc.members.front().kind != MemberKind::object;
}

Json typed_of(const MemberDoc& doc, const Json* saved) {
    const bool given = saved != nullptr && !saved->is_null();
    const Json& value = given ? *saved : doc.fallback;
    switch (doc.kind) {
        case MemberKind::boolean:
            return value == Json(true);
        case MemberKind::object:
            if (doc.nullable && !given) return {};
            return typed_object(doc, given ? saved : nullptr);
        case MemberKind::list: {
            if (is_lines(doc)) return lines_of(value);
            Json rows = Json::array();
            if (value.is_array())
                for (const Json& item : value.items()) rows.push(typed_object(doc.members.front(), &item));
            return rows;
        }
        default:
            return text_of(value);
    }
}

std::optional<Json> meant_by(const MemberDoc& doc, const Json& typed) {
    switch (doc.kind) {
        case MemberKind::boolean:
            return typed;
        case MemberKind::object: {
            if (typed.is_null()) return std::nullopt;
            Json out = Json::object();
            for (const MemberDoc& member : doc.members)
                if (auto value = meant_by(member, *typed.find(member.name)))
                    out[member.name] = std::move(*value);
            return out;
        }
        case MemberKind::list: {
            Json out = Json::array();
            const MemberDoc& item = doc.members.front();
            if (is_lines(doc))
                for (const std::string_view word : text::words(typed.text()))
                    out.push(value_of(item.kind, std::string(word)));
            else
                for (const Json& row : typed.items()) out.push(*meant_by(item, row));
            return out;
        }
        default:
            if (typed.text().empty() && (doc.required || doc.nullable || doc.kind == MemberKind::whole))
                return std::nullopt;
            return value_of(doc.kind, typed.text());
    }
}

// ---- Posted ---------------------------------------------------------------------------------------------

PostedMembers::PostedMembers(const http::Values& posted, bool staff, PasswordWays ways)
    : staff_(staff), ways_(std::move(ways)) {
    for (const auto& [name, value] : posted) last_.insert_or_assign(name, value);
}

bool PostedMembers::mentions_below(const std::string& path) const {
    const auto at = last_.lower_bound(path + ".");
    return at != last_.end() && at->first.starts_with(path + ".");
}

// In the order of their numbers, which may have gaps.
std::vector<std::string> PostedMembers::row_paths(const std::string& list) const {
    const std::string prefix = list + ".";
    std::set<std::size_t> numbers;
    for (auto at = last_.lower_bound(prefix); at != last_.end() && at->first.starts_with(prefix); ++at) {
        const std::string_view rest = std::string_view(at->first).substr(prefix.size());
        const std::string_view digits = rest.substr(0, rest.find('.'));
        const auto number = text::number<std::size_t>(digits);
        if (number && std::to_string(*number) == digits) numbers.insert(*number);
    }
    std::vector<std::string> paths;
    for (const std::size_t number : numbers) paths.push_back(prefix + std::to_string(number));
    return paths;
}

Json PostedMembers::read_password(const MemberDoc& doc, const std::string& path, const Json& before) const {
    const auto typed = last_.find(path + ".new");
    if (typed != last_.end() && !typed->second.empty()) {
        if (doc.kind == MemberKind::block) return plain_lines(typed->second);
        std::string hash = ways_.hash(path, Secret(std::string(typed->second)));
        if (!hash.empty()) return hash;
    }
    const auto kept = last_.find(path);
    return kept == last_.end() ? before : Json(ways_.open(std::string(kept->second)));
}

Json PostedMembers::read_object(const MemberDoc& doc, const std::string& path, const Json& before) const {
    const Json base = before.is_null() ? typed_object(doc, nullptr) : before;
    Json out = Json::object();
    for (const MemberDoc& member : doc.members)
        out[member.name] = read(member, below(path, member.name), *base.find(member.name));
    return out;
}

Json PostedMembers::read_rows(const MemberDoc& doc, const std::string& path, const Json& before) const {
    const auto rows = row_paths(path);
    if (rows.empty() && !last_.contains(path)) return before;
    const MemberDoc& item = doc.members.front();
    Json out = Json::array();
    for (const std::string& row : rows) {
        // One more than the model takes, so that it says so; no page offers to add more.
        if (out.is_array() && out.items().size() > static_cast<std::size_t>(doc.most)) break;
        Json typed = read_object(item, row, {});
        if (!is_blank(item, typed)) out.push(std::move(typed));
    }
    return out;
}

Json PostedMembers::read(const MemberDoc& doc, const std::string& path, const Json& before) const {
    if (doc.staff_only && !staff_) return before;
    if (doc.kind == MemberKind::object) {
        if (!doc.nullable) return read_object(doc, path, before);
        const auto marker = last_.find(path);
        const bool on = marker != last_.end() ? marker->second == "1" || mentions_below(path)
                                              : mentions_below(path) || !before.is_null();
        return on ? read_object(doc, path, before) : Json();
    }
    if (doc.kind == MemberKind::list && !is_lines(doc)) return read_rows(doc, path, before);
    if (doc.password) return read_password(doc, path, before);
    const auto found = last_.find(path);
    if (found == last_.end()) return before;
    switch (doc.kind) {
        case MemberKind::boolean:
            return found->second == "1";
        case MemberKind::list:
        case MemberKind::block:
            return plain_lines(found->second);
        default:
            return std::string(text::trim(found->second));
    }
}

void post_members(const MemberDoc& doc, const Json& typed, const std::string& path, bool staff,
                  const PasswordWays& ways, std::vector<std::pair<std::string, std::string>>& out) {
    if (doc.staff_only && !staff) return;
    if (doc.kind == MemberKind::boolean) {
        out.emplace_back(path, typed.boolean() ? "1" : "0");
    } else if (doc.kind == MemberKind::object) {
        if (doc.nullable) out.emplace_back(path, typed.is_null() ? "0" : "1");
        if (typed.is_null()) return;
        for (const MemberDoc& member : doc.members)
            post_members(member, *typed.find(member.name), below(path, member.name), staff, ways, out);
    } else if (doc.kind == MemberKind::list && !is_lines(doc)) {
        out.emplace_back(path, "");
        for (std::size_t i = 0; i < typed.items().size(); ++i)
            post_members(doc.members.front(), typed.items()[i], below(path, std::to_string(i)), staff, ways,
                         out);
    } else {
        out.emplace_back(path, doc.password ? ways.seal(typed.text()) : typed.text());
    }
}

// ---- Paths ----------------------------------------------------------------------------------------------

Json* find_typed(Json& typed, std::string_view path) {
    Json* at = &typed;
    for (const std::string_view part : text::split(path, '.')) {
        if (at->is_array()) {
            const auto number = text::number<std::size_t>(part);
            if (!number || *number >= at->items().size()) return nullptr;
            at = &at->items()[*number];
        } else {
            if (at->find(part) == nullptr) return nullptr;
            at = &(*at)[part];
        }
    }
    return at;
}

const Json* find_typed(const Json& typed, std::string_view path) {
    return find_typed(const_cast<Json&>(typed), path);
}

bool add_typed(const MemberDoc& doc, Json& typed, const std::string& path) {
    const MemberDoc* member = doc.find(path);
    Json* at = member == nullptr ? nullptr : find_typed(typed, path);
    if (at == nullptr) return false;
    if (at->is_array()) {
        if (at->items().size() < static_cast<std::size_t>(member->most))
            at->push(typed_object(member->members.front(), nullptr));
        return true;
    }
    if (member->kind != MemberKind::object || !member->nullable) return false;
    if (at->is_null()) *at = typed_object(*member, nullptr);
    return true;
}

namespace {

struct Row {
    Json* list = nullptr;
    std::ptrdiff_t number = 0;
};

std::optional<Row> row_at(Json& typed, const std::string& path) {
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return std::nullopt;
    Json* list = find_typed(typed, std::string_view(path).substr(0, dot));
    const auto number = text::number<std::size_t>(std::string_view(path).substr(dot + 1));
    if (list == nullptr || !list->is_array() || !number || *number >= list->items().size())
        return std::nullopt;
    return Row{list, static_cast<std::ptrdiff_t>(*number)};
}

}  // namespace

bool remove_typed(const MemberDoc& doc, Json& typed, const std::string& path) {
    if (const auto row = row_at(typed, path)) {
        row->list->items().erase(row->list->items().begin() + row->number);
        return true;
    }
    const MemberDoc* member = doc.find(path);
    Json* at = member == nullptr ? nullptr : find_typed(typed, path);
    if (at == nullptr || member->kind != MemberKind::object || !member->nullable) return false;
    *at = Json();
    return true;
}

bool raise_typed(const MemberDoc&, Json& typed, const std::string& path) {
    const auto row = row_at(typed, path);
    if (!row) return false;
    const auto first = row->list->items().begin();
    if (row->number > 0) std::iter_swap(first + row->number, first + row->number - 1);
    return true;
}

// ---- Differences ----------------------------------------------------------------------------------------

namespace {

std::string labelled(const std::string& outer, const std::string& label) {
    if (outer.empty() || label.empty()) return outer + label;
    return outer + " \xe2\x80\xba " + label;
}

// Rows are compared one by one where each says the same of itself, so that no two halves become a whole.
bool same_rows(const MemberDoc& item, const Json& a, const Json& b) {
    if (a.items().size() != b.items().size()) return false;
    if (std::ranges::none_of(item.members, &MemberDoc::required)) return false;
    for (std::size_t i = 0; i < a.items().size(); ++i)
        for (const MemberDoc& member : item.members)
            if (member.required && !member.password && member.kind != MemberKind::block &&
                *a.items()[i].find(member.name) != *b.items()[i].find(member.name))
                return false;
    return true;
}

// Calls visit(path, label, doc) for the smallest members in which the trees can be compared.
class Walk {
  public:
    using Trees = std::vector<const Json*>;
    template <class F>
    static void each(const MemberDoc& doc, const std::string& path, const std::string& label,
                     const Trees& trees, const F& visit) {
        if (std::ranges::all_of(trees, [&](const Json* tree) { return *tree == *trees.front(); })) return;
        if (doc.kind == MemberKind::object &&
            std::ranges::all_of(trees, [](const Json* tree) { return tree->is_object(); })) {
            for (const MemberDoc& member : doc.members) {
                Trees inner;
                for (const Json* tree : trees) inner.push_back(tree->find(member.name));
                each(member, below(path, member.name), labelled(label, member.label), inner, visit);
            }
            return;
        }
        if (doc.kind == MemberKind::list && !is_lines(doc) &&
            std::ranges::all_of(trees, [&](const Json* tree) {
                return same_rows(doc.members.front(), *tree, *trees.front());
            })) {
            for (std::size_t i = 0; i < trees.front()->items().size(); ++i) {
                Trees inner;
                for (const Json* tree : trees) inner.push_back(&tree->items()[i]);
                each(doc.members.front(), below(path, std::to_string(i)),
                     labelled(label, std::to_string(i + 1)), inner, visit);
            }
            return;
        }
        visit(path, label, doc, trees);
    }
};

}  // namespace

std::vector<MemberDifference> typed_differences(const MemberDoc& doc, const Json& before, const Json& after) {
    std::vector<MemberDifference> out;
    Walk::each(
        doc, "", "", {&before, &after},
        [&](const std::string& path, const std::string& label, const MemberDoc& member, const auto& trees) {
            out.push_back({path, label, &member, *trees[0], *trees[1]});
        });
    return out;
}

MemberMerge merge_typed(const MemberDoc& doc, const Json& base, const Json& theirs, Json& mine) {
    MemberMerge out;
    const Json typed = mine;
    Walk::each(
        doc, "", "", {&base, &theirs, &typed},
        [&](const std::string& path, const std::string& label, const MemberDoc& member, const auto& trees) {
            const Json &was = *trees[0], &saved = *trees[1], &given = *trees[2];
            if (saved == was || saved == given) return;
            if (given == was) {
                *find_typed(mine, path) = saved;
                ++out.taken;
            } else {
                out.collisions.push_back({path, label, &member, was, saved, given});
            }
        });
    return out;
}

std::string field_of(const MemberDoc& root, std::string_view path) {
    const MemberDoc* at = &root;
    std::string field;
    for (const std::string_view part : text::split(path, '.')) {
        if (is_lines(*at)) break;
        at = at->find(part);
        if (at == nullptr) return std::string(path);
        field += (field.empty() ? "" : ".") + std::string(part);
    }
    return field;
}

}  // namespace rpm::web
