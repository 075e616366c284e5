// SPDX-License-Identifier: MIT
// Checks middlewares of Traefik before they are stored: a JSON object (which is YAML, too) of names and
// middlewares, as Traefik's own documents write them
// (https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/overview/). A request
// meets them in this order, once somebody is let in and before it is passed on.
//
//     {"team": {"headers": {"customRequestHeaders": {"X-Team": "shop"}}},
//      "old": {"redirectRegex": {"regex": "^(https?://[^/]+)/old/(.*)", "replacement": "${1}/new/${2}"}}}
//
// Allowed are types of a list (traefik_directives.cc) with the members listed there: none that names others
// (chain, errors), asks others (forwardAuth), reads files (usersFile, certificates) or loads code (plugin).
// Nothing here can name a middleware or service, so "@internal" and other sites stay out of reach. "{{",
// which Traefik's reader of files takes for a template, is refused everywhere.
//
// The text is not copied: it is read, and the tree is written anew, each name behind "site<id>-own-". What
// remains may still be wrong for the engine; the engine's own test on the node decides that.
#pragma once

#include <string>
#include <string_view>

namespace rpm {

/// Empty when acceptable, else "team.headers: 'plugin' is not allowed here".
std::string problem_in_traefik_directives(std::string_view text);

}  // namespace rpm
