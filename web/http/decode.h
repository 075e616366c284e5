// SPDX-License-Identifier: MIT
// Decoding of what arrives %-encoded. Used inside web/http.
#pragma once

#include <string>
#include <string_view>

namespace rpm::http {

enum class Plus { literal, blank };

/// Throws HttpError 400 for "%" without two hexadecimal digits and for an encoded NUL.
std::string decode_percent(std::string_view text, Plus plus);

/// Throws HttpError 400 unless the text is UTF-8 without NUL.
void check_text(std::string_view text);

}  // namespace rpm::http
