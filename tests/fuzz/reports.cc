// SPDX-License-Identifier: MIT
// What browsers report without being asked, and what leaves for spreadsheets.
#include "shared/base/csv.h"
#include "shared/base/text.h"
#include "shared/ops/csp_reports.h"
#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {
namespace {

// One value of a line as RFC 4180 reads it.
std::string read_value(std::string_view text) {
    if (!text.starts_with('"')) {
        demand(text.find_first_of("\",\r\n") == std::string_view::npos, "a sign of the format stands bare");
        return std::string(text);
    }
    demand(text.size() >= 2 && text.ends_with('"'), "a quote is not closed");
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        out += text[i];
        if (text[i] != '"') continue;
        demand(i + 2 < text.size() && text[i + 1] == '"', "a quote ends the value early");
        ++i;
    }
    return out;
}

}  // namespace

void csp_reports(std::string_view input) {
    std::vector<store::CspReport> reports;
    if (refused([&] { reports = ops::parse_csp_reports(input, "admin"); })) return;
    demand(reports.size() <= 10, "more reports than one body may have");
    for (const auto& report : reports) {
        for (const std::string* text : {&report.document, &report.directive, &report.blocked}) {
            demand_clean(*text, "a report");
            demand(!text->empty() && text->size() <= 500, "a report that its column does not take");
        }
        demand(report.document.starts_with('/'), "a document that is no path");
        demand(report.document.find_first_of("0123456789?#=") == std::string::npos,
               "a document may tell a secret");
        demand(report.directive.size() <= 64, "a directive that its column does not take");
    }
}

void csv_value(std::string_view input) {
    const std::string value = read_value(csv::value(input));
    demand(value == input || value == "'" + std::string(input), "a spreadsheet reads another value");
    if (!value.empty())
        demand(std::string_view("=+-@\t\r\n").find(value.front()) == std::string_view::npos,
               "a spreadsheet runs it");
    const std::string text(input);
    demand(csv::line({text, "x"}) == csv::value(text) + ",x\r\n", "a line is not its values");
}

}  // namespace rpm::fuzz
