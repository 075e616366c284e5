// SPDX-License-Identifier: MIT
// Single-use links: signing in, choosing the first password, choosing another one; and asking for one by
// mail.
#include "shared/ops/accounts.h"
#include "shared/store/settings.h"
#include "web/account/account.h"
#include "web/account/factors.h"
#include "web/account/wait.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/badges.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

using rpm::ops::LinkPurpose;
using rpm::ops::SignInResult;

constexpr const char* kSpent = "This link was used before or is too old. Ask for a new one.";

// A token is 43 characters of base64url; anything else is not worth a look into the database.
std::string link_token(const Visit& visit) {
    const auto token = visit.captures.text("token");
    if (token.size() > 100) throw NotFound("no such page");
    return std::string(token);
}

std::string panel_of(const Visit& visit) {
    return std::string(to_word(visit.context.panel));
}

http::Response show(Visit& visit, const std::string& title, Fields page, int status) {
    const Newcomer newcomer(visit);
    return newcomer.remember(
        plain_page(visit.context, visit.csrf, "auto", title, "link.html", std::move(page), status));
}

// Looking at a link uses nothing up: mail scanners follow links.
http::Response show_link(Visit& visit, const std::string& error = {}, int status = 200,
                         const Problems& problems = {}) {
    const std::string token = link_token(visit);
    const auto found = rpm::ops::find_link(visit.ops, token, panel_of(visit));
    Fields page;
    page.set("TOKEN", token);
    if (!error.empty()) page.row("ERROR").set("TEXT", error);
    const bool sets_password =
        found && (found->purpose == LinkPurpose::reset || found->purpose == LinkPurpose::invitation);
    if (found && found->purpose == LinkPurpose::impersonation) {
        page.row("IMPERSONATE").set("USER", found->username);
        return show(visit, "See the panel as " + found->username, std::move(page), status);
    }
    if (!sets_password) {
        page.show("BY_LINK");
        return show(visit, "Sign in", std::move(page), status);
    }
    const bool first = found->purpose == LinkPurpose::invitation;
    Fields& form = page.row("NEW_PASSWORD");
    form.set("USER", found->username);
    form.show(first ? FieldName("FIRST") : FieldName("ANOTHER"));
    set_error(form, "PASSWORD_ERROR", problems, "password");
    return show(visit, first ? "Choose your password" : "Choose a new password", std::move(page), status);
}

http::Response throttled(Visit& visit, std::chrono::seconds wait) {
    return show_link(visit, too_often(wait), 429).set("Retry-After", std::to_string(wait.count()));
}

http::Response set_password(Visit& visit, const std::string& token) {
    http::Form form(visit.request);
    const Secret password = form.secret("password");
    try {
        const auto done = rpm::ops::set_password_by_link(visit.ops, token, password, sign_in_from(visit));
        if (done.result == SignInResult::throttled) return throttled(visit, done.retry_after);
        if (done.result == SignInResult::wrong) return show_link(visit, kSpent, 422);
    } catch (const Invalid& invalid) {  // shown beside the field
        return show_link(visit, "", 422, invalid.problems);
    }
    end_session_before(visit);
    return without_session(redirect("/login", Flash{"ok", "Your password is set. Sign in with it."}), visit);
}

void demand_mail(Visit& visit) {
    if (!rpm::ops::mail_can_link(store::load_settings(visit.db()), panel_of(visit)))
        throw NotFound("no such page");
}

http::Response show_forgot(Visit& visit, const std::string& name, const std::string& error, bool asked,
                           int status) {
    Fields page;
    if (!error.empty()) page.row("ERROR").set("TEXT", error);
    if (asked)
        page.show("ASKED");
    else
        page.row("FORGOT").set("NAME", name);
    return show(visit, "Forgot your password?", std::move(page), status);
}

}  // namespace

http::Response link_page(Visit& visit) {
    return show_link(visit);
}

http::Response login_by_link(Visit& visit) {
    const std::string token = link_token(visit);
    if (visit.request.form.has("password")) return set_password(visit, token);
    const auto result = rpm::ops::sign_in_by_link(visit.ops, token, sign_in_from(visit));
    if (result.result == SignInResult::throttled) return throttled(visit, result.retry_after);
    if (result.result == SignInResult::wrong) return show_link(visit, kSpent, 422);
    end_session_before(visit);
    return with_sign_in(http::see_other(after_sign_in(result, "/")), visit, result);
}

http::Response forgot_page(Visit& visit) {
    demand_mail(visit);
    return show_forgot(visit, "", "", false, 200);
}

http::Response ask_for_reset(Visit& visit) {
    demand_mail(visit);
    http::Form form(visit.request);
    const std::string name = form.text("name", {.max = 254});
    if (name.empty()) return show_forgot(visit, name, "Enter your user name or mail address.", false, 422);
    const auto asked =
        rpm::ops::request_reset(visit.ops, name, panel_of(visit), visit.request.remote_address);
    if (asked.wait)
        return show_forgot(visit, name, too_often(*asked.wait), false, 429)
            .set("Retry-After", std::to_string(asked.wait->count()));
    return show_forgot(visit, name, "", true, 200);
}

}  // namespace rpm::web
