// SPDX-License-Identifier: MIT
#include "workers/ssh/output.h"

#include <algorithm>

namespace rpm::ssh {

void Captured::add(std::string_view bytes) {
    total_ += bytes.size();
    const std::size_t fits = std::min(bytes.size(), head_limit_ - head_.size());
    head_ += bytes.substr(0, fits);
    bytes.remove_prefix(fits);
    if (bytes.size() > tail_limit_) bytes.remove_prefix(bytes.size() - tail_limit_);
    tail_ += bytes;
    // Trimmed only at twice the size, so that each byte is moved at most once on average.
    if (tail_.size() > 2 * tail_limit_) tail_.erase(0, tail_.size() - tail_limit_);
}

std::string Captured::text() const {
    const std::string_view tail =
        std::string_view(tail_).substr(tail_.size() - std::min(tail_.size(), tail_limit_));
    const std::uint64_t missing = total_ - head_.size() - tail.size();
    std::string out = head_;
    if (missing > 0) out += "\n[… " + std::to_string(missing) + " bytes left out …]\n";
    return out += tail;
}

}  // namespace rpm::ssh
