// SPDX-License-Identifier: MIT
// The queue.
#include "shared/store/jobs.h"

#include <array>

#include "shared/ops/nodes.h"
#include "web/admin/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kPage = 50;

struct Tab {
    std::string_view value;
    const char* name;
};
constexpr std::array kTabs = std::to_array<Tab>({
    {"", "All"},
    {"queued", "Waiting"},
    {"running", "Running"},
    {"failed", "Failed"},
    {"succeeded", "Done"},
    {"cancelled", "Cancelled"},
});

std::string state_of(const Visit& visit) {
    for (const Tab& tab : kTabs)
        if (tab.value == visit.request.query.text("state")) return std::string(tab.value);
    return {};
}

// Ended jobs are many and nobody asks how many exactly; failures are those of the last day.
std::string count_of(std::string_view state, const store::JobCounts& counts) {
    if (state == "queued") return number_words(counts.queued);
    if (state == "running") return number_words(counts.running);
    return {};
}

void add_tabs(Fields& fields, const std::string& current, const store::JobCounts& counts) {
    for (const Tab& tab : kTabs)
        fields.row("TAB")
            .set("VALUE", std::string(tab.value))
            .set("NAME", tab.name)
            .set("COUNT", count_of(tab.value, counts))
            .show("CURRENT", tab.value == current);
}

std::string next_try(const store::Job& job, Time now) {
    if (job.state != "queued") return {};
    return job.run_after <= now
               ? "now"
               : "in " + duration_words(
                             std::chrono::duration_cast<std::chrono::milliseconds>(job.run_after - now));
}

void add_row(Fields& list, const store::Job& job, bool manages, Time now) {
    Fields& row = list.row("ROW");
    row.set("ID", job.id.text()).set("KIND", job_words(job.kind));
    const Sign state = job_sign(job.state);
    row.set("STATE", state.word).set("STATE_KIND", state.kind);
    if (job.subject_type == "node" && !job.subject_name.empty())
        row.row("OBJECT")
            .set("URL", "/nodes/" + std::to_string(job.subject_id))
            .set("NAME", job.subject_name);
    row.set("WHO", job.requested_by);
    row.set("ATTEMPTS", std::to_string(job.attempts) + " of " + std::to_string(job.max_attempts));
    row.set("NEXT_TRY", next_try(job, now)).set("AGE", age_words(job.created_at, now));
    row.show("RETRY", manages && (job.state == "failed" || job.state == "cancelled"));
    row.show("CANCEL", manages && (job.state == "queued" || job.state == "awaiting_approval"));
    if (!job.error.empty()) row.row("ERROR").set("TEXT", job.error);
}

}  // namespace

http::Response jobs_page(Visit& visit) {
    store::JobFilter filter;
    filter.state = state_of(visit);
    if (const auto before = JobId::parse(visit.request.query.text("before"))) filter.before_id = *before;
    filter.limit = kPage + 1;
    auto jobs = store::list_jobs(visit.db(), filter);
    const auto counts = store::count_jobs(visit.db(), visit.now());
    Page page(visit, "Jobs", At::jobs);
    Fields& fields = page.content("jobs.html");
    fields.set("SUMMARY", number_words(counts.queued) + " waiting, " + number_words(counts.running) +
                              " running, " + number_words(counts.failed) + " failed in the last day");
    add_tabs(fields, filter.state, counts);
    if (jobs.empty()) {
        fields.row("EMPTY")
            .set("TITLE", filter.state.empty() ? "No jobs yet" : "None of these")
            .set("TEXT", "Deploying a site makes one job for each of its nodes.");
        return page.response();
    }
    Fields& list = fields.row("LIST");
    const bool more = jobs.size() > kPage;
    if (more) jobs.pop_back();
    const bool manages = visit.viewer.may(Permission::jobs_manage);
    for (const store::Job& job : jobs) add_row(list, job, manages, visit.now());
    Pager pager;
    pager.range = count_words(jobs.size(), "job", "jobs");
    if (filter.before_id) pager.previous = Address("/jobs").with("state", filter.state).text();
    if (more)
        pager.next =
            Address("/jobs").with("state", filter.state).with("before", jobs.back().id.text()).text();
    set_pager(list, pager);
    return page.response();
}

http::Response retry_job(Visit& visit) {
    const auto id = rpm::ops::repeat_job(visit.ops, visit.viewer, visit.captures.id<JobId>("id"));
    return redirect("/jobs", Flash{"ok", "Asked for again as job " + id.text() + "."});
}

http::Response cancel_job(Visit& visit) {
    const auto id = visit.captures.id<JobId>("id");
    rpm::ops::cancel_job(visit.ops, visit.viewer, id);
    return redirect("/jobs", Flash{"ok", "Job " + id.text() + " is cancelled."});
}

}  // namespace rpm::web
