// SPDX-License-Identifier: MIT
#include "workers/deploy/archive.h"

#include <array>
#include <cstdio>
#include <cstring>

#include "shared/base/error.h"

namespace rpm::deploy {
namespace {

constexpr std::size_t kBlock = 512;

struct Header {  // offsets and sizes as POSIX gives them
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char linkname[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char device_major[8];
    char device_minor[8];
    char prefix[155];
    char padding[12];
};
static_assert(sizeof(Header) == kBlock);

void set_path(Header& header, std::string_view path) {
    if (path.size() <= sizeof header.name) {
        std::memcpy(header.name, path.data(), path.size());
        return;
    }
    const auto slash = path.rfind('/', sizeof header.prefix);
    if (slash == std::string_view::npos || slash > sizeof header.prefix ||
        path.size() - slash - 1 > sizeof header.name)
        throw Invalid("path", "is too long for an archive: " + std::string(path));
    std::memcpy(header.prefix, path.data(), slash);
    std::memcpy(header.name, path.data() + slash + 1, path.size() - slash - 1);
}

void set_checksum(Header& header) {
    std::memset(header.checksum, ' ', sizeof header.checksum);
    std::array<unsigned char, kBlock> raw;
    std::memcpy(raw.data(), &header, kBlock);
    unsigned sum = 0;
    for (const unsigned char byte : raw) sum += byte;
    std::snprintf(header.checksum, sizeof header.checksum, "%06o", sum);
    header.checksum[7] = ' ';
}

}  // namespace

void Archive::add(std::string_view path, std::string_view content, unsigned mode) {
    Header header{};
    set_path(header, path);
    std::snprintf(header.mode, sizeof header.mode, "%07o", mode & 07777U);
    std::snprintf(header.uid, sizeof header.uid, "%07o", 0U);
    std::snprintf(header.gid, sizeof header.gid, "%07o", 0U);
    std::snprintf(header.size, sizeof header.size, "%011zo", content.size());
    std::snprintf(header.mtime, sizeof header.mtime, "%011o", 0U);
    header.type = '0';
    std::memcpy(header.magic, "ustar", 6);
    std::memcpy(header.version, "00", 2);
    set_checksum(header);
    std::array<char, kBlock> raw;
    std::memcpy(raw.data(), &header, kBlock);
    bytes_.append(raw.data(), kBlock);
    bytes_ += content;
    bytes_.append((kBlock - content.size() % kBlock) % kBlock, '\0');
}

std::string Archive::finish() {
    bytes_.append(2 * kBlock, '\0');
    return std::move(bytes_);
}

}  // namespace rpm::deploy
