// SPDX-License-Identifier: MIT
#include "shared/store/csp_reports.h"

namespace rpm::store {
namespace {

bool is_full(db::Transaction& tx, unsigned most) {
    auto row = tx.query("SELECT COUNT(digest) AS n FROM csp_reports");
    return row.first() && row.uint64("n") >= most;
}

}  // namespace

void count_csp_report(db::Transaction& tx, const CspReport& report, std::string_view digest, unsigned most,
                      Time now) {
    const auto counted = tx.execute(
        "UPDATE csp_reports SET times = LEAST(times, 4000000000) + 1, last_seen = ? WHERE digest = ?", now,
        db::Bytes{digest});
    if (counted > 0 || is_full(tx, most)) return;
    tx.execute(
        "INSERT INTO csp_reports (digest, panel, document, directive, blocked, times, first_seen, last_seen) "
        "VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON DUPLICATE KEY UPDATE times = times + 1",
        db::Bytes{digest}, report.panel, report.document, report.directive, report.blocked, now, now);
}

std::vector<CspReport> list_csp_reports(db::Connection& db, unsigned limit) {
    std::vector<CspReport> reports;
    for (auto row = db.query("SELECT panel, document, directive, blocked, times, first_seen, last_seen "
                             "FROM csp_reports ORDER BY last_seen DESC, digest LIMIT ?",
                             limit);
         row.next();)
        reports.push_back({.panel = row.text("panel"),
                           .document = row.text("document"),
                           .directive = row.text("directive"),
                           .blocked = row.text("blocked"),
                           .times = row.uint64("times"),
                           .first_seen = row.time("first_seen"),
                           .last_seen = row.time("last_seen")});
    return reports;
}

std::uint64_t remove_csp_reports_before(db::Transaction& tx, Time before, unsigned limit) {
    return tx.execute("DELETE FROM csp_reports WHERE last_seen < ? ORDER BY last_seen LIMIT ?", before,
                      limit);
}

}  // namespace rpm::store
