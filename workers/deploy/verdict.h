// SPDX-License-Identifier: MIT
// What a run on a node means: from the transport's outcome and the script's report to what is recorded and
// done next. Pure, so that every kind of ending is tested as a value.
#pragma once

#include <string>

#include "workers/deploy/report.h"
#include "workers/ssh/outcome.h"

namespace rpm::deploy {

enum class Next {
    live,          ///< proven: record it
    again_full,    ///< the node lacks the base: send everything
    refused,       ///< the engine refuses the candidate: find the site
    retry,         ///< the node may be reached or ready later
    wait_for_key,  ///< the host key needs a person
    failed,        ///< trying again would end the same way
};

struct Verdict {
    Next next = Next::failed;
    bool changed = false;    ///< with live: something was switched (false: it was live already)
    bool contacted = false;  ///< the node's script answered
    std::string node_state;  ///< for nodes.state: ok | unreachable | host_key | failed
    std::string message;     ///< for people; empty when live
};

Verdict judge(const ssh::Outcome& outcome, const Report& report);

}  // namespace rpm::deploy
