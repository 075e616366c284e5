// SPDX-License-Identifier: MIT
// What administrators decided: list, get, set, reset; and the manual's page of all settings.
#include "shared/model/settings.h"

#include <iostream>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/ops/settings.h"
#include "shared/store/settings.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {
namespace {

// Secrets are told to be there, never what they are.
std::string value_words(const rpm::Settings& now, const SettingRow& row) {
    if (row.kind == SettingKind::secret) return now.secret(row.setting).empty() ? "(not set)" : "(set)";
    std::string out = now.stored(row.setting);
    for (char& c : out)
        if (c == '\n') c = '|';
    return out;
}

Json value_json(const rpm::Settings& now, const SettingRow& row) {
    if (row.kind == SettingKind::secret) return nullptr;
    if (row.kind != SettingKind::list) return now.stored(row.setting);
    Json items = Json::array();
    for (const auto line : text::lines(now.stored(row.setting))) items.push(line);
    return items;
}

Json describe(const rpm::Settings& now, const SettingRow& row) {
    Json out = Json::object({{"name", row.name}, {"value", value_json(now, row)}});
    if (row.kind == SettingKind::secret) out["set"] = !now.secret(row.setting).empty();
    out["default"] = now.is_default(row.setting);
    out["meaning"] = row.meaning;
    return out;
}

// What may be given, for the manual.
std::string values_words(const SettingRow& row) {
    switch (row.kind) {
        case SettingKind::choice: {
            std::string out;
            for (const auto word : text::words(row.choices))
                out += (out.empty() ? "`" : ", `") + std::string(word) + "`";
            return out;
        }
        case SettingKind::number:
            return std::to_string(row.least) + " to " + std::to_string(row.most) +
                   (row.unit.empty() ? "" : " " + std::string(row.unit));
        case SettingKind::text:
            return "text";
        case SettingKind::list:
            return "lines";
        case SettingKind::url:
            return "https address";
        case SettingKind::secret:
            return "secret";
    }
    return "";
}

Secret read_value() {
    std::string line;
    std::getline(std::cin, line);
    return Secret(std::move(line));
}

std::string value_of(const Arguments& arguments, const SettingRow& row) {
    const auto& words = arguments.words();
    if (arguments.has("stdin")) {
        if (words.size() > 1) throw Invalid("VALUE", "comes from standard input");
        return std::string(read_value().reveal());
    }
    if (row.kind == SettingKind::secret)
        throw Invalid("VALUE", "give a secret by --stdin: command lines are public");
    if (words.size() < 2) throw Invalid("VALUE", "is missing");
    if (row.kind != SettingKind::list && words.size() > 2)
        throw Invalid("VALUE", "must be one word; put quotes around it");
    return text::join({words.begin() + 1, words.end()}, "\n");
}

}  // namespace

int list_settings(Environment& environment, const Arguments& arguments) {
    const auto now = store::load_settings(environment.db());
    const std::string match = arguments.option("match", "");
    Json all = Json::array();
    Table table({"NAME", "VALUE", "", "MEANING"});
    for (const SettingRow& row : rpm::settings()) {
        if (row.name.find(match) == std::string_view::npos) continue;
        all.push(describe(now, row));
        table.add({std::string(row.name), value_words(now, row), now.is_default(row.setting) ? "" : "*",
                   std::string(row.meaning)});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int get_setting(Environment& environment, const Arguments& arguments) {
    const SettingRow& row = row_of(rpm::get_setting(arguments.word()));
    const auto now = store::load_settings(environment.db());
    environment.print(row.kind == SettingKind::secret ? value_words(now, row) : now.stored(row.setting),
                      describe(now, row));
    return 0;
}

int set_setting(Environment& environment, const Arguments& arguments) {
    const SettingRow& row = row_of(rpm::get_setting(arguments.word()));
    ops::change_settings(environment.context(), environment.viewer(),
                         {{row.setting, value_of(arguments, row)}});
    const auto now = store::load_settings(environment.db());
    environment.print(std::string(row.name) + " = " + value_words(now, row), describe(now, row));
    return 0;
}

int reset_setting(Environment& environment, const Arguments& arguments) {
    const SettingRow& row = row_of(rpm::get_setting(arguments.word()));
    ops::change_settings(environment.context(), environment.viewer(),
                         {{row.setting, std::string(row.fallback)}});
    const auto now = store::load_settings(environment.db());
    environment.print(std::string(row.name) + " = " + value_words(now, row), describe(now, row));
    return 0;
}

std::string settings_manual() {
    std::string out =
        "# Settings\n\nWhat administrators decide for the whole installation, on the page Settings of their "
        "panel or by\n"
        "`rpmgr settings set NAME VALUE`. Made by `make manuals` from `shared/model/settings.cc`.\n";
    for (const SettingSection& section : setting_sections()) {
        out += "\n## " + std::string(section.title) + "\n\n" + std::string(section.lead) +
               "\n\n| name | values | default | meaning |\n|---|---|---|---|\n";
        for (const SettingRow& row : rpm::settings())
            if (row.section() == section.word)
                out += "| `" + std::string(row.name) + "` | " + values_words(row) + " | " +
                       (row.fallback.empty() ? std::string("–") : "`" + std::string(row.fallback) + "`") +
                       " | " + std::string(row.title) + ": " + std::string(row.meaning) + " |\n";
    }
    return out;
}

int show_settings_manual(Environment&, const Arguments&) {
    std::cout << settings_manual();
    return 0;
}

}  // namespace rpm::ctl
