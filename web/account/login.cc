// SPDX-License-Identifier: MIT
#include "shared/base/text.h"
#include "web/account/account.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/badges.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

using rpm::ops::SignIn;
using rpm::ops::SignInResult;

// Where to go after signing in: only ever a page of this panel.
std::string next_of(std::string_view wanted) {
    return http::is_local_path(wanted) && !wanted.starts_with("/log") ? std::string(wanted) : "/";
}

struct LoginForm {
    std::string name;
    std::string next;
    std::string error;
    std::string link;  ///< the token of a sign-in link: shows its button instead of name and password
};

http::Response show(Visit& visit, const LoginForm& form, int status = 200) {
    const Newcomer newcomer(visit);
    Fields page;
    page.show(visit.context.panel == PanelKind::admin ? FieldName("ADMIN") : FieldName("CLIENT"));
    if (!form.error.empty()) page.row("ERROR").set("TEXT", form.error);
    if (form.link.empty())
        page.row("BY_PASSWORD").set("NEXT", form.next).set("NAME", form.name);
    else
        page.row("BY_LINK").set("TOKEN", form.link);
    if (const auto flash = find_flash(visit.request)) page.row("NOTICE").set("TEXT", flash->text);
    auto response =
        plain_page(visit.context, visit.csrf, "auto", "Sign in", "login.html", std::move(page), status);
    drop_flash(response);
    return newcomer.remember(std::move(response));
}

http::Response refused(Visit& visit, LoginForm form, const SignIn& result) {
    if (result.result == SignInResult::throttled) {
        const auto minutes = std::chrono::ceil<std::chrono::minutes>(result.retry_after).count();
        form.error = "Too many failed attempts. Wait " +
                     count_words(static_cast<std::uint64_t>(minutes), "minute", "minutes") +
                     ", then try again.";
        return show(visit, form, 429).set("Retry-After", std::to_string(result.retry_after.count()));
    }
    form.error = form.link.empty() ? "The user name or the password is wrong."
                                   : "This link was used before or is too old. Ask for a new one.";
    return show(visit, form, 422);
}

// Whoever signs in anew in a browser leaves nothing of the session before behind.
void end_session_before(Visit& visit) {
    if (visit.session) rpm::ops::sign_out(visit.ops, *visit.session);
    if (visit.pending) rpm::ops::sign_out(visit.ops, *visit.pending);
}

// A token is 43 characters of base64url; anything else is not worth a look into the database.
std::string link_token(const Visit& visit) {
    const auto token = visit.captures.text("token");
    if (token.size() > 100) throw NotFound("no such page");
    return std::string(token);
}

}  // namespace

http::Response login_page(Visit& visit) {
    const std::string next = next_of(visit.request.query.text("next"));
    if (visit.session) return http::see_other(next);
    return show(visit, {.name = {}, .next = next, .error = {}, .link = {}});
}

http::Response login(Visit& visit) {
    http::Form form(visit.request);
    const std::string name = form.text("name", {.max = 254});
    const Secret password = form.secret("password");
    const std::string next = next_of(visit.request.form.text("next"));
    const auto result = rpm::ops::sign_in(visit.ops, name, password, sign_in_from(visit));
    if (result.result != SignInResult::signed_in)
        return refused(visit, {.name = name, .next = next, .error = {}, .link = {}}, result);
    end_session_before(visit);
    return with_sign_in(http::see_other(next), visit, result);
}

http::Response link_page(Visit& visit) {
    return show(visit, {.name = {}, .next = {}, .error = {}, .link = link_token(visit)});
}

http::Response login_by_link(Visit& visit) {
    const std::string token = link_token(visit);
    const auto result = rpm::ops::sign_in_by_link(visit.ops, token, sign_in_from(visit));
    if (result.result != SignInResult::signed_in)
        return refused(visit, {.name = {}, .next = {}, .error = {}, .link = token}, result);
    end_session_before(visit);
    return with_sign_in(http::see_other("/"), visit, result);
}

http::Response logout(Visit& visit) {
    rpm::ops::sign_out(visit.ops, *visit.session);
    return without_session(redirect("/login", Flash{"ok", "You are signed out."}), visit);
}

}  // namespace rpm::web
