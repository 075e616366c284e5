// SPDX-License-Identifier: MIT
#include "workers/discover/report.h"

namespace rpm::discover {
namespace {

Json names(const std::vector<std::string>& list) {
    Json out = Json::array();
    for (const std::string& name : list) out.push(name);
    return out;
}

}  // namespace

std::vector<std::string> lines(const ops::DiscoveryReport& report) {
    std::vector<std::string> out;
    for (const auto& name : report.created) out.push_back("created " + name);
    for (const auto& name : report.updated) out.push_back("updated " + name);
    for (const auto& name : report.kept) out.push_back("kept " + name + ": made by hand, not touched");
    for (const auto& name : report.missing)
        out.push_back("missing " + name + ": not in the file any more; 'rpmgr node disable " + name +
                      "' ends its deployments");
    return out;
}

std::string summary(const ops::DiscoveryReport& report, bool dry_run) {
    std::string out = dry_run ? "dry run: " : "";
    const auto count = [&](const char* word, const std::vector<std::string>& list, bool always) {
        if (list.empty() && !always) return;
        out += std::to_string(list.size()) + " " + word + ", ";
    };
    count("created", report.created, true);
    count("updated", report.updated, true);
    count("kept", report.kept, false);
    count("missing", report.missing, false);
    count("unchanged", report.unchanged, true);
    return out.substr(0, out.size() - 2);
}

Json to_json(const ops::DiscoveryReport& report, bool dry_run) {
    return Json::object({{"dry_run", dry_run},
                         {"created", names(report.created)},
                         {"updated", names(report.updated)},
                         {"unchanged", names(report.unchanged)},
                         {"kept", names(report.kept)},
                         {"missing", names(report.missing)}});
}

}  // namespace rpm::discover
