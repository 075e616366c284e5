// SPDX-License-Identifier: MIT
// What both panel programs do besides their routes: settings, checks at start, one Panel per thread.
//
// They refuse to start without templates, with a schema of another version, or without the public sealing
// key and the panels' own: a panel that cannot keep a secret must not take one.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "web/auth/visit.h"

namespace rpm::web {

/// The whole of main(): answers the exit status. `routes` lives as long as the process.
int run_panel(int argc, const char* const* argv, PanelKind kind, std::span<const Route> routes);

/// What the views of people begin with that the panel's database account has instead of tables
/// (db::Settings::views, sql/views.sql).
std::string people_views(PanelKind kind);

/// "/static/1a2b3c4d": the address under which browsers keep the files of this folder for ever. Throws when
/// the folder is not what web/static makes.
std::string assets_address(const std::filesystem::path& folder);

}  // namespace rpm::web
