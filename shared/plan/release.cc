// SPDX-License-Identifier: MIT
#include "shared/plan/release.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

namespace rpm::plan {
namespace {

constexpr std::string_view kPrivateKey = "key";

bool is_digest(std::string_view s) {
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    return s == kPrivateKey || (s.size() == 64 && std::ranges::all_of(s, digit));
}

// The paths a bundle may have: relative, nothing hidden, nothing upwards.
bool is_path(std::string_view path) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '_' || c == '-';
    };
    return std::ranges::all_of(text::split(path, '/'), [&](std::string_view part) {
        return !part.empty() && part != "." && part != ".." && std::ranges::all_of(part, allowed);
    });
}

}  // namespace

std::string to_text(const Manifest& manifest) {
    std::string out;
    out.reserve(manifest.size() * 112);
    for (const auto& [path, digest] : manifest) out.append(digest).append("  ").append(path).append("\n");
    return out;
}

Manifest parse_manifest(std::string_view text) {
    Manifest manifest;
    std::size_t number = 0;
    for (const std::string_view line : text::lines(text)) {
        const std::string where = "line " + std::to_string(++number) + ": ";
        const auto gap = line.find("  ");
        if (gap == std::string_view::npos || !is_digest(line.substr(0, gap)))
            throw Invalid("manifest", where + "must be a SHA-256 digest, two blanks and a path");
        const std::string_view path = line.substr(gap + 2);
        if (!is_path(path)) throw Invalid("manifest", where + "has a path that no release has");
        if (!manifest.try_emplace(std::string(path), line.substr(0, gap)).second)
            throw Invalid("manifest", where + "repeats a path: " + std::string(path));
    }
    return manifest;
}

Release seal(const Bundle& bundle) {
    Release release;
    for (const auto& [path, file] : bundle.files)
        release.manifest.emplace_hint(
            release.manifest.end(), path,
            file.content ? crypto::sha256_hex(*file.content) : std::string(kPrivateKey));
    release.id = crypto::sha256_hex(to_text(release.manifest)).substr(0, 32);
    return release;
}

Plan compare(const Manifest& next, const Manifest& current) {
    Plan plan;
    auto have = current.begin();
    for (const auto& [path, digest] : next) {
        for (; have != current.end() && have->first < path; ++have)
            plan.changes.push_back({ChangeKind::removed, have->first});
        if (have == current.end() || have->first != path) {
            plan.changes.push_back({ChangeKind::added, path});
            continue;
        }
        if (have->second != digest) plan.changes.push_back({ChangeKind::changed, path});
        ++have;
    }
    for (; have != current.end(); ++have) plan.changes.push_back({ChangeKind::removed, have->first});
    return plan;
}

}  // namespace rpm::plan
