// SPDX-License-Identifier: MIT
// What browsers refused because of the content security policy, one row per kind of violation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"

namespace rpm::store {

struct CspReport {
    std::string panel;      ///< "admin", "client"
    std::string document;   ///< path of the page: "/sites/…"
    std::string directive;  ///< "script-src-elem"
    std::string blocked;    ///< "inline", "https://other.example"
    std::uint64_t times = 0;
    Time first_seen{};
    Time last_seen{};
};
/// Counts one more of its kind; `digest` (32 bytes) says which kind that is. A new kind is left out when
/// there are `most` already: strangers may send reports, too.
void count_csp_report(db::Transaction& tx, const CspReport& report, std::string_view digest, unsigned most,
                      Time now);
/// Last seen first.
std::vector<CspReport> list_csp_reports(db::Connection& db, unsigned limit);
/// Kinds not seen since; at most `limit` at a time. Answers how many.
std::uint64_t remove_csp_reports_before(db::Transaction& tx, Time before, unsigned limit);

}  // namespace rpm::store
