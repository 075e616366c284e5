// SPDX-License-Identifier: MIT
// What of a failed request goes to the log. Used inside web/http.
#pragma once

#include <exception>

namespace rpm::http {

/// One line for a defect (500); for Unavailable at most one line in ten seconds, with the number left out.
/// What the person who asked can mend (4xx) is not logged.
void log_failure(int status, const std::exception_ptr& error);

}  // namespace rpm::http
