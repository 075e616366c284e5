// SPDX-License-Identifier: MIT
#include "shared/model/http_text.h"

#include <re2/re2.h>

#include <algorithm>

#include "shared/base/text.h"

namespace rpm {
namespace {

bool alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Of RFC 9110's tokens (section 5.6.2) what every engine can say: nginx makes names of variables of them.
std::string why_not_word(std::string_view text, std::size_t most, std::string_view besides,
                         const char* what) {
    if (text.empty()) return "is empty";
    if (text.size() > most) return "is longer than " + std::to_string(most) + " characters";
    if (!std::ranges::all_of(
            text, [besides](char c) { return alnum(c) || besides.find(c) != std::string_view::npos; }))
        return std::string("has a character that no ") + what + " may have here";
    return "";
}

std::string why_not_printable(std::string_view text, std::size_t most) {
    if (text.size() > most) return "is longer than " + std::to_string(most) + " bytes";
    if (!text::is_utf8(text)) return "is not UTF-8";
    if (text::has_control(text)) return "has a control character or line end";
    return "";
}

std::string why_not_path_part(std::string_view path) {
    if (path.find_first_of(" ?#\\") != std::string_view::npos)
        return "has a blank, '?', '#' or backslash (give the path as it reads after decoding)";
    const auto parts = text::split(path, '/');
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i] == "." || parts[i] == "..") return "has a '.' or '..' part";
        if (parts[i].empty() && i + 1 < parts.size()) return "has an empty part ('//')";
    }
    return "";
}

RE2::Options re2_options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    return options;
}

}  // namespace

std::string why_not_header_name(std::string_view text) {
    return why_not_word(text, 100, "-_", "header name");
}

std::string why_not_header_value(std::string_view text) {
    if (std::string why = why_not_printable(text, 4096); !why.empty()) return why;
    if (text::trim(text).size() != text.size()) return "has blanks around it";
    return "";
}

std::string why_not_cookie_name(std::string_view text) {
    return why_not_word(text, 64, "_", "cookie name");
}

std::string why_not_method(std::string_view text) {
    if (text.empty() || text.size() > 20 ||
        !std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; }))
        return "is no request method in capitals";
    return "";
}

std::string why_not_path(std::string_view text) {
    if (!text.starts_with('/')) return "must start with '/'";
    if (std::string why = why_not_printable(text, 1024); !why.empty()) return why;
    return why_not_path_part(text);
}

namespace {

// Behind a '[': behind the ']' that ends the class.
std::size_t after_class(std::string_view text, std::size_t at) {
    if (at < text.size() && text[at] == '^') ++at;
    if (at < text.size() && text[at] == ']') ++at;
    while (at < text.size() && text[at] != ']') {
        if (text.substr(at).starts_with("[:"))
            at = std::min(text.find(":]", at), text.size() - 2) + 2;
        else
            at += text[at] == '\\' ? 2 : 1;
    }
    return at + 1;
}

// "$*": an end or a border that may be there several times, which PCRE takes for a fault.
bool repeats_a_place(std::string_view text) {
    static const RE2 repetition(R"([*+?]|\{\d+(,\d*)?\})");
    for (std::size_t at = 0; at < text.size();) {
        bool place = text[at] == '^' || text[at] == '$';
        if (text[at] == '[') {
            at = after_class(text, at + 1);
        } else if (text.substr(at).starts_with("\\Q")) {
            at = std::min(text.find("\\E", at), text.size() - 2) + 2;
        } else if (text[at] == '\\') {
            place =
                at + 1 < text.size() && std::string_view("AbBz").find(text[at + 1]) != std::string_view::npos;
            at += 2;
        } else {
            ++at;
        }
        if (!place || at >= text.size()) continue;
        re2::StringPiece rest(text.data() + at, text.size() - at);
        if (RE2::Consume(&rest, repetition)) return true;
    }
    return false;
}

}  // namespace

std::string why_not_regex(std::string_view text) {
    if (text.empty()) return "is empty";
    if (std::string why = why_not_printable(text, 500); !why.empty()) return why;
    for (std::size_t at = text.find("(?"); at != std::string_view::npos; at = text.find("(?", at + 1)) {
        const std::string_view rest = text.substr(at + 2);
        if (!rest.starts_with(':') && !rest.starts_with("i)") && !rest.starts_with("i:"))
            return "has a group that not every engine understands; only (…), (?:…) and (?i) are allowed";
    }
    if (text.find("\\C") != std::string_view::npos) return "has \\C, which not every engine understands";
    const RE2 expression(re2::StringPiece(text.data(), text.size()), re2_options());
    if (!expression.ok()) return "is no regular expression: " + expression.error();
    if (repeats_a_place(text))
        return "repeats ^, $ or a border of a word, which not every engine understands";
    return "";
}

unsigned regex_groups(std::string_view text) {
    const RE2 expression(re2::StringPiece(text.data(), text.size()), re2_options());
    return expression.ok() ? static_cast<unsigned>(expression.NumberOfCapturingGroups()) : 0;
}

std::optional<std::vector<std::string>> match_regex(std::string_view expression, std::string_view text) {
    const RE2 parsed(re2::StringPiece(expression.data(), expression.size()), re2_options());
    if (!parsed.ok()) return std::nullopt;
    std::vector<re2::StringPiece> found(static_cast<std::size_t>(parsed.NumberOfCapturingGroups()) + 1);
    if (!parsed.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED,
                      found.data(), static_cast<int>(found.size())))
        return std::nullopt;
    std::vector<std::string> out;
    for (const re2::StringPiece& each : found)
        out.emplace_back(each.data() == nullptr ? "" : each.as_string());
    return out;
}

std::string why_not_target(std::string_view text, unsigned groups) {
    if (text.empty()) return "is empty";
    if (std::string why = why_not_printable(text, 2048); !why.empty()) return why;
    if (text.find_first_of(" \"\\<>^`{|}") != std::string_view::npos)
        return "has a character that a URL must encode";
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (next < '1' || next > '9' || static_cast<unsigned>(next - '0') > groups)
            return groups == 0 ? "has a '$', which only stands for a group of a regular expression"
                               : "has a '$' that names no group of the route's expression";
    }
    if (text.starts_with('/')) return text.starts_with("//") ? "must not start with '//'" : "";
    const std::string_view rest = text.starts_with("https://")  ? text.substr(8)
                                  : text.starts_with("http://") ? text.substr(7)
                                                                : std::string_view();
    if (rest.empty()) return "must start with '/', http:// or https://";
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('$') != std::string_view::npos)
        return "must not take its host from the request (an open redirect)";
    return why_not_host_header(authority).empty() ? "" : "has no valid host name";
}

std::string why_not_host_header(std::string_view text) {
    std::string_view host = text;
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
        if (!Port::parse(text.substr(colon + 1))) return "has no valid port after the ':'";
        host = text.substr(0, colon);
    }
    const auto address = HostAddress::parse(host);
    if (!address || (address->is_v6() && !host.starts_with('[')))
        return "is neither a host name nor an IP address, with an optional port";
    return "";
}

std::string why_not_pem(std::string_view text, std::string_view label) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    if (text.size() > 256UL * 1024) return "is longer than 256 KiB";
    bool inside = false;
    std::size_t blocks = 0;
    std::size_t number = 0;
    std::string body;
    for (const std::string_view each : text::lines(text)) {
        ++number;
        const std::string_view line = text::trim(each);
        if (line.empty()) continue;
        const std::string at = "line " + std::to_string(number) + ": ";
        if (!inside) {
            if (line != begin) return at + "expected '" + begin + "'";
            inside = true;
            body.clear();
        } else if (line == end) {
            if (body.empty() || !text::unbase64(body)) return at + "what ends here is not base64";
            inside = false;
            ++blocks;
        } else if (line.starts_with('-')) {
            return at + "expected '" + end + "'";
        } else {
            body += line;
        }
    }
    if (inside) return "ends without '" + end + "'";
    return blocks == 0 ? "holds no '" + begin + "'" : "";
}

std::string why_not_page(std::string_view text) {
    if (text.size() > 64UL * 1024) return "is longer than 64 KiB";
    if (!text::is_utf8(text)) return "is not UTF-8";
    const auto control = [](char c) { return c != '\n' && c != '\t' && text::has_control({&c, 1}); };
    return std::ranges::any_of(text, control) ? "has a control character" : "";
}

std::string why_not_bcrypt(std::string_view text) {
    static const RE2 shape(R"(\$2[aby]\$(0[4-9]|1[0-7])\$[./A-Za-z0-9]{53})");
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), shape)
               ? ""
               : "is no bcrypt hash ('$2y$10$' and 53 characters)";
}

std::optional<HttpUrl> HttpUrl::parse(std::string_view text) {
    const bool encrypted = text.starts_with("https://");
    if (!encrypted && !text.starts_with("http://")) return std::nullopt;
    if (!why_not_target(text, 0).empty()) return std::nullopt;
    const std::string_view rest = text.substr(encrypted ? 8 : 7);
    const auto slash = rest.find('/');
    const std::string_view authority = rest.substr(0, slash);
    const std::string path(slash == std::string_view::npos ? "/" : rest.substr(slash));
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!std::ranges::all_of(path, is_ascii) || path.find_first_of("?#") != std::string::npos ||
        authority.find_first_of("?#@") != std::string_view::npos)
        return std::nullopt;
    std::string_view host = authority;
    Port port = *Port::from(encrypted ? 443 : 80);
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        const auto given = Port::parse(authority.substr(colon + 1));
        if (!given) return std::nullopt;
        port = *given;
        host = authority.substr(0, colon);
    }
    const auto address = HostAddress::parse(host);
    if (!address) return std::nullopt;
    std::string canonical = std::string(encrypted ? "https://" : "http://") + address->bracketed();
    if (port.value() != (encrypted ? 443 : 80)) canonical += ":" + port.text();
    return HttpUrl(canonical + path, encrypted, *address, port, path);
}

}  // namespace rpm
