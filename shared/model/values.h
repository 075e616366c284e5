// SPDX-License-Identifier: MIT
// Values that cannot be wrong: each is made by parse(), which answers nothing (or throws Invalid by parse_or)
// for text that breaks the rule, so that nothing downstream checks again. All compare and print as their
// canonical text.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rpm {

/// A host name that a site is served under: lower case, ASCII (RFC 1123 section 2.1: labels of 1-63 letters,
/// digits and hyphens, 253 in all), optionally with "*." in front (one whole left-most label, as in RFC 9525
/// section 6.3). A trailing dot is dropped. International names may be given as people write them and become
/// their ASCII form ("xn--…", IDNA2008 as UTS #46 processes it, non-transitional).
/// Refused: IP addresses, single labels other than "localhost", empty labels, underscores.
class DomainName {
  public:
    static std::optional<DomainName> parse(std::string_view text);
    /// Why parse() refuses this text, as a sentence part: "has an empty label"; empty when it does not
    /// refuse.
    static std::string why_not(std::string_view text);
    const std::string& text() const { return text_; }
    /// For people: labels in Unicode; the ASCII form where that is not valid IDNA2008.
    std::string shown() const;
    bool is_wildcard() const { return text_.starts_with("*."); }
    auto operator<=>(const DomainName&) const = default;

  private:
    explicit DomainName(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// An IPv4 or IPv6 address without prefix, in the canonical text of RFC 5952.
class IpAddress {
  public:
    static std::optional<IpAddress> parse(std::string_view text);
    const std::string& text() const { return text_; }
    bool is_v6() const { return text_.find(':') != std::string::npos; }
    /// As it stands before a port: "192.0.2.1", "[2001:db8::1]".
    std::string bracketed() const { return is_v6() ? "[" + text_ + "]" : text_; }
    auto operator<=>(const IpAddress&) const = default;

  private:
    explicit IpAddress(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// Where a connection goes to: an IP address or a host name (RFC 1123, single labels and underscores allowed,
/// because container and service names have them). Never holds a character that any engine's syntax gives a
/// meaning to.
class HostAddress {
  public:
    static std::optional<HostAddress> parse(std::string_view text);
    const std::string& text() const { return text_; }
    bool is_ip() const { return ip_; }
    bool is_v6() const { return ip_ && text_.find(':') != std::string::npos; }
    std::string bracketed() const { return is_v6() ? "[" + text_ + "]" : text_; }
    auto operator<=>(const HostAddress&) const = default;

  private:
    HostAddress(std::string text, bool ip) : text_(std::move(text)), ip_(ip) {}
    std::string text_;
    bool ip_ = false;
};

/// A TCP or UDP port, 1 to 65535.
class Port {
  public:
    static std::optional<Port> parse(std::string_view text);
    static std::optional<Port> from(std::int64_t number);
    std::uint16_t value() const { return value_; }
    std::string text() const { return std::to_string(value_); }
    auto operator<=>(const Port&) const = default;

  private:
    explicit Port(std::uint16_t value) : value_(value) {}
    std::uint16_t value_;
};

/// Ports one after the other: "5432", or "6000-6010" with both ends.
class PortRange {
  public:
    static std::optional<PortRange> parse(std::string_view text);
    Port first() const { return first_; }
    Port last() const { return last_; }
    unsigned count() const { return 1U + last_.value() - first_.value(); }
    std::string text() const { return count() == 1 ? first_.text() : first_.text() + "-" + last_.text(); }
    auto operator<=>(const PortRange&) const = default;

  private:
    PortRange(Port first, Port last) : first_(first), last_(last) {}
    Port first_, last_;
};

/// The name of a node, a user, …: 1-64 of a-z, A-Z, 0-9, dot, hyphen, underscore; starts with a letter or
/// digit.
class Name {
  public:
    static std::optional<Name> parse(std::string_view text);
    const std::string& text() const { return text_; }
    auto operator<=>(const Name&) const = default;

  private:
    explicit Name(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

}  // namespace rpm
