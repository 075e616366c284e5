// SPDX-License-Identifier: MIT
// A list of networks from where an administrator said: https, or this machine itself.
#pragma once

#include <string>

namespace rpm::housekeep {

/// At most kMostListBytes within ten seconds; certificates are verified. Throws Unavailable with the reason,
/// also for any other status than 200.
std::string fetch_list(const std::string& url);

}  // namespace rpm::housekeep
