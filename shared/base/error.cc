// SPDX-License-Identifier: MIT
#include "shared/base/error.h"

namespace rpm {

std::string Problems::text() const {
    std::string out;
    for (const auto& [field, message] : entries_) {
        if (!out.empty()) out += "; ";
        out += field + ": " + message;
    }
    return out;
}

namespace {
Problems one(std::string field, std::string message) {
    Problems problems;
    problems.add(std::move(field), std::move(message));
    return problems;
}
}  // namespace

Invalid::Invalid(std::string field, std::string message)
    : Invalid(one(std::move(field), std::move(message))) {}

}  // namespace rpm
