// SPDX-License-Identifier: MIT
#include "shared/store/settings.h"

namespace rpm::store {
namespace {

Settings settings_from(db::Rows rows) {
    Settings all;
    while (rows.next())
        if (const auto known = setting(rows.text("name"))) all.set(*known, rows.text("value"));
    return all;
}

}  // namespace

Settings load_settings(db::Connection& db) {
    return settings_from(db.query("SELECT name, value FROM settings"));
}

Settings lock_settings(db::Transaction& tx) {
    return settings_from(tx.query("SELECT name, value FROM settings ORDER BY name FOR UPDATE"));
}

void upsert_setting(db::Transaction& tx, Setting setting, std::string_view value, UserId by, Time now) {
    tx.execute(
        "INSERT INTO settings (name, value, updated_at, updated_by) VALUES (?, ?, ?, ?) "
        "ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at), "
        "updated_by = VALUES(updated_by)",
        row_of(setting).name, value, now, by);
}

void remove_setting(db::Transaction& tx, Setting setting) {
    tx.execute("DELETE FROM settings WHERE name = ?", row_of(setting).name);
}

}  // namespace rpm::store
