// SPDX-License-Identifier: MIT
// Texts of sites by everything that they depend on, shared by the renders of one worker run.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

#include "shared/render/renderer.h"

namespace rpm::render {

class Cache {
  public:
    using Text = std::shared_ptr<const std::string>;

    /// Null when the key is not known.
    Text find(const std::string& key);
    void insert(std::string key, Text text);
    /// Called after each render of a node: now and then drops what was not asked for since the last drop.
    void end_render();
    std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        Text text;
        bool used = true;
    };
    std::unordered_map<std::string, Entry> entries_;
    std::size_t kept_ = 0;  // entries that the last drop left
    unsigned renders_ = 0;  // since the last drop
};

}  // namespace rpm::render
