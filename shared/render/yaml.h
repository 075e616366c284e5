// SPDX-License-Identifier: MIT
// A JSON value as YAML (1.2, and what parsers of 1.1 make of it): one member per line, every text in double
// quotes, so that no value has a second meaning.
//
//     yaml(Json::object({{"rule", "Host(`a.example.com`)"}, {"priority", 2}}))
//         rule: "Host(`a.example.com`)"
//         priority: 2
//
// The text is also safe as a Go template, as which Traefik reads its files: it never holds "{{".
// Throws Invalid{"value", …} for text that is not UTF-8, and for U+2551, by which Traefik's reader takes
// lists apart.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/json.h"

namespace rpm::render {

std::string yaml(const Json& value);
/// The text as one double-quoted scalar, appended to `out`.
void quote_yaml(std::string_view in, std::string& out);

}  // namespace rpm::render
