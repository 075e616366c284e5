// SPDX-License-Identifier: MIT
// What of a failed request goes to the log. Used inside web/http.
#pragma once

#include <exception>

namespace rpm::http {

/// One line for a defect (500); for Unavailable at most one line in ten seconds, with the number left out.
/// One line for a refusal (401, 403, 429), because many of them are an attack; the line's context tells the
/// request and, when somebody is signed in, who. Other mistakes of who asked (4xx) are not logged.
void log_failure(int status, const std::exception_ptr& error);

}  // namespace rpm::http
