// SPDX-License-Identifier: MIT
// What a site may say and what engines can do of it: for people, for scripts, for the manual.
#include <algorithm>
#include <iostream>

#include "shared/base/config.h"
#include "shared/model/capabilities.h"
#include "shared/model/member_doc.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/table.h"

namespace rpm::ctl {
namespace {

constexpr Engine kEngines[] = {Engine::nginx, Engine::caddy, Engine::traefik};

std::string values_of(const MemberDoc& doc) {
    switch (doc.kind) {
        case MemberKind::boolean:
            return "`true`, `false`";
        case MemberKind::whole:
            return std::to_string(doc.least) + " to " + std::to_string(doc.most) +
                   (doc.unit.empty() ? "" : " " + doc.unit);
        case MemberKind::word: {
            std::string out;
            for (const auto& choice : doc.choices) out += (out.empty() ? "`" : ", `") + choice.word + "`";
            return out;
        }
        case MemberKind::text:
            return "text";
        case MemberKind::block:
            return "text of several lines";
        case MemberKind::object:
            return doc.nullable ? "object or null" : "object";
        case MemberKind::list:
            return "up to " + std::to_string(doc.most) + ": " + values_of(doc.members.front());
    }
    return "";
}

std::string default_of(const MemberDoc& doc) {
    if (doc.required) return "needed";
    if (doc.fallback.is_null() || doc.fallback == Json("") || doc.fallback == Json::array()) return "–";
    return "`" + doc.fallback.dump() + "`";
}

void add_rows(std::string& out, const MemberDoc& object, const std::string& path) {
    for (const MemberDoc& doc : object.members) {
        const std::string name = path + doc.name;
        std::string meaning = doc.label + (doc.help.empty() ? "" : ". " + doc.help);
        if (doc.staff_only) meaning += " For administrators only.";
        for (std::size_t at = 0; (at = meaning.find('|', at)) != std::string::npos; at += 2)
            meaning.insert(at, "\\");
        out += "| `" + name + "` | " + values_of(doc) + " | " + default_of(doc) + " | " + meaning + " |\n";
        const bool list = doc.kind == MemberKind::list;
        const MemberDoc& inner = list ? doc.members.front() : doc;
        if (inner.kind != MemberKind::object) continue;
        if (path.find("routes.") != std::string::npos &&
            (doc.name == "upstream" || doc.name == "access" || doc.name == "rates"))
            continue;  // as the site's own
        add_rows(out, inner, name + (list ? ".N." : "."));
    }
}

std::string support_words(const EngineSupport& support) {
    std::string out;
    if (support.differs)
        return (support.until == EngineVersion{} ? "in its way: "
                                                 : "in its way before " + support.until.text() + ": ") +
               std::string(support.why);
    if (support.ever && support.module.empty() && support.since == EngineVersion{}) return "yes";
    if (!support.ever)
        out = "no: " + std::string(support.why);
    else if (!support.module.empty())
        out = "with `" + std::string(support.module) + "`: " + std::string(support.why);
    else
        out = "from " + support.since.text() + (support.why.empty() ? "" : ": " + std::string(support.why));
    if (!support.nearest.empty()) out += "; " + std::string(support.nearest);
    return out;
}

}  // namespace

std::string site_manual() {
    std::string out =
        "# The definition of a site\n\nOne JSON object says all of a site, in the panel, the API, `rpmgr` "
        "and the "
        "history. Members that are\nleft out have their default. Made by `make manuals` from "
        "`shared/model/site_members.h`.\n\n| member | values | default | meaning |\n|---|---|---|---|\n";
    add_rows(out, site_members(), "");
    return out;
}

std::string node_manual() {
    std::string out =
        "# The settings of a node\n\nWhat a node does besides its sites, in the panel, the API, `rpmgr node "
        "settings` and `nodes.yaml`. Members that are\nleft out have their default. Made by `make manuals` "
        "from "
        "`shared/model/node_members.h`.\n\n| member | values | default | meaning |\n|---|---|---|---|\n";
    add_rows(out, node_settings_members(), "");
    return out;
}

std::string engines_manual() {
    std::string out = "| feature | nginx | Caddy | Traefik |\n|---|---|---|---|\n";
    const auto add = [&out](const auto& each) {
        out += "| " + std::string(each.name);
        for (const Engine engine : kEngines) out += " | " + support_words(each.on(engine));
        out += " |\n";
    };
    std::ranges::for_each(capabilities(), add);
    std::ranges::for_each(node_capabilities(), add);
    return out;
}

int show_node_manual(Environment&, const Arguments&) {
    std::cout << node_manual();
    return 0;
}

int show_site_manual(Environment&, const Arguments&) {
    std::cout << site_manual();
    return 0;
}

int show_site_schema(Environment&, const Arguments&) {
    Json schema =
        Json::object({{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "Site"}});
    const Json members = json_schema(site_members());
    for (const auto& [name, value] : members.members()) schema[name] = value;
    schema["properties"]["version"] =
        Json::object({{"const", 2}, {"description", "The form of the definition"}});
    std::cout << schema.dump(2) << '\n';
    return 0;
}

int show_node_schema(Environment&, const Arguments&) {
    std::cout << json_schema(node_settings_members()).dump(2) << '\n';
    return 0;
}

int show_engines(Environment& environment, const Arguments&) {
    Table table({"FEATURE", "NGINX", "CADDY", "TRAEFIK"});
    Json rows = Json::array();
    const auto add = [&](const auto& each) {
        Json row = Json::object({{"id", each.id}, {"name", each.name}});
        std::vector<std::string> cells = {std::string(each.name)};
        for (const Engine engine : kEngines) {
            const EngineSupport& support = each.on(engine);
            cells.push_back(!support.ever                                                ? "no"
                            : support.differs                                            ? "its way"
                            : support.module.empty() && support.since == EngineVersion{} ? "yes"
                            : support.module.empty() ? "from " + support.since.text()
                                                     : "module");
            row[to_word(engine)] = support_words(support);
        }
        table.add(std::move(cells));
        rows.push(std::move(row));
    };
    std::ranges::for_each(capabilities(), add);
    std::ranges::for_each(node_capabilities(), add);
    if (environment.json())
        environment.print(rows);
    else
        environment.print(table);
    return 0;
}

int show_engines_manual(Environment&, const Arguments&) {
    std::cout << engines_manual();
    return 0;
}

}  // namespace rpm::ctl
