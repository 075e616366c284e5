// SPDX-License-Identifier: MIT
#include "shared/store/jobs.h"

#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

Json job_json(const store::Job& job) {
    return Json::object({{"id", job.id.value()},
                         {"kind", job.kind},
                         {"subject", Json::object({{"type", job.subject_type},
                                                   {"id", job.subject_id},
                                                   {"name", text_or_null(job.subject_name)}})},
                         {"state", job.state},
                         {"attempts", job.attempts},
                         {"max_attempts", job.max_attempts},
                         {"run_after", time_json(job.run_after)},
                         {"worker", text_or_null(job.claimed_by)},
                         {"requested_by", job.requested_by},
                         {"reason", text_or_null(job.reason)},
                         {"error", text_or_null(job.error)},
                         {"created_at", time_json(job.created_at)},
                         {"started_at", time_json(job.started_at)},
                         {"finished_at", time_json(job.finished_at)}});
}

}  // namespace

http::Response list_jobs(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    store::JobFilter filter;
    filter.state = query.choice(
        "state", {"", "queued", "awaiting_approval", "running", "succeeded", "failed", "cancelled"}, "");
    check(query);
    filter.before_id = cursor_id<JobId>(slice);
    filter.limit = slice.limit + 1;
    auto jobs = store::list_jobs(call.db(), filter);
    const bool more = jobs.size() > slice.limit;
    if (more) jobs.pop_back();
    Json items = Json::array();
    for (const auto& job : jobs) items.push(job_json(job));
    return list_response(std::move(items), more ? jobs.back().id.text() : "");
}

}  // namespace rpm::api
