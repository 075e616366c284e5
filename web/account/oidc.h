// SPDX-License-Identifier: MIT
// Single sign-on in the browser. Started by a link, not a form: the content security policy lets forms go to
// this panel only, also through redirects.
#pragma once

#include "web/auth/visit.h"

namespace rpm::web {

http::Response start_oidc(Visit& visit);   ///< GET /login/oidc
http::Response finish_oidc(Visit& visit);  ///< GET /login/oidc/callback
http::Response link_oidc(Visit& visit);    ///< GET /account/oidc: links the account of who is signed in
http::Response unlink_oidc(Visit& visit);  ///< POST /account/oidc/remove

}  // namespace rpm::web
