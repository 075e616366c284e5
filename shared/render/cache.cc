// SPDX-License-Identifier: MIT
#include "shared/render/cache.h"

#include <algorithm>

namespace rpm::render {
namespace {

// A drop forgets what one round of a worker over its nodes did not use; it comes when the cache doubled since
// the last one, but not before several nodes had their turn.
constexpr unsigned kRendersBetweenDrops = 64;
constexpr std::size_t kSmall = 4096;

}  // namespace

Cache::Text Cache::find(const std::string& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return nullptr;
    found->second.used = true;
    return found->second.text;
}

void Cache::insert(std::string key, Text text) {
    entries_.insert_or_assign(std::move(key), Entry{std::move(text)});
}

void Cache::end_render() {
    if (++renders_ < kRendersBetweenDrops || entries_.size() < std::max(kSmall, 2 * kept_)) return;
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.used; });
    for (auto& [key, entry] : entries_) entry.used = false;
    kept_ = entries_.size();
    renders_ = 0;
}

Cache::Text SiteTexts::of(const DeployableSite& site, std::string_view which,
                          const std::function<std::string()>& make) const {
    // A definition that is not stored yet has no revision to know it by.
    if (cache_ == nullptr || !site.revision) return std::make_shared<const std::string>(make());
    std::string key = common_;
    const auto add = [&key](std::string_view part) { key.append("|").append(part); };
    add(site.id.text());
    add(site.revision.text());
    add(std::to_string(site.revision_number));
    add(to_word(site.state));
    add(std::to_string(site.block_status));
    add(site.certificate ? site.certificate->fingerprint : "");
    add(which);
    add(site.owner);
    if (Cache::Text known = cache_->find(key)) return known;
    auto text = std::make_shared<const std::string>(make());
    cache_->insert(std::move(key), text);
    return text;
}

std::string facts_key(std::string_view engine, const NodeProfile& node) {
    std::string out(engine);
    out.append("|").append(node.facts.version.text());
    for (const std::string& module : node.facts.modules) out.append(" ").append(module);
    return out;
}

void CacheDeleter::operator()(Cache* cache) const {
    delete cache;
}

CachePtr make_cache() {
    return CachePtr(new Cache);
}

}  // namespace rpm::render
