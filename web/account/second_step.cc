// SPDX-License-Identifier: MIT
// The second step of signing in, and the sign-in by passkey alone.
#include "shared/crypto/token.h"
#include "shared/ops/factors.h"
#include "shared/ops/throttle.h"
#include "shared/store/factors.h"
#include "web/account/account.h"
#include "web/account/factors.h"
#include "web/account/wait.h"
#include "web/auth/passkey.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

using rpm::ops::SignInResult;

bool waits_for_second(const Visit& visit) {
    return visit.pending && visit.pending->stage == "second_factor";
}

http::Response show(Visit& visit, const std::string& next, const std::string& error = {}, int status = 200) {
    const auto& user = visit.pending->user;
    Fields fields;
    fields.set("NEXT", next).set("USER_NAME", user.username);
    if (!error.empty()) fields.row("ERROR").set("TEXT", error);
    const auto factors = store::count_factors(visit.db(), user.id);
    fields.show("TOTP", factors.totp);
    fields.show("ONLY_RECOVERY", !factors.totp);
    bool here = false;
    if (rpm::ops::has_passkeys(visit.db(), visit.pending->panel)) {
        const auto party = rpm::ops::relying_party(visit.db(), visit.pending->panel);
        for (const auto& passkey : store::list_passkeys(visit.db(), user.id))
            here |= passkey.rp_id == party.id;
    }
    fields.show("PASSKEY", here);
    return plain_page(visit.context, visit.csrf, user.theme, "Second step", "login_second.html",
                      std::move(fields), status);
}

http::Response ended(Visit& visit, const rpm::ops::SignIn& result, const std::string& next,
                     const std::string& wrong) {
    if (result.result == SignInResult::signed_in) return with_sign_in(http::see_other(next), visit, result);
    const bool throttled = result.result == SignInResult::throttled;
    const std::string error = throttled ? too_often(result.retry_after) : wrong;
    if (waits_for_second(visit)) return show(visit, next, error, throttled ? 429 : 422);
    return login_refused(visit, next, error, throttled ? 429 : 422);
}

}  // namespace

std::string after_sign_in(const rpm::ops::SignIn& result, const std::string& next) {
    if (result.stage == "enrolment") return "/account/factors";
    if (result.stage == "second_factor")
        return Address("/login/second").with("next", next == "/" ? "" : next).text();
    return next;
}

http::Response second_page(Visit& visit) {
    const std::string next = next_of(visit.request.query.text("next"));
    if (visit.session) return http::see_other(next);
    if (!waits_for_second(visit)) return http::see_other("/login");
    return show(visit, next);
}

http::Response show_code(Visit& visit) {
    if (!waits_for_second(visit)) return http::see_other("/login");
    http::Form form(visit.request);
    const std::string code = form.text("code", {.max = 40});
    const auto result = rpm::ops::show_code(visit.ops, *visit.pending, code, sign_in_from(visit));
    return ended(visit, result, next_of(visit.request.form.text("next")),
                 "This code is wrong, or was used before.");
}

http::Response login_passkey_options(Visit& visit) {
    const auto limits = rpm::ops::beginning_limits(visit.request.remote_address);
    if (const auto wait = rpm::ops::count_attempt(visit.ops, limits))
        throw http::HttpError(429, too_often(*wait), {{"Retry-After", std::to_string(wait->count())}});
    return http::json(ceremony_json(
        rpm::ops::start_passkey(visit.ops, std::string(to_word(visit.context.panel)),
                                waits_for_second(visit) ? visit.pending : std::optional<store::Session>())));
}

http::Response login_by_passkey(Visit& visit) {
    http::Form form(visit.request);
    const auto answer = read_passkey(form);
    const std::string next = next_of(visit.request.form.text("next"));
    try {
        const auto from = sign_in_from(visit);
        const auto result = waits_for_second(visit)
                                ? rpm::ops::show_passkey(visit.ops, *visit.pending, answer, from)
                                : rpm::ops::sign_in_by_passkey(visit.ops, answer, from);
        return ended(visit, result, next, "This passkey is not known here.");
    } catch (const Invalid& invalid) {  // shown on the sign-in page
        return ended(visit, {}, next, sentence(invalid.what()));
    }
}

}  // namespace rpm::web
