// SPDX-License-Identifier: MIT
// Files that hold one key per line, "<word> <base64>". For the sources of shared/crypto.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

/// The 32 raw bytes of the key in "<word><base64>"; throws Invalid naming the file.
Secret key_in(std::string_view line, std::string_view word, const std::filesystem::path& file);
/// Throws Invalid saying `remedy` when the file grants any of these permissions, Unavailable when it is not
/// there.
void refuse_permissions(const std::filesystem::path& file, mode_t refused, std::string_view remedy);
/// The whole file appears or none: a crash must not leave half a key behind. Throws Conflict when it exists.
void write_new(const std::filesystem::path& file, std::string_view content, mode_t mode);

}  // namespace rpm::crypto
