// SPDX-License-Identifier: MIT
// What people are told by mail: links that set a password, and notices of what happened to their account.
//
// Panels only queue it, sealed to the workers' key (store/notifications.h): rpmgr-notify makes the link,
// fills in templates/mail/*.txt and sends. So a panel's database account cannot make links, and asking for a
// link costs the same for names that exist and names that do not. Nothing is queued unless mail is on
// (mail.enabled of the settings).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "shared/crypto/sealing.h"
#include "shared/model/settings.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/notifications.h"
#include "shared/store/users.h"

namespace rpm::ops {

/// Links in mail need to know where the panel is; without, none is sent.
bool mail_can_link(const Settings& settings, std::string_view panel);

enum class Notice {
    password_changed,
    new_sign_in,
    factor_added,
    factor_removed,
    token_made,
    mail_changed,
    name_fading,
    name_withdrawn,
    approval_waits,
    approval_decided
};
/// In the transaction of what it tells of. `detail` says which: the name of a token, of a factor. Nothing
/// happens while mail is off or the account has no address.
void queue_notice(Context& context, db::Transaction& tx, const store::User& user, Notice notice,
                  const Viewer& by, const std::string& user_agent = {}, const std::string& detail = {});

enum class LinkPurpose { sign_in, reset, invitation, impersonation };
std::string_view to_word(LinkPurpose purpose);
std::optional<LinkPurpose> link_purpose(std::string_view word);

constexpr std::chrono::minutes kResetLife{30};
constexpr std::chrono::days kInvitationLife{3};

/// Somebody at the sign-in page of this panel does not get in. The answer and the work say nothing of whether
/// the name exists: the worker looks it up. Limits: 10 from a network, 3 of a name, within 15 minutes.
struct ResetAsked {
    std::optional<std::chrono::seconds> wait;  ///< too often from this network: how long to wait
};
ResetAsked request_reset(Context& context, const std::string& login, const std::string& panel,
                         const std::string& address);
/// Throws Invalid for field "email" or "mail" unless links can be sent to an account of this role and
/// address.
void demand_mail(const Settings& settings, Role role, const std::string& email);
/// By an administrator: reset or invitation. Needs users_manage, an active account and its mail address.
void send_link(Context& context, const Viewer& viewer, UserId user, LinkPurpose purpose);

// ---- the workers' half
// ---------------------------------------------------------------------------------------

/// A mail ready to be filled in and sent.
struct DueMail {
    std::string recipient{};  ///< empty: nobody is to be told anything, and that is fine
    std::string subject{};
    std::string file{};  ///< "reset.txt"
    std::string name{};  ///< of the account
    std::string link{};
    std::string life{};  ///< "30 minutes"
    std::string panel_url{};
    std::string what{};  ///< the sentence of a notice
    std::string when{}, address{}, browser{}, detail{}, by{};
};
/// Opens what was sealed and makes the link it is about. Throws Invalid when it cannot be done at all.
DueMail prepare_mail(Context& context, const crypto::UnsealingKeys& keys,
                     const store::Notification& notification);

}  // namespace rpm::ops
