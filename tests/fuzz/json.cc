// SPDX-License-Identifier: MIT
#include "shared/base/json.h"

#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {

void json(std::string_view input) {
    Json value;
    if (refused([&] { value = Json::parse(input); })) return;
    const std::string compact = value.dump();
    demand(Json::parse(compact) == value, "what was printed reads as something else: " + compact);
    demand(Json::parse(compact).dump() == compact, "printed twice, it differs: " + compact);
    demand(Json::parse(value.dump(2)) == value, "indentation changes the value");
}

}  // namespace rpm::fuzz
