// SPDX-License-Identifier: MIT
// What administrators change of an account, and the links that let its owner choose a password.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "shared/base/secret.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/ops/mail.h"
#include "shared/ops/people.h"
#include "shared/store/users.h"

namespace rpm::ops {

struct AccountChange {
    Role role = Role::client;
    std::string email;
    UserId tenant{};                        ///< client whose sites it works with; empty: its own
    std::optional<unsigned> max_sites{};    ///< none: the default
    std::optional<unsigned> max_domains{};  ///< none: the default
};
AccountChange change_of(const store::User& user);  ///< as it is, to start from
/// Needs users_manage. Nobody changes the own role, so that an administrator always remains. Another role or
/// another client ends the account's sessions; another mail address is told to the one before. Throws Invalid
/// naming role, email, tenant, max_sites or max_domains.
void update_user(Context& context, const Viewer& viewer, UserId user, const AccountChange& change);

/// Throws Invalid for field "tenant"; answers the tenant to keep. Colleagues work with the sites of a client,
/// who works with its own.
UserId checked_tenant(db::Connection& db, Role role, UserId tenant);

/// A link to hand over by hand, shown once. Needs users_manage and an active account. Invitations and resets
/// live as long as those sent by mail.
Secret create_link(Context& context, const Viewer& viewer, UserId user, LinkPurpose purpose);

/// What a link is for, as long as it works on this panel; uses nothing up.
struct LinkFound {
    LinkPurpose purpose = LinkPurpose::sign_in;
    std::string username;
};
std::optional<LinkFound> find_link(Context& context, const std::string& token, const std::string& panel);

/// With a link of purpose reset or invitation: sets the password, ends whatever was open before, and signs
/// nobody in, so that a second factor is still asked for. Throws Invalid for field "password" without using
/// the link up.
struct PasswordSet {
    SignInResult result = SignInResult::wrong;  ///< signed_in means: it is set
    std::chrono::seconds retry_after{};         ///< when throttled
};
PasswordSet set_password_by_link(Context& context, const std::string& token, const Secret& password,
                                 const SignInFrom& from);

/// Lets an administrator see the clients' panel as this client does: a link that works once within a minute.
/// Needs users_impersonate and an active client. Its session names both, ends after an hour, and at once when
/// the administrator is disabled or may not do this any more.
Secret begin_impersonation(Context& context, const Viewer& viewer, UserId client);
constexpr std::chrono::seconds kImpersonationLink{60};
constexpr std::chrono::hours kImpersonationLife{1};

}  // namespace rpm::ops
