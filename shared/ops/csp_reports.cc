// SPDX-License-Identifier: MIT
#include "shared/ops/csp_reports.h"

#include <algorithm>

#include "shared/base/json.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::ops {
namespace {

constexpr std::size_t kMostOfOneBody = 10;
constexpr unsigned kMostKinds = 500;
constexpr std::size_t kMaxWord = 20;
constexpr std::size_t kMaxSegments = 6;

bool all_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return (c >= 'a' && c <= 'z') || others.find(c) != std::string_view::npos;
    });
}

std::string_view text_of(const Json& object, std::string_view name) {
    const Json* member = object.find(name);
    return member != nullptr && member->is_text() ? std::string_view(member->text()) : std::string_view();
}

// The older form names the directive with its sources behind it.
std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find(' '));
}

void add(std::vector<store::CspReport>& reports, std::string_view panel, std::string_view document,
         std::string_view directive, std::string_view blocked) {
    directive = first_word(directive);
    if (directive.empty() || directive.size() > 40 || !all_of(directive, "-")) return;
    if (reports.size() == kMostOfOneBody) return;
    reports.push_back({.panel = std::string(panel),
                       .document = plain_document(document),
                       .directive = std::string(directive),
                       .blocked = plain_blocked(blocked)});
}

}  // namespace

std::string plain_document(std::string_view url) {
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
        const auto path = url.find('/', scheme + 3);
        url = path == std::string_view::npos ? "/" : url.substr(path);
    }
    url = url.substr(0, url.find_first_of("?#"));
    std::string out;
    std::size_t segments = 0;
    for (const std::string_view segment : text::split(url, '/')) {
        if (segment.empty()) continue;
        const bool word = segment.size() <= kMaxWord && all_of(segment, "-");
        out += '/';
        out += word ? segment : std::string_view("…");
        if (++segments == kMaxSegments) break;
    }
    return out.empty() ? "/" : out;
}

std::string plain_blocked(std::string_view blocked) {
    if (const auto scheme = blocked.find("://"); scheme != std::string_view::npos)
        blocked = blocked.substr(0, blocked.find_first_of("/?#", scheme + 3));
    else
        blocked = blocked.substr(0, blocked.find(':'));  // "data:…" -> "data"
    const bool plain = blocked.size() <= 200 && std::ranges::all_of(blocked, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                  (c >= '0' && c <= '9') ||
                                  std::string_view("-.:/[]").find(c) != std::string_view::npos;
                       });
    return plain && !blocked.empty() ? std::string(blocked) : "something else";
}

std::vector<store::CspReport> parse_csp_reports(std::string_view body, std::string_view panel) {
    std::vector<store::CspReport> reports;
    const Json json = Json::parse(body);
    if (const Json* old = json.find("csp-report")) {
        const auto effective = text_of(*old, "effective-directive");
        add(reports, panel, text_of(*old, "document-uri"),
            effective.empty() ? text_of(*old, "violated-directive") : effective,
            text_of(*old, "blocked-uri"));
    }
    if (!json.is_array()) return reports;
    for (const Json& report : json.items())
        if (const Json* what = report.find("body");
            what != nullptr && text_of(report, "type") == "csp-violation")
            add(reports, panel, text_of(*what, "documentURL"), text_of(*what, "effectiveDirective"),
                text_of(*what, "blockedURL"));
    return reports;
}

void note_csp_reports(Context& context, const std::vector<store::CspReport>& reports) {
    if (reports.empty()) return;
    db::transact(context.db, [&](db::Transaction& tx) {
        for (const store::CspReport& report : reports)
            store::count_csp_report(tx, report,
                                    crypto::sha256(report.panel + '\n' + report.document + '\n' +
                                                   report.directive + '\n' + report.blocked),
                                    kMostKinds, context.clock.now());
    });
}

}  // namespace rpm::ops
