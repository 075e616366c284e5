// SPDX-License-Identifier: MIT
// One HTTP answer as a plain value.
//
//     return html(templates.expand("sites.html", page));
//     return see_other("/sites/7").set_cookie({.name = "session", .value = token});
//
// The server adds what every answer carries (security headers, Cache-Control: no-store unless the handler
// chose otherwise, the request id); handlers cannot weaken it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"
#include "web/http/error.h"
#include "web/http/request.h"

namespace rpm::http {

enum class SameSite { lax, strict };

/// Always Secure, Path=/ and bound to this host by the prefix "__Host-" (RFC 6265bis section 4.1.3.2), which
/// set_cookie and Request::cookie add themselves.
struct Cookie {
    std::string name;   ///< without the prefix; a token of RFC 9110
    std::string value;  ///< no blank, comma, semicolon, quote or backslash
    std::optional<std::chrono::seconds> max_age = std::nullopt;  ///< absent: until the browser is closed
    SameSite same_site = SameSite::lax;
    bool http_only = true;
};

class Response {
  public:
    int status = 200;
    std::string body;

    /// Replaces the header. Throws Error for a name that is no token and for control characters in the value.
    Response& set(std::string_view name, std::string value) &;
    Response&& set(std::string_view name, std::string value) && {
        return std::move(set(name, std::move(value)));
    }
    /// Throws Error for a name or value that no cookie can have.
    Response& set_cookie(const Cookie& cookie) &;
    Response&& set_cookie(const Cookie& cookie) && { return std::move(set_cookie(cookie)); }
    /// Makes the browser forget the cookie.
    Response& drop_cookie(std::string name) &;
    Response&& drop_cookie(std::string name) && { return std::move(drop_cookie(std::move(name))); }

    /// The header's value, or nullptr; the name in any case.
    const std::string* find(std::string_view name) const;
    /// In the order they will be sent; "Set-Cookie" may come more than once.
    const std::vector<Header>& headers() const { return headers_; }

  private:
    std::vector<Header> headers_;
};

Response html(std::string body, int status = 200);
Response text(std::string body, int status = 200);  ///< text/plain
Response json(const Json& value, int status = 200);
/// application/problem+json (RFC 9457), for the API.
Response problem_json(const Json& value, int status);
Response content(std::string type, std::string body, int status = 200);
Response no_content();  ///< 204
/// 303 after a POST. Throws HttpError 400 unless is_local_path(path): the path often comes from a form.
Response see_other(std::string path);

/// "/sites?page=2": a path on this server. Not "//other.example", "/\other.example", "https:…", nor anything
/// with control characters or blanks.
bool is_local_path(std::string_view path);

/// Adds what every answer to this request carries. Called by the server, once, last.
void add_standard_headers(Response& response, const Request& request);

}  // namespace rpm::http
