// SPDX-License-Identifier: MIT
#include "web/auth/session.h"

#include "shared/crypto/token.h"
#include "web/auth/csrf.h"

namespace rpm::web {
namespace {

constexpr const char* kNewcomer = "rpmgr_newcomer";
constexpr const char* kDevice = "rpmgr_device";

std::string session_cookie(PanelKind panel) {
    return panel == PanelKind::admin ? "rpmgr_admin" : "rpmgr_client";
}
std::string session_cookie(const Visit& visit) {
    return session_cookie(visit.context.panel);
}

// The secret that this browser's forms are tied to; "" when it has none.
std::string_view secret_cookie(const Visit& visit) {
    return visit.request.cookie(visit.session || visit.pending ? session_cookie(visit) : kNewcomer)
        .value_or("");
}

}  // namespace

void find_viewer(Visit& visit) {
    if (const auto token = visit.request.cookie(session_cookie(visit)))
        visit.session =
            rpm::ops::find_session(visit.ops, std::string(*token), std::string(to_word(visit.context.panel)));
    if (visit.session && visit.session->stage != "full") visit.pending.swap(visit.session);
    if (visit.session) {
        visit.viewer =
            rpm::ops::viewer_of(visit.session->user, visit.request.remote_address, visit.request.id);
        visit.viewer.impersonator = visit.session->impersonator;
        visit.viewer.impersonator_name = visit.session->impersonator_name;
    }
    if (const auto secret = secret_cookie(visit); !secret.empty()) visit.csrf = csrf_token(secret);
}

bool has_right_token(const Visit& visit) {
    return csrf_matches(secret_cookie(visit), visit.request.form.text("csrf"));
}

Newcomer::Newcomer(Visit& visit) {
    if (!secret_cookie(visit).empty()) return;
    fresh_ = crypto::new_token().reveal();
    visit.csrf = csrf_token(fresh_);
}

http::Response&& Newcomer::remember(http::Response&& response) const {
    if (!fresh_.empty()) response.set_cookie({.name = kNewcomer, .value = fresh_});
    return std::move(response);
}

http::Response with_session(http::Response response, const Visit& visit, const Secret& token) {
    return with_session(std::move(response), visit.context.panel, token);
}

http::Response with_session(http::Response response, PanelKind panel, const Secret& token) {
    // Lax, not Strict: links in mail and chat lead into the panel, signed in. What changes something is a
    // POST with the token of its form, from our own pages (Fetch Metadata), so Strict would add nothing.
    response.set_cookie({.name = session_cookie(panel), .value = std::string(token.reveal())});
    response.drop_cookie(kNewcomer);
    return response;
}

http::Response with_sign_in(http::Response response, const Visit& visit, const rpm::ops::SignIn& sign_in) {
    // Strict: only our own sign-in form has use for it.
    if (!sign_in.device.empty())
        response.set_cookie({.name = kDevice,
                             .value = std::string(sign_in.device.reveal()),
                             .max_age = rpm::ops::kDeviceLife,
                             .same_site = http::SameSite::strict});
    return with_session(std::move(response), visit, sign_in.token);
}

http::Response without_session(http::Response response, const Visit& visit) {
    response.drop_cookie(session_cookie(visit));
    // Pages that are still in the browser's memory are somebody else's from here on. Not "cookies": that
    // would end the sessions of every other program below this domain.
    response.set("Clear-Site-Data", R"("cache", "storage")");
    return response;
}

void end_session_before(Visit& visit) {
    if (visit.session) rpm::ops::sign_out(visit.ops, *visit.session);
    if (visit.pending) rpm::ops::sign_out(visit.ops, *visit.pending);
}

rpm::ops::SignInFrom sign_in_from(const Visit& visit) {
    return {.panel = std::string(to_word(visit.context.panel)),
            .address = visit.request.remote_address,
            .user_agent = std::string(visit.request.header("user-agent")),
            .request_id = visit.request.id,
            .device = std::string(visit.request.cookie(kDevice).value_or(""))};
}

}  // namespace rpm::web
