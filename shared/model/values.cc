// SPDX-License-Identifier: MIT
#include "shared/model/values.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "shared/base/text.h"

namespace rpm {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool alnum(char c) {
    return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What other programs may read as an IPv4 address although it is not four decimal numbers: "127.1",
// "0x7f000001", "256.0.0.1" (the WHATWG URL standard calls it "ends in a number").
bool ends_in_number(std::string_view name) {
    const auto dot = name.rfind('.');
    std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (last.starts_with("0x") || last.starts_with("0X")) {
        last.remove_prefix(2);
        return std::ranges::all_of(last,
                                   [](char c) { return text::unhex(std::string("0") + c).has_value(); });
    }
    return !last.empty() && std::ranges::all_of(last, digit);
}

std::string why_not_label(std::string_view label, bool underscores) {
    if (label.empty()) return "has an empty label";
    if (label.size() > 63) return "has a label of more than 63 characters";
    for (const char c : label) {
        if (alnum(c) || c == '-' || (underscores && c == '_')) continue;
        if (c == '*') return "has a wildcard that is not the whole left-most label";
        if (c == '_') return "has an underscore";
        if (static_cast<unsigned char>(c) >= 0x80) return "has a character outside ASCII";
        return "has a character that is no letter, digit or hyphen";
    }
    if (label.front() == '-' || label.back() == '-') return "has a label that starts or ends with a hyphen";
    return "";
}

std::string why_not_labels(std::string_view name, bool underscores) {
    for (const std::string_view label : text::split(name, '.'))
        if (std::string why = why_not_label(label, underscores); !why.empty()) return why;
    return "";
}

std::string_view without_final_dot(std::string_view name) {
    if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
    return name;
}

struct IdnFree {
    void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, IdnFree>;

struct Converted {
    std::string text;
    std::string why_not;
};

// Plain ASCII as it is: what is wrong with it has better words below.
Converted to_ascii(std::string_view text) {
    const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    if (std::ranges::none_of(text, foreign)) return {std::string(text), ""};
    if (!text::is_utf8(text)) return {"", "is not UTF-8"};
    if (text.size() > 1000) return {"", "is longer than 253 characters"};
    const bool wildcard = text.starts_with("*.");
    const std::string name(wildcard ? text.substr(2) : text);
    if (name.find('\0') != std::string::npos) return {"", "has a control character"};
    char* out = nullptr;
    const int rc = idn2_to_ascii_8z(name.c_str(), &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    const IdnText ascii(out);
    if (rc != IDN2_OK) return {"", std::string("is no international domain name: ") + idn2_strerror(rc)};
    return {(wildcard ? "*." : "") + std::string(ascii.get()), ""};
}

// RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups as "::";
// section 5: dotted decimal only for IPv4-mapped addresses. (inet_ntop() also uses it for "::1:2".)
std::string canonical_v6(const std::array<unsigned char, 16>& bytes) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) groups[i] = bytes[2 * i] * 256U + bytes[2 * i + 1];
    if (std::all_of(groups.begin(), groups.begin() + 5, [](unsigned g) { return g == 0; }) &&
        groups[5] == 0xffff) {
        std::array<char, INET_ADDRSTRLEN> v4{};
        inet_ntop(AF_INET, &bytes[12], v4.data(), v4.size());
        return std::string("::ffff:") + v4.data();
    }
    std::size_t run_start = 8;
    std::size_t run_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > run_length) {
            run_start = i;
            run_length = length;
        }
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == run_start) {
            out += "::";
            i += run_length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':') out += ':';
        std::array<char, 8> digits{};
        std::snprintf(digits.data(), digits.size(), "%x", groups[i]);
        out += digits.data();
    }
    return out;
}

}  // namespace

std::string DomainName::why_not(std::string_view text) {
    if (text.empty()) return "is empty";
    const Converted ascii = to_ascii(text);
    if (!ascii.why_not.empty()) return ascii.why_not;
    std::string_view name = without_final_dot(ascii.text);
    if (name.size() > 253) return "is longer than 253 characters";
    if (IpAddress::parse(name)) return "is an IP address; a site is served under a name";
    const bool wildcard = name.starts_with("*.");
    if (wildcard) name.remove_prefix(2);
    if (std::string why = why_not_labels(name, false); !why.empty()) return why;
    if (ends_in_number(name)) return "ends in a number, as only IP addresses do";
    if (name.find('.') == std::string_view::npos && !text::iequals(name, "localhost"))
        return wildcard ? "is a wildcard for a whole top-level domain"
                        : "has only one label (a full name is needed)";
    return "";
}

std::optional<DomainName> DomainName::parse(std::string_view text) {
    if (!why_not(text).empty()) return std::nullopt;
    return DomainName(text::lower(without_final_dot(to_ascii(text).text)));
}

std::string DomainName::shown() const {
    if (text_.find("xn--") == std::string::npos) return text_;
    const std::string name = is_wildcard() ? text_.substr(2) : text_;
    char* out = nullptr;
    if (idn2_to_unicode_8z8z(name.c_str(), &out, IDN2_NONTRANSITIONAL) != IDN2_OK) return text_;
    const IdnText unicode(out);
    return (is_wildcard() ? "*." : "") + std::string(unicode.get());
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    // inet_pton() would stop at a NUL byte and call the rest none of its business.
    if (text.size() >= INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string terminated(text);
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return IpAddress(terminated);
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress(canonical_v6(bytes));
    return std::nullopt;
}

std::optional<HostAddress> HostAddress::parse(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        const auto inner = IpAddress::parse(text.substr(1, text.size() - 2));
        if (!inner || !inner->is_v6()) return std::nullopt;
        return HostAddress(inner->text(), true);
    }
    if (const auto ip = IpAddress::parse(text)) return HostAddress(ip->text(), true);
    const std::string_view name = without_final_dot(text);
    if (name.empty() || name.size() > 253 || !why_not_labels(name, true).empty() || ends_in_number(name))
        return std::nullopt;
    return HostAddress(text::lower(name), false);
}

std::optional<Port> Port::parse(std::string_view text) {
    if (text.starts_with('0') || text.starts_with('-')) return std::nullopt;
    const auto number = text::number<std::int64_t>(text);
    return number ? from(*number) : std::nullopt;
}

std::optional<Port> Port::from(std::int64_t number) {
    if (number < 1 || number > 65535) return std::nullopt;
    return Port(static_cast<std::uint16_t>(number));
}

std::optional<PortRange> PortRange::parse(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = Port::parse(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : Port::parse(text.substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return PortRange(*first, *last);
}

std::optional<Name> Name::parse(std::string_view text) {
    const auto allowed = [](char c) { return alnum(c) || c == '.' || c == '-' || c == '_'; };
    if (text.empty() || text.size() > 64 || !alnum(text.front()) || !std::ranges::all_of(text, allowed))
        return std::nullopt;
    return Name(std::string(text));
}

}  // namespace rpm
