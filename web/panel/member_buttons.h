// SPDX-License-Identifier: MIT
// The buttons inside a form of members: "Add", "Set", "Remove" and "Move up".
#pragma once

#include <optional>
#include <string>

#include "shared/base/json.h"
#include "shared/model/member_doc.h"
#include "web/http/values.h"

namespace rpm::web {

/// Does to what was typed what the pressed button says; the answer is the form with that changed. Answers
/// where it was changed, or nothing when none was pressed.
std::optional<std::string> press_row_button(const http::Values& posted, const MemberDoc& doc, Json& typed);

}  // namespace rpm::web
