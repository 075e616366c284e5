// SPDX-License-Identifier: MIT
#include "shared/model/node.h"

namespace rpm {

std::string_view to_word(Engine engine) {
    switch (engine) {
        case Engine::nginx:
            return "nginx";
        case Engine::caddy:
            return "caddy";
        case Engine::traefik:
            return "traefik";
    }
    return "";
}

std::optional<Engine> engine(std::string_view word) {
    for (const Engine each : {Engine::nginx, Engine::caddy, Engine::traefik})
        if (word == to_word(each)) return each;
    return std::nullopt;
}

}  // namespace rpm
