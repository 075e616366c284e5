// SPDX-License-Identifier: MIT
// In which order each engine does what a definition says, where that shows to visitors. Held against the
// engines by tests/conformance.
#pragma once

#include <string_view>
#include <vector>

#include "shared/model/node.h"

namespace rpm::plan {

struct Ways {
    /// "*.example.com" takes the handshake for "a.b.example.com" too (server_name of ngx_http_core_module);
    /// what is asked then is answered with 404, whatever the node says to unknown names.
    bool deep_handshakes;
    /// Where a certificate is demanded, who comes without TLS gets this.
    unsigned without_tls;
    /// CORS preflight is answered before the maintenance page.
    bool preflight_first;
    /// Also when the origin may not call; else it is passed on.
    bool preflight_for_all;
    unsigned preflight_status;
    /// robots.txt and the like are shown to everybody.
    bool files_first;
    /// Uploads are measured before lists and sign-in.
    bool body_first;
    /// Redirects to what the request says know a status for GET and one for other methods: 301 and 308, 302
    /// and 307. The one to https is such.
    bool two_statuses;
    /// The visitor's Host header is passed on with its port.
    bool host_with_port;
    /// A certificate that is missing or bad is answered with 400; else the handshake fails.
    bool certificate_400;
};

constexpr Ways ways_of(Engine engine) {
    switch (engine) {
        case Engine::nginx:
            return {.deep_handshakes = true,
                    .without_tls = 403,
                    .preflight_first = false,
                    .preflight_for_all = false,
                    .preflight_status = 204,
                    .files_first = false,
                    .body_first = true,
                    .two_statuses = false,
                    .host_with_port = false,
                    .certificate_400 = true};
        case Engine::caddy:
            return {.deep_handshakes = false,
                    .without_tls = 421,
                    .preflight_first = true,
                    .preflight_for_all = true,
                    .preflight_status = 204,
                    .files_first = true,
                    .body_first = true,
                    .two_statuses = false,
                    .host_with_port = false,
                    .certificate_400 = false};
        case Engine::traefik:
            return {.deep_handshakes = false,
                    .without_tls = 403,
                    .preflight_first = true,
                    .preflight_for_all = true,
                    .preflight_status = 200,
                    .files_first = true,
                    .body_first = false,
                    .two_statuses = true,
                    .host_with_port = true,
                    .certificate_400 = false};
    }
    return {};
}

}  // namespace rpm::plan
