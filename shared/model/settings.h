// SPDX-License-Identifier: MIT
// What administrators decide for the whole installation: one row per setting, from which the page /settings,
// `rpmgr settings`, docs/settings.md and the checks of values are made.
//
//     const Settings settings = store::load_settings(db);
//     if (settings.on(Setting::oidc_enabled)) …
//     const std::int64_t most = settings.number(Setting::…);
//
// To add one: a word in the enumeration, a row at the same place of kSettings (settings.cc), and
// `make manuals`. A setting that nobody changed has its default. Values are text in the database;
// accessors throw Error for a setting of another kind, and for a row that the rules would not take (written
// by hand), naming it: a wrong policy must not turn silently into a lax one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "shared/model/permission.h"

namespace rpm {

enum class Setting : std::uint8_t {
    second_factor_admin,
    second_factor_operator,
    second_factor_read_only,
    second_factor_client,
    second_factor_client_read_only,
    session_idle,
    session_life,
    confirm_after,
    mail_enabled,
    panel_admin_url,
    panel_client_url,
    oidc_enabled,
    oidc_label,
    oidc_issuer,
    oidc_client_id,
    oidc_client_secret,
    oidc_scopes,
    oidc_create,
    oidc_second_factor,
    oidc_acr,
    oidc_groups_claim,
    oidc_groups_admin,
    oidc_groups_operator,
    oidc_groups_read_only,
    oidc_groups_client,
    oidc_groups_client_read_only,
    domains_proof,
    domains_recheck,
    domains_grace,
    clients_denied_networks,
    clients_sites,
    clients_names,
    clients_saves,
    clients_pieces,
    clients_plans,
    clients_stream_ports,
    approval_clients,
    approval_four_eyes,
    tokens_days,
};

enum class SettingKind : std::uint8_t {
    choice,  ///< one of a few words
    number,  ///< whole, within bounds
    text,    ///< one line
    list,    ///< lines, in order, without empty ones
    url,     ///< https://host[:port][/path]; http only to this machine itself
    secret,  ///< encrypted for the panels, never shown again
};

struct SettingRow {
    Setting setting;
    SettingKind kind;
    std::string_view name;          ///< "sign_in.second_factor.admin"; the first word is its section
    std::string_view title;         ///< label on the page
    std::string_view meaning;       ///< one sentence
    std::string_view fallback;      ///< when nobody decided
    std::string_view choices = "";  ///< words with blanks between
    std::int64_t least = 0;
    std::int64_t most = 200;     ///< of a number; of texts: bytes, in all
    std::string_view unit = "";  ///< of a number, for people
    /// Further rule for a value that keeps those of its kind: why it is refused ("must be …"), or "".
    std::string (*why_not)(std::string_view value) = nullptr;

    std::string_view section() const { return name.substr(0, name.find('.')); }
};
struct SettingSection {
    std::string_view word;   ///< "sign_in"
    std::string_view title;  ///< "Signing in"
    std::string_view lead;   ///< what it is about, one sentence
};

/// In the order of the enumeration; settings of one section follow each other.
std::span<const SettingRow> settings();
std::span<const SettingSection> setting_sections();
const SettingRow& row_of(Setting setting);
/// By its name; suggests() says which was probably meant.
std::optional<Setting> setting(std::string_view name);
/// Throws Invalid for field "setting", with the name that was probably meant.
Setting get_setting(std::string_view name);

/// The value as it is stored: without blanks around, lists without empty lines. Throws Invalid with the
/// setting's name as field.
std::string check_setting(Setting setting, std::string_view value);

class Settings {
  public:
    Settings();  ///< all defaults
    /// As stored. No check: the accessors do that.
    void set(Setting setting, std::string value);
    void reset(Setting setting);

    bool on(Setting setting) const;  ///< of a choice between off and on
    const std::string& choice(Setting setting) const;
    std::int64_t number(Setting setting) const;
    const std::string& text(Setting setting) const;  ///< of text and url
    std::vector<std::string> list(Setting setting) const;
    /// The encrypted text, "" when there is none.
    const std::string& secret(Setting setting) const;

    const std::string& stored(Setting setting) const;  ///< the text, whatever the kind
    bool is_default(Setting setting) const;

  private:
    const std::string& checked(Setting setting, SettingKind kind) const;
    std::vector<std::string> values_;
};

/// What does not fit together, by setting names; empty when all does.
Problems why_not_together(const Settings& settings);

/// Whether this role must show a second factor.
bool demands_second_factor(const Settings& settings, Role role);
/// Whether clients show that they hold a name before it is served.
bool demands_domain_proof(const Settings& settings);
/// The address of a panel without trailing slash; "" when nobody has said.
std::string panel_url(const Settings& settings, std::string_view panel);

}  // namespace rpm
