// SPDX-License-Identifier: MIT
// Mail as plain values: addresses, and a whole message as it goes over the wire.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/clock.h"

namespace rpm {

/// What we send to: "local@domain" in ASCII (RFC 5321 section 4.1.2, without quoted local parts and without
/// address literals), at most 254 bytes. Nothing of it can end a header line or a command.
bool is_mail_address(std::string_view text);

struct MailMessage {
    std::string from;  ///< address
    std::string from_name = "Reverse Proxy Manager";
    std::string to;
    std::string subject;  ///< UTF-8, one line
    std::string text;     ///< UTF-8
    std::string id;       ///< left part of the Message-ID: letters, digits, dots
    Time date{};
};
/// RFC 5322, CRLF line ends, text/plain in UTF-8 as quoted-printable; marked as sent by a machine (RFC 3834),
/// so that nobody's holiday notice answers. Throws Error for addresses and controls that have no place there.
std::string to_wire(const MailMessage& message);

/// RFC 2047: ASCII as it is, else encoded words of at most 75 characters, never cut within a character.
std::string encode_header(std::string_view text);
/// RFC 2045 section 6.7: lines of at most 76 characters.
std::string quoted_printable(std::string_view text);

}  // namespace rpm
