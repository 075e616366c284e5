// SPDX-License-Identifier: MIT
// An allow list of JSON: which members an object may have and what each may hold. What the list does not name
// is refused, so that an engine's newer words are refused until somebody has looked at them.
//
//     const Shape kName = Shape::text(&why_not_header_value);
//     const Shape::Member kPrefix[] = {{"prefix", &kPath}};
//     std::string problem = problem_in(json, Shape::object(kPrefix));   // "prefix: must be text"
//
// Names are compared as they are. Engines written in Go take "HANDLER" for "handler": here that is another
// name, and not allowed.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "shared/base/json.h"

namespace rpm {

struct Shape {
    struct Member {
        std::string_view name;
        const Shape* shape;
    };
    using WhyNot = std::string (*)(std::string_view);

    enum class Kind {
        text,
        whole,   ///< from least to most
        flag,    ///< true or false
        list,    ///< of `of`
        map,     ///< names that `why_not` accepts, each with `of`
        object,  ///< some of members
        tagged,  ///< an object; its member `tag` is the name of one of members, whose shape the others have
        single,  ///< an object with exactly one of members
    };
    Kind kind = Kind::flag;
    WhyNot why_not = nullptr;
    std::int64_t least = 0, most = 0;
    const Shape* of = nullptr;
    std::string_view tag = "";
    std::span<const Member> members = {};

    static constexpr Shape text(WhyNot why_not) { return {.kind = Kind::text, .why_not = why_not}; }
    static constexpr Shape whole(std::int64_t least, std::int64_t most) {
        return {.kind = Kind::whole, .least = least, .most = most};
    }
    static constexpr Shape list(const Shape& of) { return {.kind = Kind::list, .of = &of}; }
    static constexpr Shape map(WhyNot names, const Shape& of) {
        return {.kind = Kind::map, .why_not = names, .of = &of};
    }
    static constexpr Shape object(std::span<const Member> members) {
        return {.kind = Kind::object, .members = members};
    }
    static constexpr Shape tagged(std::string_view tag, std::span<const Member> members) {
        return {.kind = Kind::tagged, .tag = tag, .members = members};
    }
    static constexpr Shape single(std::span<const Member> members) {
        return {.kind = Kind::single, .members = members};
    }
};

/// Empty when the value has the shape, else the first that it has not: "0.response.set.X-A: must be a list".
std::string problem_in(const Json& json, const Shape& shape);

/// Of a text that should be JSON of this shape; also at most 16 KiB.
std::string problem_in_text(std::string_view text, const Shape& shape);

}  // namespace rpm
