// SPDX-License-Identifier: MIT
#include "shared/store/jobs.h"

#include <algorithm>
#include <array>

#include "shared/base/error.h"
#include "shared/ops/nodes.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"

namespace rpm::ctl {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"queued", "awaiting_approval", "running", "succeeded",
                                                     "failed", "cancelled"};

JobId job_id(const Arguments& arguments) {
    const auto id = JobId::parse(arguments.word());
    if (!id) throw Invalid("ID", "must be a job's number, not '" + arguments.word() + "'");
    return *id;
}

std::string remark(const store::Job& job) {
    if (!job.error.empty()) return job.error;
    return job.result.empty() ? job.reason : job.result;
}

}  // namespace

Json describe(const store::Job& job) {
    return Json::object({{"id", job.id.value()},
                         {"kind", job.kind},
                         {"subject_type", job.subject_type},
                         {"subject_id", job.subject_id},
                         {"subject", job.subject_name},
                         {"state", job.state},
                         {"attempts", job.attempts},
                         {"max_attempts", job.max_attempts},
                         {"run_after", to_rfc3339(job.run_after)},
                         {"claimed_by", job.claimed_by},
                         {"claimed_until", to_json(job.claimed_until)},
                         {"requested_by", job.requested_by},
                         {"reason", job.reason},
                         {"result", job.result},
                         {"error", job.error},
                         {"created_at", to_rfc3339(job.created_at)},
                         {"started_at", to_json(job.started_at)},
                         {"finished_at", to_json(job.finished_at)}});
}

int list_jobs(Environment& environment, const Arguments& arguments) {
    store::JobFilter filter;
    filter.state = arguments.option("state", "");
    filter.limit = arguments.number("limit", 50, 1, 10000);
    if (!filter.state.empty() && std::ranges::find(kStates, filter.state) == kStates.end())
        throw Invalid("--state",
                      "must be queued, awaiting_approval, running, succeeded, failed or cancelled");
    Json all = Json::array();
    Table table({{"JOB", Table::right},
                 "KIND",
                 "SUBJECT",
                 "STATE",
                 {"TRIES", Table::right},
                 "ASKED FOR",
                 "BY",
                 "WORKER",
                 "REMARK"});
    for (const store::Job& job : store::list_jobs(environment.db(), filter)) {
        all.push(describe(job));
        table.add({job.id.text(), job.kind, job.subject_name, job.state, std::to_string(job.attempts),
                   show(job.created_at), job.requested_by, job.claimed_by, remark(job)});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int cancel_job(Environment& environment, const Arguments& arguments) {
    const JobId id = job_id(arguments);
    ops::cancel_job(environment.context(), environment.viewer(), id);
    environment.print("job " + id.text() + " is cancelled",
                      Json::object({{"id", id.value()}, {"state", "cancelled"}}));
    return 0;
}

int retry_job(Environment& environment, const Arguments& arguments) {
    const JobId id = job_id(arguments);
    const JobId next = ops::repeat_job(environment.context(), environment.viewer(), id);
    environment.print("job " + next.text() + " is queued",
                      Json::object({{"id", next.value()}, {"repeats", id.value()}}));
    return 0;
}

}  // namespace rpm::ctl
