// SPDX-License-Identifier: MIT
// What every worker's main does around its work: signals, and turning exceptions into an exit status.
//
//     int main(int argc, char** argv) {
//         return rpm::run("rpmgr-deploy", [&] { …; while (!rpm::stop_requested()) …; return 0; });
//     }
//
// Exit status: 0 done, 1 failed, 2 wrong settings or input (the message names the field), 3 something that is
// needed does not answer now (try again later).
#pragma once

#include <chrono>
#include <functional>

namespace rpm {

/// Who reads the message of a failure.
enum class Audience {
    log,       ///< a worker: one log line; SIGTERM and SIGINT ask it to stop, the second one ends it at once
    operator_  ///< a person at a terminal: "program: error: …"; signals end the program as usual
};

/// Runs the body and answers the exit status. SIGPIPE is ignored: a peer that went away is a failed write.
int run(const char* program, const std::function<int()>& body, Audience audience = Audience::log);

/// True once SIGTERM or SIGINT arrived: finish what is begun, begin nothing.
bool stop_requested();
/// Sleeps, but not past a stop request; false when one came.
bool pause_for(std::chrono::milliseconds time);

}  // namespace rpm
