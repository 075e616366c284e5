// SPDX-License-Identifier: MIT
#include "shared/model/node_settings.h"

#include <algorithm>

#include "shared/model/address_list.h"
#include "shared/model/site_checks.h"

namespace rpm {

std::vector<std::string> TrustedLists::all_urls() const {
    std::vector<std::string> out;
    const auto add = [&out](const std::string& url) {
        if (std::ranges::find(out, url) == out.end()) out.push_back(url);
    };
    for (const ListPreset preset : presets)
        for (const std::string& url : urls_of(preset)) add(url);
    for (const std::string& url : urls) add(url);
    return out;
}

std::string why_not_list_url(std::string_view text) {
    constexpr std::size_t kLongest = 300;
    const auto url = HttpUrl::parse(text);
    if (!url || text.size() > kLongest)
        return "is no URL such as https://cdn.example.net/ranges.txt (without user, query and fragment)";
    const HostAddress& host = url->host();
    const bool loopback = host.is_ip() && (host.text() == "::1" || host.text().starts_with("127."));
    const bool own = loopback || host.text() == "localhost";
    if (!url->encrypted() && !own)
        return "must begin with https://: whoever changes the list on its way is believed";
    return "";
}

namespace members {

void check(const At& at, const DefaultSite& site) {
    const bool redirects = site.answer == DefaultAnswer::redirect;
    const bool to_url = site.redirect.to.starts_with("https://") || site.redirect.to.starts_with("http://");
    if (!site.redirect.to.empty() && !to_url)
        at.problem("redirect.to", "must be a URL: the name that was asked for is nobody's");
    check_redirect(at, site.redirect, 0, redirects);
    if (!redirects && !site.redirect.to.empty())
        at.problem("redirect.to", "is used only by the answer redirect");
    const bool page = site.answer == DefaultAnswer::page;
    if (page && site.html.empty()) at.problem("html", "is missing");
    if (!page && !site.html.empty()) at.problem("html", "is used only by the answer page");
}

}  // namespace members
}  // namespace rpm
