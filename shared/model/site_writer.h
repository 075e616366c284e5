// SPDX-License-Identifier: MIT
// The other half of site_json.cc: values as JSON, with and without the members that have their default.
#pragma once

#include <optional>
#include <type_traits>
#include <vector>

#include "shared/model/site_members.h"

namespace rpm::members {

class Writer {
  public:
    template <class T>
    void member(const About& about, const T& value, const Rule& rule = {}) {
        names_.push_back({about.name, rule.required});
        out_.emplace_back(std::string(about.name), json_of(value));
    }

    /// With every member, defaults too; entries of lists without them.
    template <class T>
    static Json full(const T& object) {
        Writer writer;
        describe(writer, object);
        return Json::object(std::move(writer.out_));
    }
    /// Without the members that a new T has, and without objects of which nothing is left.
    template <class T>
    static Json pruned(const T& object) {
        static const Json fallback = full(T{});
        Writer writer;
        describe(writer, object);
        Json::Object kept;
        for (std::size_t i = 0; i < writer.out_.size(); ++i)
            if (writer.names_[i].required || writer.out_[i].second != fallback.members()[i].second)
                kept.push_back(std::move(writer.out_[i]));
        return Json::object(std::move(kept));
    }

    static Json json_of(bool value) { return value; }
    static Json json_of(unsigned value) { return value; }
    static Json json_of(std::chrono::seconds value) { return std::int64_t{value.count()}; }
    static Json json_of(Port value) { return int{value.value()}; }
    static Json json_of(const std::string& value) { return value; }
    template <class T>
    static Json json_of(const std::vector<T>& values) {
        Json out = Json::array();
        for (const T& value : values) out.push(json_of(value));
        return out;
    }
    template <class T>
    static Json json_of(const std::optional<T>& value) {
        return value ? json_of(*value) : Json();
    }
    template <class T>
    static Json json_of(const T& value) {
        if constexpr (Worded<T>)
            return to_word(value);
        else if constexpr (requires { value.text(); })
            return value.text();
        else
            return pruned(value);
    }

  private:
    struct Named {
        std::string_view name;
        bool required;
    };
    Json::Object out_;
    std::vector<Named> names_;
};

template <class T>
Json pruned(const T& object) {
    return Writer::pruned(object);
}

}  // namespace rpm::members
