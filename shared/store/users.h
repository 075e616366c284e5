// SPDX-License-Identifier: MIT
// Accounts, sessions and sign-in links.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/settings.h"
#include "shared/model/viewer.h"

namespace rpm::store {

struct User {
    UserId id;
    std::string username;
    std::string email;
    std::string password_hash;  ///< empty: none
    Role role = Role::client;
    bool active = true;
    std::string theme = "auto";
    Time created_at{};
    std::optional<Time> last_login{};
    UserId tenant{};                        ///< client whose sites this account works with; empty: its own
    std::optional<unsigned> max_sites{};    ///< limit of a client; none: the default in settings
    std::optional<unsigned> max_domains{};  ///< limit of a client; none: the default in settings
    std::optional<Time> password_changed_at{};
    /// Owner of what this account makes.
    UserId owner() const { return tenant ? tenant : id; }
};

std::optional<User> find_user(db::Connection& db, std::string_view username);
/// The one account with this mail address; nothing when there are several: none may stand for the other.
std::optional<User> find_user_by_mail(db::Connection& db, std::string_view address);
User get_user(db::Connection& db, UserId id);
/// Until the end of the transaction nobody else changes the account.
void lock_user(db::Transaction& tx, UserId id);
std::vector<User> list_users(db::Connection& db);
UserId insert_user(db::Transaction& tx, const User& user, Time now);
void update_password(db::Transaction& tx, UserId id, std::string_view password_hash, Time now);
/// The same password, hashed anew.
void update_password_hash(db::Transaction& tx, UserId id, std::string_view password_hash);
void update_theme(db::Transaction& tx, UserId id, std::string_view theme);
void update_active(db::Transaction& tx, UserId id, bool active);
/// Role, mail address, tenant and limits.
void update_account(db::Transaction& tx, const User& user);
bool has_colleagues(db::Connection& db, UserId client);  ///< whether others work with its sites
void update_last_login(db::Transaction& tx, UserId id, Time now);

struct Session {
    SessionId id;
    User user;
    std::string panel;
    std::string address;
    std::string user_agent;
    Time created_at{};
    Time last_seen_at{};
    Time expires_at{};
    std::string stage = "full";          ///< full | second_factor | enrolment: what is still to be shown
    std::string method = "password";     ///< password | link | passkey | oidc | impersonation
    std::string second_factor{};         ///< totp | passkey | recovery | oidc; empty: none was shown
    std::optional<Time> confirmed_at{};  ///< when the person was last asked to prove who they are
    UserId impersonator{};               ///< administrator who looks through this user's eyes
    std::string impersonator_name{};
    Role impersonator_role = Role::client;  ///< now, and
    bool impersonator_active = false;       ///< whether that account still is
};
/// A session with the settings that limit it as they are now: session_idle and session_life. The others stand
/// at their defaults.
struct LimitedSession : Session {
    Settings limits{};
};
/// By the hash of the cookie; only unexpired sessions of active users of this panel.
std::optional<LimitedSession> find_session(db::Connection& db, std::string_view token_hash,
                                           std::string_view panel, Time now);
SessionId insert_session(db::Transaction& tx, const Session& session, std::string_view token_hash);
void update_session_seen(db::Transaction& tx, SessionId id, Time now);
/// The cookie of the session is another from now on.
void update_session_token(db::Transaction& tx, SessionId id, std::string_view token_hash);
/// The person proved who they are.
void update_session_confirmed(db::Transaction& tx, SessionId id, Time now);
std::vector<Session> list_sessions(db::Connection& db, UserId user, Time now);
/// Only a session of this user; false when there is none.
bool remove_session(db::Transaction& tx, UserId user, SessionId id);
std::uint64_t remove_sessions(db::Transaction& tx, UserId user, SessionId except = {});  ///< how many

/// A link that works once, for one purpose.
struct Link {
    UserId user;
    std::string purpose = "sign_in";  ///< sign_in | reset | invitation | impersonation
    UserId issued_by{};               ///< administrator who made it; empty: asked for by mail, or the command
};
void insert_link(db::Transaction& tx, const Link& link, std::string_view token_hash, Time now,
                 Time expires_at);
/// What the link is for, while it works; uses nothing up.
std::optional<Link> find_link(db::Connection& db, std::string_view token_hash, Time now);
/// Marks it used; nothing when it is unknown, used, expired or for another purpose.
std::optional<Link> use_link(db::Transaction& tx, std::string_view token_hash, std::string_view purpose,
                             Time now);
/// Those for this purpose, or all.
void remove_unused_links(db::Transaction& tx, UserId user, std::string_view purpose = {});

}  // namespace rpm::store
