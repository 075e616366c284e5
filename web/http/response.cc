// SPDX-License-Identifier: MIT
#include "web/http/response.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::http {
namespace {

// Nothing but our own files. Scripts may make markup only through the policy of that name, which is ours
// (web/static/src/markup.js), and never code. Both ways of reporting: Firefox and Safari know the older one.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "require-trusted-types-for 'script'; trusted-types default; report-uri /csp-report; report-to csp";

// What the panels use of the browser: a person's passkeys and clipboard, nothing else.
constexpr std::string_view kPermissions =
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
    "geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=(), "
    "clipboard-read=(), clipboard-write=(self), publickey-credentials-create=(self), "
    "publickey-credentials-get=(self)";

// RFC 9110 section 5.6.2.
bool is_token(std::string_view name) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

// RFC 6265 section 4.1.1.
bool is_cookie_value(std::string_view value) {
    static constexpr std::string_view refused = "\",;\\";
    return std::all_of(value.begin(), value.end(), [](char c) {
        return c > ' ' && c < 0x7f && refused.find(c) == std::string_view::npos;
    });
}

void check_header(std::string_view name, std::string_view value) {
    if (!is_token(name)) throw Error("not a header name: " + std::string(name));
    if (text::has_control(value)) throw Error("control character in header " + std::string(name));
}

void set_default(Response& response, std::string_view name, std::string_view value) {
    if (!response.find(name)) response.set(name, std::string(value));
}

}  // namespace

Response& Response::set(std::string_view name, std::string value) & {
    check_header(name, value);
    for (Header& header : headers_)
        if (text::iequals(header.first, name)) {
            header.second = std::move(value);
            return *this;
        }
    headers_.emplace_back(std::string(name), std::move(value));
    return *this;
}

Response& Response::set_cookie(const Cookie& cookie) & {
    if (!is_token(cookie.name)) throw Error("not a cookie name: " + cookie.name);
    if (!is_cookie_value(cookie.value)) throw Error("not a cookie value, of cookie " + cookie.name);
    const std::string start = "__Host-" + cookie.name + "=";
    std::string line = start + cookie.value + "; Path=/; Secure";
    if (cookie.http_only) line += "; HttpOnly";
    line += cookie.same_site == SameSite::strict ? "; SameSite=Strict" : "; SameSite=Lax";
    if (cookie.max_age) line += "; Max-Age=" + std::to_string(cookie.max_age->count());
    std::erase_if(headers_, [&](const Header& header) {
        return header.first == "Set-Cookie" && header.second.starts_with(start);
    });
    headers_.emplace_back("Set-Cookie", std::move(line));
    return *this;
}

Response& Response::drop_cookie(std::string name) & {
    return set_cookie({.name = std::move(name), .value = "", .max_age = std::chrono::seconds(0)});
}

const std::string* Response::find(std::string_view name) const {
    for (const Header& header : headers_)
        if (text::iequals(header.first, name)) return &header.second;
    return nullptr;
}

Response content(std::string type, std::string body, int status) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    response.set("Content-Type", std::move(type));
    return response;
}

Response html(std::string body, int status) {
    return content("text/html; charset=utf-8", std::move(body), status);
}

Response text(std::string body, int status) {
    return content("text/plain; charset=utf-8", std::move(body), status);
}

Response json(const Json& value, int status) {
    return content("application/json", value.dump(), status);
}

Response problem_json(const Json& value, int status) {
    return content("application/problem+json", value.dump(), status);
}

Response no_content() {
    Response response;
    response.status = 204;
    return response;
}

Response see_other(std::string path) {
    if (!is_local_path(path)) throw HttpError(400, "not a page of this server");
    Response response;
    response.status = 303;
    response.set("Location", std::move(path));
    return response;
}

bool is_local_path(std::string_view path) {
    // Browsers read a backslash as a slash, so "/\host" is another host too.
    if (path.empty() || path.front() != '/' || path.starts_with("//")) return false;
    return std::all_of(path.begin(), path.end(),
                       [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '\\'; });
}

void add_standard_headers(Response& response, const Request& request) {
    set_default(response, "Cache-Control", "no-store");
    response.set("Content-Security-Policy", std::string(kPolicy));
    response.set("Reporting-Endpoints", "csp=\"/csp-report\"");
    response.set("Permissions-Policy", std::string(kPermissions));
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-Frame-Options", "DENY");
    response.set("Referrer-Policy", "same-origin");
    response.set("Cross-Origin-Opener-Policy", "same-origin");
    response.set("Cross-Origin-Resource-Policy", "same-origin");
    if (request.secure()) response.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    response.set("X-Request-Id", request.id);
}

}  // namespace rpm::http
