// SPDX-License-Identifier: MIT
#include "shared/plan/perturb.h"

#include <algorithm>
#include <memory>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/network.h"

namespace rpm::plan {
namespace {

constexpr unsigned kMostCompanions = 4;
// Valid for one kind of text or another; the validator knows for which.
constexpr const char* kTexts[] = {"perturbed.example", "/perturbed", "https://perturbed.example/",
                                  "Perturbed",         "PERTURBED",  "https://perturbed.example"};
constexpr const char* kOtherHash = "$2y$10$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0b";

Json* at(Json& root, std::string_view path) {
    Json* place = &root;
    for (const std::string_view part : text::split(path, '.')) {
        const auto index = text::number<std::size_t>(part);
        if (place->is_array() && index) {
            if (*index >= place->items().size()) return nullptr;
            place = &place->items()[*index];
        } else {
            if (place->find(part) == nullptr) return nullptr;
            place = &(*place)[part];
        }
    }
    return place;
}

// Objects on the way are made.
void put(Json& root, std::string_view path, Json value) {
    Json* place = &root;
    for (const std::string_view part : text::split(path, '.')) {
        const auto index = text::number<std::size_t>(part);
        place = place->is_array() && index ? &place->items().at(*index) : &(*place)[part];
    }
    *place = std::move(value);
}

bool erase(Json& root, std::string_view path) {
    const auto dot = path.rfind('.');
    Json* parent = dot == std::string_view::npos ? &root : at(root, path.substr(0, dot));
    const std::string_view name = path.substr(dot == std::string_view::npos ? 0 : dot + 1);
    if (parent == nullptr || !parent->is_object()) return false;
    return std::erase_if(parent->members(), [&](const auto& each) { return each.first == name; }) > 0;
}

// Members that the validator finds wrong now go back to their defaults as well.
std::optional<SiteDefinition> parsed(Json& json, std::string_view changed) {
    for (unsigned attempt = 0; attempt < kMostCompanions; ++attempt) {
        try {
            return SiteDefinition::parse(json);
        } catch (const Invalid& invalid) {
            bool better = false;
            for (const auto& [field, message] : invalid.problems.entries())
                if (field != changed && erase(json, field)) better = true;
            if (!better) return std::nullopt;
        }
    }
    return std::nullopt;
}

// ---- Other values of one member --------------------------------------------------------------------

void add_numbers(std::vector<Json>& out, const MemberDoc& doc, std::int64_t now) {
    for (const std::int64_t value : {now + 1, now - 1, doc.least, doc.most, std::int64_t{302}})
        if (value != now && value >= doc.least && value <= doc.most) out.emplace_back(value);
}

void add_texts(std::vector<Json>& out, const std::string& now) {
    if (IpNetwork::parse(now)) {
        for (const char* other : {"192.0.2.77", "192.0.2.76"})
            if (now != other) out.emplace_back(other);
        return;
    }
    if (!now.empty()) {
        const bool wildcard = now.starts_with("*.");
        out.emplace_back(wildcard ? "*.x" + now.substr(2) : "x" + now);
        out.emplace_back(now + "x");
        out.emplace_back(now + now);
    }
    for (const char* other : kTexts)
        if (now != other) out.emplace_back(other);
    if (now.starts_with("$2")) out.emplace_back(kOtherHash);
    if (!fingerprint_of_key(now).empty()) out.emplace_back(stored_key(std::string(64, 'f')));
}

std::vector<Json> others(const MemberDoc& doc, const Json& now) {
    std::vector<Json> out;
    switch (doc.kind) {
        case MemberKind::boolean:
            out.emplace_back(!now.boolean());
            break;
        case MemberKind::whole:
            add_numbers(out, doc, now.integer());
            break;
        case MemberKind::word:
            for (const auto& choice : doc.choices)
                if (choice.word != now.text()) out.emplace_back(choice.word);
            break;
        case MemberKind::text:
        case MemberKind::block:
            add_texts(out, now.is_text() ? now.text() : "");
            break;
        case MemberKind::object:
        case MemberKind::list:
            break;
    }
    return out;
}

// ---- All members -------------------------------------------------------------------------------------

class Walker {
  public:
    Walker(const SiteDefinition& site, const std::function<bool(Variant)>& visit)
        : base_(std::make_shared<const Json>(site.to_json())), visit_(visit) {}

    void run() {
        for (const bool said : {true, false}) {
            said_ = said;
            object(site_members(), *base_, "");
        }
    }

  private:
    // Absent and null both stand for the default.
    static bool is_said(const Json* value) { return value != nullptr && !value->is_null(); }

    void object(const MemberDoc& doc, const Json& json, const std::string& path) {
        for (const MemberDoc& each : doc.members)
            if (on_) member(each, json.find(each.name), path.empty() ? each.name : path + "." + each.name);
    }

    void member(const MemberDoc& doc, const Json* value, const std::string& path) {
        if (doc.kind == MemberKind::object) {
            if (is_said(value) && said_) reset(doc, *value, path);
            if (!doc.nullable || is_said(value)) object(doc, is_said(value) ? *value : Json(), path);
        } else if (doc.kind == MemberKind::list) {
            list(doc, is_said(value) ? *value : doc.fallback, is_said(value), path);
        } else if (is_said(value) == said_) {
            scalar(doc, is_said(value) ? *value : doc.fallback, path, said_ && !doc.required);
        }
    }

    void list(const MemberDoc& doc, const Json& value, bool is_said, const std::string& path) {
        if (!value.is_array()) return;
        const MemberDoc& item = doc.members.front();
        const std::size_t size = value.items().size();
        for (std::size_t i = 0; i < size && on_; ++i) {
            const std::string own = path + "." + std::to_string(i);
            if (is_said == said_) cut(path, value, i);
            if (item.kind == MemberKind::object)
                object(item, value.items()[i], own);
            else if (is_said == said_)
                replace_item(item, value, i, path);
        }
    }

    // Without the entry and those behind it: what is left keeps its numbers.
    void cut(const std::string& path, const Json& value, std::size_t index) {
        Json shorter = Json::array({value.items().begin(), value.items().begin() + static_cast<long>(index)});
        offer(path + "." + std::to_string(index), path, {std::move(shorter)}, false);
    }

    void replace_item(const MemberDoc& item, const Json& value, std::size_t index, const std::string& path) {
        std::vector<Json> lists;
        for (Json& other : others(item, value.items()[index])) {
            Json copy = value;
            copy.items()[index] = std::move(other);
            lists.push_back(std::move(copy));
        }
        offer(path + "." + std::to_string(index), path, std::move(lists), false);
    }

    void scalar(const MemberDoc& doc, const Json& now, const std::string& path, bool back) {
        offer(path, path, others(doc, now), back);
    }
    // The object as a whole shows what is there because of any of its members; where it cannot go, all that
    // is neither required nor a list.
    void reset(const MemberDoc& doc, const Json& value, const std::string& path) {
        Json bare = Json::object();
        for (const MemberDoc& each : doc.members)
            if (each.required || each.kind == MemberKind::list)
                if (const Json* kept = value.find(each.name)) bare[each.name] = *kept;
        offer(path, path, {std::move(bare)}, true);
    }

    // `back`: first without the member, which is its default.
    void offer(std::string name, std::string place, std::vector<Json> values, bool back) {
        auto left = std::make_shared<std::vector<Json>>(std::move(values));
        std::ranges::reverse(*left);
        auto first = std::make_shared<bool>(back);
        on_ = on_ && visit_({std::move(name), [base = base_, place = std::move(place), left, first] {
                                 return next(*base, place, *left, *first);
                             }});
    }
    static std::optional<SiteDefinition> next(const Json& base, const std::string& place,
                                              std::vector<Json>& left, bool& back) {
        while (back || !left.empty()) {
            Json json = base;
            if (back) {
                back = false;
                if (!erase(json, place)) continue;
            } else {
                put(json, place, std::move(left.back()));
                left.pop_back();
            }
            if (auto found = parsed(json, place)) return found;
        }
        return std::nullopt;
    }

    std::shared_ptr<const Json> base_;
    const std::function<bool(Variant)>& visit_;
    bool said_ = true;
    bool on_ = true;
};

class Peeler {
  public:
    using Visit = std::function<bool(const std::string&, const SiteDefinition&)>;
    Peeler(const SiteDefinition& site, const Visit& visit) : left_(site.to_json()), visit_(visit) {}

    void object(const MemberDoc& doc, const std::string& path) {
        for (const MemberDoc& each : doc.members) {
            const std::string own = path.empty() ? each.name : path + "." + each.name;
            if (!on_ || at(left_, own) == nullptr || each.required) continue;
            if (each.kind == MemberKind::object && !each.nullable)
                object(each, own);
            else
                take(own);
        }
    }

  private:
    void take(const std::string& path) {
        Json next = left_;
        erase(next, path);
        const auto site = parsed(next, path);
        if (!site) return;
        left_ = std::move(next);
        on_ = visit_(path, *site);
    }

    Json left_;
    const Visit& visit_;
    bool on_ = true;
};

}  // namespace

void each_peeled(const SiteDefinition& site,
                 const std::function<bool(const std::string&, const SiteDefinition&)>& visit) {
    Peeler(site, visit).object(site_members(), "");
}

void each_variant(const SiteDefinition& site, const std::function<bool(Variant)>& visit) {
    Walker(site, visit).run();
}

}  // namespace rpm::plan
