// SPDX-License-Identifier: MIT
#include "shared/plan/explain_route.h"

#include "shared/model/http_text.h"
#include "shared/plan/request.h"
#include "shared/render/release_files.h"

namespace rpm::plan {
namespace {

using render::without_final_slash;

// "*.example.com" for "shop.example.com".
bool covers(std::string_view wildcard, std::string_view name, bool deep) {
    const std::string_view suffix = wildcard.substr(1);
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) return false;
    return deep || name.substr(0, name.size() - suffix.size()).find('.') == std::string_view::npos;
}

bool has_prefix(std::string_view prefix, std::string_view path) {
    if (!path.starts_with(prefix)) return false;
    return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

// The path without the prefix: "/x" or "".
std::string_view rest_of(std::string_view prefix, std::string_view path) {
    if (prefix.ends_with('/')) prefix.remove_suffix(1);
    return path.substr(std::min(prefix.size(), path.size()));
}

}  // namespace

FoundSite find_site(std::span<const DeployableSite> sites, std::string_view name, bool encrypted, bool deep) {
    FoundSite found;
    std::size_t longest = 0;
    const auto asked = DomainName::parse(name);
    if (!asked || asked->is_wildcard()) return found;
    for (const DeployableSite& site : sites) {
        if (encrypted && site.definition->tls.mode == TlsMode::none) continue;
        const auto& domains = site.definition->domains;
        for (std::size_t i = 0; i < domains.size(); ++i) {
            if (domains[i] == *asked) return {&site, i};
            if (!domains[i].is_wildcard() || domains[i].text().size() <= longest) continue;
            if (!covers(domains[i].text(), asked->text(), deep)) continue;
            longest = domains[i].text().size();
            found = {&site, i};
        }
    }
    return found;
}

FoundRoute find_route(const std::vector<Route>& routes, std::string_view path) {
    for (std::size_t i = 0; i < routes.size(); ++i)
        if (routes[i].match == PathMatch::exact && routes[i].path == path) return {i, {}};
    for (std::size_t i = 0; i < routes.size(); ++i)
        if (routes[i].match == PathMatch::regex)
            if (auto groups = match_regex(routes[i].path, path)) return {i, *std::move(groups)};
    FoundRoute found;
    for (std::size_t i = 0; i < routes.size(); ++i) {
        if (routes[i].match != PathMatch::prefix || !has_prefix(routes[i].path, path)) continue;
        if (!found.index || routes[i].path.size() > routes[*found.index].path.size()) found.index = i;
    }
    return found;
}

std::string with_groups(std::string_view text, const std::vector<std::string>& groups) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        const auto group = static_cast<std::size_t>(text[++i] - '0');
        if (group < groups.size()) out += encoded_path(groups[group]);
    }
    return out;
}

std::string target_for(const Route* route, const FoundRoute& found, std::string_view path,
                       std::string_view sent_path, std::string_view query) {
    const std::string tail(query);
    if (route == nullptr || (!route->strip_prefix && route->rewrite.empty()))
        return std::string(sent_path) + tail;
    if (route->match != PathMatch::prefix) return with_groups(route->rewrite, found.groups) + tail;
    const std::string whole = (route->strip_prefix ? "" : without_final_slash(route->rewrite)) +
                              encoded_path(rest_of(route->path, path));
    return (whole.empty() ? "/" : whole) + tail;
}

std::string location_of(const Redirect& redirect, const std::vector<std::string>& groups,
                        std::string_view target) {
    const std::string to = with_groups(redirect.to, groups);
    return redirect.keep_path ? without_final_slash(to) + std::string(target) : to;
}

}  // namespace rpm::plan
