// SPDX-License-Identifier: MIT
// What happens to a request on a node, and which members of which site decide it. Pure.
//
//     Explanation why = explain(node, sites, parse_request("GET", "https://shop.example.com/cart", "", {}));
//     why.endings.front().kind                   // what is expected; the others say when they come instead
//
// The rules are those of shared/model/site.h; where engines differ (explain_ways.h), what this node's engine
// does. What nobody can know before it happens (how much of a rate limit is used up, what a server or a
// sign-in service answers) makes further endings, each with its condition, never a guess.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/deployable_site.h"
#include "shared/model/node.h"
#include "shared/plan/request.h"

namespace rpm::plan {

/// One thing that was looked at, in the order in which it counts.
struct Step {
    std::string says;   ///< a sentence
    std::string field;  ///< the member of the definition that it comes from; empty: none
};

enum class EndKind {
    refused,   ///< no answer: the handshake fails or the connection is closed
    answered,  ///< by the engine itself
    passed,    ///< to a server, whose answer the visitor gets
};

/// Where a request is passed on to, and as what.
struct Passed {
    std::string field;  ///< "upstream", "routes.2.upstream"
    std::string scheme, balancing;
    std::vector<std::string> servers, backups;                 ///< "10.0.0.1:80"
    std::string target;                                        ///< path and query as the server sees them
    std::vector<std::pair<std::string, std::string>> headers;  ///< that the server sees with these values
    std::vector<std::string> removed;                          ///< headers that do not reach it
};

struct Ending {
    EndKind kind = EndKind::passed;
    std::vector<unsigned> statuses = {};  ///< of `answered`: one of these; none: nobody can tell
    std::string location = {};            ///< of a redirect
    std::string when = {};                ///< under which condition; empty: this one is expected
    std::string why = {};                 ///< a sentence
    std::string field = {};               ///< what decides it; empty: no member does
    Passed passed = {};
};

struct Explanation {
    const DeployableSite* site = nullptr;  ///< among those that were given; null: no site takes the request
    std::vector<Step> steps;
    std::vector<Ending> endings;  ///< the expected one first

    /// The members that decided something, each once, in the order of the steps.
    std::vector<std::string> fields() const;
};

/// `sites`: all that the node serves.
Explanation explain(const NodeProfile& node, std::span<const DeployableSite> sites, const Request& request);

/// {"site": …, "steps": […], "endings": […]}; endings without the members that their kind has not.
Json to_json(const Explanation& explanation);
std::string_view to_word(EndKind kind);  ///< "refused", "answered", "passed"
/// An ending in one sentence: "answers 403: …", "passes it on to …".
std::string describe(const Ending& ending);

}  // namespace rpm::plan
