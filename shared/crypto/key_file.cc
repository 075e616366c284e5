// SPDX-License-Identifier: MIT
#include "shared/crypto/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"

namespace rpm::crypto {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& file) {
    const std::string reason = std::strerror(errno);
    throw Unavailable("cannot " + what + " " + file.string() + ": " + reason);
}

// The name itself must survive a crash, too: a key that is used before it is on the disk may be lost.
void sync_folder_of(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) fail("write", folder);
}

// Written under another name first: whoever looks at the folder meanwhile sees no half key.
void write_beside(const fs::path& file, std::string_view content, mode_t mode) {
    unlink(file.c_str());  // of a command that was killed
    const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    const bool written =
        fd && fchmod(fd.get(), mode) == 0 &&
        write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        fsync(fd.get()) == 0;
    if (!written) fail("write", file);
}

fs::path name_beside(const fs::path& file) {
    return file.string() + ".new." + std::to_string(getpid());
}

}  // namespace

Secret key_in(const Secret& line, std::string_view word, std::size_t size, const fs::path& file) {
    const std::string_view text = line.reveal();
    if (text.starts_with(word)) {
        if (auto raw = text::unbase64(text::trim(text.substr(word.size())))) {
            Secret key(std::move(*raw));
            if (key.size() == size) return key;
        }
    }
    throw Invalid(file.string(),
                  "is not a key file that begins with '" + std::string(text::trim(word)) + "'");
}

void refuse_permissions(const fs::path& file, mode_t refused, std::string_view remedy) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) fail("read", file);
    if ((status.st_mode & refused) != 0) throw Invalid(file.string(), std::string(remedy));
}

void demand_private(const fs::path& file) {
    refuse_permissions(file, S_IRWXG | S_IRWXO, "may be used by others than its owner: set its mode to 0600");
}

void write_new(const fs::path& file, std::string_view content, mode_t mode) {
    const fs::path fresh = name_beside(file);
    const Finally remove([&] { unlink(fresh.c_str()); });
    write_beside(fresh, content, mode);
    if (link(fresh.c_str(), file.c_str()) != 0) {  // unlike rename(), never in place of another
        if (errno == EEXIST) throw Conflict(file.string() + " exists already");
        fail("write", file);
    }
    sync_folder_of(file);
}

void write_over(const fs::path& file, std::string_view content, mode_t mode) {
    const fs::path fresh = name_beside(file);
    const Finally remove([&] { unlink(fresh.c_str()); });
    write_beside(fresh, content, mode);
    share_owner(fresh, file);
    if (rename(fresh.c_str(), file.c_str()) != 0) fail("write", file);
    sync_folder_of(file);
}

void make_private_folder(const fs::path& folder) {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail("make", folder);
}

void share_owner(const fs::path& file, const fs::path& example) {
    struct stat status {};
    if (geteuid() != 0 || stat(example.c_str(), &status) != 0) return;
    if (chown(file.c_str(), status.st_uid, status.st_gid) != 0) fail("give away", file);
}

}  // namespace rpm::crypto
