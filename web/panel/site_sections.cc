// SPDX-License-Identifier: MIT
#include "web/panel/site_sections.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::web {
namespace {

// Below "routes.N." the same members mean the same.
constexpr std::string_view kRare[] = {
    "upstream.cookie",
    "upstream.connect_timeout",
    "upstream.read_timeout",
    "upstream.send_timeout",
    "upstream.keepalive",
    "upstream.max_fails",
    "upstream.fail_timeout",
    "upstream.host_header",
    "upstream.proxy_protocol",
    "upstream.tls",
    "rewrite",
    "client_certificate",
    "tls.hsts_preload",
    "tls.minimum",
    "tls.http3",
    "tls.clients",
    "access.satisfy",
    "own",
    "access.forward",
    "access.no_sign_in_from",
    "limits.buffer_requests",
    "limits.buffer_responses",
    "headers.cors",
    "pages.robots_txt",
    "pages.security_txt",
};

std::string_view without_row(std::string_view path) {
    constexpr std::string_view kRoutes = "routes.";
    if (!path.starts_with(kRoutes)) return path;
    const auto dot = path.find('.', kRoutes.size());
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

bool holds(std::string_view member, std::string_view path) {
    if (member.ends_with(".*")) member.remove_suffix(2);
    return path == member || (path.starts_with(member) && path[member.size()] == '.');
}

}  // namespace

std::span<const SiteSection> site_sections() {
    static const std::vector<SiteSection> all = {
        {"basics", "Basics", "file", "No name yet", {"kind", "domains", "redirect", "stream", "note"}},
        {"upstreams", "Upstreams", "balance", "No server yet", {"upstream.*"}},
        {"routes", "Routes", "route", "Every path goes to the upstreams", {"routes"}},
        {"tls", "TLS", "lock", "None, plain HTTP only", {"tls.*"}},
        {"access", "Access", "key", "Open to everybody", {"access.*"}},
        {"limits", "Limits", "gauge", "Usual limits", {"limits.*"}},
        {"headers", "Headers", "headers", "As the servers send them", {"headers.*"}},
        {"pages", "Pages", "page", "As the servers send them", {"pages.*"}},
        {"shared", "Shared settings", "copy", "None", {"snippets", "own"}},
        {"advanced", "Advanced", "code", "Nothing special", {"compression", "raw.*"}},
    };
    return all;
}

const SiteSection& section_of(std::string_view path) {
    for (const SiteSection& section : site_sections())
        if (std::ranges::any_of(section.members, [&](std::string_view each) { return holds(each, path); }))
            return section;
    return site_sections().front();
}

bool is_rare(std::string_view path) {
    return path == "redirect" || path == "stream" ||
           std::ranges::find(kRare, without_row(path)) != std::end(kRare);
}

}  // namespace rpm::web
