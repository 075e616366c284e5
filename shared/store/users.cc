// SPDX-License-Identifier: MIT
#include "shared/store/users.h"

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

Role role_of(const db::Rows& row) {
    const auto found = role(row.text("role"));
    if (!found) throw Error("unknown role in users: " + row.text("role"));
    return *found;
}

std::optional<unsigned> maybe_count(const db::Rows& row, const char* column) {
    const auto text = row.maybe_text(column);
    return text ? std::optional<unsigned>(row.number(column)) : std::nullopt;
}

User user_from(const db::Rows& row) {
    return {.id = row.id<UserId>("user_id"),
            .username = row.text("username"),
            .email = row.text("email"),
            .password_hash = row.maybe_text("password_hash").value_or(""),
            .role = role_of(row),
            .active = row.flag("is_active"),
            .theme = row.text("theme"),
            .created_at = row.time("user_created_at"),
            .last_login = row.maybe_time("last_login"),
            .tenant = row.id<UserId>("tenant_id"),
            .max_sites = maybe_count(row, "max_sites"),
            .max_domains = maybe_count(row, "max_domains"),
            .password_changed_at = row.maybe_time("password_changed_at")};
}

#define USER_COLUMNS                                                                                     \
    "u.id AS user_id, u.username, u.email, u.password_hash, u.role, u.is_active, u.theme, u.created_at " \
    "AS user_created_at, u.last_login, u.tenant_id, u.max_sites, u.max_domains, u.password_changed_at "

std::optional<User> first_user(db::Rows row) {
    if (!row.first()) return std::nullopt;
    return user_from(row);
}

}  // namespace

std::optional<User> find_user(db::Connection& db, std::string_view username) {
    return first_user(
        db.query("SELECT " USER_COLUMNS "FROM users u WHERE u.username = ?", column_ascii(username)));
}

std::optional<User> find_user_by_mail(db::Connection& db, std::string_view address) {
    auto row = db.query("SELECT " USER_COLUMNS "FROM users u WHERE u.email = ? LIMIT 2", address);
    if (address.empty() || !row.first()) return std::nullopt;
    auto user = user_from(row);
    return row.next() ? std::nullopt : std::optional(std::move(user));
}

User get_user(db::Connection& db, UserId id) {
    auto user = first_user(db.query("SELECT " USER_COLUMNS "FROM users u WHERE u.id = ?", id));
    if (!user) throw NotFound("no such user");
    return *user;
}

void lock_user(db::Transaction& tx, UserId id) {
    if (!tx.query("SELECT id FROM users WHERE id = ? FOR UPDATE", id).first()) throw NotFound("no such user");
}

std::vector<User> list_users(db::Connection& db) {
    std::vector<User> users;
    for (auto row = db.query("SELECT " USER_COLUMNS "FROM users u ORDER BY u.username LIMIT 1000");
         row.next();)
        users.push_back(user_from(row));
    return users;
}

UserId insert_user(db::Transaction& tx, const User& user, Time now) {
    tx.execute(
        "INSERT INTO users (username, email, password_hash, role, is_active, theme, created_at, "
        "tenant_id, password_changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        user.username, user.email,
        user.password_hash.empty() ? std::nullopt : std::optional<std::string>(user.password_hash),
        to_word(user.role), user.active, user.theme, now,
        user.tenant ? std::optional<std::uint64_t>(user.tenant.value()) : std::nullopt,
        user.password_hash.empty() ? std::nullopt : std::optional<Time>(now));
    return UserId(tx.insert_id());
}

void update_password_hash(db::Transaction& tx, UserId id, std::string_view password_hash) {
    tx.execute("UPDATE users SET password_hash = ? WHERE id = ?", password_hash, id);
}

void update_password(db::Transaction& tx, UserId id, std::string_view password_hash, Time now) {
    tx.execute("UPDATE users SET password_hash = ?, password_changed_at = ? WHERE id = ?", password_hash, now,
               id);
}

void update_theme(db::Transaction& tx, UserId id, std::string_view theme) {
    tx.execute("UPDATE users SET theme = ? WHERE id = ?", theme, id);
}

void update_active(db::Transaction& tx, UserId id, bool active) {
    if (tx.execute("UPDATE users SET is_active = ? WHERE id = ?", active, id) == 0)
        throw NotFound("no such user");
}

void update_account(db::Transaction& tx, const User& user) {
    tx.execute(
        "UPDATE users SET role = ?, email = ?, tenant_id = ?, max_sites = ?, max_domains = ? WHERE id = ?",
        to_word(user.role), user.email, user.tenant, user.max_sites, user.max_domains, user.id);
}

bool has_colleagues(db::Connection& db, UserId client) {
    auto row = db.query("SELECT id FROM users WHERE tenant_id = ? LIMIT 1", client.value());
    return row.first();
}

void update_last_login(db::Transaction& tx, UserId id, Time now) {
    tx.execute("UPDATE users SET last_login = ? WHERE id = ?", now, id);
}

namespace {

#define SESSION_COLUMNS                                                                                  \
    "s.id AS session_id, s.panel, s.address, s.user_agent, s.created_at, s.last_seen_at, s.expires_at, " \
    "s.stage, s.method, s.second_factor, s.confirmed_at, s.impersonator_id, "
#define SESSION_TABLES "FROM sessions s JOIN users u ON u.id = s.user_id "

Session session_from(const db::Rows& row) {
    return {.id = row.id<SessionId>("session_id"),
            .user = user_from(row),
            .panel = row.text("panel"),
            .address = row.text("address"),
            .user_agent = row.text("user_agent"),
            .created_at = row.time("created_at"),
            .last_seen_at = row.time("last_seen_at"),
            .expires_at = row.time("expires_at"),
            .stage = row.text("stage"),
            .method = row.text("method"),
            .second_factor = row.maybe_text("second_factor").value_or(""),
            .confirmed_at = row.maybe_time("confirmed_at"),
            .impersonator = row.id<UserId>("impersonator_id")};
}

// Asked for by itself: hardly a session has one, and every page asks for its session.
void add_impersonator(db::Connection& db, Session& session) {
    if (!session.impersonator) return;
    const User by = get_user(db, session.impersonator);
    session.impersonator_name = by.username;
    session.impersonator_role = by.role;
    session.impersonator_active = by.active;
}

void decide(Settings& settings, Setting setting, std::optional<std::string> value) {
    if (value) settings.set(setting, *std::move(value));
}

}  // namespace

std::optional<LimitedSession> find_session(db::Connection& db, std::string_view token_hash,
                                           std::string_view panel, Time now) {
    auto row = db.query(
        "SELECT " SESSION_COLUMNS USER_COLUMNS ", idle.value AS idle, life.value AS life " SESSION_TABLES
        "LEFT JOIN settings idle ON idle.name = ? LEFT JOIN settings life ON life.name = ? "
        "WHERE s.token_hash = ?",
        row_of(Setting::session_idle).name, row_of(Setting::session_life).name, db::Bytes{token_hash});
    if (!row.first()) return std::nullopt;
    // Tested here: every request asks, and each condition makes the server plan longer than the look-up
    // takes.
    LimitedSession session{session_from(row)};
    if (session.panel != panel || session.expires_at <= now || !session.user.active) return std::nullopt;
    decide(session.limits, Setting::session_idle, row.maybe_text("idle"));
    decide(session.limits, Setting::session_life, row.maybe_text("life"));
    add_impersonator(db, session);
    return session;
}

SessionId insert_session(db::Transaction& tx, const Session& session, std::string_view token_hash) {
    tx.execute(
        "INSERT INTO sessions (token_hash, user_id, panel, address, user_agent, created_at, last_seen_at, "
        "expires_at, stage, method, second_factor, confirmed_at, impersonator_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        db::Bytes{token_hash}, session.user.id, session.panel, session.address,
        column_text(session.user_agent, 255), session.created_at, session.last_seen_at, session.expires_at,
        session.stage, session.method,
        session.second_factor.empty() ? std::nullopt : std::optional<std::string>(session.second_factor),
        session.confirmed_at,
        session.impersonator ? std::optional<std::uint64_t>(session.impersonator.value()) : std::nullopt);
    return SessionId(tx.insert_id());
}

void update_session_seen(db::Transaction& tx, SessionId id, Time now) {
    tx.execute("UPDATE sessions SET last_seen_at = ? WHERE id = ?", now, id);
}

void update_session_token(db::Transaction& tx, SessionId id, std::string_view token_hash) {
    if (tx.execute("UPDATE sessions SET token_hash = ? WHERE id = ?", db::Bytes{token_hash}, id) == 0)
        throw Conflict("the session has ended");
}

void update_session_confirmed(db::Transaction& tx, SessionId id, Time now) {
    tx.execute("UPDATE sessions SET confirmed_at = ? WHERE id = ?", now, id);
}

std::vector<Session> list_sessions(db::Connection& db, UserId user, Time now) {
    std::vector<Session> sessions;
    auto row = db.query("SELECT " SESSION_COLUMNS USER_COLUMNS SESSION_TABLES
                        "WHERE s.user_id = ? AND s.expires_at > ? ORDER BY s.last_seen_at DESC LIMIT 100",
                        user, now);
    while (row.next()) add_impersonator(db, sessions.emplace_back(session_from(row)));
    return sessions;
}

bool remove_session(db::Transaction& tx, UserId user, SessionId id) {
    return tx.execute("DELETE FROM sessions WHERE id = ? AND user_id = ?", id, user) == 1;
}

std::uint64_t remove_sessions(db::Transaction& tx, UserId user, SessionId except) {
    return tx.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", user, except.value());
}

void insert_link(db::Transaction& tx, const Link& link, std::string_view token_hash, Time now,
                 Time expires_at) {
    tx.execute(
        "INSERT INTO sign_in_links (token_hash, user_id, created_at, expires_at, purpose, issued_by) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        db::Bytes{token_hash}, link.user, now, expires_at, link.purpose, link.issued_by);
}

namespace {

Link link_from(const db::Rows& row) {
    return {.user = row.id<UserId>("user_id"),
            .purpose = row.text("purpose"),
            .issued_by = row.id<UserId>("issued_by")};
}

}  // namespace

std::optional<Link> find_link(db::Connection& db, std::string_view token_hash, Time now) {
    auto row = db.query(
        "SELECT user_id, purpose, issued_by FROM sign_in_links WHERE token_hash = ? AND used_at IS NULL AND "
        "expires_at > ?",
        db::Bytes{token_hash}, now);
    if (!row.first()) return std::nullopt;
    return link_from(row);
}

std::optional<Link> use_link(db::Transaction& tx, std::string_view token_hash, std::string_view purpose,
                             Time now) {
    // The condition on used_at makes the update itself the test: of two at once only one matches a row.
    if (tx.execute("UPDATE sign_in_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL AND "
                   "expires_at > ? AND purpose = ?",
                   now, db::Bytes{token_hash}, now, purpose) == 0)
        return std::nullopt;
    auto row = tx.query("SELECT user_id, purpose, issued_by FROM sign_in_links WHERE token_hash = ?",
                        db::Bytes{token_hash});
    if (!row.first()) return std::nullopt;
    return link_from(row);
}

void remove_unused_links(db::Transaction& tx, UserId user, std::string_view purpose) {
    tx.execute("DELETE FROM sign_in_links WHERE user_id = ? AND used_at IS NULL AND (? = '' OR purpose = ?)",
               user, purpose, purpose);
}

}  // namespace rpm::store
