// SPDX-License-Identifier: MIT
#include "shared/model/raw_shape.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm {
namespace {

constexpr std::size_t kMost = 16UL * 1024;

class Walk {
  public:
    /// False at the first problem.
    bool is_good(const Json& json, const Shape& shape, const std::string& path) {
        switch (shape.kind) {
            case Shape::Kind::text:
                return text(json, shape, path);
            case Shape::Kind::whole:
                if (json.is_integer() && json.integer() >= shape.least && json.integer() <= shape.most)
                    return true;
                return fail(path, "must be a whole number from " + std::to_string(shape.least) + " to " +
                                      std::to_string(shape.most));
            case Shape::Kind::flag:
                return json.is_bool() || fail(path, "must be true or false");
            case Shape::Kind::list:
                return list(json, shape, path);
            default:
                return json.is_object() ? object(json, shape, path) : fail(path, "must be an object");
        }
    }
    std::string take() { return std::move(problem_); }

  private:
    bool fail(const std::string& path, const std::string& message) {
        problem_ = path.empty() ? message : path + ": " + message;
        return false;
    }
    static std::string below(const std::string& path, std::string_view name) {
        return (path.empty() ? "" : path + ".") + text::shown(name, 60);
    }
    bool unknown(const std::string& path, std::string_view name) {
        return fail(path, "'" + text::shown(name, 60) + "' is not allowed here");
    }

    bool text(const Json& json, const Shape& shape, const std::string& path) {
        if (!json.is_text()) return fail(path, "must be text");
        const std::string why = shape.why_not(json.text());
        return why.empty() || fail(path, why);
    }
    bool list(const Json& json, const Shape& shape, const std::string& path) {
        if (!json.is_array()) return fail(path, "must be a list");
        for (std::size_t i = 0; i < json.items().size(); ++i)
            if (!is_good(json.items()[i], *shape.of, below(path, std::to_string(i)))) return false;
        return true;
    }
    bool object(const Json& json, const Shape& shape, const std::string& path) {
        if (shape.kind == Shape::Kind::tagged) return tagged(json, shape, path);
        if (shape.kind == Shape::Kind::single && json.members().size() != 1)
            return fail(path, "must have exactly one member");
        return members(json, shape, path);
    }
    bool tagged(const Json& json, const Shape& shape, const std::string& path) {
        const Json* tag = json.find(shape.tag);
        if (tag == nullptr || !tag->is_text())
            return fail(path, "needs '" + std::string(shape.tag) + "', a name");
        const auto known = std::ranges::find(shape.members, tag->text(), &Shape::Member::name);
        if (known == shape.members.end()) return unknown(path, tag->text());
        return members(json, *known->shape, path, shape.tag);
    }
    bool members(const Json& json, const Shape& shape, const std::string& path, std::string_view tag = "") {
        for (const auto& [name, value] : json.members()) {
            if (!tag.empty() && name == tag) continue;
            const Shape* known = shape.of;
            if (shape.kind == Shape::Kind::map) {
                if (const std::string why = shape.why_not(name); !why.empty())
                    return fail(path, "the name '" + text::shown(name, 60) + "' " + why);
            } else {
                const auto member = std::ranges::find(shape.members, name, &Shape::Member::name);
                if (member == shape.members.end()) return unknown(path, name);
                known = member->shape;
            }
            if (!is_good(value, *known, below(path, name))) return false;
        }
        return true;
    }

    std::string problem_;
};

}  // namespace

std::string problem_in(const Json& json, const Shape& shape) {
    Walk walk;
    walk.is_good(json, shape, "");
    return walk.take();
}

std::string problem_in_text(std::string_view text, const Shape& shape) {
    if (text.size() > kMost) return "is longer than 16 KiB";
    try {
        return problem_in(Json::parse(text), shape);
    } catch (const Invalid& error) {
        return "is no JSON: " + error.problems.entries().begin()->second;
    }
}

}  // namespace rpm
