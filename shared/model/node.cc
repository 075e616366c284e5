// SPDX-License-Identifier: MIT
#include "shared/model/node.h"

#include "shared/base/text.h"

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

std::string_view name_of(Engine engine) {
    switch (engine) {
        case Engine::nginx:
            return "nginx";
        case Engine::caddy:
            return "Caddy";
        case Engine::traefik:
            return "Traefik";
    }
    return "";
}

EngineVersion EngineVersion::parse(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    EngineVersion out;
    unsigned* const numbers[] = {&out.major, &out.minor, &out.patch};
    std::size_t index = 0;
    for (const std::string_view part :
         text::split(text.substr(0, text.find_first_not_of("0123456789.")), '.')) {
        const auto number = text::number<unsigned>(part);
        if (!number || index == 3) break;
        *numbers[index++] = *number;
    }
    return out;
}

std::string EngineVersion::text() const {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace rpm
