// SPDX-License-Identifier: MIT
// Mail on its way. A row keeps what is to be told, sealed to the workers' key; the job "notification.send"
// carries it. What was sealed is taken out as soon as the mail was sent or given up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/db/connection.h"
#include "shared/model/viewer.h"

namespace rpm::store {

struct Notification {
    NotificationId id;
    std::string kind;       ///< reset | invitation | security | approval
    UserId user;            ///< to whom; empty: the worker finds out
    std::string recipient;  ///< mail address; empty: the worker finds out
    std::string subject;
    std::string sealed;  ///< empty once it is over
    std::string state = "queued";
    std::string error{};
    Time created_at{};
    std::optional<Time> expires_at{};
};
NotificationId insert_notification(db::Transaction& tx, const Notification& notification);
std::optional<Notification> find_notification(db::Connection& db, NotificationId id);
/// "sent" or "failed": also takes out what was sealed. `recipient`: where it went.
void finish_notification(db::Transaction& tx, NotificationId id, std::string_view state,
                         std::string_view recipient, std::string_view error, Time now);
/// Why the last try did not work; it goes on.
void update_notification_error(db::Transaction& tx, NotificationId id, std::string_view error);

/// Of an account, what a mail about it needs, and nothing that signs in: all that workers may read.
struct Addressee {
    UserId id;
    std::string username;
    std::string email;
    Role role = Role::client;
    bool active = true;
};
std::optional<Addressee> find_addressee(db::Connection& db, UserId id);
/// By user name, or by a mail address that only one account has.
std::optional<Addressee> find_addressee(db::Connection& db, std::string_view login);

}  // namespace rpm::store
