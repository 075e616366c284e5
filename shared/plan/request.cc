// SPDX-License-Identifier: MIT
#include "shared/plan/request.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/http_text.h"

namespace rpm::plan {
namespace {

constexpr std::size_t kMostTarget = 8192;
constexpr std::size_t kMostHeaders = 100;

std::string without_port(std::string_view host) {
    if (host.starts_with('[')) return std::string(host.substr(0, host.find(']') + 1));
    return std::string(host.substr(0, host.find(':')));
}

// "https://name:8443/path?query" apart; the fragment stays with the browser.
void read_url(Request& request, std::string_view url, Problems& problems) {
    url = url.substr(0, url.find('#'));
    const auto scheme_end = url.find("://");
    const std::string scheme =
        text::lower(scheme_end == std::string_view::npos ? "" : url.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") {
        problems.add("url", "must begin with http:// or https://");
        return;
    }
    request.encrypted = scheme == "https";
    url.remove_prefix(scheme_end + 3);
    const auto end = std::min(url.find_first_of("/?"), url.size());
    request.host = url.substr(0, end);
    const std::string_view rest = url.substr(end);
    request.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
    const std::string name = without_port(request.host);
    if (name.empty() || request.host.find('@') != std::string::npos)
        problems.add("url", "needs a host name, and no user before it");
    if (request.host.size() > name.size()) {
        request.port = Port::parse(std::string_view(request.host).substr(name.size() + 1));
        if (!request.port) problems.add("url", "has a port that is none");
    }
    if (request.target.size() > kMostTarget || text::has_control(request.target) ||
        request.target.find(' ') != std::string::npos)
        problems.add("url", "has a path that cannot be sent: encode blanks and control characters");
}

void read_header(Request& request, std::string_view line, Problems& problems) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        problems.add("header", "'" + text::shown(line, 80) + "' is not of the form 'Name: value'");
        return;
    }
    const std::string name(text::trim(line.substr(0, colon)));
    const std::string value(text::trim(line.substr(colon + 1)));
    std::string why = why_not_header_name(name);
    if (why.empty()) why = why_not_header_value(value);
    if (!why.empty()) {
        problems.add("header", "'" + text::shown(name, 80) + "' " + why);
        return;
    }
    if (text::iequals(name, "host"))
        request.host = value;
    else
        request.headers.emplace_back(name, value);
    if (!text::iequals(name, "content-length")) return;
    request.body = text::number<std::uint64_t>(value);
    if (!request.body) problems.add("header", "Content-Length must be a whole number");
}

std::optional<int> hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

}  // namespace

std::optional<std::string> Request::header(std::string_view wanted) const {
    std::optional<std::string> out;
    for (const auto& [name, value] : headers)
        if (text::iequals(name, wanted)) out = out ? *out + ", " + value : value;
    return out;
}

std::string Request::name() const {
    return text::lower(without_port(host));
}

std::string Request::path() const {
    return target.substr(0, target.find('?'));
}

std::string Request::query() const {
    const auto at = target.find('?');
    return at == std::string::npos ? "" : target.substr(at);
}

std::string Request::url() const {
    return (encrypted ? "https://" : "http://") + host + target;
}

Request parse_request(std::string_view method, std::string_view url, std::string_view from,
                      const std::vector<std::string>& headers) {
    Request request;
    Problems problems;
    if (!method.empty()) request.method = method;
    if (std::string why = why_not_method(request.method); !why.empty()) problems.add("method", why);
    read_url(request, url, problems);
    request.handshake_name = request.name();
    if (!from.empty()) {
        if (const auto address = IpAddress::parse(from))
            request.from = *address;
        else
            problems.add("from", "'" + text::shown(from, 80) + "' is no IP address");
    }
    if (headers.size() > kMostHeaders) problems.add("header", "more than 100 are not taken");
    for (const std::string& line : headers) read_header(request, line, problems);
    if (!problems.empty()) throw Invalid(std::move(problems));
    return request;
}

std::optional<std::string> decoded_path(std::string_view path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] != '%') {
            out += path[i];
            continue;
        }
        const auto high = i + 2 < path.size() ? hex_digit(path[i + 1]) : std::nullopt;
        const auto low = i + 2 < path.size() ? hex_digit(path[i + 2]) : std::nullopt;
        if (!high || !low || *high * 16 + *low == 0) return std::nullopt;
        out += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return out;
}

std::optional<std::string> matched_path(std::string_view path) {
    const auto plain = decoded_path(path);
    if (!plain) return std::nullopt;
    std::vector<std::string_view> kept;
    const auto parts = text::split(*plain, '/');
    for (std::size_t i = 1; i < parts.size(); ++i) {
        const bool last = i + 1 == parts.size();
        if (parts[i] == "..") {
            if (kept.empty()) return std::nullopt;
            kept.pop_back();
        }
        const bool gone = parts[i].empty() || parts[i] == "." || parts[i] == "..";
        if (!gone)
            kept.push_back(parts[i]);
        else if (last)
            kept.emplace_back();  // the final slash stays
    }
    std::string out;
    for (const std::string_view part : kept) out.append("/").append(part);
    return out.empty() ? "/" : out;
}

std::string encoded_path(std::string_view path) {
    constexpr std::string_view kKept = "-._~!$&'()*+,;=:@/";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter || kKept.find(c) != std::string_view::npos)
            out += c;
        else
            out.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
    return out;
}

}  // namespace rpm::plan
