// SPDX-License-Identifier: MIT
// What administrators decide: one panel per section, made from the table in shared/model/settings.h.
#include "shared/ops/settings.h"

#include "shared/base/text.h"
#include "shared/store/settings.h"
#include "web/admin/pages.h"
#include "web/http/form.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

/// What was typed, to be shown again beside what is wrong with it.
struct Typed {
    std::string section;
    std::map<Setting, std::string> values{};
    Problems problems{};
};

std::string words_of(std::string_view choice) {
    return sentence(choice).substr(0, choice.size());
}

// One field of the form, by its kind. Secrets show whether they are there.
void set_field(Fields& row, const SettingRow& setting, const Settings& now, const std::string& value) {
    switch (setting.kind) {
        case SettingKind::choice: {
            Fields& choice = row.row("CHOICE");
            for (const auto word : text::words(setting.choices)) {
                Fields& option = choice.row("OPTION");
                option.set("VALUE", std::string(word)).set("WORD", words_of(word));
                option.show("SELECTED", word == value);
            }
            return;
        }
        case SettingKind::number:
            row.row("NUMBER").set("VALUE", value).set("UNIT", std::string(setting.unit));
            return;
        case SettingKind::list:
            row.row("LINES").set("VALUE", value);
            return;
        case SettingKind::secret:
            row.row("SECRET").show(now.secret(setting.setting).empty() ? FieldName("NONE")
                                                                       : FieldName("KEPT"));
            return;
        case SettingKind::text:
        case SettingKind::url:
            row.row("LINE").set("VALUE", value);
            return;
    }
}

void add_setting(Fields& section, const SettingRow& setting, const Settings& now, const Typed& typed) {
    Fields& row = section.row("ROW");
    row.set("NAME", std::string(setting.name)).set("TITLE", std::string(setting.title));
    row.set("MEANING", std::string(setting.meaning));
    set_error(row, "ERROR", typed.problems, std::string(setting.name));
    const auto given = typed.values.find(setting.setting);
    set_field(row, setting, now, given == typed.values.end() ? now.stored(setting.setting) : given->second);
}

void add_section(Fields& page, const SettingSection& section, const Settings& now, const Typed& typed,
                 bool may_change) {
    Fields& part = page.row("SECTION");
    part.set("WORD", std::string(section.word)).set("TITLE", std::string(section.title));
    part.set("LEAD", std::string(section.lead));
    part.set("SEEN", rpm::ops::settings_version(now, section.word));
    part.show("SAVE", may_change).show("LOCKED", !may_change);
    const Typed none;
    for (const SettingRow& setting : settings())
        if (setting.section() == section.word)
            add_setting(part, setting, now, typed.section == section.word ? typed : none);
}

http::Response show(Visit& visit, const Typed& typed) {
    const Settings now = store::load_settings(visit.db());
    Page page(visit, "Settings", At::settings);
    Fields& fields = page.content("settings.html");
    set_errors(fields, typed.problems);
    const bool may_change = visit.viewer.may(Permission::settings_manage);
    for (const SettingSection& section : setting_sections())
        add_section(fields, section, now, typed, may_change);
    return page.response(typed.problems.empty() ? 200 : 422);
}

// The verb keeps to longest and form of each; this only keeps a body from being looked at endlessly.
constexpr std::size_t kMostCharacters = 8000;

Typed read(http::Form& form, std::string_view section) {
    Typed typed{.section = std::string(section)};
    for (const SettingRow& row : settings()) {
        if (row.section() != section) continue;
        const std::string name(row.name);
        if (row.kind != SettingKind::secret) {
            typed.values[row.setting] =
                form.text(name, {.max = kMostCharacters, .lines = row.kind == SettingKind::list});
        } else if (const Secret given = form.secret(name); !given.empty() || form.flag(name + ".remove")) {
            typed.values[row.setting] = given.reveal();  // a secret left blank stays as it is
        }
    }
    typed.problems = form.problems();
    return typed;
}

std::string_view title_of(std::string_view section) {
    for (const SettingSection& known : setting_sections())
        if (known.word == section) return known.title;
    throw NotFound("no such page");
}

}  // namespace

http::Response settings_page(Visit& visit) {
    return show(visit, {});
}

http::Response save_settings(Visit& visit) {
    const auto section = visit.captures.text("section");
    const std::string title(title_of(section));
    http::Form form(visit.request);
    Typed typed = read(form, section);
    if (!typed.problems.empty()) return show(visit, typed);
    try {
        rpm::ops::change_settings(visit.ops, visit.viewer, typed.values, form.text("seen"));
    } catch (const Invalid& invalid) {  // shown beside the fields instead of on a page of its own
        typed.problems = invalid.problems;
        return show(visit, typed);
    }
    return redirect("/settings#" + std::string(section), Flash{"ok", title + ": saved."});
}

}  // namespace rpm::web
