// SPDX-License-Identifier: MIT
// The texts of HTTP that a definition may hold, and why one is refused. Each function answers "" for a good
// text, else a sentence part that follows the field's name: "has a character that no header name may have".
//
// What is accepted here means the same to every engine: no control characters, no characters that an engine's
// syntax cannot say. Quoting for an engine is the renderer's work.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/values.h"

namespace rpm {

/// A field name (RFC 9110 section 5.1), at most 100 letters, digits, hyphens and underscores.
std::string why_not_header_name(std::string_view text);
/// A field value (RFC 9110 section 5.5): UTF-8 without control characters, at most 4096 bytes, no blanks
/// around.
std::string why_not_header_value(std::string_view text);
/// The name of a cookie (RFC 6265 section 4.1.1), at most 64 letters, digits and underscores.
std::string why_not_cookie_name(std::string_view text);
/// A request method (RFC 9110 section 9.1), in capitals.
std::string why_not_method(std::string_view text);
/// A path as it is matched, after decoding: "/", then UTF-8 without blanks, control characters, '?', '#',
/// '\\' and empty or dot parts; at most 1024 bytes.
std::string why_not_path(std::string_view text);
/// A regular expression in RE2's syntax, which Caddy and Traefik run and of which PCRE (nginx) understands
/// the same; at most 500 bytes. Refused besides: named groups (nginx makes variables of them), `\C`, flags
/// other than (?i), and repeated anchors ("$*"), which PCRE refuses. Matched anywhere in the path unless
/// anchored.
std::string why_not_regex(std::string_view text);
/// The number of capturing groups of a good expression.
unsigned regex_groups(std::string_view text);
/// What the first match of a good expression in a text took: the whole of it, then the groups, empty where
/// one took no part. Nothing when it does not match.
std::optional<std::vector<std::string>> match_regex(std::string_view expression, std::string_view text);
/// Where to send somebody: "https://host[:port][/path][?query]" or "/path[?query]". `$1` to `$9` stand for
/// groups of the route's expression when there are that many; any other '$' is refused.
std::string why_not_target(std::string_view text, unsigned groups);
/// A part of a Forwarded or plain host header: a host name or address, with an optional port.
std::string why_not_host_header(std::string_view text);
/// One or more certificates in PEM (RFC 7468), nothing else between them; at most 256 KiB. Structure only:
/// whether they are certificates is asked of the crypto library by the ops.
std::string why_not_pem(std::string_view text, std::string_view label);
/// A page or text file: UTF-8, no control characters but line ends and tabs, at most 64 KiB.
std::string why_not_page(std::string_view text);
/// A crypt(3) hash of bcrypt, "$2y$10$…", which nginx, Caddy and Traefik all check.
std::string why_not_bcrypt(std::string_view text);

/// An absolute URL (RFC 3986 section 4.3: in ASCII) with the schemes http or https, without user, query and
/// fragment.
class HttpUrl {
  public:
    static std::optional<HttpUrl> parse(std::string_view text);
    const std::string& text() const { return text_; }
    bool encrypted() const { return encrypted_; }
    const HostAddress& host() const { return host_; }
    Port port() const { return port_; }                ///< 80 or 443 when the text names none
    const std::string& path() const { return path_; }  ///< at least "/"
    bool operator==(const HttpUrl& other) const { return text_ == other.text_; }

  private:
    HttpUrl(std::string text, bool encrypted, HostAddress host, Port port, std::string path)
        : text_(std::move(text)),
          encrypted_(encrypted),
          host_(std::move(host)),
          port_(port),
          path_(std::move(path)) {}
    std::string text_;
    bool encrypted_;
    HostAddress host_;
    Port port_;
    std::string path_;
};

}  // namespace rpm
