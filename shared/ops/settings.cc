// SPDX-License-Identifier: MIT
#include "shared/ops/settings.h"

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/store/audit.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

using Wanted = std::map<Setting, std::string>;

std::string purpose_of(Setting setting) {
    return "setting:" + std::string(row_of(setting).name);
}

Wanted checked(const Wanted& wanted) {
    Wanted out;
    Problems problems;
    for (const auto& [setting, value] : wanted) {
        try {
            out[setting] = check_setting(setting, value);
        } catch (const Invalid& invalid) {  // all of them are told at once
            for (const auto& [field, text] : invalid.problems.entries()) problems.add(field, text);
        }
    }
    if (!problems.empty()) throw Invalid(problems);
    return out;
}

// What people may read of a value.
Json shown(const Settings& settings, Setting setting) {
    if (row_of(setting).kind == SettingKind::secret)
        return settings.secret(setting).empty() ? "not set" : "set";
    return settings.stored(setting);
}

// Of a secret nobody can tell whether the new one is the old one: it always counts as changed, unless there
// is and was none.
bool changes(const Settings& now, Setting setting, const std::string& value) {
    if (row_of(setting).kind == SettingKind::secret) return !value.empty() || !now.secret(setting).empty();
    return now.stored(setting) != value;
}

void demand_unchanged(const Settings& now, const Wanted& wanted, const std::string& seen) {
    for (const auto& [setting, value] : wanted)
        if (settings_version(now, row_of(setting).section()) != seen)
            throw Conflict("somebody changed these settings meanwhile");
}

}  // namespace

const crypto::Vault& the_vault(const Context& context) {
    if (context.vault == nullptr)
        throw Unavailable("there is no key for the panels' secrets (keys.vault): run 'rpmgr keys init'");
    return *context.vault;
}

void change_settings(Context& context, const Viewer& viewer, const Wanted& wanted,
                     const std::optional<std::string>& seen) {
    viewer.demand(Permission::settings_manage);
    const Wanted values = checked(wanted);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Settings before = store::lock_settings(tx);
        if (seen) demand_unchanged(before, values, *seen);
        Settings after = before;
        Json old_values = Json::object();
        Json new_values = Json::object();
        const Time now = context.clock.now();
        for (const auto& [setting, value] : values) {
            if (!changes(before, setting, value)) continue;
            const bool secret = row_of(setting).kind == SettingKind::secret && !value.empty();
            after.set(setting,
                      secret ? the_vault(context).encrypt(Secret(value), purpose_of(setting)) : value);
            if (after.is_default(setting))
                store::remove_setting(tx, setting);
            else
                store::upsert_setting(tx, setting, after.stored(setting), viewer.id, now);
            old_values[row_of(setting).name] = shown(before, setting);
            new_values[row_of(setting).name] = shown(after, setting);
        }
        if (new_values.members().empty()) return;
        if (auto problems = why_not_together(after); !problems.empty()) throw Invalid(std::move(problems));
        store::insert_audit(tx, viewer, "settings.change", {.type = "settings", .id = 0, .name = "settings"},
                            old_values, new_values, now);
    });
}

std::string settings_version(const Settings& settings, std::string_view section) {
    crypto::Sha256 digest;
    for (const SettingRow& row : rpm::settings())
        if (row.section() == section) digest.update(settings.stored(row.setting)).update("\n\n");
    return text::hex(digest.finish()).substr(0, 16);
}

Secret open_setting(const Context& context, const Settings& settings, Setting setting) {
    const std::string& encrypted = settings.secret(setting);
    return encrypted.empty() ? Secret() : the_vault(context).decrypt(encrypted, purpose_of(setting));
}

}  // namespace rpm::ops
