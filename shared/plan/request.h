// SPDX-License-Identifier: MIT
// A visitor's request, for explain.h.
//
//     Request request = parse_request("GET", "https://shop.example.com/cart?x=1", "192.0.2.7", {"Cookie:
//     a=b"});
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/values.h"

namespace rpm::plan {

/// What the visitor shows in the handshake (RFC 8446 section 4.4.2).
enum class Shown { none, good, bad };

struct Request {
    std::string method = "GET";
    bool encrypted = false;
    std::string host;            ///< as the Host header says it (RFC 9110 section 7.2), with its port if any
    std::string handshake_name;  ///< SNI (RFC 6066 section 3); empty: the host's name
    std::optional<Port> port;    ///< none: the one on which the node takes this scheme
    std::string target = "/";    ///< path and query as sent (RFC 9112 section 3.2.1)
    IpAddress from = *IpAddress::parse("192.0.2.1");  ///< of the connection
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<std::uint64_t> body;  ///< bytes, where known
    bool oldest_tls_only = false;       ///< speaks TLS 1.2 at most
    Shown certificate = Shown::none;

    /// The values of this name, in any case, joined with ", " (RFC 9110 section 5.2); nothing without any.
    std::optional<std::string> header(std::string_view name) const;
    std::string name() const;   ///< the host without port, in lower case
    std::string path() const;   ///< the target before '?', as sent
    std::string query() const;  ///< from '?' on; empty without one
    std::string url() const;
};

/// `from` empty: 192.0.2.1, an address that no list should name (RFC 5737). Headers as "Name: value"; a Host
/// header takes the place of the URL's name, a Content-Length tells the body. Throws Invalid with the fields
/// method, url, from, header.
Request parse_request(std::string_view method, std::string_view url, std::string_view from,
                      const std::vector<std::string>& headers);

/// A path as routes are matched against it: decoded (RFC 3986 section 2.1), without empty and dot parts
/// (section 5.2.4). Nothing when it has an encoding that is none, or leaves the root.
std::optional<std::string> matched_path(std::string_view path);
/// Only decoded; nothing when it has an encoding that is none.
std::optional<std::string> decoded_path(std::string_view path);
/// Encodes what no path may hold as it is (RFC 3986 section 3.3).
std::string encoded_path(std::string_view path);

}  // namespace rpm::plan
