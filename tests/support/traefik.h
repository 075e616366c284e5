// SPDX-License-Identifier: MIT
// Real Traefik on folders of its own, for tests.
//
//     write_release(folder.path(), bundle, marker, key);        // of tests/support/engine.h
//     RunningTraefik engine(folder.path(), node);               // ends with the object
//     BOOST_TEST(engine.complaints() == "");
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "shared/model/node.h"
#include "tests/support/process.h"

namespace rpm::test {

/// Its path: the environment's TRAEFIK, else what tests/tools/build makes; empty, and told once on standard
/// error, when there is none.
const std::string& traefik();

class RunningTraefik {
  public:
    /// Writes the static file as a node's init does, for the node's ports and trusted proxies, starts Traefik
    /// and waits until its marker answers. Throws Error with the engine's words when it does not.
    RunningTraefik(std::filesystem::path root, const NodeProfile& node);
    /// Errors of its log, and what it loaded but cannot use; empty when all is well.
    std::string complaints() const;

  private:
    std::filesystem::path root_;
    Port proof_;
    std::unique_ptr<Process> process_;
};

}  // namespace rpm::test
