// SPDX-License-Identifier: MIT
// What a call gives: the members of a JSON body, the parameters of the address, the version it is based on.
//
//     Members body(read_body(call.request));
//     const auto reason = body.text("reason", 200);
//     body.check();                                    // throws Invalid, also for members nobody read
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/json.h"
#include "web/http/form.h"
#include "web/http/request.h"

namespace rpm::api {

inline constexpr std::size_t kMaxBody = std::size_t{1} << 20U;

/// The body as JSON; an empty one is an empty object. Throws HttpError 413 and 415, Invalid for anything that
/// is not a JSON object.
Json read_body(const http::Request& request);

/// Reads members and collects what is wrong with them, as Form does for forms.
class Members {
  public:
    /// The object must outlive the reader.
    explicit Members(const Json& object) : object_(object) {}
    Members(Json&&) = delete;

    /// As it is, or null when absent.
    const Json* find(std::string_view name);
    std::string text(std::string_view name, std::size_t max_bytes);
    std::optional<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max);
    template <class Id>
    Id id(std::string_view name) {
        return Id(static_cast<std::uint64_t>(number(name, 1, kMaxId).value_or(0)));
    }
    /// A list of row ids; nothing when absent.
    template <class Id>
    std::optional<std::vector<Id>> ids(std::string_view name) {
        const auto numbers = number_list(name);
        if (!numbers) return std::nullopt;
        std::vector<Id> out;
        for (const std::int64_t number : *numbers) out.push_back(Id(static_cast<std::uint64_t>(number)));
        return out;
    }
    /// A list of texts; nothing when absent.
    std::optional<std::vector<std::string>> texts(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    void problem(std::string field, std::string message) {
        problems_.add(std::move(field), std::move(message));
    }
    void check();

  private:
    static constexpr std::int64_t kMaxId = INT64_MAX;
    std::optional<std::vector<std::int64_t>> number_list(std::string_view name);

    const Json& object_;
    std::set<std::string, std::less<>> read_;
    Problems problems_;
};

/// Parameters of a list: how many, and where to go on.
struct Slice {
    unsigned limit = 50;  ///< 1 to 200
    std::string cursor;   ///< as the list before gave it; empty: from the start
};
Slice read_slice(http::Form& query);
/// Throws Invalid for what was wrong and for parameters that nobody read.
void check(const http::Form& query);
/// The row id in a cursor; empty for an empty cursor. Throws Invalid.
template <class Id>
Id cursor_id(const Slice& slice) {
    if (slice.cursor.empty()) return {};
    const auto id = Id::parse(slice.cursor);
    if (!id) throw Invalid("cursor", "is not one that this list gave");
    return *id;
}

/// "v7", the entity tag of a version, with its quotes.
std::string version_tag(unsigned version);
/// The current version when If-Match names it. Throws HttpError 428 without the header, 412 when it names
/// another version.
void demand_version(const http::Request& request, unsigned current);
/// The same for any entity tag, with its quotes; `past` says that it is another one now.
void demand_tag(const http::Request& request, const std::string& current, const std::string& past);

}  // namespace rpm::api
