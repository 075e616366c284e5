// SPDX-License-Identifier: MIT
// POST /csp-report: browsers tell what the content security policy kept them from.
#include "shared/ops/csp_reports.h"

#include <chrono>
#include <mutex>

#include "shared/base/error.h"
#include "web/panel/pages.h"

namespace rpm::web {
namespace {

constexpr std::size_t kMaxBody = 16384;
constexpr unsigned kPerMinute = 60;  // of this process: a defect shows in a few, a flood shows nothing more

class Budget {
  public:
    bool take() {
        const auto now = std::chrono::steady_clock::now();
        const std::lock_guard lock(mutex_);
        if (now >= next_) {
            next_ = now + std::chrono::minutes(1);
            left_ = kPerMinute;
        }
        return left_ > 0 && left_-- > 0;
    }

  private:
    std::mutex mutex_;
    std::chrono::steady_clock::time_point next_;
    unsigned left_ = 0;
};

bool is_report(std::string_view type) {
    return type.starts_with("application/csp-report") || type.starts_with("application/reports+json");
}

}  // namespace

http::Response csp_report(Visit& visit) {
    static Budget budget;
    if (!is_report(visit.request.header("content-type")))
        throw http::HttpError(415, "only reports of browsers are taken here");
    if (visit.request.body.size() > kMaxBody) throw http::HttpError(413, "the report is too large");
    if (!budget.take()) throw http::HttpError(429, "too many reports", {{"Retry-After", "60"}});
    std::vector<store::CspReport> reports;
    try {
        reports = ops::parse_csp_reports(visit.request.body, to_word(visit.context.panel));
    } catch (const Invalid&) {  // nobody reads the answer; a short one will do
        throw http::HttpError(400, "not a report");
    }
    ops::note_csp_reports(visit.ops, reports);
    return http::no_content();
}

}  // namespace rpm::web
