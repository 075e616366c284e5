// SPDX-License-Identifier: MIT
// What browsers and front servers send: FastCGI parameters, addresses, cookies.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "shared/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "web/http/connection.h"
#include "web/http/error.h"
#include "web/http/request.h"
#include "web/http/response.h"

namespace rpm::fuzz {
namespace {

constexpr http::Limits kLimits{
    .body_bytes = 65536, .form_fields = 50, .query_fields = 20, .target_bytes = 2048};

void demand_text(const http::Values& values, const char* what) {
    for (const auto& [name, value] : values) {
        demand(text::is_utf8(name) && text::is_utf8(value), std::string(what) + " that are not UTF-8");
        demand((name + value).find('\0') == std::string::npos, std::string(what) + " with NUL");
    }
}

void demand_path(std::string_view path) {
    demand(path.starts_with('/'), "the path does not start with /");
    demand_clean(path, "the path");
    if (path == "/") return;
    for (const std::string_view part : text::split(path.substr(1), '/'))
        demand(!part.empty() && part != "." && part != "..", "the path has a segment that it must not have");
}

// What read_params() promises, also of a request that it refused halfway: error pages and logs show it.
void demand_sound(const http::Request& request) {
    demand(request.id.size() >= 8 && request.id.size() <= 64, "the id has another length");
    demand(std::ranges::all_of(request.id, [](char c) { return std::isalnum(c) || c == '-'; }), "the id");
    if (!request.path.empty()) demand_path(request.path);
    demand(request.scheme.empty() || request.scheme == "http" || request.scheme == "https", "the scheme");
    demand_clean(request.remote_address, "the address");
    for (const auto& [name, value] : request.headers) demand_clean(value, "header " + name);
    for (const auto& [name, value] : request.cookies) {
        demand(!name.empty() && name.find_first_of(";=") == std::string::npos, "the name of a cookie");
        demand_clean(value, "a cookie");
        demand(value.find(';') == std::string::npos, "a cookie holds a second one");
    }
    demand_text(request.query, "query parameters");
    demand(request.query.size() <= kLimits.query_fields, "more query parameters than allowed");
}

void read(http::Request& request, const std::vector<std::string_view>& params) {
    refused([&] { http::read_params(request, params, kLimits); });
    demand_sound(request);
    refused([&] { http::content_length(request, kLimits); });
    http::same_origin(request);
}

std::string header(std::uint16_t type, std::size_t length) {  // FastCGI 1.0 section 3.3, request 1
    return {1,
            static_cast<char>(type),
            0,
            1,
            static_cast<char>(length >> 8U),
            static_cast<char>(length & 0xffU),
            0,
            0};
}

// Half of the inputs are records as they are; the others become the parameters and body of a whole request,
// so that the search need not find the framing first.
std::string framed(Pieces pieces) {
    std::string params;
    while (!pieces.empty()) {
        const std::string_view line = pieces.line();
        if (line.empty()) break;
        const auto equals = std::min(line.find('='), line.size());
        const std::string_view name = line.substr(0, std::min<std::size_t>(equals, 127));
        const std::string_view value = line.substr(std::min(equals + 1, line.size())).substr(0, 127);
        params += static_cast<char>(name.size());
        params += static_cast<char>(value.size());
        params.append(name).append(value);
    }
    params.resize(std::min<std::size_t>(params.size(), 60000));
    const std::string_view body = pieces.rest().substr(0, 60000);
    std::string out = header(1, 8) + std::string("\0\1\0\0\0\0\0\0", 8);
    out += header(4, params.size()) + params + (params.empty() ? "" : header(4, 0));
    return out + header(5, body.size()).append(body) + (body.empty() ? "" : header(5, 0));
}

void answer(http::Connection& connection) {
    http::Request request;
    std::vector<std::string_view> params(connection.params().begin(), connection.params().end());
    read(request, params);
    refused([&] {
        request.body = connection.read_body(http::content_length(request, kLimits));
        http::read_form(request, kLimits);
        demand_text(request.form, "form fields");
    });
    http::Response response = http::text("ok");
    http::add_standard_headers(response, request);
    connection.send(response, true);
}

// Lengths of a name and a value that together exceed what fits into an int: libfcgi then ends the process by
// an assertion (docs/hardening.md, limits). Wherever they may stand.
bool makes_libfcgi_end(std::string_view input) {
    constexpr std::uint64_t kMost = 0x7fffffffU - 2;
    const auto length_at = [&](std::size_t at) -> std::uint64_t {
        if (at + 4 > input.size() || (static_cast<unsigned char>(input[at]) & 0x80U) == 0) return 127;
        std::uint64_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(input[at + i]);
        return length & 0x7fffffffU;
    };
    for (std::size_t at = 0; at < input.size(); ++at)
        if (length_at(at) + length_at(at + 4) > kMost) return true;
    return false;
}

}  // namespace

void params(std::string_view input) {
    std::vector<std::string_view> lines = text::split(input, '\n');
    // The server's parameters come as C strings.
    for (std::string_view& line : lines) line = line.substr(0, line.find('\0'));
    http::Request request;
    read(request, lines);
}

void cookies(std::string_view input) {
    const std::string cookie = "HTTP_COOKIE=" + std::string(input.substr(0, input.find('\0')));
    const std::vector<std::string_view> params = {"REQUEST_METHOD=GET", "REQUEST_URI=/", cookie};
    http::Request request;
    http::read_params(request, params, kLimits);
    demand_sound(request);
    for (const auto& [name, value] : request.cookies)
        if (name.starts_with("__Host-"))
            demand(request.cookie(name.substr(7)).has_value(), "one of our own cookies is not found");
}

void fastcgi(std::string_view input) {
    if (makes_libfcgi_end(input)) return;
    http::Connection::prepare_library();
    Pieces pieces(input);
    const std::string sent = pieces.byte() % 2 == 0 ? std::string(pieces.rest()) : framed(pieces);
    int ends[2];
    demand(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    const Fd client(ends[0]);
    http::Connection connection(Fd(ends[1]), kLimits);
    demand(::send(client.get(), sent.data(), sent.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(sent.size()),
           "send");
    ::shutdown(client.get(), SHUT_WR);  // else the server would wait for the rest
    for (int requests = 0; requests < 4 && connection.receive(); ++requests) {
        answer(connection);
        if (connection.finish() != http::Connection::Next::keep) break;
    }
}

}  // namespace rpm::fuzz
