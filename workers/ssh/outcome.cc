// SPDX-License-Identifier: MIT
#include "workers/ssh/outcome.h"

namespace rpm::ssh {

std::string_view name(Kind kind) {
    switch (kind) {
        case Kind::ok:
            return "ok";
        case Kind::unresolved:
            return "unresolved";
        case Kind::unreachable:
            return "unreachable";
        case Kind::refused:
            return "refused";
        case Kind::protocol:
            return "protocol";
        case Kind::algorithms:
            return "algorithms";
        case Kind::host_key_unknown:
            return "host_key_unknown";
        case Kind::host_key_changed:
            return "host_key_changed";
        case Kind::auth_failed:
            return "auth_failed";
        case Kind::denied:
            return "denied";
        case Kind::timeout:
            return "timeout";
        case Kind::lost:
            return "lost";
        case Kind::cancelled:
            return "cancelled";
    }
    return "unknown";
}

std::string_view name(Step step) {
    constexpr std::array<std::string_view, kSteps> names{"queue",        "lookup", "connect",  "handshake",
                                                         "authenticate", "start",  "transfer", "close"};
    return names[static_cast<std::size_t>(step)];
}

}  // namespace rpm::ssh
