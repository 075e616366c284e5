// SPDX-License-Identifier: MIT
// Commands as lists of words, and the one place where words become a line for a remote shell.
//
//     command_line({"/usr/local/lib/rpmgr/rpmgr-node", "switch", release});
//
// A word arrives at the program on the node byte for byte, whatever it holds: blanks, quotes, `$`, newlines.
// This holds for every POSIX shell (sh, dash, bash, ksh, busybox); csh as a login shell is not supported.
// Secrets do not belong here: command lines are public on the node. Send them as input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rpm::ssh {

/// One word, quoted when it needs it. Throws Invalid{"command", …} for a NUL byte, which no argument can
/// hold.
std::string shell_quote(std::string_view word);
/// Words joined by blanks, each quoted. Throws Invalid{"command", …} when empty.
std::string command_line(const std::vector<std::string>& words);

}  // namespace rpm::ssh
