// SPDX-License-Identifier: MIT
#include "shared/ops/oidc.h"
#include "shared/model/mail.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/token.h"
#include "shared/model/values.h"
#include "shared/ops/mail.h"
#include "shared/ops/oidc_provider.h"
#include "shared/ops/sessions.h"
#include "shared/ops/settings.h"
#include "shared/ops/sign_in.h"
#include "shared/store/factors.h"
#include "shared/store/settings.h"
#include "shared/store/tokens.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kFlowLife = 10min;
constexpr const char* kVerifierPurpose = "oidc verifier";

[[noreturn]] void refuse(const std::string& sentence) {
    throw Invalid("oidc", sentence);
}

// RFC 3986 section 2.1.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~").find(c) != std::string_view::npos;
        out += plain ? std::string(1, c) : "%" + text::hex({&c, 1});
    }
    return out;
}

Settings enabled_settings(Context& context) {
    Settings settings = store::load_settings(context.db);
    if (!settings.on(Setting::oidc_enabled)) throw NotFound("no such page");
    return settings;
}

// By the setting, never by the request: else whoever controls a Host header receives the code.
std::string redirect_uri(const Settings& settings, const std::string& panel) {
    const std::string url = panel_url(settings, panel);
    if (url.empty()) refuse("an administrator must set panel." + panel + "_url first");
    return url + "/login/oidc/callback";
}

std::string random_text() {
    return std::string(crypto::new_token().reveal());
}

std::string authorization_url(const OidcProvider& provider, const Settings& settings,
                              const std::string& panel, const std::string& state, const std::string& nonce,
                              const std::string& verifier) {
    const std::string& endpoint = provider.endpoints().authorization;
    std::vector<std::pair<std::string, std::string>> query{
        {"response_type", "code"},
        {"client_id", settings.text(Setting::oidc_client_id)},
        {"redirect_uri", redirect_uri(settings, panel)},
        {"scope", settings.text(Setting::oidc_scopes)},
        {"state", state},
        {"nonce", nonce},
        {"code_challenge", text::base64url(crypto::sha256(verifier))},
        {"code_challenge_method", "S256"}};
    if (const auto acr = settings.list(Setting::oidc_acr); !acr.empty())
        query.emplace_back("acr_values", text::join(acr, " "));
    std::string url = endpoint;
    char between = endpoint.find('?') == std::string::npos ? '?' : '&';
    for (const auto& [name, value] : query) {
        url += between + name + "=" + escaped(value);
        between = '&';
    }
    return url;
}

// ---- From the code to the claims
// ---------------------------------------------------------------------------

std::string redeem(Context& context, const OidcProvider& provider, const Settings& settings,
                   const std::string& panel, const std::string& code, const Secret& verifier) {
    const std::string& client = settings.text(Setting::oidc_client_id);
    const Secret secret = open_setting(context, settings, Setting::oidc_client_secret);
    net::HttpClient::Form form;
    form.emplace_back("grant_type", Secret("authorization_code"));
    form.emplace_back("code", Secret(code));
    form.emplace_back("redirect_uri", Secret(redirect_uri(settings, panel)));
    form.emplace_back("code_verifier", verifier);
    net::HttpClient::Headers headers;
    if (!secret.empty() && provider.endpoints().basic_authentication) {
        // RFC 6749 section 2.3.1: each half urlencoded first.
        headers.emplace_back("Authorization", Secret("Basic " + text::base64(escaped(client) + ":" +
                                                                             escaped(secret.reveal()))));
    } else {
        form.emplace_back("client_id", Secret(client));
        if (!secret.empty()) form.emplace_back("client_secret", secret);
    }
    net::HttpClient http(provider.rules());
    const auto answer = http.post_form(provider.endpoints().token, form, headers);
    Json document;
    try {
        document = Json::parse(answer.body);
    } catch (const Invalid&) {
        refuse("the provider answered " + std::to_string(answer.status) + " without JSON: try again");
    }
    if (const Json* error = document.find("error"); error != nullptr && error->is_text())
        refuse("the provider refused: " + text::ellipsis(error->text(), 60) +
               (error->text() == "invalid_client"
                    ? "; an administrator checks oidc.client_id and oidc.client_secret"
                    : "; try again"));
    const Json* token = document.find("id_token");
    if (answer.status != 200 || token == nullptr || !token->is_text())
        refuse("the provider sent no ID token: are the scopes right?");
    return token->text();
}

std::vector<std::string> texts_in(const Json& claims, std::string_view name) {
    std::vector<std::string> out;
    const Json* found = claims.find(name);
    if (found != nullptr && found->is_text()) out.push_back(found->text());
    if (found != nullptr && found->is_array())
        for (const Json& item : found->items())
            if (item.is_text()) out.push_back(item.text());
    return out;
}

bool counts_as_two(const Settings& settings, const Json& claims) {
    const std::string& policy = settings.choice(Setting::oidc_second_factor);
    if (policy != "claim") return policy == "always";
    const auto methods = texts_in(claims, "amr");
    if (std::ranges::find(methods, "mfa") != methods.end()) return true;  // RFC 8176
    const auto wanted = settings.list(Setting::oidc_acr);
    const auto levels = texts_in(claims, "acr");
    return !levels.empty() && std::ranges::find(wanted, levels[0]) != wanted.end();
}

// ---- Whose account
// ---------------------------------------------------------------------------------------------

struct GroupRow {
    Setting setting;
    Role role;
};
constexpr GroupRow kGroups[] = {{Setting::oidc_groups_admin, Role::admin},
                                {Setting::oidc_groups_operator, Role::operator_},
                                {Setting::oidc_groups_read_only, Role::read_only},
                                {Setting::oidc_groups_client, Role::client},
                                {Setting::oidc_groups_client_read_only, Role::client_read_only}};

// Nothing when groups decide nothing. Throws for people who are in none of those that do.
std::optional<Role> role_by_groups(const Settings& settings, const Json& claims) {
    const auto mine = texts_in(claims, settings.text(Setting::oidc_groups_claim));
    bool decides = false;
    for (const GroupRow& row : kGroups)
        for (const std::string& group : settings.list(row.setting)) {
            decides = true;
            if (std::ranges::find(mine, group) != mine.end()) return row.role;
        }
    if (decides)
        refuse(
            "you are in none of the groups that may use this panel; ask whoever keeps them at the provider");
    return std::nullopt;
}

std::string name_for(const Json& claims) {
    for (const char* claim : {"preferred_username", "email"}) {
        const auto said = texts_in(claims, claim);
        if (said.empty()) continue;
        std::string name = said[0].substr(0, said[0].find('@'));
        for (char& c : name)
            if (c == ' ') c = '.';
        if (Name::parse(name)) return name;
    }
    refuse("the provider sends no user name (preferred_username) that an account can have");
}

UserId make_account(Context& context, db::Transaction& tx, const Settings& settings, const Json& claims,
                    std::optional<Role> role, const SignInFrom& from, Time now) {
    if (!settings.on(Setting::oidc_create))
        refuse(
            "no account here belongs to you yet: sign in with your password and link it on the account page, "
            "or ask an administrator for an account");
    if (!role)
        refuse("no account here belongs to you yet, and none is made without a group that names its role");
    store::User user;
    user.username = name_for(claims);
    user.role = *role;
    if (!is_for(user.role, from.panel))
        refuse(is_staff(user.role)
                   ? "your groups are those of staff: sign in at the administrators' panel"
                   : "your account would be a client's: sign in at the clients' panel, which makes it");
    if (user.role == Role::client_read_only)
        refuse("an administrator must make your account, because it belongs to a client");
    if (store::find_user(context.db, user.username))
        refuse("the account " + user.username +
               " exists already: its owner signs in with the password and links it on the account page");
    // An address that nobody verified, or that another account has, would stand in that account's way.
    const auto mail = texts_in(claims, "email");
    const Json* const verified = claims.find("email_verified");
    if (!mail.empty() && is_mail_address(mail[0]) && verified != nullptr && *verified == Json(true) &&
        !store::find_user_by_mail(context.db, mail[0]))
        user.email = mail[0];
    user.id = store::insert_user(tx, user, now);
    store::insert_audit(tx, viewer_of(user, from.address, from.request_id), "user.create", subject_of(user),
                        nullptr, Json::object({{"role", to_word(user.role)}, {"by", "oidc"}}), now);
    return user.id;
}

void follow_groups(db::Transaction& tx, store::User& user, std::optional<Role> role, const SignInFrom& from,
                   Time now) {
    // The clients' panel can neither change staff nor make any (client_users in sql/views.sql).
    if (from.panel == "client" && is_staff(role.value_or(user.role)))
        refuse("your account or your groups are those of staff: sign in at the administrators' panel");
    if (from.panel == "client" && is_staff(user.role))
        refuse("your account is no client's yet: sign in at the administrators' panel once");
    if (!role || *role == user.role) return;
    const Role before = user.role;
    if (is_staff(*role) ? static_cast<bool>(user.tenant) : (*role == Role::client_read_only && !user.tenant))
        refuse("your groups say " + std::string(to_word(*role)) +
               ", which does not fit this account's client: an administrator must change the account");
    if (*role != Role::client && store::has_colleagues(tx.connection(), user.id))
        refuse(
            "your groups say " + std::string(to_word(*role)) +
            ", but others work with the sites of this client: an administrator must change their accounts");
    store::update_role_by_groups(tx, user.id, *role);
    end_access(tx, user.id);                     // what there was began with other rights,
    store::revoke_api_tokens(tx, user.id, now);  // and was made for them
    user.role = *role;
    store::insert_audit(tx, viewer_of(user, from.address, from.request_id), "user.role", subject_of(user),
                        Json::object({{"role", to_word(before)}}),
                        Json::object({{"role", to_word(*role)}, {"by", "oidc"}}), now);
}

void link(Context& context, db::Transaction& tx, const std::string& issuer, const std::string& subject,
          const store::Session& session, const SignInFrom& from, Time now) {
    const auto owner = store::find_identity(context.db, issuer, subject);
    if (owner && *owner != session.user.id)
        refuse("that account of the provider belongs to another account here");
    if (owner) return;
    store::insert_identity(tx, issuer, subject, session.user.id, now);
    store::insert_audit(tx, viewer_of(session.user, from.address, from.request_id), "user.oidc_link",
                        subject_of(session.user), nullptr, Json::object({{"issuer", issuer}}), now);
    queue_notice(context, tx, session.user, Notice::factor_added,
                 viewer_of(session.user, from.address, from.request_id), from.user_agent,
                 "sign-in at the provider");
}

// Nothing when the account may not use this panel: what its groups changed is kept all the same.
std::optional<SignIn> enter(Context& context, db::Transaction& tx, const Settings& settings,
                            const Json& claims, const SignInFrom& from, Time now) {
    const std::string& issuer = settings.text(Setting::oidc_issuer);
    const std::string subject = claims.at("sub").text();
    const auto role = role_by_groups(settings, claims);
    auto id = store::find_identity(context.db, issuer, subject);
    if (!id) {
        id = make_account(context, tx, settings, claims, role, from, now);
        store::insert_identity(tx, issuer, subject, *id, now);
    }
    auto user = store::get_user(context.db, *id);
    if (!user.active) refuse("your account is disabled: ask an administrator");
    follow_groups(tx, user, role, from, now);
    if (!may_use(user, from.panel)) return std::nullopt;
    return open_session(
        context, tx, user, from,
        {.method = "oidc", .second_factor = counts_as_two(settings, claims) ? "oidc" : nullptr}, now);
}

// ---- The two ends of the flow
// ----------------------------------------------------------------------------------

struct Waiting {
    UserId link;
    std::string panel, state, nonce, issuer, next;
    Secret verifier;
};

Waiting take(Context& context, const std::string& cookie) {
    const auto found = db::transact(context.db, [&](db::Transaction& tx) {
        return store::take_challenge(tx, crypto::token_hash(cookie), "oidc", context.clock.now());
    });
    if (!found) refuse("this sign-in began in another browser, too long ago, or was finished: begin again");
    const Json data = Json::parse(found->data);
    return {.link = found->user,
            .panel = data.at("panel").text(),
            .state = data.at("state").text(),
            .nonce = data.at("nonce").text(),
            .issuer = data.at("issuer").text(),
            .next = data.at("next").text(),
            .verifier = the_vault(context).decrypt(data.at("verifier").text(), kVerifierPurpose)};
}

void check_answer(const Waiting& waiting, const OidcAnswer& answer, const OidcProvider& provider,
                  const SignInFrom& from) {
    if (!crypto::equal(waiting.state, answer.state))
        refuse("the answer belongs to another sign-in: begin again");
    // RFC 9207 section 2.4: another provider's answer must not be taken for this one's.
    if (answer.issuer.empty() ? provider.endpoints().tells_issuer : answer.issuer != waiting.issuer)
        refuse("the answer does not come from the provider that was asked: begin again");
    if (waiting.panel != from.panel) refuse("this sign-in began at the other panel: begin again");
    if (answer.error == "access_denied") refuse("the provider did not let you in, or you cancelled there");
    if (!answer.error.empty())
        refuse("the provider answered " + text::ellipsis(answer.error, 60) + ": begin again");
    if (answer.code.empty()) refuse("the provider sent no code: begin again");
}

}  // namespace

OidcStart start_oidc(Context& context, const std::string& panel, const std::string& next, UserId link) {
    const Settings settings = enabled_settings(context);
    const Time now = context.clock.now();
    const std::string& issuer = settings.text(Setting::oidc_issuer);
    const auto provider = OidcProvider::of(issuer, now);
    const std::string state = random_text();
    const std::string nonce = random_text();
    const Secret verifier(random_text());  // 43 characters, as RFC 7636 section 4.1 wants
    OidcStart start{
        .url = authorization_url(*provider, settings, panel, state, nonce, std::string(verifier.reveal())),
        .cookie = crypto::new_token()};
    const Json data = Json::object({{"panel", panel},
                                    {"state", state},
                                    {"nonce", nonce},
                                    {"issuer", issuer},
                                    {"next", next},
                                    {"verifier", the_vault(context).encrypt(verifier, kVerifierPurpose)}});
    db::transact(context.db, [&](db::Transaction& tx) {
        store::insert_challenge(tx, crypto::token_hash(start.cookie.reveal()),
                                {.kind = "oidc", .user = link, .data = data.dump()}, now, now + kFlowLife);
    });
    return start;
}

OidcEnd finish_oidc(Context& context, const std::string& cookie, const OidcAnswer& answer,
                    const std::optional<store::Session>& session, const SignInFrom& from) {
    const Settings settings = enabled_settings(context);
    const Time now = context.clock.now();
    const Waiting waiting = take(context, cookie);
    const std::string& issuer = settings.text(Setting::oidc_issuer);
    if (waiting.issuer != issuer) refuse("the provider was changed meanwhile: begin again");
    const auto provider = OidcProvider::of(issuer, now);
    check_answer(waiting, answer, *provider, from);
    const std::string token = redeem(context, *provider, settings, from.panel, answer.code, waiting.verifier);
    Json claims;
    try {
        claims = provider->verify(
            token,
            {.issuer = issuer, .client_id = settings.text(Setting::oidc_client_id), .nonce = waiting.nonce},
            now);
    } catch (const Invalid& invalid) {  // said in the words of this page
        const auto& entries = invalid.problems.entries();
        refuse("the provider's token " + (entries.empty() ? "" : entries.begin()->second));
    }
    OidcEnd end{.sign_in = {}, .linked = static_cast<bool>(waiting.link), .next = waiting.next};
    if (waiting.link && (!session || session->user.id != waiting.link || session->impersonator))
        refuse("you were signed out or changed accounts meanwhile: begin again");
    const auto entered = db::transact(context.db, [&](db::Transaction& tx) -> std::optional<SignIn> {
        if (!waiting.link) return enter(context, tx, settings, claims, from, now);
        link(context, tx, issuer, claims.at("sub").text(), *session, from, now);
        return SignIn{};
    });
    if (!entered) refuse("your account may not use this panel; try the clients' panel");
    end.sign_in = *entered;
    return end;
}

void unlink_oidc(Context& context, const Viewer& viewer) {
    db::transact(context.db, [&](db::Transaction& tx) {
        const auto user = store::get_user(context.db, viewer.id);
        if (store::find_password_hash(context.db, user.id).empty() &&
            store::count_factors(context.db, user.id).passkeys == 0)
            throw Conflict("nothing else would sign you in: set a password or add a passkey first");
        if (!store::remove_identities(tx, user.id)) throw NotFound("nothing is linked");
        store::insert_audit(tx, viewer, "user.oidc_unlink", subject_of(user), nullptr, nullptr,
                            context.clock.now());
    });
}

}  // namespace rpm::ops
