// SPDX-License-Identifier: MIT
#include "tests/support/folder.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "shared/base/error.h"

namespace rpm::test {

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "rpmgr-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error("cannot make " + name + ": " + std::strerror(errno));
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path Folder::write(const std::string& name, std::string_view content) const {
    std::filesystem::path file = path_ / name;
    std::ofstream out(file, std::ios::binary);
    out << content;
    if (!out.flush()) throw Error("cannot write " + file.string());
    return file;
}

}  // namespace rpm::test
