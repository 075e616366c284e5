// SPDX-License-Identifier: MIT
// GET /explain: what happens to a request, and why. The form is the address, so an answer can be sent to
// others.
#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "web/http/form.h"
#include "web/panel/explained.h"
#include "web/panel/member_links.h"
#include "web/panel/pages.h"
#include "web/panel/site_editor.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr std::size_t kLongestUrl = 2000;
constexpr std::size_t kLongestHeaders = 8000;
constexpr std::size_t kMostLines = 200;

struct Asked {
    std::string method, url, from, headers;
};

Asked read_asked(http::Form& form) {
    return {.method = form.text("method", {.max = 20}),
            .url = form.text("url", {.max = kLongestUrl}),
            .from = form.text("from", {.max = 50}),
            .headers = form.text("headers", {.max = kLongestHeaders, .lines = true})};
}

plan::Request request_of(const Asked& asked) {
    std::vector<std::string> lines;
    for (const std::string_view line : text::lines(asked.headers))
        if (!text::trim(line).empty()) lines.emplace_back(line);
    // People leave the scheme out, as in a browser.
    const bool whole = asked.url.find("://") != std::string::npos;
    return plan::parse_request(asked.method, whole ? asked.url : "https://" + asked.url, asked.from, lines);
}

const char* kind_of(const plan::Ending& ending) {
    if (ending.kind == plan::EndKind::passed) return "ok";
    const bool fine = ending.kind == plan::EndKind::answered && ending.statuses.front() < 400;
    return fine ? "ok" : "warn";
}

// The member as a link into the editor, for those who may edit the site.
void add_link(Fields& row, const Visit& visit, const plan::Explanation& explanation,
              const std::string& field) {
    const auto link = member_link(field, sees_staff_members(visit));
    if (!link || explanation.site == nullptr || !visit.viewer.may(Permission::sites_edit)) return;
    row.row("FIELD")
        .set("URL", "/sites/" + explanation.site->id.text() + "/edit#" + link->anchor)
        .set("LABEL", link->label);
}

void add_upstream(Fields& result, const plan::Passed& passed) {
    Fields& upstream = result.row("UPSTREAM");
    upstream.set("SCHEME", passed.scheme).set("TARGET", passed.target);
    for (const std::string& server : passed.servers) upstream.row("SERVER").set("ADDRESS", server);
    for (const std::string& server : passed.backups)
        upstream.row("SERVER").set("ADDRESS", server + " (backup)");
    for (const auto& [name, value] : passed.headers)
        upstream.row("HEADER").set("NAME", name).set("VALUE", value);
    for (const std::string& name : passed.removed)
        upstream.row("HEADER").set("NAME", name).set("VALUE", "(removed)");
}

void add_endings(Fields& result, const plan::Explanation& explanation) {
    for (const plan::Ending& ending : explanation.endings) {
        if (!ending.when.empty()) {
            result.row("OTHER").set("TEXT", plan::describe(ending)).set("WHEN", ending.when);
            continue;
        }
        result.set("KIND", kind_of(ending)).set("VERDICT", sentence(plan::describe(ending)));
        result.set("WHY", sentence(ending.why));
        if (ending.kind == plan::EndKind::passed) add_upstream(result, ending.passed);
    }
}

void add_lines(Fields& result, const plan::ExplainedOn& on, const std::string& id) {
    if (on.lines.empty()) return;
    Fields& lines = result.row("LINES");
    lines.set("ID", id);
    std::string path;
    for (std::size_t i = 0; i < on.lines.size() && i < kMostLines; ++i) {
        const plan::RenderedLine& line = on.lines[i];
        if (line.path != path) lines.row("LINE").set("KIND", "hunk").set("NO", "").set("TEXT", line.path);
        path = line.path;
        lines.row("LINE")
            .set("KIND", "")
            .set("NO", std::to_string(line.number))
            .set("TEXT", crypto::without_hashes(line.text));
    }
}

// Clients do not learn how the operator's machines are called.
std::string place_of(const plan::ExplainedOn& on, bool staff) {
    const std::string engine(name_of(on.nodes.front().engine));
    if (!staff) return engine;
    std::string names;
    for (const NodeProfile& node : on.nodes) names += (names.empty() ? "" : ", ") + node.name.text();
    return names + " (" + engine + ")";
}

void add_result(Fields& fields, const Visit& visit, const plan::ExplainedOn& on, std::size_t number) {
    const bool staff = visit.viewer.is_staff();
    Fields& result = fields.row("RESULT");
    result.set("PLACE", place_of(on, staff));
    if (on.explanation.site != nullptr)
        result.row("SITE")
            .set("ID", on.explanation.site->id.text())
            .set("DOMAIN", on.explanation.site->definition->primary().shown())
            .set("NUMBER", std::to_string(on.explanation.site->revision_number));
    add_endings(result, on.explanation);
    for (const plan::Step& step : on.explanation.steps) {
        Fields& row = result.row("STEP").set("TEXT", sentence(step.says));
        add_link(row, visit, on.explanation, step.field);
    }
    add_lines(result, on, "lines-" + std::to_string(number));
}

}  // namespace

http::Response explain_page(Visit& visit) {
    Page page(visit, "Explain a request", At::explain);
    Fields& fields = page.content("explain.html");
    http::Form form(visit.request.query);
    const Asked asked = read_asked(form);
    fields.set("METHOD", asked.method.empty() ? "GET" : asked.method).set("URL", asked.url);
    fields.set("FROM", asked.from).set("HEADERS", asked.headers);
    if (asked.url.empty()) return page.response();
    try {
        form.check();
        const auto found =
            explain_for(visit.db(), visit.viewer, visit.context.proxy_templates, request_of(asked));
        for (std::size_t i = 0; i < found.size(); ++i) add_result(fields, visit, found[i], i);
        fields.show("NO_NODES", found.empty());
        return page.response();
    } catch (const Invalid& invalid) {
        Problems problems;
        for (const auto& [field, message] : invalid.problems.entries())
            problems.add(field == "header" ? "headers" : field, message);
        set_errors(fields, problems);
        return page.response(422);
    }
}

}  // namespace rpm::web
