// SPDX-License-Identifier: MIT
// What new sites are begun with: definitions with blanks in them.
//
//     for (const SiteTemplate& each : built_in_templates()) each.title …
//     Json json = fill_template(each.definition, {.domain = "shop.example.com", .upstream =
//     "10.0.0.1:8080"}); SiteDefinition::parse(json);                                  // as any definition
//     that somebody typed
//
// A template is a definition without "domains", and with "{domain}" in texts where the first name goes. Saved
// ones are shared pieces of the kind site_template. A site keeps no tie to what it was begun with.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/site.h"

namespace rpm {

struct SiteTemplate {
    std::string_view name;  ///< "wordpress"
    std::string_view title;
    std::string_view description;
    Json definition;
};
std::span<const SiteTemplate> built_in_templates();
const SiteTemplate* find_built_in_template(std::string_view name);

struct TemplateBlanks {
    std::vector<std::string> domains{};  ///< as typed; none: the editor asks
    std::string upstream{};              ///< host:port, or a URL for its scheme; empty: what the template has
};
/// The definition's JSON, to be parsed or shown in the editor. Throws Invalid{"upstream", …}.
Json fill_template(const Json& definition, const TemplateBlanks& blanks);

/// What would make a site like this one, with "{domain}" where texts have its first name.
Json template_of(const SiteDefinition& definition);

}  // namespace rpm
