// SPDX-License-Identifier: MIT
// Whose fault it is, from what the node tells or from Traefik's own words:
//
//     LOG sites/12-shop.example.com.yml: error while parsing rule …
//     2026-11-25T22:00:00Z ERR error="invalid value …" entryPointName=web routerName=site12-r1@file
//     {"level":"error","error":"…","routerName":"site12-r1@file"}
//     ERR Cannot start the provider … error="/x/current/sites/12-shop.example.com.yml: yaml: line 3: …"
//
// A name tells the site but not its file's; the file is then "sites/12-".
#include "shared/base/text.h"
#include "shared/render/release_files.h"
#include "shared/render/traefik.h"

namespace rpm::render {
namespace {

constexpr std::string_view kSuffix = ".yml";

// "sites/12-x.yml: words", also behind a longer path.
std::optional<Renderer::Culprit> by_file(std::string_view line) {
    const auto end = line.find(".yml:");
    if (end == std::string_view::npos) return std::nullopt;
    const auto blank = line.find_last_of(" \"'=", end);
    std::string_view path = line.substr(blank == std::string_view::npos ? 0 : blank + 1);
    path = path.substr(0, path.find(".yml:") + kSuffix.size());
    if (const auto at = path.rfind("sites/");
        at != std::string_view::npos && (at == 0 || path[at - 1] == '/'))
        path = path.substr(at);
    else
        path = path.substr(path.rfind('/') + 1);
    const std::string_view words = text::trim(line.substr(end + kSuffix.size() + 1));
    // "yaml: line 3: did not find expected key"
    unsigned number = 0;
    if (const auto at = words.find("yaml: line "); at != std::string_view::npos) {
        const std::string_view rest = words.substr(at + 11);
        number = text::number<unsigned>(rest.substr(0, rest.find(':'))).value_or(0);
    }
    return Renderer::Culprit{site_of_path(path), std::string(path), number, std::string(words)};
}

// The first site12-… of a line that tells of an error.
std::optional<Renderer::Culprit> by_name(std::string_view line) {
    if (line.find(" ERR ") == std::string_view::npos && line.find("\"error\"") == std::string_view::npos)
        return std::nullopt;
    for (std::size_t at = line.find("site"); at != std::string_view::npos; at = line.find("site", at + 1)) {
        const std::string_view rest = line.substr(at + 4);
        const auto dash = rest.find('-');
        if (dash == std::string_view::npos || line.find("@file", at) == std::string_view::npos) continue;
        if (at > 0 && std::string_view("=\" ").find(line[at - 1]) == std::string_view::npos) continue;
        const auto site = SiteId::parse(rest.substr(0, dash));
        if (site) return Renderer::Culprit{*site, "sites/" + site->text() + "-", 0, std::string(line)};
    }
    return std::nullopt;
}

}  // namespace

std::optional<Renderer::Culprit> TraefikRenderer::culprit(std::string_view engine_output) const {
    for (std::string_view line : text::lines(engine_output)) {
        line = text::trim(line);
        if (line.starts_with("LOG ")) line = line.substr(4);
        if (auto found = by_file(line)) return found;
        if (auto found = by_name(line)) return found;
    }
    return std::nullopt;
}

}  // namespace rpm::render
