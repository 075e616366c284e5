// SPDX-License-Identifier: MIT
// The passkey half of shared/ops/factors.h.
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/token.h"
#include "shared/ops/factors.h"
#include "shared/ops/mail.h"
#include "shared/ops/sessions.h"
#include "shared/ops/sign_in.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;
namespace webauthn = crypto::webauthn;

constexpr std::chrono::seconds kCeremonyLife = 10min;
constexpr std::int64_t kBrowserTimeout = 300'000;  // ms; people look for their key
constexpr const char* kPanelName = "Proxy Manager";
constexpr std::size_t kMostName = 64;
constexpr std::size_t kMostPasskeys = 20;

std::string checked_name(std::string_view typed) {
    const std::string name(text::trim(typed));
    if (name.empty()) throw Invalid("name", "is missing: how do you call this key?");
    if (name.size() > kMostName) throw Invalid("name", "must have at most 64 characters");
    if (text::has_control(name) || !text::is_utf8(name)) throw Invalid("name", "must be plain text");
    return name;
}

Json descriptors(const std::vector<store::Passkey>& passkeys, const std::string& rp_id) {
    Json list = Json::array();
    for (const auto& passkey : passkeys)
        if (passkey.rp_id == rp_id)
            list.push(Json::object({{"type", "public-key"}, {"id", text::base64url(passkey.credential_id)}}));
    return list;
}

Secret keep(Context& context, db::Transaction& tx, const char* kind, UserId user,
            const std::string& challenge) {
    Secret token = crypto::new_token();
    const Time now = context.clock.now();
    store::insert_challenge(
        tx, crypto::token_hash(token.reveal()),
        {.kind = kind, .user = user, .data = Json::object({{"challenge", challenge}}).dump()}, now,
        now + kCeremonyLife);
    return token;
}

// The challenge that was given out for this token, once. Taken in a transaction of its own: a wrong answer
// must use it up too.
std::string take(Context& context, const std::string& token, const char* kind, UserId user) {
    const auto found = db::transact(context.db, [&](db::Transaction& tx) {
        return store::take_challenge(tx, crypto::token_hash(token), kind, context.clock.now());
    });
    if (!found || found->user != user) throw Invalid("passkey", "came too late or twice: try again");
    return Json::parse(found->data).at("challenge").text();
}

webauthn::Credential credential_of(const store::Passkey& passkey) {
    return {.id = passkey.credential_id,
            .public_key = passkey.public_key,
            .algorithm = passkey.algorithm,
            .sign_count = passkey.sign_count,
            .aaguid = passkey.aaguid};
}

// Verified and its use noted; throws Invalid.
void use_passkey(Context& context, db::Transaction& tx, const store::Passkey& passkey,
                 const std::string& panel, const std::string& challenge, const webauthn::Assertion& given,
                 bool demand_verification) {
    const auto used = webauthn::verify_assertion(relying_party(context.db, panel), challenge,
                                                 credential_of(passkey), given, demand_verification);
    if (!store::update_passkey_used(tx, passkey, used.sign_count, context.clock.now()))
        throw Invalid("passkey", "was used twice at once: try again");
}

SignIn failed(Context& context, const std::string& name, const SignInFrom& from) {
    db::transact(context.db, [&](db::Transaction& tx) {
        note_attempt(tx, name, from.address, false, context.clock.now());
    });
    return {};
}

}  // namespace

webauthn::RelyingParty relying_party(db::Connection& db, const std::string& panel) {
    const std::string url = panel_url(store::load_settings(db), panel);
    const std::string setting = "panel." + panel + "_url";
    if (url.empty())
        throw Conflict("passkeys need the address of this panel: an administrator sets " + setting);
    auto party = webauthn::RelyingParty::of(url);
    if (party.id.empty())
        throw Conflict("passkeys need a host name, not an address: an administrator changes " + setting);
    return party;
}

bool has_passkeys(db::Connection& db, const std::string& panel) {
    const std::string url = panel_url(store::load_settings(db), panel);
    return !url.empty() && !webauthn::RelyingParty::of(url).id.empty();
}

Ceremony start_adding_passkey(Context& context, const store::Session& session) {
    const auto party = relying_party(context.db, session.panel);
    const store::User& user = session.user;
    const auto passkeys = store::list_passkeys(context.db, user.id);
    if (passkeys.size() >= kMostPasskeys) throw Conflict("you have 20 passkeys: remove one first");
    return db::transact(context.db, [&](db::Transaction& tx) -> Ceremony {
        const std::string challenge = webauthn::new_challenge();
        const std::string handle = store::passkey_handle(tx, user.id, crypto::random_bytes(32));
        Json algorithms = Json::array();
        for (const int algorithm : webauthn::kAlgorithms)
            algorithms.push(Json::object({{"type", "public-key"}, {"alg", algorithm}}));
        Json options =
            Json::object({{"challenge", challenge},
                          {"rp", Json::object({{"id", party.id}, {"name", kPanelName}})},
                          {"user", Json::object({{"id", text::base64url(handle)},
                                                 {"name", user.username},
                                                 {"displayName", user.username}})},
                          {"pubKeyCredParams", std::move(algorithms)},
                          {"timeout", kBrowserTimeout},
                          {"attestation", "none"},
                          {"excludeCredentials", descriptors(passkeys, party.id)},
                          {"authenticatorSelection", Json::object({{"residentKey", "required"},
                                                                   {"requireResidentKey", true},
                                                                   {"userVerification", "preferred"}})}});
        return {keep(context, tx, "passkey_add", user.id, challenge), std::move(options)};
    });
}

Added add_passkey(Context& context, const store::Session& session, const std::string& token,
                  const webauthn::Registration& given, const std::string& wanted, const SignInFrom& from) {
    const std::string name = checked_name(wanted);
    const std::string challenge = take(context, token, "passkey_add", session.user.id);
    const auto party = relying_party(context.db, session.panel);
    const auto made = webauthn::verify_registration(party, challenge, given, false);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        if (store::find_passkey(context.db, made.id)) throw Invalid("passkey", "is registered already");
        const bool first = begin_adding(context, tx, session);
        store::insert_passkey(tx,
                              {.user = session.user.id,
                               .credential_id = made.id,
                               .public_key = made.public_key,
                               .algorithm = made.algorithm,
                               .sign_count = made.sign_count,
                               .aaguid = made.aaguid,
                               .rp_id = party.id,
                               .name = name},
                              now);
        store::insert_audit(tx, viewer_of(session.user, from.address, from.request_id), "user.passkey_add",
                            subject_of(session.user), nullptr, Json::object({{"name", name}}), now);
        queue_notice(context, tx, session.user, Notice::factor_added,
                     viewer_of(session.user, from.address, from.request_id), from.user_agent,
                     "passkey " + name);
        Added out;
        if (first) out.recovery_codes = make_recovery_codes(context, tx, session.user.id);
        if (session.stage != "full")
            out.session = complete_session(context, tx, session, from, "passkey", now);
        return out;
    });
}

void rename_passkey(Context& context, const Viewer& viewer, PasskeyId id, const std::string& wanted) {
    const std::string name = checked_name(wanted);
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, viewer.id);
        if (!store::rename_passkey(tx, viewer.id, id, name)) throw NotFound("no such passkey");
        store::insert_audit(tx, viewer, "user.passkey_rename", subject_of(user), nullptr,
                            Json::object({{"name", name}}), context.clock.now());
    });
}

void remove_passkey(Context& context, const Viewer& viewer, PasskeyId id) {
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, viewer.id);
        if (!store::remove_passkey(tx, viewer.id, id)) throw NotFound("no such passkey");
        store::insert_audit(tx, viewer, "user.passkey_remove", subject_of(user), nullptr, nullptr,
                            context.clock.now());
        queue_notice(context, tx, user, Notice::factor_removed, viewer, {}, "passkey");
    });
}

namespace {

// Without `user`: of whoever has one.
Ceremony start(Context& context, const std::string& panel, const char* kind, UserId user,
               const char* verification) {
    const auto party = relying_party(context.db, panel);
    const std::string challenge = webauthn::new_challenge();
    Json options = Json::object({{"challenge", challenge},
                                 {"rpId", party.id},
                                 {"timeout", kBrowserTimeout},
                                 {"userVerification", verification}});
    if (user) options["allowCredentials"] = descriptors(store::list_passkeys(context.db, user), party.id);
    return db::transact(context.db, [&](db::Transaction& tx) -> Ceremony {
        return {keep(context, tx, kind, user, challenge), std::move(options)};
    });
}

}  // namespace

Ceremony start_passkey(Context& context, const std::string& panel,
                       const std::optional<store::Session>& pending) {
    return start(context, panel, "passkey_login", pending ? pending->user.id : UserId(),
                 pending ? "preferred" : "required");
}

Ceremony start_confirming(Context& context, const store::Session& session) {
    return start(context, session.panel, "passkey_confirm", session.user.id, "required");
}

bool shows_passkey(Context& context, const store::Session& session, const PasskeyAnswer& answer) {
    try {
        const std::string challenge = take(context, answer.token, "passkey_confirm", session.user.id);
        const auto passkey = store::find_passkey(context.db, answer.credential_id);
        if (!passkey || passkey->user != session.user.id) return false;
        db::transact(context.db, [&](db::Transaction& tx) {
            use_passkey(context, tx, *passkey, session.panel, challenge, answer.assertion, true);
        });
        return true;
    } catch (const Invalid&) {  // wrong, late or twice: no proof
        return false;
    }
}

SignIn show_passkey(Context& context, const store::Session& pending, const PasskeyAnswer& answer,
                    const SignInFrom& from) {
    const Time now = context.clock.now();
    const std::string& name = pending.user.username;
    const auto limits = factor_limits(pending.user.id);
    if (const auto wait = count_attempt(context, limits)) return refused(*wait);
    const std::string challenge = take(context, answer.token, "passkey_login", pending.user.id);
    const auto passkey = store::find_passkey(context.db, answer.credential_id);
    if (!passkey || passkey->user != pending.user.id) return failed(context, name, from);
    try {
        SignIn in = db::transact(context.db, [&](db::Transaction& tx) {
            use_passkey(context, tx, *passkey, from.panel, challenge, answer.assertion, false);
            return complete_session(context, tx, pending, from, "passkey", now);
        });
        forgive(context, limits);
        return in;
    } catch (const Invalid&) {  // counted before it is told
        failed(context, name, from);
        throw;
    }
}

SignIn sign_in_by_passkey(Context& context, const PasskeyAnswer& answer, const SignInFrom& from) {
    const Time now = context.clock.now();
    const auto limits = passkey_limits(from.address);
    if (const auto wait = count_attempt(context, limits)) return refused(*wait);
    const std::string challenge = take(context, answer.token, "passkey_login", {});
    const auto passkey = store::find_passkey(context.db, answer.credential_id);
    if (!passkey) return failed(context, "passkey", from);
    const auto user = store::get_user(context.db, passkey->user);
    if (!may_use(user, from.panel)) return failed(context, user.username, from);
    try {
        SignIn in = db::transact(context.db, [&](db::Transaction& tx) {
            use_passkey(context, tx, *passkey, from.panel, challenge, answer.assertion, true);
            note_attempt(tx, user.username, from.address, true, now);
            return open_session(context, tx, user, from, {.method = "passkey", .second_factor = "passkey"},
                                now);
        });
        forgive(context, limits);
        return in;
    } catch (const Invalid&) {  // counted before it is told
        failed(context, user.username, from);
        throw;
    }
}

}  // namespace rpm::ops
