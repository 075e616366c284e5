// SPDX-License-Identifier: MIT
#include "shared/ops/people.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/crypto/token.h"
#include "shared/model/values.h"
#include "shared/ops/factors.h"
#include "shared/ops/sign_in.h"
#include "shared/store/audit.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kThrottleWindow = 15min;
constexpr unsigned kFailuresOfAccountFromAddress = 5;
constexpr unsigned kFailuresOfAddress = 30;
constexpr auto kSessionLife = 12h;
constexpr auto kSessionIdle = 2h;
constexpr std::chrono::seconds kPendingLife = 30min;  // to find a phone, or to set up a factor
constexpr auto kSeenInterval = 1min;                  // one write a minute, not one per page
constexpr std::size_t kMinPassword = 12;
constexpr std::size_t kMaxPassword = 1024;

// Whoever has one IPv6 address has at least its /64 network (RFC 6177 section 2): counted by address, each
// attempt would come from a new one.
std::string counted_address(const std::string& address) {
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
    constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return address;
    std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return std::string(text.data()) + "/64";
}

void check_password(const Secret& password) {
    if (password.size() < kMinPassword) throw Invalid("password", "must have at least 12 characters");
    if (password.size() > kMaxPassword) throw Invalid("password", "must have at most 1024 characters");
}

// Colleagues work with the sites of a client, who works with its own.
UserId checked_tenant(db::Connection& db, Role role, UserId tenant) {
    if (!tenant) {
        if (role == Role::client_read_only) throw Invalid("tenant", "is missing: whose sites may it see?");
        return {};
    }
    if (is_staff(role)) throw Invalid("tenant", "is only for clients");
    try {
        const auto client = store::get_user(db, tenant);
        if (client.role == Role::client && !client.tenant) return tenant;
    } catch (const NotFound&) {  // as wrong as any other
    }
    throw Invalid("tenant", "must be a client that works with its own sites");
}

}  // namespace

bool may_use(const store::User& user, const std::string& panel) {
    return user.active && (panel == "client" || is_staff(user.role));
}

store::AuditSubject subject_of(const store::User& user) {
    return {.type = "user", .id = user.id.value(), .name = user.username, .owner = user.owner()};
}

bool throttled(Context& context, const std::string& username, const std::string& address, Time now) {
    const auto failures =
        store::count_failures(context.db, username, counted_address(address), now - kThrottleWindow);
    return failures.of_account_from_address >= kFailuresOfAccountFromAddress ||
           failures.of_address >= kFailuresOfAddress;
}

void note_attempt(db::Transaction& tx, const std::string& username, const std::string& address,
                  bool succeeded, Time now) {
    store::insert_attempt(tx, username, counted_address(address), succeeded, now);
}

namespace {

Secret insert_session(db::Transaction& tx, const store::User& user, const SignInFrom& from,
                      const Shown& shown, const std::string& stage, Time now) {
    Secret token = crypto::new_token();
    const bool full = stage == "full";
    store::insert_session(tx,
                          {.id = {},
                           .user = user,
                           .panel = from.panel,
                           .address = from.address,
                           .user_agent = from.user_agent,
                           .created_at = now,
                           .last_seen_at = now,
                           .expires_at = now + (full ? std::chrono::seconds(kSessionLife) : kPendingLife),
                           .stage = stage,
                           .method = shown.method,
                           .second_factor = shown.second_factor == nullptr ? "" : shown.second_factor,
                           .confirmed_at = now},
                          crypto::token_hash(token.reveal()));
    if (!full) return token;
    store::update_last_login(tx, user.id, now);
    Json how = Json::object({{"panel", from.panel}, {"by", shown.method}});
    if (shown.second_factor != nullptr) how["second_factor"] = shown.second_factor;
    store::insert_audit(tx, viewer_of(user, from.address, from.request_id), "user.sign_in", subject_of(user),
                        nullptr, how, now);
    return token;
}

}  // namespace

SignIn open_session(Context& context, db::Transaction& tx, const store::User& user, const SignInFrom& from,
                    const Shown& shown, Time now) {
    const std::string stage = shown.second_factor == nullptr ? stage_of(context.db, user) : "full";
    return {SignInResult::signed_in, insert_session(tx, user, from, shown, stage, now), stage};
}

Secret complete_session(Context&, db::Transaction& tx, const store::Session& pending, const SignInFrom& from,
                        const char* second_factor, Time now) {
    if (!store::remove_session(tx, pending.user.id, pending.id))
        throw Conflict("this sign-in was completed or ended meanwhile");
    return insert_session(tx, pending.user, from,
                          {.method = pending.method.c_str(), .second_factor = second_factor}, "full", now);
}

Viewer viewer_of(const store::User& user, const std::string& address, const std::string& request_id) {
    return {.id = user.id,
            .username = user.username,
            .role = user.role,
            .address = address,
            .request_id = request_id,
            .tenant = user.tenant};
}

SignIn sign_in(Context& context, const std::string& username, const Secret& password,
               const SignInFrom& from) {
    const Time now = context.clock.now();
    if (throttled(context, username, from.address, now)) return {SignInResult::throttled, {}};
    const auto user = store::find_user(context.db, username);
    bool right = false;
    if (user && !user->password_hash.empty())
        right = crypto::verify_password(user->password_hash, password);
    else
        crypto::verify_nothing(password);
    const bool allowed = right && may_use(*user, from.panel);
    return db::transact(context.db, [&](db::Transaction& tx) -> SignIn {
        note_attempt(tx, username, from.address, allowed, now);
        if (!allowed) return {SignInResult::wrong, {}};
        if (crypto::needs_rehash(user->password_hash))
            store::update_password(tx, user->id, crypto::hash_password(password));
        return open_session(context, tx, *user, from, {.method = "password"}, now);
    });
}

SignIn sign_in_by_link(Context& context, const std::string& token, const SignInFrom& from) {
    const Time now = context.clock.now();
    if (throttled(context, "link", from.address, now)) return {SignInResult::throttled, {}};
    return db::transact(context.db, [&](db::Transaction& tx) -> SignIn {
        const auto id = store::use_sign_in_link(tx, crypto::token_hash(token), now);
        if (id) {
            const auto user = store::get_user(context.db, *id);
            if (may_use(user, from.panel))
                return open_session(context, tx, user, from, {.method = "link"}, now);
        }
        store::insert_attempt(tx, "link", counted_address(from.address), false, now);
        return {SignInResult::wrong, {}};
    });
}

std::optional<store::Session> find_session(Context& context, const std::string& token,
                                           const std::string& panel) {
    if (token.empty()) return std::nullopt;
    const Time now = context.clock.now();
    auto session = store::find_session(context.db, crypto::token_hash(token), panel, now);
    if (!session || session->last_seen_at + kSessionIdle < now || !may_use(session->user, panel))
        return std::nullopt;
    if (session->last_seen_at + kSeenInterval < now)
        db::transact(context.db,
                     [&](db::Transaction& tx) { store::update_session_seen(tx, session->id, now); });
    return session;
}

void sign_out(Context& context, const store::Session& session) {
    db::transact(context.db, [&](db::Transaction& tx) {
        store::remove_session(tx, session.user.id, session.id);
        store::insert_audit(tx, viewer_of(session.user, session.address, {}), "user.sign_out",
                            subject_of(session.user), nullptr, nullptr, context.clock.now());
    });
}

UserId create_user(Context& context, const Viewer& viewer, const NewUser& wanted) {
    viewer.demand(Permission::users_manage);
    Problems problems;
    if (!Name::parse(wanted.username))
        problems.add("username", "must be 1 to 64 letters, digits, dots, hyphens or underscores");
    if (wanted.email.size() > 254 || text::has_control(wanted.email) || !text::is_utf8(wanted.email))
        problems.add("email", "is not an address");
    if (!problems.empty()) throw Invalid(problems);
    if (!wanted.password.empty()) check_password(wanted.password);
    const std::string hash = wanted.password.empty() ? "" : crypto::hash_password(wanted.password);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        if (store::find_user(context.db, wanted.username)) throw Invalid("username", "is taken");
        store::User user;
        user.username = wanted.username;
        user.email = wanted.email;
        user.role = wanted.role;
        user.tenant = checked_tenant(context.db, wanted.role, wanted.tenant);
        user.password_hash = hash;
        user.id = store::insert_user(tx, user, now);
        store::insert_audit(tx, viewer, "user.create", subject_of(user), nullptr,
                            Json::object({{"role", to_word(user.role)},
                                          {"email", user.email},
                                          {"tenant", user.tenant ? Json(user.tenant.value()) : Json()}}),
                            now);
        return user.id;
    });
}

void change_password(Context& context, const store::Session& session, const Secret& old_password,
                     const Secret& new_password, const Viewer& viewer) {
    const auto& [name, hash] = std::tie(session.user.username, session.user.password_hash);
    // As at sign-in: a browser left open is no place to guess the password.
    if (throttled(context, name, viewer.address, context.clock.now()))
        throw Invalid("old_password", "was wrong too often, wait 15 minutes");
    if (!hash.empty() && !crypto::verify_password(hash, old_password)) {
        db::transact(context.db, [&](db::Transaction& tx) {
            store::insert_attempt(tx, name, counted_address(viewer.address), false, context.clock.now());
        });
        throw Invalid("old_password", "is wrong");
    }
    check_password(new_password);
    const std::string next = crypto::hash_password(new_password);
    db::transact(context.db, [&](db::Transaction& tx) {
        store::update_password(tx, session.user.id, next);
        store::remove_sessions(tx, session.user.id, session.id);
        store::insert_audit(tx, viewer, "user.change_password", subject_of(session.user), nullptr, nullptr,
                            context.clock.now());
    });
}

void set_user_active(Context& context, const Viewer& viewer, UserId id, bool active) {
    viewer.demand(Permission::users_manage);
    if (id == viewer.id && !active) throw Invalid("user", "is yourself");
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, id);
        store::update_active(tx, id, active);
        if (!active) store::remove_sessions(tx, id);
        store::insert_audit(tx, viewer, active ? "user.enable" : "user.disable", subject_of(user),
                            Json::object({{"active", user.active}}), Json::object({{"active", active}}),
                            context.clock.now());
    });
}

void set_theme(Context& context, const Viewer& viewer, const std::string& theme) {
    if (theme != "auto" && theme != "light" && theme != "dark")
        throw Invalid("theme", "must be auto, light or dark");
    db::transact(context.db, [&](db::Transaction& tx) { store::update_theme(tx, viewer.id, theme); });
}

bool revoke_session(Context& context, const Viewer& viewer, SessionId session) {
    return db::transact(context.db, [&](db::Transaction& tx) {
        if (!store::remove_session(tx, viewer.id, session)) return false;
        store::insert_audit(
            tx, viewer, "user.revoke_session",
            {.type = "user", .id = viewer.id.value(), .name = viewer.username, .owner = viewer.id}, nullptr,
            nullptr, context.clock.now());
        return true;
    });
}

Secret create_sign_in_link(Context& context, const Viewer& viewer, UserId id, std::chrono::seconds life) {
    viewer.demand(Permission::users_manage);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        Secret token = crypto::new_token();
        store::insert_sign_in_link(tx, id, crypto::token_hash(token.reveal()), now, now + life);
        store::insert_audit(tx, viewer, "user.sign_in_link", subject_of(user), nullptr, nullptr, now);
        return token;
    });
}

Secret create_api_token(Context& context, const Viewer& viewer, UserId id, const std::string& name,
                        std::optional<std::chrono::seconds> life) {
    if (viewer.id != id) viewer.demand(Permission::users_manage);
    if (name.empty() || name.size() > 64) throw Invalid("name", "must have 1 to 64 characters");
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto user = store::get_user(context.db, id);
        Secret token = crypto::new_token("rpmgr_");
        store::insert_api_token(tx, id, name, crypto::token_hash(token.reveal()), now,
                                life ? std::optional<Time>(now + *life) : std::nullopt);
        store::insert_audit(tx, viewer, "user.create_token", subject_of(user), nullptr,
                            Json::object({{"name", name}}), now);
        return token;
    });
}

std::optional<Viewer> find_token_viewer(Context& context, const std::string& token,
                                        const std::string& address, const std::string& request_id) {
    const Time now = context.clock.now();
    const std::string hash = crypto::token_hash(token);
    const auto found = store::find_token_user(context.db, hash, now);
    if (!found) return std::nullopt;
    if (!found->last_used || *found->last_used + kSeenInterval < now)
        db::transact(context.db, [&](db::Transaction& tx) { store::update_token_used(tx, hash, now); });
    return viewer_of(found->user, address, request_id);
}

}  // namespace rpm::ops
