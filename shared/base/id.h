// SPDX-License-Identifier: MIT
// Row ids that cannot be mixed up: a SiteId is not a NodeId. Zero means "not stored yet".
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace rpm {

template <class Tag>
class Id {
  public:
    constexpr Id() = default;
    constexpr explicit Id(std::uint64_t value) : value_(value) {}
    constexpr std::uint64_t value() const { return value_; }
    constexpr explicit operator bool() const { return value_ != 0; }
    auto operator<=>(const Id&) const = default;
    std::string text() const { return std::to_string(value_); }

    /// Decimal digits only, no sign, no blank, not zero, within 64 bits.
    static std::optional<Id> parse(std::string_view text) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value == 0) return std::nullopt;
        return Id(value);
    }

  private:
    std::uint64_t value_ = 0;
};

using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using NodeId = Id<struct NodeTag>;
using HostKeyId = Id<struct HostKeyTag>;
using CredentialId = Id<struct CredentialTag>;
using SiteId = Id<struct SiteTag>;
using RevisionId = Id<struct RevisionTag>;
using CertificateId = Id<struct CertificateTag>;
using ReleaseRowId = Id<struct ReleaseTag>;
using DeploymentId = Id<struct DeploymentTag>;
using JobId = Id<struct JobTag>;
using AuditId = Id<struct AuditTag>;
using NotificationId = Id<struct NotificationTag>;
using TokenId = Id<struct TokenTag>;
using ProofId = Id<struct ProofTag>;
using PieceId = Id<struct PieceTag>;

}  // namespace rpm

template <class Tag>
struct std::hash<rpm::Id<Tag>> {
    std::size_t operator()(rpm::Id<Tag> id) const noexcept { return std::hash<std::uint64_t>{}(id.value()); }
};
