// SPDX-License-Identifier: MIT
// A JSON value (RFC 8259) with the order of members kept, so that equal values give equal bytes.
//
//     Json site = Json::object();
//     site["name"] = "shop";
//     site["ports"] = Json::array({80, 443});
//     std::string text = site.dump();
//     auto back = Json::parse(text);            // throws Invalid{"json", "line 3, column 7: …"}
//     back.at("name").text();                    // throws Invalid with the path when absent or of another
//     type
//
// Only this library's source sees the JSON library; the rest of the program compiles this small header.
// Integers are 64 bit signed; numbers with fraction or exponent are double. Text is UTF-8: parse refuses
// anything else, dump replaces it by U+FFFD. Nesting is limited to 64 levels, duplicate names are refused.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace rpm {

class Json {
  public:
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>;

    Json() = default;  // null
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(int value) : value_(static_cast<std::int64_t>(value)) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {}
    Json(unsigned value) : value_(static_cast<std::int64_t>(value)) {}
    Json(double value) : value_(value) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char* value) : value_(std::string(value)) {}
    static Json array(Array items = {}) { return Json(Value(std::move(items))); }
    static Json object(Object members = {}) { return Json(Value(std::move(members))); }

    /// Throws Invalid with field "json" and the line and column.
    static Json parse(std::string_view text);
    /// Compact, or pretty with this many blanks of indentation.
    std::string dump(int indent = -1) const;

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    bool is_bool() const { return std::holds_alternative<bool>(value_); }
    bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }
    bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
    bool is_text() const { return std::holds_alternative<std::string>(value_); }
    bool is_array() const { return std::holds_alternative<Array>(value_); }
    bool is_object() const { return std::holds_alternative<Object>(value_); }

    // Typed access; each throws Invalid when the value is of another type.
    bool boolean() const;
    std::int64_t integer() const;
    double real() const;
    const std::string& text() const;
    const Array& items() const;
    const Object& members() const;
    Array& items();
    Object& members();  ///< whoever adds to it keeps names unique

    /// Member by name, or nullptr (also when this is not an object).
    const Json* find(std::string_view name) const;
    /// Member by name; throws Invalid{name, "is missing"}.
    const Json& at(std::string_view name) const;
    /// Member by name, added as null when absent; null becomes an object.
    Json& operator[](std::string_view name);
    /// Adds an item; null becomes an array.
    Json& push(Json item);

    bool operator==(const Json&) const = default;

  private:
    using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object>;
    explicit Json(Value value) : value_(std::move(value)) {}
    Value value_;
};

}  // namespace rpm
