// SPDX-License-Identifier: MIT
// Changing the settings. Reading them is store::load_settings().
#pragma once

#include <map>
#include <optional>
#include <string>

#include "shared/base/secret.h"
#include "shared/model/settings.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"

namespace rpm::ops {

/// Sets all of these or none; those that are what they were are no change. Needs settings_manage. A value
/// equal to the default is not kept, so that a better default of a later version reaches whoever never
/// decided. A secret is given in plain and encrypted here; "" removes it. Throws Invalid naming every setting
/// whose value is refused, alone or together with others. `seen` is settings_version() of what the person
/// looked at: when somebody changed one of these meanwhile, Conflict. The audit log tells each change;
/// of secrets only that.
void change_settings(Context& context, const Viewer& viewer, const std::map<Setting, std::string>& wanted,
                     const std::optional<std::string>& seen = std::nullopt);

/// Tells states of one section apart.
std::string settings_version(const Settings& settings, std::string_view section);

/// The plain text of a secret setting; empty when there is none. Throws Unavailable without a vault.
Secret open_setting(const Context& context, const Settings& settings, Setting setting);

/// Context::vault; throws Unavailable saying how to make the key when this program has none.
const crypto::Vault& the_vault(const Context& context);

}  // namespace rpm::ops
