// SPDX-License-Identifier: MIT
// A temporary folder that is removed with everything in it when the object dies.
#pragma once

#include <filesystem>

namespace rpm::test {

class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// Writes a file in it and answers its path.
    std::filesystem::path write(const std::string& name, std::string_view content) const;

  private:
    std::filesystem::path path_;
};

}  // namespace rpm::test
