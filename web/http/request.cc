// SPDX-License-Identifier: MIT
#include "web/http/request.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "web/http/decode.h"
#include "web/http/error.h"

namespace rpm::http {
namespace {

[[noreturn]] void bad(const std::string& what) {
    throw HttpError(400, what);
}

bool word_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string random_id() {
    std::array<char, 12> bytes{};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) bytes.fill(0);
    return text::hex({bytes.data(), bytes.size()});
}

// The front server's id joins its log with ours; anything odd is replaced, since it goes into logs and pages.
std::string request_id(std::string_view sent) {
    const bool sound = sent.size() >= 8 && sent.size() <= 64 &&
                       std::all_of(sent.begin(), sent.end(), [](char c) { return word_char(c) || c == '-'; });
    return sound ? std::string(sent) : random_id();
}

// "HTTP_USER_AGENT" -> "user-agent".
std::string header_name(std::string_view param) {
    std::string name = text::lower(param);
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
}

// Old clients send Latin-1; one such header must not make a page unusable, nor reach the database.
std::string header_value(std::string_view value) {
    std::string copy(value);
    const bool utf8 = text::is_utf8(copy);
    for (char& c : copy)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f || (!utf8 && static_cast<signed char>(c) < 0))
            c = '?';
    return copy;
}

void check_method(std::string_view method) {
    if (method.empty()) bad("no request method");
    if (method.size() > 16 ||
        !std::all_of(method.begin(), method.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; }))
        bad("malformed request method");
}

// Each segment is decoded on its own: an encoded slash would otherwise name another resource than was sent.
std::string decode_path(std::string_view raw) {
    if (raw.empty() || raw.front() != '/') bad("malformed path");
    std::string path;
    for (const std::string_view part : text::split(raw, '/')) {
        if (part.empty()) continue;
        const std::string segment = decode_percent(part, Plus::literal);
        if (segment == "." || segment == "..") bad("path with dot segments");
        if (segment.find('/') != std::string::npos || text::has_control(segment)) bad("malformed path");
        path += '/';
        path += segment;
    }
    if (!text::is_utf8(path)) bad("path is not UTF-8");
    return path.empty() ? "/" : path;
}

std::string normal_host(std::string_view sent, std::string_view scheme) {
    std::string host = text::lower(sent);
    for (const char c : host)
        if (!word_char(c) && std::string_view("-._:[]").find(c) == std::string_view::npos)
            bad("malformed host");
    const std::string_view own_port = scheme == "https" ? ":443" : ":80";
    if (host.ends_with(':')) host.pop_back();  // a front server that listens on a socket file has no port
    if (host.ends_with(own_port)) host.resize(host.size() - own_port.size());
    return host;
}

// RFC 6265 section 4.2.1; values are taken as sent, in quotes or not.
void read_cookies(Values& cookies, std::string_view header) {
    for (std::string_view pair : text::split(header, ';')) {
        pair = text::trim(pair);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        cookies.add(std::string(text::trim(pair.substr(0, equals))),
                    std::string(text::trim(pair.substr(equals + 1))));
    }
}

// The first of the name, as libfcgi's own lookup: what the front server sets itself comes before what it
// includes.
std::string_view find_param(std::span<const std::string_view> params, std::string_view name) {
    for (const std::string_view param : params)
        if (param.size() > name.size() && param[name.size()] == '=' && param.starts_with(name))
            return param.substr(name.size() + 1);
    return {};
}

void read_header(Request& request, std::string_view param) {
    const auto equals = param.find('=');
    if (equals == std::string_view::npos) return;
    std::string_view name = param.substr(0, equals);
    if (name.starts_with("HTTP_"))
        name.remove_prefix(5);
    else if (name != "CONTENT_TYPE" && name != "CONTENT_LENGTH")
        return;
    request.headers.add(header_name(name), header_value(param.substr(equals + 1)));
}

void read_target(Request& request, std::string_view target, const Limits& limits) {
    if (target.size() > limits.target_bytes) throw HttpError(414, "the address is too long");
    const auto question = target.find('?');
    request.path = decode_path(target.substr(0, question));
    if (question != std::string_view::npos)
        request.query = parse_urlencoded(target.substr(question + 1), limits.query_fields);
}

void check_size(std::span<const std::string_view> params, const Limits& limits) {
    std::size_t bytes = 0;
    for (const std::string_view param : params) bytes += param.size();
    if (params.size() > limits.params || bytes > limits.params_bytes)
        throw HttpError(431, "the request headers are too large");
}

}  // namespace

void read_params(Request& request, std::span<const std::string_view> params, const Limits& limits) {
    request.id = request_id(find_param(params, "HTTP_X_REQUEST_ID"));
    check_size(params, limits);
    for (const std::string_view param : params) read_header(request, param);
    const std::string_view https = find_param(params, "HTTPS");
    request.scheme = https == "on" || https == "1" ? "https" : "http";
    request.remote_address = header_value(find_param(params, "REMOTE_ADDR"));
    request.method = header_value(find_param(params, "REQUEST_METHOD"));
    check_method(request.method);
    request.host = normal_host(request.header("host"), request.scheme);
    for (const std::string_view line : request.headers.all("cookie")) read_cookies(request.cookies, line);
    read_target(request, find_param(params, "REQUEST_URI"), limits);
}

std::size_t content_length(const Request& request, const Limits& limits) {
    const std::string_view sent = request.header("content-length");
    if (sent.empty()) return 0;
    const bool digits = std::all_of(sent.begin(), sent.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) bad("malformed content length");
    const auto length = text::number<std::size_t>(sent);
    if (!length || *length > limits.body_bytes) throw HttpError(413, "the request is too large");
    return *length;
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    constexpr std::string_view prefix = "__Host-";
    for (const auto& [key, value] : cookies)
        if (key.size() == prefix.size() + name.size() && key.starts_with(prefix) && key.ends_with(name))
            return value;
    return std::nullopt;
}

bool is_safe_method(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

bool same_origin(const Request& request) {
    if (is_safe_method(request.method)) return true;
    // Fetch Metadata cannot be set by scripts and needs no knowledge of our own name; "none" is the user.
    const auto site = request.header("sec-fetch-site");
    const auto origin = request.header("origin");
    const bool right_site = site.empty() || site == "same-origin" || site == "none";
    // "null" comes from sandboxes, redirects and pages without a referrer policy of ours: never from our
    // forms.
    return right_site && (origin.empty() || origin == request.scheme + "://" + request.host);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    // volatile: the compiler must not turn the loop into one that ends at the first difference.
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

}  // namespace rpm::http
