// SPDX-License-Identifier: MIT
#include "shared/base/text.h"
#include "shared/crypto/webauthn.h"
#include "shared/ops/mail.h"
#include "shared/store/settings.h"
#include "web/account/account.h"
#include "web/account/factors.h"
#include "web/account/wait.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/badges.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

using rpm::ops::SignIn;
using rpm::ops::SignInResult;

struct LoginForm {
    std::string name;
    std::string next;
    std::string error;
};

// The ways besides name and password that are open at this panel.
void offer_others(Visit& visit, Fields& page, const std::string& next) {
    const Settings settings = store::load_settings(visit.db());
    const std::string url = panel_url(settings, to_word(visit.context.panel));
    if (url.empty()) return;  // both depend on it
    if (!crypto::webauthn::RelyingParty::of(url).id.empty()) page.row("BY_PASSKEY").set("NEXT", next);
    if (settings.on(Setting::oidc_enabled))
        page.row("BY_PROVIDER")
            .set("LABEL", settings.text(Setting::oidc_label))
            .set("URL", Address("/login/oidc").with("next", next == "/" ? "" : next).text());
}

http::Response show(Visit& visit, const LoginForm& form, int status = 200) {
    const Newcomer newcomer(visit);
    Fields page;
    page.show(visit.context.panel == PanelKind::admin ? FieldName("ADMIN") : FieldName("CLIENT"));
    if (!form.error.empty()) page.row("ERROR").set("TEXT", form.error);
    offer_others(visit, page, form.next);
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

std::string next_of(std::string_view wanted) {
    return http::is_local_path(wanted) && !wanted.starts_with("/log") ? std::string(wanted) : "/";
}

http::Response login_refused(Visit& visit, const std::string& next, const std::string& error, int status) {
    auto response = show(visit, {.name = {}, .next = next, .error = error}, status);
    if (status == 429) response.set("Retry-After", "900");
    return response;
}

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
    return with_sign_in(http::see_other(after_sign_in(result, next)), visit, result);
}

http::Response logout(Visit& visit) {
    // Also between the two steps of signing in; the route itself is open to all.
    if (!visit.session && !visit.pending) throw http::HttpError(403, "you are not signed in");
    const store::Session& session = visit.session ? *visit.session : *visit.pending;
    rpm::ops::sign_out(visit.ops, session);
    const std::string words = session.impersonator ? "You do not look through " + session.user.username +
                                                         "'s eyes any more. Close this page."
                                                   : "You are signed out.";
    const std::string next = next_of(visit.request.form.text("next"));
    return without_session(
        redirect(Address("/login").with("next", next == "/" ? "" : next).text(), Flash{"ok", words}), visit);
}

}  // namespace rpm::web
