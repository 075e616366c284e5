// SPDX-License-Identifier: MIT
#include "shared/ops/mail.h"
#include "shared/store/settings.h"
#include "web/account/account.h"
#include "web/account/wait.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/badges.h"
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
};

http::Response show(Visit& visit, const LoginForm& form, int status = 200) {
    const Newcomer newcomer(visit);
    Fields page;
    page.show(visit.context.panel == PanelKind::admin ? FieldName("ADMIN") : FieldName("CLIENT"));
    if (!form.error.empty()) page.row("ERROR").set("TEXT", form.error);
    page.row("BY_PASSWORD").set("NEXT", form.next).set("NAME", form.name);
    page.show("MAY_FORGET",
              rpm::ops::mail_can_link(store::load_settings(visit.db()), to_word(visit.context.panel)));
    if (const auto flash = find_flash(visit.request)) page.row("NOTICE").set("TEXT", flash->text);
    auto response =
        plain_page(visit.context, visit.csrf, "auto", "Sign in", "login.html", std::move(page), status);
    drop_flash(response);
    return newcomer.remember(std::move(response));
}

http::Response refused(Visit& visit, LoginForm form, const SignIn& result) {
    if (result.result == SignInResult::throttled) {
        form.error = too_often(result.retry_after);
        return show(visit, form, 429).set("Retry-After", std::to_string(result.retry_after.count()));
    }
    form.error = "The user name or the password is wrong.";
    return show(visit, form, 422);
}

}  // namespace

http::Response login_page(Visit& visit) {
    const std::string next = next_of(visit.request.query.text("next"));
    if (visit.session) return http::see_other(next);
    return show(visit, {.name = {}, .next = next, .error = {}});
}

http::Response login(Visit& visit) {
    http::Form form(visit.request);
    const std::string name = form.text("name", {.max = 254});
    const Secret password = form.secret("password");
    const std::string next = next_of(visit.request.form.text("next"));
    const auto result = rpm::ops::sign_in(visit.ops, name, password, sign_in_from(visit));
    if (result.result != SignInResult::signed_in)
        return refused(visit, {.name = name, .next = next, .error = {}}, result);
    end_session_before(visit);
    return with_sign_in(http::see_other(next), visit, result);
}

http::Response logout(Visit& visit) {
    rpm::ops::sign_out(visit.ops, *visit.session);
    const bool impersonated = static_cast<bool>(visit.viewer.impersonator);
    return without_session(
        redirect("/login", Flash{"ok", impersonated ? "You do not look through " + visit.viewer.username +
                                                          "'s eyes any more. Close this page."
                                                    : "You are signed out."}),
        visit);
}

}  // namespace rpm::web
