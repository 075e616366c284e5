// SPDX-License-Identifier: MIT
#include "shared/store/notifications.h"

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

#define ADDRESSEE_COLUMNS "id, username, email, role, is_active "

Addressee addressee_from(const db::Rows& row) {
    const auto found = role(row.text("role"));
    if (!found) throw Error("unknown role in users: " + row.text("role"));
    return {.id = row.id<UserId>("id"),
            .username = row.text("username"),
            .email = row.text("email"),
            .role = *found,
            .active = row.flag("is_active")};
}

std::optional<Addressee> the_only(db::Rows row) {
    if (!row.first()) return std::nullopt;
    auto found = addressee_from(row);
    return row.next() ? std::nullopt : std::optional(std::move(found));
}

}  // namespace

NotificationId insert_notification(db::Transaction& tx, const Notification& n) {
    tx.execute(
        "INSERT INTO notifications (kind, user_id, recipient, subject, sealed, created_at, expires_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        n.kind, n.user, column_text(n.recipient, 254), column_text(n.subject, 200), n.sealed, n.created_at,
        n.expires_at);
    return NotificationId(tx.insert_id());
}

std::optional<Notification> find_notification(db::Connection& db, NotificationId id) {
    auto row = db.query(
        "SELECT id, kind, user_id, recipient, subject, sealed, state, error, created_at, expires_at "
        "FROM notifications WHERE id = ?",
        id);
    if (!row.first()) return std::nullopt;
    return Notification{.id = row.id<NotificationId>("id"),
                        .kind = row.text("kind"),
                        .user = row.id<UserId>("user_id"),
                        .recipient = row.text("recipient"),
                        .subject = row.text("subject"),
                        .sealed = row.maybe_text("sealed").value_or(""),
                        .state = row.text("state"),
                        .error = row.maybe_text("error").value_or(""),
                        .created_at = row.time("created_at"),
                        .expires_at = row.maybe_time("expires_at")};
}

void finish_notification(db::Transaction& tx, NotificationId id, std::string_view state,
                         std::string_view recipient, std::string_view error, Time now) {
    tx.execute(
        "UPDATE notifications SET state = ?, recipient = ?, error = ?, sealed = NULL, "
        "sent_at = IF(? = 'sent', ?, NULL) WHERE id = ? AND state = 'queued'",
        state, column_text(recipient, 254),
        error.empty() ? std::nullopt : std::optional<std::string>(column_text(error, 500)), state, now, id);
}

void update_notification_error(db::Transaction& tx, NotificationId id, std::string_view error) {
    tx.execute("UPDATE notifications SET error = ? WHERE id = ?", column_text(error, 500), id);
}

std::optional<Addressee> find_addressee(db::Connection& db, UserId id) {
    return the_only(db.query("SELECT " ADDRESSEE_COLUMNS "FROM users WHERE id = ?", id.value()));
}

std::optional<Addressee> find_addressee(db::Connection& db, std::string_view login) {
    if (login.empty()) return std::nullopt;
    if (login.find('@') == std::string_view::npos)
        return the_only(
            db.query("SELECT " ADDRESSEE_COLUMNS "FROM users WHERE username = ?", column_ascii(login)));
    return the_only(db.query("SELECT " ADDRESSEE_COLUMNS "FROM users WHERE email = ? LIMIT 2", login));
}

}  // namespace rpm::store
