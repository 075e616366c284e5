// SPDX-License-Identifier: MIT
#include "shared/render/directives.h"

#include <algorithm>

namespace rpm::render {
namespace {

// What stands before them in proxy_templates/nginx/site.conf.
constexpr std::string_view kMark = "    # by an administrator\n";
constexpr std::string_view kInstead = "    # (set by the operator)\n";

// Bytes of the longest that the text begins with, with the line's end.
std::size_t known_at(std::string_view text, const std::vector<std::string>& known) {
    std::size_t longest = 0;
    for (std::string_view each : known) {
        while (each.ends_with('\n')) each.remove_suffix(1);
        const std::string_view after = text.substr(std::min(each.size(), text.size()));
        if (!each.empty() && text.starts_with(each) && after.starts_with('\n') && each.size() >= longest)
            longest = each.size() + 1;
    }
    return longest;
}

}  // namespace

std::string without_directives(std::string_view text, const std::vector<std::string>& known) {
    std::string out;
    for (auto at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark)) {
        out.append(text.substr(0, at)).append(kInstead);
        text.remove_prefix(at + kMark.size());
        const std::size_t length = known_at(text, known);
        if (length == 0) return out;
        text.remove_prefix(length);
    }
    return out.append(text);
}

}  // namespace rpm::render
