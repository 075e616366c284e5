// SPDX-License-Identifier: MIT
// Copies, tags, and one change for many sites.
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/ops/bulk.h"
#include "shared/ops/sites.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

std::vector<std::string> words_in(const Arguments& arguments, const std::string& option) {
    const std::string given = arguments.option(option, "");
    const auto words = text::words(given);
    return {words.begin(), words.end()};
}

ops::BulkAction action_of(const std::string& word) {
    if (const auto action = from_word<ops::BulkAction>(word)) return *action;
    std::string words;
    for (const auto& each : kWords<ops::BulkAction>)
        words.append(words.empty() ? "" : ", ").append(each.word);
    throw Invalid("ACTION", "must be one of: " + words);
}

// Named ones, or all that have the tag.
std::vector<SiteId> chosen_sites(Environment& environment, const Arguments& arguments) {
    std::vector<SiteId> sites;
    for (std::size_t i = 1; i < arguments.words().size(); ++i)
        sites.push_back(get_site(environment.db(), arguments.words()[i]).id);
    const auto tag = arguments.option("tag");
    if (!tag) return sites;
    if (!sites.empty()) throw Invalid("--tag", "cannot be combined with names of sites");
    for (const store::Site& site :
         store::list_sites(environment.db(), Scope::everything(),
                           {.tag = *tag, .limit = static_cast<unsigned>(ops::kMostBulkSites + 1)}))
        sites.push_back(site.id);
    return sites;
}

std::string what_became(const ops::BulkOutcome& outcome) {
    if (!outcome.refused.empty()) return "refused: " + outcome.refused;
    return outcome.changes.empty() ? "as it is" : text::join(outcome.changes, "; ");
}

}  // namespace

int clone_site(Environment& environment, const Arguments& arguments) {
    const auto from = get_site(environment.db(), arguments.word());
    std::vector<DomainName> names;
    for (std::size_t i = 1; i < arguments.words().size(); ++i) {
        const std::string& text = arguments.words()[i];
        if (const std::string why = DomainName::why_not(text); !why.empty())
            throw Invalid("NEW-NAME", "'" + text + "' " + why);
        names.push_back(*DomainName::parse(text));
    }
    const SiteId id = ops::clone_site(environment.context(), environment.viewer(), from.id, names,
                                      arguments.option("reason", ""));
    environment.print(id.text(),
                      Json::object({{"id", id.value()}, {"domain", names.front().text()}, {"version", 1}}));
    return 0;
}

int tag_site(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    const auto tags = ops::change_tags(environment.context(), environment.viewer(), site.id,
                                       words_in(arguments, "add"), words_in(arguments, "remove"));
    Json all = Json::array();
    for (const std::string& each : tags) all.push(each);
    environment.print(text::join(tags, " "),
                      Json::object({{"domain", site.domain}, {"tags", std::move(all)}}));
    return 0;
}

int change_sites(Environment& environment, const Arguments& arguments) {
    ops::BulkChange change{.action = action_of(arguments.word()),
                           .word = arguments.option("word", ""),
                           .member = arguments.option("member", ""),
                           .block_status = arguments.number("status", 403, 100, 599)};
    if (const auto value = arguments.option("value")) change.value = Json::parse(*value);
    if (const auto nodes = arguments.option("nodes")) change.nodes = get_nodes(environment.db(), *nodes);
    const auto sites = chosen_sites(environment, arguments);
    const auto outcomes = arguments.has("dry-run")
                              ? ops::preview_bulk(environment.db(), environment.viewer(), sites, change)
                              : ops::apply_bulk(environment.context(), environment.viewer(), sites, change,
                                                arguments.option("reason", ""));
    Json all = Json::array();
    Table table({"DOMAIN", {"VERSION", Table::right}, "WHAT"});
    bool refused = false;
    for (const ops::BulkOutcome& each : outcomes) {
        refused = refused || !each.refused.empty();
        Json changes = Json::array();
        for (const std::string& line : each.changes) changes.push(line);
        all.push(Json::object({{"domain", each.domain},
                               {"version", each.version},
                               {"changes", std::move(changes)},
                               {"refused", each.refused.empty() ? Json() : Json(each.refused)}}));
        table.add({each.domain, std::to_string(each.version), what_became(each)});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return refused ? 1 : 0;
}

}  // namespace rpm::ctl
