// SPDX-License-Identifier: MIT
// People who sign in: the list, and the form that adds one.
#include "shared/store/users.h"

#include <algorithm>

#include "shared/ops/people.h"
#include "shared/store/sites.h"
#include "web/admin/pages.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

struct Typed {
    std::string name;
    std::string mail;
    std::string role = "client";
    std::string tenant{};  ///< id of a client; empty: its own sites
};

void add_row(Fields& fields, const store::User& user, std::uint64_t sites, bool changeable, Time now) {
    Fields& row = fields.row("ROW");
    row.set("ID", user.id.text()).set("NAME", user.username).set("MAIL", user.email);
    row.set("ROLE", std::string(title(user.role)));
    row.set("SITES", number_words(sites));
    row.show(user.last_login ? FieldName("SEEN_ONCE") : FieldName("NEVER_SEEN"));
    set_time(row, "SEEN", "SEEN_ISO", user.last_login, now);
    row.set("STATE", user.active ? "Active" : "Disabled")
        .set("STATE_KIND", user.active ? "ok" : "idle pause");
    row.show("DISABLE", user.active && changeable).show("ENABLE", !user.active && changeable);
}

void add_choices(Fields& fields, const Typed& typed, const std::vector<store::User>& users) {
    for (const Role role : kRoles)
        fields.row("ROLE_CHOICE")
            .set("VALUE", std::string(to_word(role)))
            .set("NAME", std::string(title(role)))
            .show("SELECTED", to_word(role) == typed.role);
    for (const store::User& user : users)
        if (user.role == Role::client && !user.tenant)
            fields.row("TENANT")
                .set("ID", user.id.text())
                .set("NAME", user.username)
                .show("SELECTED", user.id.text() == typed.tenant);
}

// The verb's names of the form's fields.
std::string field_id(const std::string& field) {
    if (field == "username") return "name";
    return field == "email" ? "mail" : field;
}

http::Response show(Visit& visit, const Typed& typed, const Problems& problems) {
    const auto users = store::list_users(visit.db());
    const auto sites = store::count_sites_by_owner(visit.db());
    Page page(visit, "Users", At::users);
    Fields& fields = page.content("users.html");
    const auto admins = std::ranges::count(users, Role::admin, &store::User::role);
    fields.set("SUMMARY",
               count_words(users.size(), "user", "users") + ", " +
                   count_words(static_cast<std::uint64_t>(admins), "administrator", "administrators"));
    for (const store::User& user : users) {
        const auto count = sites.find(user.id);
        add_row(fields, user, count == sites.end() ? 0 : count->second,
                visit.viewer.may(Permission::users_manage) && user.id != visit.viewer.id, visit.now());
    }
    set_pager(fields, {.range = count_words(users.size(), "user", "users"), .previous = {}, .next = {}});
    fields.set("NAME", typed.name).set("MAIL", typed.mail);
    add_choices(fields, typed, users);
    fields.set("PASSWORD_RULE", "At least 12 characters. Empty: send an invitation afterwards.");
    set_errors(fields, problems, field_id);
    set_error(fields, "NAME_ERROR", problems, "username");
    set_error(fields, "MAIL_ERROR", problems, "email");
    set_error(fields, "TENANT_ERROR", problems, "tenant");
    set_error(fields, "PASSWORD_ERROR", problems, "password");
    return page.response(problems.empty() ? 200 : 422);
}

http::Response set_active(Visit& visit, bool active) {
    const auto id = visit.captures.id<UserId>("id");
    const std::string name = store::get_user(visit.db(), id).username;
    rpm::ops::set_user_active(visit.ops, visit.viewer, id, active);
    return redirect("/users/" + id.text(),
                    Flash{"ok", name + (active ? " may sign in again." : " is disabled.")});
}

}  // namespace

http::Response users_page(Visit& visit) {
    return show(visit, {}, {});
}

http::Response add_user(Visit& visit) {
    http::Form form(visit.request);
    const Typed typed{
        .name = form.text("name", {.max = 64}),
        .mail = form.text("mail", {.max = 254}),
        .role = form.choice("role", {"admin", "operator", "read_only", "client", "client_read_only"}),
        .tenant = form.text("tenant", {.max = 20})};
    const Secret password = form.secret("password");
    if (!form.problems().empty()) return show(visit, typed, form.problems());
    try {
        const UserId id = rpm::ops::create_user(visit.ops, visit.viewer,
                                                {.username = typed.name,
                                                 .email = typed.mail,
                                                 .role = *role(typed.role),
                                                 .password = password,
                                                 .tenant = UserId::parse(typed.tenant).value_or(UserId())});
        return redirect("/users/" + id.text(), Flash{"ok", typed.name + " is added."});
    } catch (const Invalid& error) {
        return show(visit, typed, error.problems);
    }
}

http::Response enable_user(Visit& visit) {
    return set_active(visit, true);
}

http::Response disable_user(Visit& visit) {
    return set_active(visit, false);
}

}  // namespace rpm::web
