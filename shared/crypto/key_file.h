// SPDX-License-Identifier: MIT
// Files with keys: how they are read, and how they appear whole or not at all. Used inside shared/crypto.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "shared/base/secret.h"

namespace rpm::crypto {

/// The raw key of `size` bytes in a line "<word><base64>". Throws Invalid with the file's name.
Secret key_in(const Secret& line, std::string_view word, std::size_t size, const std::filesystem::path& file);

/// Throws Invalid when others than its owner may use the file, Unavailable when it is not there.
void demand_private(const std::filesystem::path& file);

/// A new file; throws Conflict when it is there already.
void write_new(const std::filesystem::path& file, std::string_view content, mode_t mode);
/// A file that takes the place of another in one rename; readers see the old one or the new one.
void write_over(const std::filesystem::path& file, std::string_view content, mode_t mode);

/// A folder that is there keeps its mode, which is the administrator's choice; a new one gets 0700.
void make_private_folder(const std::filesystem::path& folder);

/// Gives a file that root made to the owner of another one, so that the program which reads that can read
/// this. Does nothing for others than root.
void share_owner(const std::filesystem::path& file, const std::filesystem::path& example);

}  // namespace rpm::crypto
