// SPDX-License-Identifier: MIT
// Reads the fields of a form into typed values and collects what is wrong with them, for all fields at once.
//
//     Form form(request);
//     SiteForm site;
//     site.name = form.text("name", {.max = 100, .required = true});
//     site.port = form.number<std::uint16_t>("port", 1, 65535);
//     site.tls = form.choice("tls", {"off", "on", "strict"});
//     site.waf = form.flag("waf");
//     site.hosts = form.list("server_host");
//     if (site.port == 25) form.problem("port", "is not a web port");
//     form.check();                                   // throws Invalid with every problem found
//
// Readers never throw: a wrong field gives its neutral value (empty, minimum, first choice) and a problem
// under the field's name ("server_host.2" in lists). A field that should come once and came twice is a
// problem. Fields nobody reads are ignored; unread() names them, so that a test can hold a page against its
// handler.
#pragma once

#include <concepts>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/base/text.h"
#include "web/http/request.h"

namespace rpm::http {

struct TextRule {
    std::size_t max = 200;  ///< in characters, not bytes
    bool required = false;
    bool lines = false;  ///< line ends and tabs are allowed; line ends become "\n"
};

struct ListRule {
    std::size_t max_items = 100;
    std::size_t max = 200;    ///< characters of one item
    bool keep_blank = false;  ///< for lists that belong together row by row
};

class Form {
  public:
    /// The values must outlive the form.
    explicit Form(const Values& values) : values_(values) {}
    explicit Form(Values&&) = delete;
    explicit Form(const Request& request) : Form(request.form) {}

    /// Without blanks around it.
    std::string text(const std::string& name, TextRule rule = {});
    /// As sent, blanks included; 1024 bytes at most.
    Secret secret(const std::string& name, bool required = false);
    /// A whole number in the range, which is required.
    template <std::integral T>
    T number(const std::string& name, T min, T max) {
        return narrow<T>(integer(name, static_cast<std::int64_t>(min), upper(max), true), min);
    }
    /// As number(), or nothing when the field is absent or blank.
    template <std::integral T>
    std::optional<T> maybe_number(const std::string& name, T min, T max) {
        const auto value = integer(name, static_cast<std::int64_t>(min), upper(max), false);
        return value ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
    }
    /// A checkbox: absent, empty, "0", "off", "no" or "false" is false. May come twice (a hidden "0" before
    /// the box): the last one counts.
    bool flag(const std::string& name);
    /// One of the words, which is required.
    std::string choice(const std::string& name, std::initializer_list<std::string_view> allowed);
    /// As choice(), or the fallback when the field is absent or blank.
    std::string choice(const std::string& name, std::initializer_list<std::string_view> allowed,
                       std::string_view fallback);
    /// All values of the name, in order, without blanks around them.
    std::vector<std::string> list(const std::string& name, ListRule rule = {});

    /// Adds a problem that the caller found.
    void problem(std::string name, std::string message) {
        problems_.add(std::move(name), std::move(message));
    }
    const Problems& problems() const { return problems_; }
    /// Throws Invalid when there is any problem.
    void check() const;
    /// The names that were sent and not asked for.
    std::vector<std::string> unread() const;

  private:
    std::string_view single(const std::string& name);
    std::optional<std::int64_t> integer(const std::string& name, std::int64_t min, std::int64_t max,
                                        bool required);
    std::string checked(const std::string& name, std::string_view value, std::size_t max, bool lines);
    template <std::integral T>
    static std::int64_t upper(T max) {
        return std::cmp_greater(max, std::numeric_limits<std::int64_t>::max())
                   ? std::numeric_limits<std::int64_t>::max()
                   : static_cast<std::int64_t>(max);
    }
    template <std::integral T>
    static T narrow(std::optional<std::int64_t> value, T otherwise) {
        return value ? static_cast<T>(*value) : otherwise;
    }

    const Values& values_;
    Problems problems_;
    std::set<std::string, std::less<>> read_;
};

}  // namespace rpm::http
