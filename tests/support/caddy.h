// SPDX-License-Identifier: MIT
// Real Caddy on folders of its own, for tests.
//
//     for (const CaddyBinary& caddy : caddies()) {
//         write_release(folder.path(), bundle, marker, key);     // of tests/support/engine.h
//         Finished test = test_caddy(caddy, folder.path());      // caddy validate
//         auto engine = run_caddy(caddy, folder.path(), port);   // ends with the object
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "shared/model/node.h"
#include "tests/support/engine.h"
#include "tests/support/process.h"

namespace rpm::test {

struct CaddyBinary {
    std::string path;
    EngineFacts facts;  ///< as a node tells them
};
inline std::ostream& operator<<(std::ostream& out, const CaddyBinary& caddy) {
    return out << "Caddy " << caddy.facts.version.text();
}
/// What there is of Debian's and the current one (the environment's CADDY, else what tests/tools/build
/// makes); what is missing is told on standard error.
const std::vector<CaddyBinary>& caddies();

/// Writes <root>/current/run.json: the parts joined as workers/node/rpmgr-node does it. Throws Error for what
/// that refuses.
void join_parts(const std::filesystem::path& root);
/// Joins, then `caddy validate`.
Finished test_caddy(const CaddyBinary& caddy, const std::filesystem::path& root);
/// Joins and runs Caddy; waits until the port accepts. Throws Error with the engine's words when it ends
/// before.
std::unique_ptr<Process> run_caddy(const CaddyBinary& caddy, const std::filesystem::path& root,
                                   Port wait_for);

}  // namespace rpm::test
