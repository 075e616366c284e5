// SPDX-License-Identifier: MIT
// Named values in the order they were sent: query parameters, form fields, headers, cookies.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rpm::http {

/// A name may come more than once. Lookup is linear: requests carry a few dozen, the limits a few thousand.
class Values {
  public:
    using Entry = std::pair<std::string, std::string>;

    Values() = default;
    Values(std::initializer_list<Entry> entries) : entries_(entries) {}

    void add(std::string name, std::string value) {
        entries_.emplace_back(std::move(name), std::move(value));
    }
    /// The first value of the name, or nullptr.
    const std::string* find(std::string_view name) const {
        for (const Entry& entry : entries_)
            if (entry.first == name) return &entry.second;
        return nullptr;
    }
    /// The first value of the name, or nothing at all ("") when absent. A view into this object.
    std::string_view text(std::string_view name) const {
        const std::string* value = find(name);
        return value ? std::string_view(*value) : std::string_view();
    }
    std::vector<std::string_view> all(std::string_view name) const {
        std::vector<std::string_view> found;
        for (const Entry& entry : entries_)
            if (entry.first == name) found.emplace_back(entry.second);
        return found;
    }
    bool has(std::string_view name) const { return find(name) != nullptr; }
    bool empty() const { return entries_.empty(); }
    std::size_t size() const { return entries_.size(); }
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

  private:
    std::vector<Entry> entries_;
};

}  // namespace rpm::http
