// SPDX-License-Identifier: MIT
// The one place that decides how states look: a kind (colour and mark, see templates/FIELDS.md) and a word.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/template_set.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"

namespace rpm::web {

struct Sign {
    std::string kind;  ///< "ok", "bad plug"
    std::string word;  ///< "Live v3"
};

Sign site_sign(const store::SiteSummary& site);
/// How a site stands on one of its nodes.
Sign site_on_node_sign(const store::SiteOnNode& on, const store::Site& site);
Sign node_sign(const store::Node& node);
Sign node_state_sign(std::string_view state, bool active);
Sign deployment_sign(std::string_view state);
Sign deployment_node_sign(std::string_view state);
Sign job_sign(std::string_view state);
/// "node.deploy" -> "Bring node up to date".
std::string job_words(std::string_view kind);
/// "site.update" -> "saved".
std::string action_words(std::string_view action);
std::string_view engine_name(std::string_view engine);  ///< "nginx", "Caddy", "Traefik"

/// Sets KIND and WORD.
void set_sign(Fields& fields, Sign sign);

}  // namespace rpm::web
