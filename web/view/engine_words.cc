// SPDX-License-Identifier: MIT
#include "web/view/engine_words.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::web {
namespace {

constexpr std::string_view kFolder = "sites/";

// Every site file that the line names is one of these, and there is one. Of a site with directives of an
// administrator an engine may quote them.
bool names_only(std::string_view line, const std::vector<store::DeploymentSite>& sites) {
    bool named = false;
    for (auto at = line.find(kFolder); at != std::string_view::npos; at = line.find(kFolder, at + 1)) {
        std::string_view file = line.substr(at + kFolder.size());
        file = file.substr(0, file.find(' '));
        file.remove_prefix(file.rfind('/') + 1);  // the folder of a dense group
        named = std::ranges::any_of(sites, [&](const auto& site) {
            return !site.directives && file.starts_with(site.site.text() + "-");
        });
        if (!named) return false;
    }
    return named;
}

}  // namespace

std::vector<std::string> readable_lines(const std::string& words,
                                        const std::vector<store::DeploymentSite>& sites,
                                        const Viewer& viewer) {
    std::vector<std::string> out;
    for (const std::string_view line : text::lines(words))
        if (viewer.is_staff() || names_only(line, sites)) out.emplace_back(line);
    return out;
}

std::string readable_error(const store::DeploymentNode& node, const std::vector<store::DeploymentSite>& sites,
                           const Viewer& viewer) {
    if (viewer.is_staff() || node.error.empty()) return node.error;
    const auto lines = readable_lines(node.error, sites, viewer);
    if (!lines.empty()) return text::join(lines, "\n");
    return std::ranges::any_of(sites, &store::DeploymentSite::directives)
               ? "the release was not taken; the operator, who set directives of this site, can read why"
               : "the release was not taken for a reason outside of your sites";
}

std::string readable_refusal(const store::SiteOnNode& on, const Viewer& viewer) {
    return viewer.is_staff() || !on.refused_directives
               ? on.quarantine_message
               : "the operator, who set directives of this site, can read why";
}

}  // namespace rpm::web
