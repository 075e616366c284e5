// SPDX-License-Identifier: MIT
#include "web/account/oidc.h"

#include "shared/ops/oidc.h"
#include "shared/ops/throttle.h"
#include "web/account/account.h"
#include "web/account/factors.h"
#include "web/account/wait.h"
#include "web/auth/session.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr const char* kCookie = "rpmgr_oidc";

// To another site: the one place where a panel does that.
http::Response go_there(const rpm::ops::OidcStart& start) {
    http::Response response;
    response.status = 303;
    response.set("Location", start.url);
    // Lax: the provider's redirect back is a navigation from another site, and must bring it.
    response.set_cookie(
        {.name = kCookie, .value = std::string(start.cookie.reveal()), .max_age = std::chrono::minutes(10)});
    return response;
}

std::string words(const std::exception& error) {
    if (const auto* invalid = dynamic_cast<const Invalid*>(&error))
        return sentence(invalid->problems.entries().begin()->second);
    return "The provider does not answer. Try again, or sign in with your password.";
}

http::Response failed(Visit& visit, const std::string& text, int status) {
    if (visit.session) return redirect("/account", Flash{"bad", text});
    return login_refused(visit, "/", text, status);
}

http::Response start(Visit& visit, const std::string& next, UserId link) {
    const auto limits = rpm::ops::beginning_limits(visit.request.remote_address);
    if (const auto wait = rpm::ops::count_attempt(visit.ops, limits))
        return failed(visit, too_often(*wait), 429).set("Retry-After", std::to_string(wait->count()));
    try {
        return go_there(
            rpm::ops::start_oidc(visit.ops, std::string(to_word(visit.context.panel)), next, link));
    } catch (const Invalid& error) {  // told on the page that the person came from
        return failed(visit, words(error), 422);
    } catch (const Unavailable& error) {  // the provider, not the database: the settings were read before
        return failed(visit, words(error), 503);
    }
}

rpm::ops::OidcAnswer answer_of(const http::Request& request) {
    const auto text = [&](const char* name) { return std::string(request.query.text(name)); };
    return {.code = text("code"), .state = text("state"), .issuer = text("iss"), .error = text("error")};
}

http::Response finish(Visit& visit) {
    const auto cookie = visit.request.cookie(kCookie);
    try {
        const auto end = rpm::ops::finish_oidc(visit.ops, std::string(cookie.value_or("")),
                                               answer_of(visit.request), visit.session, sign_in_from(visit));
        if (end.linked) return redirect("/account", Flash{"ok", "Your account is linked."});
        end_session_before(visit);
        return with_sign_in(http::see_other(after_sign_in(end.sign_in, next_of(end.next))), visit,
                            end.sign_in);
    } catch (const Invalid& error) {  // told on the page that the person came from
        return failed(visit, words(error), 422);
    } catch (const Unavailable& error) {  // most often the provider
        return failed(visit, words(error), 503);
    }
}

}  // namespace

http::Response start_oidc(Visit& visit) {
    return start(visit, next_of(visit.request.query.text("next")), {});
}

http::Response finish_oidc(Visit& visit) {
    auto response = finish(visit);
    response.drop_cookie(kCookie);
    return response;
}

http::Response link_oidc(Visit& visit) {
    visit.viewer.demand_oneself();
    return start(visit, "/account", visit.viewer.id);
}

http::Response unlink_oidc(Visit& visit) {
    rpm::ops::unlink_oidc(visit.ops, visit.viewer);
    return redirect("/account", Flash{"ok", "The link is gone."});
}

}  // namespace rpm::web
