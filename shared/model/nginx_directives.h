// SPDX-License-Identifier: MIT
// Checks raw nginx directives before they are stored: the text is tokenised with nginx's own grammar
// (ngx_conf_read_token: quotes, backslash, comments, ';', braces) and may not leave the block it is put into.
//
// Allowed are the directives of a list (nginx_directives.cc) that can do no more than shape the requests and
// answers of this site. Refused is everything else: what loads code, reads or writes files, belongs to the
// whole node or to the site's definition; besides it unix sockets, targets that a variable hides, names of
// zones and variables that the manager gives to sites, braces or quotes that do not close or close too much,
// control characters and invalid UTF-8. What remains may still be wrong for the engine; the engine's own test
// on the node decides that.
#pragma once

#include <string>
#include <string_view>

namespace rpm {

/// Empty when acceptable inside a server block, else "line 3: 'include' is not allowed here".
std::string problem_in_nginx_directives(std::string_view text);

}  // namespace rpm
