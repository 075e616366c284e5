// SPDX-License-Identifier: MIT
// What browsers refused to load or run on pages of the panels.
#include "shared/store/csp_reports.h"

#include "web/admin/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr unsigned kShown = 500;

// What an administrator should make of it.
const char* meaning(const store::CspReport& report) {
    const std::string_view what = report.blocked;
    if (what.find("-extension") != std::string_view::npos)
        return "An extension of the browser wanted to change the page. Harmless here.";
    if (report.directive.starts_with("require-trusted-types") ||
        report.directive.starts_with("trusted-types"))
        return "A script wanted to write into the page in a way that ours do not. Tell the makers when it "
               "repeats.";
    if (report.directive.starts_with("frame-ancestors"))
        return "Another site tried to show this page inside its own. It could not.";
    if (report.directive.starts_with("form-action"))
        return "A form wanted to send its fields to another site. It could not; somebody may have put it "
               "there.";
    if (what == "inline" || what == "eval")
        return "Code stood in the page itself. Often an extension; if many people see it, text from somebody "
               "got "
               "into a page as code. It did not run.";
    return "Something from another place was wanted and not loaded. Often an extension or a proxy on the "
           "way.";
}

}  // namespace

http::Response csp_reports_page(Visit& visit) {
    Page page(visit, "Policy reports", At::audit);
    page.crumb("Audit log", "/audit");
    Fields& fields = page.content("csp_reports.html");
    const auto reports = store::list_csp_reports(visit.db(), kShown);
    if (reports.empty()) fields.show("EMPTY");
    if (reports.empty()) return page.response();
    Fields& list = fields.row("LIST");
    for (const store::CspReport& report : reports) {
        Fields& row = list.row("ROW");
        row.set("PANEL", report.panel).set("DOCUMENT", report.document).set("DIRECTIVE", report.directive);
        row.set("BLOCKED", report.blocked).set("TIMES", number_words(report.times));
        row.set("MEANING", meaning(report));
        set_time(row, "FIRST", "FIRST_ISO", report.first_seen, visit.now());
        set_time(row, "LAST", "LAST_ISO", report.last_seen, visit.now());
    }
    return page.response();
}

}  // namespace rpm::web
