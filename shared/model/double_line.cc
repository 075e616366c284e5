// SPDX-License-Identifier: MIT
#include "shared/model/double_line.h"

namespace rpm {
namespace {

// The first one that is found, with the path of what is looked at.
struct Search {
    std::string found;

    void text(const std::string& path, std::string_view value) {
        if (found.empty() && has_double_line(value)) found = path;
    }
    void access(const std::string& path, const Access& access) {
        text(path + "basic.realm", access.basic.realm);
        for (std::size_t i = 0; i < access.basic.users.size(); ++i)
            text(path + "basic.users." + std::to_string(i) + ".name", access.basic.users[i].name);
    }
    void headers(const std::string& path, const std::vector<HeaderRule>& rules) {
        for (std::size_t i = 0; i < rules.size(); ++i)
            text(path + std::to_string(i) + ".value", rules[i].value);
    }
    void route(const std::string& path, const Route& route) {
        text(path + "path", route.path);
        text(path + "rewrite", route.rewrite);
        text(path + "redirect.to", route.redirect.to);
        if (route.upstream) text(path + "upstream.health.path", route.upstream->health.path);
        if (route.access) access(path + "access.", *route.access);
    }
};

}  // namespace

bool has_double_line(std::string_view text) {
    return text.find("\xe2\x95\x91") != std::string_view::npos;
}

std::string find_double_line(const SiteDefinition& site) {
    Search search;
    search.text("upstream.health.path", site.upstream.health.path);
    search.text("redirect.to", site.redirect.to);
    for (std::size_t i = 0; i < site.routes.size(); ++i)
        search.route("routes." + std::to_string(i) + ".", site.routes[i]);
    search.headers("headers.request.", site.headers.request);
    search.headers("headers.response.", site.headers.response);
    search.text("headers.security.referrer_policy", site.headers.security.referrer_policy);
    search.text("headers.security.permissions_policy", site.headers.security.permissions_policy);
    search.text("headers.security.content_policy", site.headers.security.content_policy);
    search.access("access.", site.access);
    return search.found;
}

}  // namespace rpm
