// SPDX-License-Identifier: MIT
// "1 to 50 of 142", previous and next, for lists that page by key.
#pragma once

#include <string>

#include "shared/base/template_set.h"

namespace rpm::web {

struct Pager {
    std::string range;     ///< "50 sites", "1 to 50 of 142"
    std::string previous;  ///< address, empty: none
    std::string next;      ///< address, empty: none
};
void set_pager(Fields& list, const Pager& pager);

/// "/sites?q=a%20b&after=…": parameters with empty values are left out.
class Address {
  public:
    explicit Address(std::string path) : text_(std::move(path)) {}
    Address& with(std::string_view name, std::string_view value);
    const std::string& text() const { return text_; }

  private:
    std::string text_;
    bool first_ = true;
};
std::string url_escape(std::string_view text);  ///< RFC 3986: all but unreserved characters

}  // namespace rpm::web
