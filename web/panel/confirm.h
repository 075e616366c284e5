// SPDX-License-Identifier: MIT
// Asks who one is before a dangerous act (routes with Fresh::yes), when the last proof is too old.
//
//     Confirmed confirmed = demand_fresh(visit);
//     if (confirmed.question) return *std::move(confirmed.question);
//     …                                              // the act; then the answer carries confirmed.token
//
// The question is a page whose form goes to the same address and carries along what was posted, so that
// nothing is lost and scripts are not needed. Fields that hold secrets are not written into the page: they
// are asked for once more beside the proof.
#pragma once

#include <optional>
#include <string_view>

#include "web/auth/visit.h"

namespace rpm::web {

struct Confirmed {
    std::optional<http::Response> question;  ///< the act must wait: answer this
    Secret token;                            ///< a proof was shown just now: the session's cookie from now on
};
/// Changes visit.csrf when the session got another token.
Confirmed demand_fresh(Visit& visit);

/// Whether a field of this name may hold what must not be written into a page.
bool holds_secret(std::string_view field);

http::Response confirm_passkey_options(Visit& visit);  ///< POST /account/confirm/passkey, for the browser
http::Response confirm(Visit& visit);  ///< POST /account/confirm: back to where a GET asked for proof

}  // namespace rpm::web
