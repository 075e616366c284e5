// SPDX-License-Identifier: MIT
// The definition's members as documentation and as JSON Schema.
#include <type_traits>

#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "shared/model/node_members.h"
#include "shared/model/site_writer.h"

namespace rpm {
namespace members {
namespace {

class Documenter {
  public:
    explicit Documenter(MemberDoc& object) : object_(object) { object_.kind = MemberKind::object; }

    template <class T>
    void member(const About& about, T& value, const Rule& rule = {}) {
        MemberDoc doc;
        doc.name = about.name;
        doc.label = about.label;
        doc.help = about.help;
        doc.unit = rule.unit;
        doc.required = rule.required;
        doc.staff_only = rule.staff_only;
        doc.password = rule.password;
        fill(doc, value, rule);
        if (doc.kind != MemberKind::object && !rule.required) doc.fallback = Writer::json_of(value);
        object_.members.push_back(std::move(doc));
    }

  private:
    static void whole(MemberDoc& doc, const Rule& rule) {
        doc.kind = MemberKind::whole;
        doc.least = rule.least;
        doc.most = rule.most;
    }
    template <class T>
    static void fill(MemberDoc& doc, T& value, const Rule& rule) {
        if constexpr (std::is_same_v<T, bool>) {
            doc.kind = MemberKind::boolean;
        } else if constexpr (std::is_same_v<T, unsigned> || std::is_same_v<T, std::chrono::seconds> ||
                             std::is_same_v<T, Port>) {
            whole(doc, rule);
        } else if constexpr (Worded<T>) {
            doc.kind = MemberKind::word;
            for (const auto& each : kWords<T>)
                doc.choices.push_back({std::string(each.word), std::string(each.label)});
        } else if constexpr (requires { describe(std::declval<Documenter&>(), value); }) {
            Documenter inner(doc);
            describe(inner, value);
        } else {
            doc.kind = rule.block ? MemberKind::block : MemberKind::text;
        }
    }
    template <class T>
    static void fill(MemberDoc& doc, std::vector<T>&, const Rule& rule) {
        doc.kind = MemberKind::list;
        doc.most = static_cast<std::int64_t>(rule.entries);
        MemberDoc item;
        if constexpr (std::is_default_constructible_v<T>) {
            T blank{};
            fill(item, blank, rule);
        } else {
            item.kind = MemberKind::text;
        }
        doc.members.push_back(std::move(item));
    }
    template <class T>
    static void fill(MemberDoc& doc, std::optional<T>&, const Rule& rule) {
        doc.nullable = true;
        if constexpr (std::is_default_constructible_v<T>) {
            T blank{};
            fill(doc, blank, rule);
        } else {
            doc.kind = MemberKind::text;
        }
    }

    MemberDoc& object_;
};

}  // namespace
}  // namespace members

const MemberDoc* MemberDoc::find(std::string_view path) const {
    const MemberDoc* at = this;
    for (const std::string_view part : text::split(path, '.')) {
        const MemberDoc* next = nullptr;
        if (at->kind == MemberKind::list) {
            if (part == "*" || text::number<unsigned>(part)) next = &at->members.front();
        } else {
            for (const MemberDoc& member : at->members)
                if (member.name == part) next = &member;
        }
        if (next == nullptr) return nullptr;
        at = next;
    }
    return at;
}

namespace {

template <class T>
MemberDoc documented() {
    MemberDoc doc;
    T blank;
    members::Documenter documenter(doc);
    members::describe(documenter, blank);
    return doc;
}

}  // namespace

const MemberDoc& site_members() {
    static const MemberDoc all = documented<SiteDefinition>();
    return all;
}

const MemberDoc& node_settings_members() {
    static const MemberDoc all = documented<NodeSettings>();
    return all;
}

namespace {

Json schema_of_object(const MemberDoc& doc) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const MemberDoc& member : doc.members) {
        properties[member.name] = json_schema(member);
        if (member.required && !member.password) required.push(member.name);  // the stored one may stay
    }
    Json out = Json::object({{"type", "object"}, {"additionalProperties", false}});
    if (!required.items().empty()) out["required"] = std::move(required);
    out["properties"] = std::move(properties);
    return out;
}

Json schema_of(const MemberDoc& doc) {
    switch (doc.kind) {
        case MemberKind::boolean:
            return Json::object({{"type", "boolean"}});
        case MemberKind::whole:
            return Json::object({{"type", "integer"}, {"minimum", doc.least}, {"maximum", doc.most}});
        case MemberKind::word: {
            Json words = Json::array();
            for (const auto& choice : doc.choices) words.push(choice.word);
            return Json::object({{"type", "string"}, {"enum", std::move(words)}});
        }
        case MemberKind::text:
        case MemberKind::block:
            return Json::object({{"type", "string"}});
        case MemberKind::object:
            return schema_of_object(doc);
        case MemberKind::list:
            return Json::object(
                {{"type", "array"}, {"maxItems", doc.most}, {"items", json_schema(doc.members.front())}});
    }
    return Json::object();
}

}  // namespace

Json json_schema(const MemberDoc& doc) {
    Json out = schema_of(doc);
    if (doc.nullable) {
        Json types = Json::array({out["type"], "null"});
        out["type"] = std::move(types);
    }
    std::string text = doc.label;
    if (!doc.unit.empty()) text += " (" + doc.unit + ")";
    if (!doc.help.empty()) text += ". " + doc.help;
    if (!text.empty()) out["description"] = std::move(text);
    if (!doc.fallback.is_null()) out["default"] = doc.fallback;
    return out;
}

}  // namespace rpm
