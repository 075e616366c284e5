// SPDX-License-Identifier: MIT
#include "shared/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::crypto {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeySize = 32;

}  // namespace

Secret key_in(std::string_view line, std::string_view word, const fs::path& file) {
    if (line.starts_with(word)) {
        if (auto raw = text::unbase64(text::trim(line.substr(word.size())))) {
            Secret key(std::move(*raw));
            if (key.size() == kKeySize) return key;
        }
    }
    throw Invalid(file.string(),
                  "is not a key file that begins with '" + std::string(text::trim(word)) + "'");
}

void refuse_permissions(const fs::path& file, mode_t refused, std::string_view remedy) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0)
        throw Unavailable("cannot read " + file.string() + ": " + std::strerror(errno));
    if ((status.st_mode & refused) != 0) throw Invalid(file.string(), std::string(remedy));
}

void write_new(const fs::path& file, std::string_view content, mode_t mode) {
    const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd && errno == EEXIST) throw Conflict(file.string() + " exists already");
    const bool written =
        fd && fchmod(fd.get(), mode) == 0 &&
        write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        fsync(fd.get()) == 0;
    if (written) return;
    const std::string reason = std::strerror(errno);
    if (fd) unlink(file.c_str());
    throw Unavailable("cannot write " + file.string() + ": " + reason);
}

}  // namespace rpm::crypto
