// SPDX-License-Identifier: MIT
#include "shared/model/mail.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/values.h"

namespace rpm {
namespace {

constexpr std::size_t kMostAddress = 254;
constexpr std::size_t kMostLocal = 64;
constexpr std::size_t kWordBytes = 45;   // 60 characters of base64, 72 with "=?UTF-8?B?" and "?="
constexpr std::size_t kLineLength = 76;  // RFC 2045 section 6.7 (5)

// RFC 5322 section 3.2.3.
bool is_atext(char c) {
    constexpr std::string_view kSigns = "!#$%&'*+/=?^_`{|}~-.";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos;
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

// Of the next piece: not past the limit, not within a character.
std::size_t piece_of(std::string_view text) {
    std::size_t end = std::min(text.size(), kWordBytes);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    return end == 0 ? std::min(text.size(), kWordBytes) : end;
}

// "Sun, 22 Nov 2026 12:00:00 +0000": as in HTTP but for the zone, whose letters RFC 5322 calls obsolete.
std::string date_of(Time time) {
    const std::string date = to_http_date(time);
    return date.substr(0, date.rfind(' ')) + " +0000";
}

void demand_address(const std::string& address, const char* what) {
    if (!is_mail_address(address)) throw Error(std::string("mail has no ") + what + " address");
}

}  // namespace

bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    if (text.size() > kMostAddress || at == std::string_view::npos || at == 0 || at > kMostLocal)
        return false;
    const std::string_view local = text.substr(0, at);
    if (!std::ranges::all_of(local, is_atext) || local.front() == '.' || local.back() == '.' ||
        local.find("..") != std::string_view::npos)
        return false;
    const std::string_view domain = text.substr(at + 1);
    return is_plain(domain) && domain.find('*') == std::string_view::npos &&
           DomainName::parse(domain).has_value();
}

std::string encode_header(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    std::string out;
    while (!text.empty()) {
        const std::size_t size = piece_of(text);
        out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + text::base64(text.substr(0, size)) + "?=";
        text.remove_prefix(size);
    }
    return out;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    std::size_t column = 0;
    const auto put = [&](std::string_view part) {
        if (column + part.size() > kLineLength - 1) {
            out += "=\r\n";
            column = 0;
        }
        out += part;
        column += part.size();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r') continue;
        if (c == '\n') {
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool last = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
        if ((c > ' ' && c <= '~' && c != '=') || (c == ' ' && !last)) {
            put(text.substr(i, 1));
            continue;
        }
        std::string hex = text::hex(text.substr(i, 1));
        std::ranges::transform(hex, hex.begin(),
                               [](char d) { return d >= 'a' ? static_cast<char>(d - 32) : d; });
        put("=" + hex);
    }
    return out;
}

std::string to_wire(const MailMessage& message) {
    demand_address(message.from, "sender's");
    demand_address(message.to, "recipient's");
    if (text::has_control(message.subject) || text::has_control(message.from_name))
        throw Error("mail has controls in its subject or its sender's name");
    if (!std::ranges::all_of(message.id, is_atext)) throw Error("mail has an id that is none");
    const std::string domain = message.from.substr(message.from.find('@') + 1);
    std::string out = "Date: " + date_of(message.date) + "\r\n";
    out += "From: " + encode_header(message.from_name) + " <" + message.from + ">\r\n";
    out += "To: <" + message.to + ">\r\n";
    out += "Subject: " + encode_header(message.subject) + "\r\n";
    out += "Message-ID: <" + message.id + "@" + domain + ">\r\n";
    out += "Auto-Submitted: auto-generated\r\n";
    out += "MIME-Version: 1.0\r\n";
    out += "Content-Type: text/plain; charset=utf-8\r\n";
    out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
    return out + quoted_printable(message.text) + "\r\n";
}

}  // namespace rpm
