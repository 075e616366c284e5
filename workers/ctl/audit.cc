// SPDX-License-Identifier: MIT
#include "shared/store/audit.h"

#include <iostream>

#include "shared/base/error.h"
#include "shared/ops/audit_chain.h"
#include "shared/ops/audit_export.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {
namespace {

std::optional<Time> time_option(const Arguments& arguments, const char* name) {
    const auto given = arguments.option(name);
    if (!given) return std::nullopt;
    const auto time = parse_time(*given);
    if (!time)
        throw Invalid(std::string("--") + name,
                      "must be a time in UTC like 2026-11-22T20:34, not '" + *given + "'");
    return time;
}

store::AuditFilter filter_from(const Arguments& arguments) {
    store::AuditFilter filter;
    filter.action_prefix = arguments.option("action", "");
    filter.username = arguments.option("user", "");
    filter.object_name = arguments.option("object", "");
    filter.address = arguments.option("address", "");
    filter.from = time_option(arguments, "from");
    filter.until = time_option(arguments, "until");
    return filter;
}

std::string who(const store::AuditEntry& entry) {
    return entry.impersonator.empty() ? entry.username : entry.impersonator + " as " + entry.username;
}

ops::AuditFormat format_from(const Arguments& arguments) {
    const std::string given = arguments.option("format", "jsonl");
    if (given == "csv") return ops::AuditFormat::csv;
    if (given == "jsonl") return ops::AuditFormat::json_lines;
    throw Invalid("--format", "must be csv or jsonl, not '" + given + "'");
}

void write_out(const std::string& text) {
    if (!(std::cout << text)) throw Unavailable("cannot write the export: standard output is closed or full");
}

Json report_json(const ops::ChainReport& report) {
    const auto or_null = [](const auto& value) { return value ? Json(value) : Json(); };
    const auto text_or_null = [](const std::string& text) { return text.empty() ? Json() : Json(text); };
    Json json = Json::object({{"intact", report.intact}, {"problem", text_or_null(report.problem)}});
    json["bad_row"] = or_null(report.bad_row);
    json["bad_seal"] = or_null(report.bad_seal);
    json["seals"] = report.seals;
    json["rows"] = report.rows;
    json["unsealed"] = report.unsealed;
    json["digest"] = text_or_null(report.digest);
    json["sealed_at"] = text_or_null(report.sealed_at);
    return json;
}

std::string report_text(const ops::ChainReport& report) {
    const std::string checked =
        std::to_string(report.rows) + " rows in " + std::to_string(report.seals) + " seals";
    if (!report.intact) return "NOT INTACT: " + report.problem + "\nchecked before it: " + checked;
    std::string text =
        "intact: " + checked + ", " + std::to_string(report.unsealed) + " younger rows not sealed yet";
    if (report.seals == 0) return text;
    return text + "\nnewest seal, of " + report.sealed_at.substr(0, 19) + ":\n  " + report.digest +
           "\nNote it elsewhere; 'rpmgr audit verify --expect' finds out later whether it is still in the "
           "chain.";
}

}  // namespace

int list_audit(Environment& environment, const Arguments& arguments) {
    store::AuditFilter filter = filter_from(arguments);
    filter.limit = arguments.number("limit", 50, 1, 10000);
    Json all = Json::array();
    Table table({"AT", "WHO", "FROM", "ACTION", "OBJECT", "REQUEST"});
    for (const auto& entry : store::list_audit(environment.db(), Scope::everything(), filter)) {
        if (environment.json())
            all.push(ops::audit_json(entry));
        else
            table.add({show(entry.at), who(entry), entry.address, entry.action,
                       entry.object_type + " " + entry.object_name, entry.request_id});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int export_audit(Environment& environment, const Arguments& arguments) {
    const auto format = format_from(arguments);
    const auto filter = filter_from(arguments);
    db::Connection& db = environment.db();
    write_out(ops::audit_head(format));
    store::each_audit_entry(db, Scope::everything(), filter, [&](const store::AuditEntry& entry) {
        write_out(ops::audit_line(format, entry));
        return true;
    });
    std::cout.flush();
    write_out("");
    return 0;
}

int verify_audit(Environment& environment, const Arguments& arguments) {
    const auto keys = crypto::VerifyingKeys::load(environment.settings().audit_public());
    const auto report = ops::verify_audit(
        environment.db(), keys, {.now = environment.now(), .expect = arguments.option("expect", "")});
    environment.print(report_text(report), report_json(report));
    return report.intact ? 0 : 1;
}

}  // namespace rpm::ctl
