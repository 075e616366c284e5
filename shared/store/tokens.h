// SPDX-License-Identifier: MIT
// API tokens: their hashes, what they are limited to, and where they were used last.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/network.h"
#include "shared/model/permission.h"
#include "shared/store/attempts.h"
#include "shared/store/users.h"

namespace rpm::store {

struct ApiToken {
    TokenId id;
    UserId user{};
    std::string username{};
    std::string name;  ///< what it is for
    std::string hint;  ///< first characters, to tell tokens apart
    PermissionSet scopes = PermissionSet::all();
    std::vector<IpNetwork> networks{};  ///< it works from; empty: from everywhere
    Time created_at{};
    std::optional<Time> expires_at{};
    std::optional<Time> last_used_at{};
    std::string last_address{};
    std::optional<Time> revoked_at{};
};

TokenId insert_api_token(db::Transaction& tx, const ApiToken& token, std::string_view token_hash);
/// Of one user, newest first; revoked and expired ones too.
/// All of an account that still work.
void revoke_api_tokens(db::Transaction& tx, UserId user, Time now);
std::vector<ApiToken> list_api_tokens(db::Connection& db, UserId user);
ApiToken get_api_token(db::Connection& db, TokenId id);
/// False when it was revoked before.
bool revoke_api_token(db::Transaction& tx, TokenId id, Time now);

/// An unexpired, unrevoked token and its active user.
struct TokenUser {
    User user;
    ApiToken token;
};
std::optional<TokenUser> find_token_user(db::Connection& db, std::string_view token_hash, Time now);
/// Counts a wrong token from this network, within the window that the first one opened.
AttemptCount count_token_failure(db::Transaction& tx, std::string_view network, std::chrono::seconds window,
                                 Time now);
void update_token_used(db::Transaction& tx, TokenId id, std::string_view address, Time now);

}  // namespace rpm::store
