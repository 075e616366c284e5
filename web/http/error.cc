// SPDX-License-Identifier: MIT
#include "web/http/error.h"

#include <array>

namespace rpm::http {
namespace {

struct Phrase {
    int status;
    std::string_view text;
};

constexpr std::array kPhrases = std::to_array<Phrase>({
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
});

// Long enough for a database to come back, short enough for a person who waits.
constexpr const char* kRetryAfter = "5";

}  // namespace

Failure status_of(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const Invalid& e) {
        return {422, "the input is not valid", e.problems, {}};
    } catch (const NotFound& e) {
        return {404, e.what(), {}, {}};
    } catch (const Forbidden& e) {
        return {403, e.what(), {}, {}};
    } catch (const Conflict& e) {
        return {409, e.what(), {}, {}};
    } catch (const HttpError& e) {
        return {e.status, e.what(), {}, e.headers};
    } catch (const Unavailable&) {
        return {503, "temporarily unavailable, please try again shortly", {}, {{"Retry-After", kRetryAfter}}};
    } catch (...) {
        return {500, "internal error", {}, {}};
    }
}

std::string_view reason_phrase(int status) {
    for (const Phrase& phrase : kPhrases)
        if (phrase.status == status) return phrase.text;
    return "Unknown";
}

}  // namespace rpm::http
