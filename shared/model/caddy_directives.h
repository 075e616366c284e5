// SPDX-License-Identifier: MIT
// Checks handlers of Caddy before they are stored: a JSON array of handler objects, as Caddy's own documents
// write them (https://caddyserver.com/docs/json/apps/http/servers/routes/handle/), which the site runs, in
// order, once somebody is let in and before the request is passed on.
//
//     [{"handler": "headers", "response": {"set": {"X-Path": ["{http.request.uri.path}"]}}},
//      {"handler": "subroute", "routes": [{"match": [{"path": ["/teapot"]}],
//          "handle": [{"handler": "static_response", "status_code": 418, "body": "short"}]}]}]
//
// Allowed are handlers and matchers of a list (caddy_directives.cc) with the members listed there: none that
// reads files (file_server, templates), asks others (reverse_proxy, forward_auth), runs a language (CEL
// expressions) or tells of the node (metrics, acme_server, tracing). In texts, a brace opens a placeholder of
// another list: what the request says, the site's own variables, the time. {env.…}, {file.…}, {system.…} and
// {http.request.tls.…} are not among them. Variables and expressions keep to names of their own: nothing
// named rpmgr…, which the manager gives, nor "r", its expression.
//
// The text is not copied: it is read, and the tree is written anew. What remains may still be wrong for the
// engine; the engine's own test on the node decides that.
#pragma once

#include <string>
#include <string_view>

namespace rpm {

/// Empty when acceptable, else "0.response.set: must be an object".
std::string problem_in_caddy_directives(std::string_view text);

}  // namespace rpm
