// SPDX-License-Identifier: MIT
#include <iostream>

#include "shared/base/error.h"
#include "shared/ops/accounts.h"
#include "shared/ops/factors.h"
#include "shared/ops/people.h"
#include "shared/ops/sessions.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

constexpr int kLinkLife = 10;  // minutes, at most (OWASP ASVS 5.0, 6.5.5)

Secret read_password() {
    std::string line;
    if (!std::getline(std::cin, line) || line.empty())
        throw Invalid("password", "is missing on standard input");
    return Secret(std::move(line));
}

Json describe(db::Connection& db, const store::User& user) {
    return Json::object({{"id", user.id.value()},
                         {"username", user.username},
                         {"email", user.email},
                         {"role", to_word(user.role)},
                         {"active", user.active},
                         {"client", user.tenant ? Json(user.tenant.value()) : Json()},
                         {"max_sites", user.max_sites ? Json(*user.max_sites) : Json()},
                         {"max_domains", user.max_domains ? Json(*user.max_domains) : Json()},
                         {"has_password", !store::find_password_hash(db, user.id).empty()},
                         {"created_at", to_rfc3339(user.created_at)},
                         {"last_login", to_json(user.last_login)}});
}

int set_active(Environment& environment, const Arguments& arguments, bool active) {
    const auto user = get_user(environment.db(), arguments.word());
    ops::set_user_active(environment.context(), environment.viewer(), user.id, active);
    environment.print(user.username + (active ? " is enabled" : " is disabled"),
                      Json::object({{"username", user.username}, {"active", active}}));
    return 0;
}

Role parse_role(const std::string& word) {
    const auto wanted = role(word);
    if (!wanted)
        throw Invalid("--role",
                      "must be admin, operator, read_only, client or client_read_only, not '" + word + "'");
    return *wanted;
}

std::optional<unsigned> parse_limit(const Arguments& arguments, const std::string& name,
                                    std::optional<unsigned> now) {
    const auto given = arguments.option(name);
    if (!given) return now;
    if (given->empty()) return std::nullopt;
    return arguments.number(name, 0, 0, 1'000'000);
}

// Shown on purpose: handing out the link is what the command is for.
std::string link_text(Environment& environment, const Arguments& arguments, const store::User& user,
                      const Secret& token) {
    std::string base = arguments.option("base").value_or(
        panel_url(store::load_settings(environment.db()), is_staff(user.role) ? "admin" : "client"));
    while (base.ends_with('/')) base.pop_back();
    return base + "/login/link/" + std::string(token.reveal());
}

int hand_out(Environment& environment, const Arguments& arguments, ops::LinkPurpose purpose) {
    const auto user = get_user(environment.db(), arguments.word());
    if (arguments.has("mail")) {
        ops::send_link(environment.context(), environment.viewer(), user.id, purpose);
        environment.print("on its way to " + user.email,
                          Json::object({{"username", user.username}, {"sent_to", user.email}}));
        return 0;
    }
    const Secret token = ops::create_link(environment.context(), environment.viewer(), user.id, purpose);
    const std::string link = link_text(environment, arguments, user, token);
    environment.print(link, Json::object({{"username", user.username}, {"link", link}}));
    return 0;
}

}  // namespace

int add_user(Environment& environment, const Arguments& arguments) {
    ops::NewUser user;
    user.username = arguments.word();
    user.email = arguments.option("email", "");
    user.role = parse_role(arguments.option("role", "client"));
    if (const auto client = arguments.option("client")) user.tenant = get_user(environment.db(), *client).id;
    if (arguments.has("password-stdin") && arguments.has("password-hash-stdin"))
        throw Invalid("--password-hash-stdin", "does not go together with --password-stdin");
    if (arguments.has("password-stdin")) user.password = read_password();
    if (arguments.has("password-hash-stdin")) user.password_hash = read_password().reveal();
    const UserId id = ops::create_user(environment.context(), environment.viewer(), user);
    environment.print(
        "user " + user.username + " (" + std::string(to_word(user.role)) + ") has id " + id.text() +
            (user.password.empty() && user.password_hash.empty()
                 ? "; sign in by 'rpmgr user login-link " + user.username + "'"
                 : ""),
        Json::object({{"id", id.value()}, {"username", user.username}, {"role", to_word(user.role)}}));
    return 0;
}

int list_users(Environment& environment, const Arguments&) {
    const auto users = store::list_users(environment.db());
    Json all = Json::array();
    Table table({"NAME", "ROLE", "ACTIVE", "EMAIL", "LAST SIGN-IN"});
    for (const store::User& user : users) {
        all.push(describe(environment.db(), user));
        table.add({user.username, std::string(to_word(user.role)), user.active ? "yes" : "no", user.email,
                   show(user.last_login)});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int enable_user(Environment& environment, const Arguments& arguments) {
    return set_active(environment, arguments, true);
}

int disable_user(Environment& environment, const Arguments& arguments) {
    return set_active(environment, arguments, false);
}

int reset_user_factors(Environment& environment, const Arguments& arguments) {
    const auto user = get_user(environment.db(), arguments.word());
    ops::reset_factors(environment.context(), environment.viewer(), user.id);
    environment.print(user.username + " has no second factor any more",
                      Json::object({{"username", user.username}}));
    return 0;
}

int set_user(Environment& environment, const Arguments& arguments) {
    const auto user = get_user(environment.db(), arguments.word());
    ops::AccountChange change = ops::change_of(user);
    if (const auto word = arguments.option("role")) change.role = parse_role(*word);
    if (const auto client = arguments.option("client"))
        change.tenant = client->empty() ? UserId() : get_user(environment.db(), *client).id;
    change.email = arguments.option("email").value_or(change.email);
    change.max_sites = parse_limit(arguments, "max-sites", change.max_sites);
    change.max_domains = parse_limit(arguments, "max-domains", change.max_domains);
    ops::update_user(environment.context(), environment.viewer(), user.id, change);
    environment.print(user.username + " is changed",
                      describe(environment.db(), store::get_user(environment.db(), user.id)));
    return 0;
}

int invite_user(Environment& environment, const Arguments& arguments) {
    return hand_out(environment, arguments, ops::LinkPurpose::invitation);
}

int make_reset_link(Environment& environment, const Arguments& arguments) {
    return hand_out(environment, arguments, ops::LinkPurpose::reset);
}

int sign_out_user(Environment& environment, const Arguments& arguments) {
    const auto user = get_user(environment.db(), arguments.word());
    const auto ended = ops::sign_out_everywhere(environment.context(), environment.viewer(), user.id);
    environment.print(user.username + " is signed out of " + std::to_string(ended) +
                          (ended == 1 ? " session" : " sessions"),
                      Json::object({{"username", user.username}, {"sessions", ended}}));
    return 0;
}

int make_login_link(Environment& environment, const Arguments& arguments) {
    const std::chrono::minutes life(arguments.number("minutes", kLinkLife, 1, kLinkLife));
    const auto user = get_user(environment.db(), arguments.word());
    if (!user.active) throw Invalid("NAME", "'" + user.username + "' is disabled");
    const Secret token = ops::create_sign_in_link(environment.context(), environment.viewer(), user.id, life);
    const std::string link = link_text(environment, arguments, user, token);
    environment.print(link, Json::object({{"username", user.username},
                                          {"link", link},
                                          {"expires_at", to_rfc3339(environment.now() + life)}}));
    return 0;
}

}  // namespace rpm::ctl
