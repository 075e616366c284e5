// SPDX-License-Identifier: MIT
// Who may come in, and how often. Included by caddy_*.cc only.
#pragma once

#include "shared/render/caddy_json.h"

namespace rpm::render::caddy {

/// Handlers that let a request pass to the next one, or end in an error or in the answer of a sign-in: first
/// the rates, so that nobody tries passwords without end, then the addresses and the sign-in. `zone` is the
/// name of the rates' counters.
Json::Array gates(const Context& context, const Access& access, const std::vector<RateLimit>& rates,
                  std::string_view zone);

/// The counters' name of one rate.
std::string zone_name(std::string_view zone, std::size_t index);

/// Removes from all requests what only a sign-in may say; nothing when no sign-in says anything.
Json::Array unforged(const SiteDefinition& site);

}  // namespace rpm::render::caddy
