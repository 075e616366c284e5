// SPDX-License-Identifier: MIT
// Accounts. Neither passwords nor links pass through here: who is invited gets the link by mail, from a
// worker.
#include <algorithm>

#include "shared/ops/accounts.h"
#include "shared/ops/mail.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestMail = 254;
constexpr std::int64_t kMostOfAnything = 1'000'000;

Json user_json(const store::User& user) {
    const auto count = [](const std::optional<unsigned>& n) { return n ? Json(*n) : Json(); };
    return Json::object({{"id", user.id.value()},
                         {"username", user.username},
                         {"email", text_or_null(user.email)},
                         {"role", to_word(user.role)},
                         {"active", user.active},
                         {"client", user.tenant ? Json(user.tenant.value()) : Json()},
                         {"max_sites", count(user.max_sites)},
                         {"max_domains", count(user.max_domains)},
                         {"created_at", time_json(user.created_at)},
                         {"last_login", time_json(user.last_login)}});
}

UserId id_of(const Call& call) {
    return call.captures.id<UserId>("id");
}

http::Response whole(const Call& call, UserId id, int status = 200) {
    return http::json(user_json(store::get_user(call.db(), id)), status);
}

Role read_role(Members& members) {
    const std::string word = members.text("role", kLongestName);
    const auto found = role(word);
    if (!found) members.problem("role", "must be admin, operator, read_only, client or client_read_only");
    return found.value_or(Role::client);
}

bool read_flag(Members& members, std::string_view name) {
    const Json* const found = members.find(name);
    if (found == nullptr || *found == Json(false)) return false;
    if (*found != Json(true)) members.problem(std::string(name), "must be true or false");
    return true;
}

std::optional<unsigned> read_limit(Members& members, std::string_view name) {
    const auto number = members.number(name, 0, kMostOfAnything);
    return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

// The verbs call it a tenant.
template <class F>
auto with_our_names(F&& f) {
    try {
        return f();
    } catch (const Invalid& invalid) {
        Problems problems;
        for (const auto& [field, message] : invalid.problems.entries())
            problems.add(field == "tenant" ? "client" : field, message);
        throw Invalid(problems);
    }
}

http::Response set_active(Call& call, bool active) {
    const Json body = read_body(call.request);
    Members(body).check();
    rpm::ops::set_user_active(call.ops, call.viewer, id_of(call), active);
    return whole(call, id_of(call));
}

}  // namespace

http::Response list_users(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    check(query);
    auto users = store::list_users(call.db(), slice.cursor, slice.limit + 1);
    const bool more = users.size() > slice.limit;
    if (more) users.pop_back();
    Json items = Json::array();
    for (const store::User& user : users) items.push(user_json(user));
    return list_response(std::move(items), more ? users.back().username : "");
}

http::Response get_user(Call& call) {
    return whole(call, id_of(call));
}

http::Response create_user(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    rpm::ops::NewUser wanted{.username = members.text("username", kLongestName),
                             .email = members.text("email", kLongestMail),
                             .role = read_role(members),
                             .password = {},
                             .tenant = members.id<UserId>("client")};
    const bool invited = read_flag(members, "invite");
    members.check();
    // Before anything is changed: an account that nobody can be told of is not made.
    if (invited) rpm::ops::demand_mail(store::load_settings(call.db()), wanted.role, wanted.email);
    const UserId id = with_our_names([&] { return rpm::ops::create_user(call.ops, call.viewer, wanted); });
    if (invited) rpm::ops::send_link(call.ops, call.viewer, id, rpm::ops::LinkPurpose::invitation);
    return whole(call, id, 201).set("Location", "/api/v1/users/" + id.text());
}

// As RFC 7396 reads it: what is absent stays, null takes away.
http::Response change_user(Call& call) {
    const Json body = read_body(call.request);
    const UserId id = id_of(call);
    auto change = rpm::ops::change_of(store::get_user(call.db(), id));
    Members members(body);
    const auto given = [&body](const char* name) { return body.find(name) != nullptr; };
    if (given("role")) change.role = read_role(members);
    if (given("email")) change.email = members.text("email", kLongestMail);
    if (given("client")) change.tenant = members.id<UserId>("client");
    if (given("max_sites")) change.max_sites = read_limit(members, "max_sites");
    if (given("max_domains")) change.max_domains = read_limit(members, "max_domains");
    members.check();
    with_our_names([&] {
        rpm::ops::update_user(call.ops, call.viewer, id, change);
        return true;
    });
    return whole(call, id);
}

http::Response disable_user(Call& call) {
    return set_active(call, false);
}

http::Response enable_user(Call& call) {
    return set_active(call, true);
}

http::Response invite_user(Call& call) {
    const Json body = read_body(call.request);
    Members(body).check();
    rpm::ops::send_link(call.ops, call.viewer, id_of(call), rpm::ops::LinkPurpose::invitation);
    return whole(call, id_of(call), 202);
}

}  // namespace rpm::api
