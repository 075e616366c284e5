// SPDX-License-Identifier: MIT
#include "shared/store/contents.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::store {
namespace {

std::string unhex_digest(std::string_view digest) {
    auto bytes = text::unhex(digest);
    if (!bytes || bytes->size() != 32) throw Error("not a digest: " + std::string(digest));
    return *bytes;
}

}  // namespace

std::set<std::string> claim_contents(db::Transaction& tx, const std::set<std::string>& digests, Time now) {
    std::set<std::string> missing = digests;
    constexpr std::size_t kChunk = 500;
    for (auto next = digests.begin(); next != digests.end();) {
        std::vector<std::string> raw;
        for (; next != digests.end() && raw.size() < kChunk; ++next) raw.push_back(unhex_digest(*next));
        db::Params params{now, now - kContentGrace / 2};
        for (const std::string& bytes : raw) params.emplace_back(db::Bytes{bytes});
        const std::string in = "digest IN " + db::placeholders(1, raw.size());
        // Waits for a removal under way, and from then on holds the row until the release that names it is
        // there.
        tx.execute_once("UPDATE file_contents SET created_at = ? WHERE created_at < ? AND " + in, params);
        params.erase(params.begin(), params.begin() + 2);
        auto row = tx.query_once("SELECT HEX(digest) AS digest FROM file_contents WHERE " + in, params);
        while (row.next()) missing.erase(text::lower(row.text("digest")));
    }
    return missing;
}

void insert_contents(db::Transaction& tx,
                     const std::vector<std::pair<std::string, std::string_view>>& contents, Time now) {
    constexpr std::size_t kRows = 100;
    for (std::size_t from = 0; from < contents.size(); from += kRows) {
        db::Params params;
        const std::size_t to = std::min(contents.size(), from + kRows);
        for (std::size_t i = from; i < to; ++i) {
            params.emplace_back(db::Bytes{unhex_digest(contents[i].first)});
            params.emplace_back(db::Bytes{contents[i].second});
            params.emplace_back(now);
        }
        tx.execute_once("INSERT IGNORE INTO file_contents (digest, content, created_at) VALUES " +
                            db::placeholders(to - from, 3),
                        params);
    }
}

std::optional<std::string> find_content(db::Connection& db, std::string_view digest) {
    auto row =
        db.query("SELECT content FROM file_contents WHERE digest = ?", db::Bytes{unhex_digest(digest)});
    if (!row.first()) return std::nullopt;
    return row.text("content");
}

}  // namespace rpm::store
