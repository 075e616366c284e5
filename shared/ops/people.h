// SPDX-License-Identifier: MIT
// Signing in and out, accounts and links.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "shared/base/secret.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/users.h"

namespace rpm::ops {

/// Where a sign-in comes from.
struct SignInFrom {
    std::string panel;  ///< admin | client; each for those whom it is made for
    std::string address;
    std::string user_agent;
    std::string request_id;
    std::string device{};  ///< the browser's device cookie, "" when it has none
};
enum class SignInResult { signed_in, wrong, throttled };
struct SignIn {
    SignInResult result = SignInResult::wrong;
    Secret token;   ///< of the new session, when signed in; shown to the browser once
    Secret device;  ///< when wholly signed in: the browser's new device cookie, worth kDeviceLife
    std::string stage = "full";          ///< what is still to be shown: full | second_factor | enrolment
    std::chrono::seconds retry_after{};  ///< when throttled
};
constexpr std::chrono::days kDeviceLife{180};
/// `login` is a user name, or a mail address that only one account has. The same work and the same answer for
/// names that do not exist, accounts without password and the wrong panel. Limits: shared/ops/throttle.h.
SignIn sign_in(Context& context, const std::string& login, const Secret& password, const SignInFrom& from);
/// With a link made by create_sign_in_link() or begin_impersonation(): works once.
SignIn sign_in_by_link(Context& context, const std::string& token, const SignInFrom& from);

/// The session of a cookie, if it is alive: neither too old nor unused for too long (sign_in.session_life and
/// sign_in.session_idle of the settings).
std::optional<store::Session> find_session(Context& context, const std::string& token,
                                           const std::string& panel);
void sign_out(Context& context, const store::Session& session);
Viewer viewer_of(const store::User& user, const std::string& address, const std::string& request_id);

struct NewUser {
    std::string username;
    std::string email;
    Role role = Role::client;
    Secret password;  ///< empty: signs in by link only
    UserId tenant{};  ///< client whose sites it works with; empty: its own
    std::string
        password_hash{};  ///< instead of a password: as another tool kept it (crypto::is_password_hash)
};
/// Needs users:manage. Which passwords are taken: shared/ops/passwords.h.
UserId create_user(Context& context, const Viewer& viewer, const NewUser& user);
/// Also ends the user's other sessions and unused links. Answers the token of this session from now on.
Secret change_password(Context& context, const store::Session& session, const Secret& old_password,
                       const Secret& new_password, const Viewer& viewer);
/// false ends its sessions and links; its API tokens do not work while it is disabled.
void set_user_active(Context& context, const Viewer& viewer, UserId user, bool active);
void set_theme(Context& context, const Viewer& viewer, const std::string& theme);
bool revoke_session(Context& context, const Viewer& viewer, SessionId session);  ///< of the viewer's own

/// Needs users:manage. The token is shown once; only its hash is kept.
Secret create_sign_in_link(Context& context, const Viewer& viewer, UserId user, std::chrono::seconds life);

}  // namespace rpm::ops
