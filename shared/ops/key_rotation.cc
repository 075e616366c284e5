// SPDX-License-Identifier: MIT
#include "shared/ops/key_rotation.h"

#include "shared/base/error.h"
#include "shared/store/audit.h"

namespace rpm::ops {
namespace {

using store::SealedColumn;
using store::SealedValue;

class Resealing {
  public:
    Resealing(db::Connection& db, const crypto::UnsealingKeys& keys, const crypto::SealingKey& key,
              const ResealOptions& options)
        : db_(db), keys_(keys), key_(key), options_(options) {}

    /// Answers how many values were changed.
    std::uint64_t run(const SealedColumn& column) {
        std::uint64_t done = 0;
        std::string after;
        for (;;) {
            const auto values = store::list_sealed_otherwise(db_, column, key_.id(), after, options_.values);
            if (values.empty()) return done;
            after = values.back().key;
            done += replace(column, values);
            options_.progress(column.table, done);
        }
    }
    std::vector<std::string> unreadable;

  private:
    std::uint64_t replace(const SealedColumn& column, const std::vector<SealedValue>& values) {
        std::vector<std::pair<const SealedValue*, std::string>> fresh;
        for (const SealedValue& value : values) {
            try {
                fresh.emplace_back(&value, keys_.reseal(value.sealed, key_));
            } catch (const Error&) {  // its key is lost, or somebody damaged it: the others must not wait
                unreadable.push_back(std::string(column.table) + " " + value.key);
            }
        }
        return db::transact(db_, [&](db::Transaction& tx) {
            std::uint64_t replaced = 0;
            for (const auto& [value, sealed] : fresh)
                replaced += store::replace_sealed(tx, column, *value, sealed) ? 1 : 0;
            return replaced;
        });
    }

    db::Connection& db_;
    const crypto::UnsealingKeys& keys_;
    const crypto::SealingKey& key_;
    const ResealOptions& options_;
};

}  // namespace

Resealed reseal_all(db::Connection& db, const Viewer& viewer, const crypto::UnsealingKeys& keys,
                    const crypto::SealingKey& key, const ResealOptions& options) {
    viewer.demand(Permission::settings_manage);
    Resealed all;
    // Again until a whole round finds nothing: programs that had the old key in hand may have written.
    for (bool changed = true; changed;) {
        Resealing round(db, keys, key, options);
        changed = false;
        for (const SealedColumn& column : store::sealed_columns()) {
            const std::uint64_t values = round.run(column);
            all.values += values;
            changed |= values > 0;
        }
        all.unreadable = std::move(round.unreadable);
    }
    return all;
}

std::vector<store::SealedCount> count_sealed(db::Connection& db, const Viewer& viewer) {
    viewer.demand(Permission::settings_read);
    return db::transact(db, [&](db::Transaction& tx) { return store::count_sealed(tx); });
}

void note_key_change(db::Connection& db, const Viewer& viewer, std::string_view action,
                     const std::string& before_id, const std::string& after_id, Time now) {
    viewer.demand(Permission::settings_manage);
    const auto words = [](const std::string& id) {
        return id.empty() ? Json() : Json::object({{"key", id}});
    };
    db::transact(db, [&](db::Transaction& tx) {
        store::insert_audit(tx, viewer, action,
                            {.type = "key", .name = after_id.empty() ? before_id : after_id},
                            words(before_id), words(after_id), now);
    });
}

}  // namespace rpm::ops
