// SPDX-License-Identifier: MIT
// Tokens of the API: bearer tokens (RFC 6750) that act as their user, or as less.
//
// A token is limited by scopes (words of shared/model/permission.h, never more than the role allows at the
// moment of use), by a time, and by networks that it works from. Only its hash is stored. A token cannot make
// tokens: what it had made would live on after it was revoked.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/secret.h"
#include "shared/model/network.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/tokens.h"

namespace rpm::ops {

inline constexpr std::chrono::days kUsualTokenLife{90};

struct NewToken {
    std::string name;                             ///< 1-64 characters: what it is for
    PermissionSet scopes = PermissionSet::all();  ///< all: whatever the role allows
    std::vector<IpNetwork> networks{};            ///< empty: works from everywhere
    std::optional<std::chrono::seconds> life{};   ///< none: 90 days; at most as the setting tokens.days says
};
/// For oneself; for others with users:manage. Throws Invalid for a scope that the user's role does not have.
/// The token is shown once.
Secret create_api_token(Context& context, const Viewer& viewer, UserId user, const NewToken& wanted);
/// With all scopes, from everywhere.
Secret create_api_token(Context& context, const Viewer& viewer, UserId user, const std::string& name,
                        std::optional<std::chrono::seconds> life);
/// One's own; those of others with users:read. Newest first.
std::vector<store::ApiToken> list_api_tokens(Context& context, const Viewer& viewer, UserId user);
/// At once and for good. One's own; those of others with users:manage. NotFound for what one may not see.
void revoke_api_token(Context& context, const Viewer& viewer, TokenId token);

enum class TokenResult { known, wrong, throttled };
struct TokenVisitor {
    TokenResult result = TokenResult::wrong;
    Viewer viewer{};                     ///< when known; its limit is the token's scopes
    std::chrono::seconds retry_after{};  ///< when throttled
};
/// Who comes with this token. Wrong ones are counted per network (30 within 15 minutes); whoever has a valid
/// token is let in all the same, so that nobody can keep his neighbours out.
TokenVisitor find_token_visitor(Context& context, const std::string& token, const std::string& address,
                                const std::string& request_id);

}  // namespace rpm::ops
