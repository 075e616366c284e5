// SPDX-License-Identifier: MIT
// Single sign-on: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636, S256).
//
//     auto start = start_oidc(context, "admin", "/sites", {});    // browser: cookie, then start.url
//     auto end = finish_oidc(context, cookie, {code, state, …}, session, from);
//
// state, nonce and verifier wait in sign_in_challenges under a token that only this browser's cookie has, so
// that nobody finishes in one browser what was begun in another. Accounts are known by issuer and subject
// only; linking one is something its owner does while signed in. Everything that goes wrong is Invalid for
// field "oidc" with a sentence that says what to do, or Unavailable.
#pragma once

#include <string>

#include "shared/ops/people.h"

namespace rpm::ops {

struct OidcStart {
    std::string url;  ///< at the provider
    Secret cookie;
};
/// `link`: whose account is to be linked; empty: a sign-in. `next`: a path of the panel.
OidcStart start_oidc(Context& context, const std::string& panel, const std::string& next, UserId link);

/// What the provider sent along with the browser.
struct OidcAnswer {
    std::string code;
    std::string state;
    std::string issuer;  ///< RFC 9207; empty: none was sent
    std::string error;
};
struct OidcEnd {
    SignIn sign_in;  ///< meaningless after linking
    bool linked = false;
    std::string next;
};
OidcEnd finish_oidc(Context& context, const std::string& cookie, const OidcAnswer& answer,
                    const std::optional<store::Session>& session, const SignInFrom& from);

/// Ends the link of the viewer's account. Throws Conflict when nothing else would sign it in.
void unlink_oidc(Context& context, const Viewer& viewer);

}  // namespace rpm::ops
