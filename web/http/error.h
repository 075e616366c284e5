// SPDX-License-Identifier: MIT
// From exceptions to answers: which status each kind of failure means and what of it may be shown.
//
// Handlers throw the kinds of shared/base/error.h, or an HttpError for what only HTTP knows (405, 413, 429).
// server.cc is the only place that catches; it asks status_of() and lets the Handler render the Failure.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/error.h"

namespace rpm::http {

using Header = std::pair<std::string, std::string>;

/// An answer that is none of the general kinds, with the headers that belong to it (Allow, Retry-After).
struct HttpError : Error {
    HttpError(int code, const std::string& message, std::vector<Header> extra = {})
        : Error(message), status(code), headers(std::move(extra)) {}
    int status;
    std::vector<Header> headers;
};

/// A failure as it may be shown to the person who asked. The text of defects (500) and of broken
/// dependencies (503) stays in the log: it may name hosts, paths and statements.
struct Failure {
    int status = 500;
    std::string message;          ///< one sentence fragment, lower case, safe to show
    Problems problems;            ///< the fields, when the input was wrong (422)
    std::vector<Header> headers;  ///< to be sent with the answer
};

/// NotFound 404, Forbidden 403, Conflict 409, Invalid 422, Unavailable 503 with Retry-After, HttpError its
/// own status, anything else 500.
Failure status_of(const std::exception_ptr& error);

/// "Not Found"; "Unknown" for a status that RFC 9110 does not name.
std::string_view reason_phrase(int status);

}  // namespace rpm::http
