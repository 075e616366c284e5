// SPDX-License-Identifier: MIT
// Who the browser is: session cookies of the panels, and the token that its forms must carry.
#pragma once

#include <string>

#include "shared/base/secret.h"
#include "shared/ops/people.h"
#include "web/auth/visit.h"

namespace rpm::web {

/// Fills session, viewer and csrf of the visit from its cookies. Without a live session the visitor is nobody
/// and the token belongs to the cookie that remember_visitor() set.
void find_viewer(Visit& visit);

/// Whether the form that was posted carries this browser's token. Call after find_viewer().
bool has_right_token(const Visit& visit);

/// Gives a browser without session the secret that its forms are tied to; used by the page that signs in.
/// Changes visit.csrf, so it comes before the page is built.
class Newcomer {
  public:
    explicit Newcomer(Visit& visit);
    http::Response&& remember(http::Response&& response) const;

  private:
    std::string fresh_;  ///< empty: the browser has one already
};

/// The cookie of a new session on the answer to a sign-in.
http::Response with_session(http::Response response, const Visit& visit, const Secret& token);
/// As with_session(), and the cookie by which this browser is known from now on.
http::Response with_sign_in(http::Response response, const Visit& visit, const rpm::ops::SignIn& sign_in);
http::Response with_session(http::Response response, PanelKind panel, const Secret& token);
http::Response without_session(http::Response response, const Visit& visit);
/// Whoever signs in anew in a browser leaves nothing of the session before behind.
void end_session_before(Visit& visit);

rpm::ops::SignInFrom sign_in_from(const Visit& visit);

}  // namespace rpm::web
