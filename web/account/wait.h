// SPDX-License-Identifier: MIT
// What people are told who tried too often.
#pragma once

#include <chrono>
#include <string>

#include "web/view/format.h"

namespace rpm::web {

/// "Too many failed attempts. Wait 15 minutes, then try again."
inline std::string too_often(std::chrono::seconds wait) {
    const auto minutes = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::minutes>(wait).count());
    return "Too many failed attempts. Wait " + count_words(minutes, "minute", "minutes") +
           ", then try again.";
}

}  // namespace rpm::web
