// SPDX-License-Identifier: MIT
#include "web/panel/panel.h"

#include "shared/base/log.h"
#include "shared/store/factors.h"
#include "shared/store/settings.h"
#include "web/auth/session.h"
#include "web/panel/confirm.h"
#include "web/panel/pages.h"
#include "web/view/badges.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

// A page that needs a session was asked for without one.
http::Response ask_to_sign_in(const Visit& visit) {
    if (visit.wants_fragment())
        throw http::HttpError(403, "your session has ended, sign in again", {{"HX-Redirect", "/login"}});
    if (visit.request.method != "GET" && visit.request.method != "HEAD")
        throw http::HttpError(403, "you are not signed in, so nothing was changed");
    std::string here = visit.request.path;
    char between = '?';
    for (const auto& [name, value] : visit.request.query) {
        here += between + url_escape(name) + "=" + url_escape(value);
        between = '&';
    }
    // Half signed in: on to the other half.
    if (visit.pending && visit.pending->stage == "enrolment") return http::see_other("/account/factors");
    if (visit.pending)
        return http::see_other(Address("/login/second").with("next", here == "/" ? "" : here).text());
    return http::see_other(Address("/login").with("next", here == "/" ? "" : here).text());
}

// What nobody of this role ever has does not exist for it; what its colleagues have is refused in words.
void demand(const Visit& visit, Needs needs) {
    if (needs == Needs::nothing || visit.viewer.may(needs)) return;
    if (!visit.viewer.is_staff()) {
        log::warning("refused", {{"status", 404}, {"permission", to_word(needs)}});
        throw NotFound("no such page");
    }
    visit.viewer.demand(needs);
}

// What is the account's own is not for whoever only looks through its owner's eyes. Leaving is.
void demand_owner(const Visit& visit, const Route& route) {
    if (route.needs == Needs::account && route.pattern != "/logout" && route.pattern != "/account/confirm")
        visit.viewer.demand_oneself();
}

// A password asked again is one factor. Whoever has a second one shows both by signing in.
bool signed_in_lately(Visit& visit) {
    const store::Session& session = *visit.session;
    if (!store::count_factors(visit.db(), session.user.id).any()) return true;
    const auto minutes = store::load_settings(visit.db()).number(Setting::confirm_after);
    return visit.now() < session.created_at + std::chrono::minutes(minutes);
}

http::Response ask_to_sign_in_again(Visit& visit) {
    const bool safe = http::is_safe_method(visit.request.method);
    Page page(visit, "Sign in again", At::none);
    page.content("sign_in_again.html").set("NEXT", safe ? visit.request.path : "/account/factors");
    return page.response(403);
}

void demand_own_form(const Visit& visit) {
    if (!has_right_token(visit))
        throw http::HttpError(403, "this form is from another session; reload the page and send it again");
}

struct Words {
    const char* title;
    const char* text;  ///< null: the failure's own message
    const char* what_to_do;
};

Words words_of(int status) {
    switch (status) {
        case 400:
            return {"This request was not understood", nullptr, "Go back and try again."};
        case 403:
            return {"Not allowed", nullptr, "An administrator can grant access."};
        case 404:
            return {"Not found", "There is nothing at this address, or it is not yours.",
                    "It may have been deleted. Look for it in the lists."};
        case 405:
            return {"Not possible this way", nullptr, "Open the page from the navigation."};
        case 409:
            return {"Someone else changed this", nullptr,
                    "Nothing was changed by you. Go back, reload and look at it again."};
        case 413:
            return {"Too large", nullptr, "Send less at once."};
        case 422:
            return {"Some of this is not right", nullptr, "Nothing was changed. Go back and fix it."};
        case 429:
            return {"Too many attempts", nullptr, nullptr};
        case 503:
            return {"Not available right now", "The database does not answer.",
                    "What your nodes serve is not affected. Nothing that was saved is lost."};
        default:
            break;
    }
    if (status < 500) return {"This did not work", nullptr, nullptr};
    return {"Something broke here", "This is a fault of the panel; it was logged.",
            "What your nodes serve is not affected. Tell an administrator the request number below."};
}

std::string text_of(const Words& words, const http::Failure& failure) {
    std::string text = sentence(words.text != nullptr ? words.text : failure.message);
    for (const auto& [field, problem] : failure.problems.entries())
        text += ' ' + sentence(field + ' ' + problem);
    return text;
}

}  // namespace

http::Response Panel::handle(const http::Request& request) {
    renewed_ = {};
    const auto match = router_.match(request);
    Visit visit{.context = context_,
                .request = request,
                .captures = match.captures,
                .session = {},
                .viewer = {},
                .csrf = {},
                .ops = {context_.db, context_.clock, context_.sealing, &context_.vault, context_.counters}};
    const Needs needs = match.route->needs;
    const bool safe = http::is_safe_method(request.method);
    if (!safe && !http::same_origin(request))
        throw Forbidden("this request came from another site, so nothing was changed");
    if (match.route->pattern == kReportPath) return match.route->handler(visit);
    // Public pages without cookies need no database: a load balancer's question stays cheap.
    if (needs != Needs::nothing || !request.cookies.empty()) find_viewer(visit);
    if (visit.session) log::add_to_context({"user", visit.viewer.username});
    if (needs != Needs::nothing && !visit.session) return ask_to_sign_in(visit);
    demand(visit, needs);
    if (!safe) demand_own_form(visit);
    if (!safe) demand_owner(visit, *match.route);
    http::Response response = act(visit, *match.route);
    if (!safe) context_.badges.forget();
    return response;
}

http::Response Panel::act(Visit& visit, const Route& route) {
    // Whoever is not wholly signed in has shown something just now, or is sent away by the handler.
    if (route.fresh == Fresh::no || !visit.session) return route.handler(visit);
    if (route.fresh == Fresh::sign_in && !signed_in_lately(visit)) return ask_to_sign_in_again(visit);
    Confirmed confirmed = demand_fresh(visit);
    if (confirmed.question) return *std::move(confirmed.question);
    renewed_ = std::move(confirmed.token);
    http::Response response = route.handler(visit);
    return renewed_.empty() ? response : with_session(std::move(response), context_.panel, renewed_);
}

http::Response Panel::error_response(const http::Request& request, const http::Failure& failure) {
    http::Response response = failure_page(request, failure);
    // The act failed, the proof before it did not: the old cookie is worth nothing any more.
    if (!renewed_.empty()) response = with_session(std::move(response), context_.panel, renewed_);
    renewed_ = {};
    return response;
}

http::Response Panel::failure_page(const http::Request& request, const http::Failure& failure) {
    const Words words = words_of(failure.status);
    if (request.header("hx-request") == "true") {
        Fields banner;
        banner.set("KIND", "bad").set("TEXT", text_of(words, failure));
        banner.row("REQUEST").set("ID", request.id);
        return http::html(context_.pages.expand("components/flash.html", banner), failure.status);
    }
    Fields page;
    page.set("STATUS", std::to_string(failure.status)).set("TITLE", words.title);
    page.set("TEXT", text_of(words, failure));
    if (words.what_to_do != nullptr) page.row("WHAT_TO_DO").set("TEXT", words.what_to_do);
    for (const auto& [name, value] : failure.headers)
        if (name == "Retry-After") page.row("RETRY").set("TIME", value + " s");
    page.row("REQUEST").set("ID", request.id);
    page.show("HOME");
    return plain_page(context_, "", "auto", words.title, "error.html", std::move(page), failure.status);
}

}  // namespace rpm::web
