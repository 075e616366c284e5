// SPDX-License-Identifier: MIT
#include "web/panel/member_buttons.h"

#include "web/panel/member_form.h"

namespace rpm::web {

std::optional<std::string> press_row_button(const http::Values& posted, const MemberDoc& doc, Json& typed) {
    if (const std::string* path = posted.find("add")) {
        if (!add_typed(doc, typed, *path)) return *path;
        const Json* list = find_typed(typed, *path);
        if (!list->is_array() || list->items().empty()) return *path;
        return *path + "." + std::to_string(list->items().size() - 1);
    }
    if (const std::string* path = posted.find("remove")) {
        remove_typed(doc, typed, *path);
        const MemberDoc* member = doc.find(*path);
        return member != nullptr && member->nullable ? *path : path->substr(0, path->rfind('.'));
    }
    if (const std::string* path = posted.find("raise")) {
        raise_typed(doc, typed, *path);
        return path->substr(0, path->rfind('.'));
    }
    return std::nullopt;
}

}  // namespace rpm::web
