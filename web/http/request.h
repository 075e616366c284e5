// SPDX-License-Identifier: MIT
// One HTTP request as a plain value: everything is copied, decoded, checked and within limits.
//
// Handlers get it complete; tests build it by hand:
//
//     Request request;
//     request.method = "POST";
//     request.path = "/sites";
//     request.form = {{"domain", "shop.example"}};
//
// All text is UTF-8 and free of NUL, except `body` and `files`, which are bytes. Query and form never mix: a
// parameter in the address cannot stand in for a field of the form.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "web/http/values.h"

namespace rpm::http {

/// What a request may cost. Beyond: 413 for bodies and forms, 414 for addresses, 431 for headers.
struct Limits {
    std::size_t body_bytes = std::size_t{8} << 20U;
    /// The largest form is that of a site: 100 routes, each with servers and access rules of its own.
    std::size_t form_fields = 20'000;
    std::size_t query_fields = 200;
    std::size_t target_bytes = 8192;     ///< path and query as sent
    std::size_t params = 200;            ///< FastCGI parameters: the headers and about 20 of the front server
    std::size_t params_bytes = 65536;    ///< their total length
    std::chrono::seconds read_time{10};  ///< to receive one whole request
    std::chrono::seconds write_time{30};  ///< to hand over one whole answer
    std::chrono::seconds idle_time{60};   ///< of a kept connection between two requests
};

struct Request {
    std::string id;              ///< for logs and error pages: [0-9A-Za-z-]{8,64}
    std::string method;          ///< upper case, as sent
    std::string path;            ///< decoded; begins with "/", no empty, "." or ".." segment, no trailing "/"
    std::string scheme;          ///< "https" or "http", as the front server saw it
    std::string host;            ///< lower case; with the port unless it is the scheme's own
    std::string remote_address;  ///< of the client, as the front server saw it
    Values query;
    Values headers;  ///< names in lower case: "content-type"
    Values cookies;
    Values form;       ///< of a POST with a urlencoded or multipart body
    Values files;      ///< contents of uploaded files by field; the file names are not kept
    std::string body;  ///< as received; empty once it became `form` and `files`

    /// A header by its lower-case name, "" when absent.
    std::string_view header(std::string_view name) const { return headers.text(name); }
    /// The value of one of our own cookies, by the name given to Response::set_cookie (without "__Host-").
    std::optional<std::string_view> cookie(std::string_view name) const;
    bool secure() const { return scheme == "https"; }
};

/// Fills everything but body, form and files from "NAME=value" FastCGI parameters. Throws HttpError 400, 414
/// or 431; what was understood until then is kept, so that the error answer has an id.
void read_params(Request& request, std::span<const std::string_view> params, const Limits& limits);

/// The length of the body that the request announces; 0 when none. Throws HttpError 400 or 413.
std::size_t content_length(const Request& request, const Limits& limits);

/// Turns the body of a POST into `form` and `files` when it is one of the two form types; leaves any other
/// body alone. Throws HttpError 400 (malformed) or 413 (too many fields).
void read_form(Request& request, const Limits& limits);

/// "a=1&b=2" with %-encoding and "+" for blanks. Throws HttpError 400 (malformed, not UTF-8) or 413.
Values parse_urlencoded(std::string_view text, std::size_t max_fields);

/// GET, HEAD, OPTIONS and TRACE: may not change anything (RFC 9110 section 9.2.1).
bool is_safe_method(std::string_view method);

/// False when the browser says that another site made it send this request: by Fetch Metadata
/// (Sec-Fetch-Site) or by Origin, whichever is there; both must fit. True for clients that say nothing: they
/// hold no ambient cookies. Use it besides CSRF tokens, not instead.
bool same_origin(const Request& request);

/// Compares in a time that depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace rpm::http
