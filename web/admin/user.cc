// SPDX-License-Identifier: MIT
// One account: what it is, where it is signed in, and what an administrator does with it.
#include "shared/model/mail.h"
#include "shared/ops/accounts.h"
#include "shared/ops/factors.h"
#include "shared/ops/limits.h"
#include "shared/ops/sessions.h"
#include "shared/ops/tokens.h"
#include "shared/store/settings.h"
#include "shared/store/sites.h"
#include "web/admin/pages.h"
#include "web/http/form.h"
#include "web/panel/token_list.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

using rpm::ops::AccountChange;
using rpm::ops::LinkPurpose;

constexpr unsigned kMostSites = 1'000'000;

/// A link that was made just now; shown on this one page and nowhere else.
struct MadeLink {
    std::string address;
    std::string what;
    bool open = false;  ///< for the administrator: opened, not handed over
};

struct Show {
    AccountChange typed;
    Problems problems{};
    std::optional<MadeLink> link{};
};

std::string number_of(const std::optional<unsigned>& number) {
    return number ? std::to_string(*number) : "";
}

void add_session(Fields& page, const store::Session& session, Time now) {
    Fields& row = page.row("SESSION");
    row.set("AGENT", session.user_agent.empty() ? "Unknown browser" : session.user_agent);
    row.set("ADDRESS", session.address).set("PANEL", session.panel == "admin" ? "Administration" : "Clients");
    set_time(row, "SINCE", "SINCE_ISO", session.created_at, now);
    set_time(row, "USED", "USED_ISO", session.last_seen_at, now);
}

void add_choices(Fields& fields, const AccountChange& typed, UserId self,
                 const std::vector<store::User>& users) {
    for (const Role role : kRoles)
        fields.row("ROLE_CHOICE")
            .set("VALUE", std::string(to_word(role)))
            .set("NAME", std::string(title(role)))
            .show("SELECTED", role == typed.role);
    for (const store::User& user : users)
        if (user.role == Role::client && !user.tenant && user.id != self)
            fields.row("TENANT")
                .set("ID", user.id.text())
                .set("NAME", user.username)
                .show("SELECTED", user.id == typed.tenant);
}

void add_facts(Fields& fields, const store::User& user, Visit& visit) {
    fields.set("ID", user.id.text()).set("NAME", user.username).set("ROLE", std::string(title(user.role)));
    fields.set("STATE", user.active ? "Active" : "Disabled")
        .set("STATE_KIND", user.active ? "ok" : "idle pause");
    fields.show(user.last_login ? FieldName("SEEN_ONCE") : FieldName("NEVER_SEEN"));
    set_time(fields, "SEEN", "SEEN_ISO", user.last_login, visit.now());
    set_time(fields, "MADE", "MADE_ISO", user.created_at, visit.now());
    set_time(fields, "CHANGED", "CHANGED_ISO", user.password_changed_at, visit.now());
    const bool has_password = !store::find_password_hash(visit.db(), user.id).empty();
    fields.show(has_password ? FieldName("HAS_PASSWORD") : FieldName("NO_PASSWORD"));
    const bool oneself = user.id == visit.viewer.id;
    fields.show("IMPERSONATE",
                user.active && !is_staff(user.role) && visit.viewer.may(Permission::users_impersonate));
    fields.show("RESET_FACTORS", !oneself);
    fields.show("DISABLE", user.active && !oneself).show("ENABLE", !user.active);
}

// What can be sent, or why not.
void add_mail(Fields& fields, const store::User& user, Visit& visit) {
    const auto settings = store::load_settings(visit.db());
    const char* why_not = nullptr;
    if (!is_mail_address(user.email))
        why_not = "The account has no mail address.";
    else if (!rpm::ops::mail_can_link(settings, is_staff(user.role) ? "admin" : "client"))
        why_not = "Mail is off, or the address of the panel is not set. Both are decided in the settings.";
    if (why_not != nullptr)
        fields.row("NO_MAIL").set("TEXT", why_not);
    else
        fields.row("SEND").set("TO", user.email);
    fields.show("MAY_LINK", user.active);
}

void add_usage(Fields& fields, const store::User& user, const Visit& visit) {
    const auto usage = user.tenant ? std::nullopt : rpm::ops::usage_of(visit.db(), user.id);
    if (!usage) return;
    fields.row("USAGE").set(
        "TEXT", number_words(usage->sites) + " of " + count_words(usage->most_sites, "site", "sites") + ", " +
                    number_words(usage->names) + " of " + count_words(usage->most_names, "name", "names"));
}

http::Response show(Visit& visit, const store::User& user, const Show& what) {
    Page page(visit, user.username, At::users);
    page.crumb("Users", "/users");
    Fields& fields = page.content("user.html");
    add_facts(fields, user, visit);
    add_choices(fields, what.typed, user.id, store::list_users(visit.db()));
    add_mail(fields, user, visit);
    add_usage(fields, user, visit);
    add_tokens(fields, rpm::ops::list_api_tokens(visit.ops, visit.viewer, user.id), visit,
               visit.viewer.may(Permission::users_manage));
    fields.set("MAIL", what.typed.email);
    fields.set("MAX_SITES", number_of(what.typed.max_sites));
    fields.set("MAX_DOMAINS", number_of(what.typed.max_domains));
    if (what.link)
        fields.row(what.link->open ? FieldName("OPEN") : FieldName("LINK"))
            .set("URL", what.link->address)
            .set("WHAT", what.link->what);
    const auto sessions = store::list_sessions(visit.db(), user.id, visit.now());
    for (const store::Session& session : sessions) add_session(fields, session, visit.now());
    fields.show(sessions.empty() ? FieldName("NOWHERE") : FieldName("SOMEWHERE"));
    set_errors(fields, what.problems,
               [](const std::string& field) { return field == "email" ? "mail" : field; });
    set_error(fields, "ROLE_ERROR", what.problems, "role");
    set_error(fields, "TENANT_ERROR", what.problems, "tenant");
    set_error(fields, "MAIL_ERROR", what.problems, "email");
    set_error(fields, "MAX_SITES_ERROR", what.problems, "max_sites");
    set_error(fields, "MAX_DOMAINS_ERROR", what.problems, "max_domains");
    return page.response(what.problems.empty() ? 200 : 422);
}

store::User the_user(Visit& visit) {
    return store::get_user(visit.db(), visit.captures.id<UserId>("id"));
}

std::string page_of(const store::User& user) {
    return "/users/" + user.id.text();
}

LinkPurpose purpose_of(Visit& visit) {
    const auto purpose = rpm::ops::link_purpose(visit.request.form.text("purpose"));
    if (purpose != LinkPurpose::reset && purpose != LinkPurpose::invitation)
        throw Invalid("purpose", "must be reset or invitation");
    return *purpose;
}

// Where the panel of this account is; without the setting only the path is known.
std::string link_address(Visit& visit, const store::User& user, const Secret& token) {
    const auto settings = store::load_settings(visit.db());
    return panel_url(settings, is_staff(user.role) ? "admin" : "client") + "/login/link/" +
           std::string(token.reveal());
}

}  // namespace

http::Response user_page(Visit& visit) {
    const auto user = the_user(visit);
    return show(visit, user, {.typed = rpm::ops::change_of(user)});
}

http::Response save_user(Visit& visit) {
    const auto user = the_user(visit);
    http::Form form(visit.request);
    AccountChange typed;
    typed.role = role(form.choice("role", {"admin", "operator", "read_only", "client", "client_read_only"}))
                     .value_or(user.role);
    typed.email = form.text("mail", {.max = 254});
    typed.tenant = UserId::parse(form.text("tenant", {.max = 20})).value_or(UserId());
    typed.max_sites = form.maybe_number<unsigned>("max_sites", 0, kMostSites);
    typed.max_domains = form.maybe_number<unsigned>("max_domains", 0, kMostSites);
    if (!form.problems().empty()) return show(visit, user, {.typed = typed, .problems = form.problems()});
    try {
        rpm::ops::update_user(visit.ops, visit.viewer, user.id, typed);
    } catch (const Invalid& invalid) {  // shown beside the fields
        return show(visit, user, {.typed = typed, .problems = invalid.problems});
    }
    return redirect(page_of(user), Flash{"ok", "Saved."});
}

http::Response sign_out_user(Visit& visit) {
    const auto user = the_user(visit);
    const auto ended = rpm::ops::sign_out_everywhere(
        visit.ops, visit.viewer, user.id, user.id == visit.viewer.id ? visit.session->id : SessionId());
    return redirect(page_of(user),
                    Flash{"ok", count_words(ended, "session has", "sessions have") + " ended."});
}

http::Response send_user_link(Visit& visit) {
    const auto user = the_user(visit);
    rpm::ops::send_link(visit.ops, visit.viewer, user.id, purpose_of(visit));
    return redirect(page_of(user), Flash{"ok", "On its way to " + user.email + "."});
}

http::Response make_user_link(Visit& visit) {
    const auto user = the_user(visit);
    const LinkPurpose purpose = purpose_of(visit);
    const Secret token = rpm::ops::create_link(visit.ops, visit.viewer, user.id, purpose);
    const bool first = purpose == LinkPurpose::invitation;
    return show(visit, user,
                {.typed = rpm::ops::change_of(user),
                 .link = MadeLink{link_address(visit, user, token),
                                  first ? "It works once, for 3 days." : "It works once, for 30 minutes."}});
}

http::Response impersonate_user(Visit& visit) {
    const auto user = the_user(visit);
    const Secret token = rpm::ops::begin_impersonation(visit.ops, visit.viewer, user.id);
    return show(visit, user,
                {.typed = rpm::ops::change_of(user),
                 .link = MadeLink{.address = link_address(visit, user, token), .what = {}, .open = true}});
}

http::Response reset_user_factors(Visit& visit) {
    const auto id = visit.captures.id<UserId>("id");
    const std::string name = store::get_user(visit.db(), id).username;
    rpm::ops::reset_factors(visit.ops, visit.viewer, id);
    return redirect("/users/" + id.text(),
                    Flash{"ok", name + " has no second factor any more and has to sign in again."});
}

http::Response revoke_user_token(Visit& visit) {
    const auto user = the_user(visit);
    const auto id = visit.captures.id<TokenId>("token");
    if (store::get_api_token(visit.db(), id).user != user.id) throw NotFound("no such token");
    rpm::ops::revoke_api_token(visit.ops, visit.viewer, id);
    return redirect(page_of(user), Flash{"ok", "That token does not work any more."});
}

}  // namespace rpm::web
