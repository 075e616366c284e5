// SPDX-License-Identifier: MIT
// What changed between two definitions, in words, from the members' documentation.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "shared/model/site.h"

namespace rpm {
namespace {

constexpr std::size_t kLongestShown = 80;  // bytes of a text

class Lines {
  public:
    void compare(const MemberDoc& doc, const std::string& path, const Json* from, const Json* to) {
        if ((from == nullptr && to == nullptr) || (from != nullptr && to != nullptr && *from == *to)) return;
        switch (doc.kind) {
            case MemberKind::object:
                compare_objects(doc, path, from, to);
                break;
            case MemberKind::list:
                compare_lists(doc, path, from, to);
                break;
            case MemberKind::block:
                add(path, "changed");
                break;
            default:
                compare_values(doc, path, from, to);
        }
    }
    std::vector<std::string> take() { return std::move(lines_); }

  private:
    static std::string below(const std::string& path, const std::string& label) {
        return path.empty() ? label : path + " \xe2\x80\xba " + label;
    }
    void add(const std::string& path, const std::string& what) { lines_.push_back(path + ": " + what); }

    static std::string value(const MemberDoc& doc, const Json* json) {
        const Json& given = json == nullptr ? doc.fallback : *json;
        switch (doc.kind) {
            case MemberKind::boolean:
                return given == Json(true) ? "yes" : "no";
            case MemberKind::whole:
                return (given.is_integer() ? std::to_string(given.integer()) : "-") +
                       (doc.unit.empty() ? "" : " " + doc.unit);
            case MemberKind::word:
                for (const auto& choice : doc.choices)
                    if (given == Json(choice.word)) return choice.label;
                return "-";
            default:
                return given.is_text() && !given.text().empty() ? given.text() : "-";
        }
    }
    void compare_values(const MemberDoc& doc, const std::string& path, const Json* from, const Json* to) {
        const std::string before = value(doc, from);
        const std::string after = value(doc, to);
        if (before == after) return;
        if (doc.password || before.size() > kLongestShown || after.size() > kLongestShown)
            add(path, "changed");
        else
            add(path, before + " -> " + after);
    }
    void compare_objects(const MemberDoc& doc, const std::string& path, const Json* from, const Json* to) {
        static const Json nothing = Json::object();
        if (doc.nullable) {
            const bool had = from != nullptr && !from->is_null();
            const bool has = to != nullptr && !to->is_null();
            if (had != has) add(path, has ? "added" : "removed");
            if (!had || !has) return;
        }
        for (const MemberDoc& member : doc.members)
            compare(member, below(path, member.label), (from == nullptr ? nothing : *from).find(member.name),
                    (to == nullptr ? nothing : *to).find(member.name));
    }

    // What an entry of a list is known by: a text itself, an object's required members.
    static std::string identity(const MemberDoc& doc, const Json& item, std::size_t index) {
        if (doc.kind != MemberKind::object) return value(doc, &item);
        std::string out;
        for (const MemberDoc& member : doc.members) {
            if (!member.required || member.kind == MemberKind::block) continue;
            out +=
                (out.empty() ? "" : ":") + text::shown(value(member, item.find(member.name)), kLongestShown);
            if (member.kind == MemberKind::text && doc.members.size() == 2) break;  // a user without the hash
        }
        return out.empty() ? std::to_string(index + 1) : out;
    }
    void compare_lists(const MemberDoc& doc, const std::string& path, const Json* from, const Json* to) {
        const MemberDoc& item = doc.members.front();
        const auto entries = [&doc](const Json* list) -> const Json::Array& {
            static const Json::Array none;
            if (list != nullptr) return list->items();
            return doc.fallback.is_array() ? doc.fallback.items() : none;
        };
        const auto names = [&item](const Json::Array& list) {
            std::vector<std::string> out;
            for (std::size_t i = 0; i < list.size(); ++i) {
                std::string name = identity(item, list[i], i);
                if (std::ranges::find(out, name) != out.end()) name += " (" + std::to_string(i + 1) + ")";
                out.push_back(std::move(name));
            }
            return out;
        };
        const Json::Array& before = entries(from);
        const Json::Array& after = entries(to);
        const std::vector<std::string> old_names = names(before);
        const std::vector<std::string> new_names = names(after);
        const std::size_t lines = lines_.size();
        for (std::size_t i = 0; i < new_names.size(); ++i) {
            const auto old = std::ranges::find(old_names, new_names[i]);
            if (old == old_names.end())
                add(path, "adds " + new_names[i]);
            else if (item.kind == MemberKind::object)
                compare(item, below(path, new_names[i]),
                        &before[static_cast<std::size_t>(old - old_names.begin())], &after[i]);
        }
        for (const std::string& name : old_names)
            if (std::ranges::find(new_names, name) == new_names.end()) add(path, "removes " + name);
        if (lines == lines_.size() && old_names != new_names) add(path, "order changed");
    }

    std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> describe_changes(const SiteDefinition& from, const SiteDefinition& to) {
    Lines lines;
    const Json before = from.to_json();
    const Json after = to.to_json();
    lines.compare(site_members(), "", &before, &after);
    std::vector<std::string> out = lines.take();
    if (!from.domains.empty() && !to.domains.empty() && from.primary() != to.primary()) {
        std::erase(out, "Domain names: order changed");  // the next line says more
        out.insert(out.begin(), "Primary name: " + from.primary().text() + " -> " + to.primary().text());
    }
    return out;
}

}  // namespace rpm
