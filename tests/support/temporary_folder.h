// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace rpm::test {

/// A folder of its own below the temporary one, for this user only; removed with what is in it.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(TemporaryFolder&&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

}  // namespace rpm::test
