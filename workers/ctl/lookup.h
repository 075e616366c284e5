// SPDX-License-Identifier: MIT
// From what people type to rows. Each throws Invalid or NotFound with the word and, where there is one, a
// near name.
#pragma once

#include <string>
#include <vector>

#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"
#include "workers/ctl/command.h"

namespace rpm::ctl {

store::User get_user(db::Connection& db, const std::string& name);
store::Node get_node(db::Connection& db, const std::string& name);
/// By any of its names.
store::Site get_site(db::Connection& db, const std::string& domain);
/// "edge-1,edge-2"; throws Invalid{"--nodes", …}.
std::vector<NodeId> get_nodes(db::Connection& db, const std::string& names);
/// The file of "--file", or standard input for "-"; at most 1 MiB.
std::string read_input(const std::string& name);

/// The JSON in --file, - for standard input; throws Invalid{"--file", …}.
Json read_json(const Arguments& arguments);

}  // namespace rpm::ctl
