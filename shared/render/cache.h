// SPDX-License-Identifier: MIT
// Texts of sites by everything that they depend on, shared by the renders of one worker run.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
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

/// The texts of a node's sites, made anew only when something that they depend on has changed.
///
///     SiteTexts texts(cache, facts_key("nginx", node) + …);
///     Cache::Text text = texts.of(site, [&] { return nginx_site(templates, node.listen, site); });
class SiteTexts {
  public:
    /// `common`: all that a text is made from besides its site. No cache: every text is made.
    SiteTexts(Cache* cache, std::string common) : cache_(cache), common_(std::move(common)) {}
    /// `make` may throw; then nothing is kept.
    Cache::Text of(const DeployableSite& site, const std::function<std::string()>& make) const {
        return of(site, {}, make);
    }
    /// One of several texts of a site: `which` tells them apart.
    Cache::Text of(const DeployableSite& site, std::string_view which,
                   const std::function<std::string()>& make) const;

  private:
    Cache* cache_;
    std::string common_;
};

/// The engine and what the node said of it, on which refusals depend.
std::string facts_key(std::string_view engine, const NodeProfile& node);

}  // namespace rpm::render
