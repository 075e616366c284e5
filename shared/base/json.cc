// SPDX-License-Identifier: MIT
#include "shared/base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kShown = 200;  // bytes of the text that a message quotes

// The names of an object that is being read. Few are compared one by one; with many, that would let a body of
// one MiB cost minutes.
class Names {
  public:
    bool contains(const Json::Object& members, const std::string& name) {
        if (members.size() < kFew)
            return std::ranges::find(members, name, &Json::Member::first) != members.end();
        for (; known_ < members.size(); ++known_) index_.insert(members[known_].first);
        return index_.contains(name);
    }

  private:
    static constexpr std::size_t kFew = 16;
    std::unordered_set<std::string> index_;
    std::size_t known_ = 0;  // members that the index has
};

// Builds our tree from the parser's events, so that order is kept and the library's own tree is never made.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    Json root;
    std::string failure;

    bool null() override { return add(nullptr); }
    bool boolean(bool v) override { return add(v); }
    bool number_integer(number_integer_t v) override { return add(static_cast<std::int64_t>(v)); }
    bool number_unsigned(number_unsigned_t v) override {
        if (v > static_cast<number_unsigned_t>(INT64_MAX)) return fail("number out of range");
        return add(static_cast<std::int64_t>(v));
    }
    bool number_float(number_float_t v, const string_t&) override { return add(v); }
    bool string(string_t& v) override { return add(std::move(v)); }
    bool binary(binary_t&) override { return fail("unexpected binary value"); }
    bool start_object(std::size_t) override { return open(Json::object()); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        Level& level = stack_.back();
        if (level.names.contains(level.value->members(), name))
            return fail("duplicate name '" + text::shown(name, kShown) + "'");
        key_ = std::move(name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error …"
        std::string_view what = error.what();
        const auto at = what.find("line ");
        return fail(at == std::string_view::npos ? "number out of range"
                                                 : text::shown(what.substr(at), kShown));
    }

  private:
    bool fail(std::string message) {
        if (failure.empty()) failure = std::move(message);
        return false;
    }
    Json* place(Json value) {
        if (stack_.empty()) {
            root = std::move(value);
            return &root;
        }
        Json& parent = *stack_.back().value;
        if (parent.is_array()) return &parent.push(std::move(value));
        return &parent.members().emplace_back(std::move(key_), std::move(value)).second;
    }
    bool add(Json value) {
        place(std::move(value));
        return true;
    }
    // Pointers on the stack stay valid: only the innermost container grows.
    bool open(Json container) {
        if (stack_.size() >= kMaxDepth) return fail("nested too deeply");
        stack_.push_back({place(std::move(container)), {}});
        return true;
    }
    bool close() {
        stack_.pop_back();
        return true;
    }

    struct Level {
        Json* value;
        Names names;
    };
    std::vector<Level> stack_;
    std::string key_;
};

nlohmann::ordered_json to_library(const Json& value);

nlohmann::ordered_json container(const Json& value) {
    if (value.is_array()) {
        auto out = nlohmann::ordered_json::array();
        for (const Json& item : value.items()) out.push_back(to_library(item));
        return out;
    }
    auto out = nlohmann::ordered_json::object();
    auto& members = out.get_ref<nlohmann::ordered_json::object_t&>();
    // Not out[name], which looks through all members before.
    for (const auto& [name, item] : value.members()) members.emplace_back(name, to_library(item));
    return out;
}

nlohmann::ordered_json to_library(const Json& value) {
    if (value.is_null()) return nullptr;
    if (value.is_bool()) return value.boolean();
    if (value.is_integer()) return value.integer();
    if (value.is_number()) return value.real();
    if (value.is_text()) return value.text();
    return container(value);
}

template <class T, class V>
auto& as(V& value, const char* type) {
    auto* held = std::get_if<T>(&value);
    if (held == nullptr) throw Invalid("json", std::string("must be ") + type);
    return *held;
}

}  // namespace

Json Json::parse(std::string_view text) {
    Builder builder;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
        throw Invalid("json", builder.failure);
    return std::move(builder.root);
}

std::string Json::dump(int indent) const {
    return to_library(*this).dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool Json::boolean() const {
    return as<bool>(value_, "true or false");
}
std::int64_t Json::integer() const {
    return as<std::int64_t>(value_, "a whole number");
}
double Json::real() const {
    return is_integer() ? static_cast<double>(integer()) : as<double>(value_, "a number");
}
const std::string& Json::text() const {
    return as<std::string>(value_, "text");
}
const Json::Array& Json::items() const {
    return as<Array>(value_, "a list");
}
Json::Array& Json::items() {
    return as<Array>(value_, "a list");
}
const Json::Object& Json::members() const {
    return as<Object>(value_, "an object");
}

Json::Object& Json::members() {
    return as<Object>(value_, "an object");
}

const Json* Json::find(std::string_view name) const {
    const auto* members = std::get_if<Object>(&value_);
    if (members == nullptr) return nullptr;
    const auto found = std::ranges::find(*members, name, &Member::first);
    return found == members->end() ? nullptr : &found->second;
}

const Json& Json::at(std::string_view name) const {
    const Json* member = find(name);
    if (member == nullptr) throw Invalid(std::string(name), "is missing");
    return *member;
}

Json& Json::operator[](std::string_view name) {
    if (is_null()) value_ = Object{};
    auto& members = as<Object>(value_, "an object");
    const auto found = std::ranges::find(members, name, &Member::first);
    if (found != members.end()) return found->second;
    return members.emplace_back(std::string(name), Json()).second;
}

Json& Json::push(Json item) {
    if (is_null()) value_ = Array{};
    return as<Array>(value_, "a list").emplace_back(std::move(item));
}

}  // namespace rpm
