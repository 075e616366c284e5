// SPDX-License-Identifier: MIT
// From sites to configuration, per engine. Pure: equal input gives equal bytes; no clock, no I/O, no
// database.
//
//     TemplateSet templates = load_templates("proxy_templates");
//     Bundle bundle = renderer(Engine::nginx).render(templates, profile, sites, cache);
//
// One file per site, so that a failed test names the site and a change uploads one file. Names of variables,
// zones and upstreams carry the site's id: nothing of one site can reach another.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "shared/base/template_set.h"
#include "shared/model/bundle.h"
#include "shared/model/deployable_site.h"
#include "shared/model/node.h"
#include "shared/model/site.h"

namespace rpm::render {

/// A definition that is valid, but that this engine cannot say (or not yet: a certificate is missing). Names
/// the site, so that the others can go out without it.
struct InvalidSite : Invalid {
    InvalidSite(SiteId which, Problems found) : Invalid(std::move(found)), site(which) {}
    SiteId site;
};

/// Rendered texts by what they depend on; keep one per worker run. Not thread-safe. Bounded: forgets what the
/// last renders did not use.
class Cache;
struct CacheDeleter {
    void operator()(Cache*) const;
};
using CachePtr = std::unique_ptr<Cache, CacheDeleter>;
CachePtr make_cache();

class Renderer {
  public:
    virtual ~Renderer() = default;
    /// Sites in any order. Throws InvalidSite, naming the site's field, when a value cannot be said in the
    /// engine's syntax.
    virtual Bundle render(const TemplateSet& templates, const NodeProfile& node,
                          std::span<const DeployableSite> sites, Cache* cache = nullptr) const = 0;
    /// The path and text of the marker file by which a running engine tells which release it serves. Not part
    /// of the bundle's digest, because it holds it.
    virtual std::pair<std::string, std::string> marker(const TemplateSet& templates, const NodeProfile& node,
                                                       std::string_view release_id) const = 0;
    /// The site whose file the engine's message names, if any: "… in /x/sites/12-shop.example.com.conf:41" ->
    /// 12, 41.
    struct Culprit {
        SiteId site;
        std::string file;
        unsigned line = 0;
        std::string message;  ///< the engine's words without the path
    };
    virtual std::optional<Culprit> culprit(std::string_view engine_output) const = 0;
};

/// Throws InvalidSite with every limitation that an active site meets on such a node.
void refuse_limitations(const DeployableSite& site, Engine engine, const EngineFacts& facts);

const Renderer& renderer(Engine engine);

/// Loads proxy_templates/ and registers the quoting modifiers (once per process, before threads).
std::unique_ptr<TemplateSet> load_templates(const std::filesystem::path& folder);

}  // namespace rpm::render
