// SPDX-License-Identifier: MIT
// Checks raw nginx directives before they are stored: the text is tokenised with nginx's own grammar
// (ngx_conf_read_token: quotes, backslash, comments, ';', braces) and may not leave the block it is put into.
//
// Refused: braces or quotes that do not close or close too much, control characters, invalid UTF-8, and
// directives that load code, read or write files or change what belongs to the whole node (include,
// load_module, *_log, perl_*, lua, js_*, root, alias, *_pass to unix sockets, daemon-level names, listen,
// server_name, ssl_certificate*, …). What remains may still be wrong for the engine; the engine's own test on
// the node decides that.
#pragma once

#include <string>
#include <string_view>

namespace rpm {

/// Empty when acceptable inside a server block, else "line 3: 'include' is not allowed here".
std::string problem_in_nginx_directives(std::string_view text);

}  // namespace rpm
