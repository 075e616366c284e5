// SPDX-License-Identifier: MIT
// One change for many sites: looked at with "dry_run", then done.
#include "shared/ops/bulk.h"

#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

Json outcome_json(const rpm::ops::BulkOutcome& each) {
    return Json::object({{"site", each.site.value()},
                         {"domain", text_or_null(each.domain)},
                         {"version", each.version ? Json(each.version) : Json()},
                         {"changes", texts_json(each.changes)},
                         {"refused", text_or_null(each.refused)},
                         {"deployment", each.deployment ? Json(each.deployment->value()) : Json()}});
}

// [{"id": 12, "version": 3}, …]: what somebody looked at; the version may be absent.
std::map<SiteId, unsigned> versions_in(Members& members, std::vector<SiteId>& sites) {
    std::map<SiteId, unsigned> versions;
    const Json* list = members.find("sites");
    if (list == nullptr || !list->is_array()) {
        members.problem("sites", "must be a list of objects with id and version");
        return versions;
    }
    for (std::size_t i = 0; i < list->items().size(); ++i) {
        const Json& item = list->items()[i];
        const Json* id = item.find("id");
        const Json* version = item.find("version");
        if (id == nullptr || !id->is_integer() || id->integer() <= 0) {
            members.problem("sites." + std::to_string(i) + ".id", "is not an id");
            continue;
        }
        sites.emplace_back(static_cast<std::uint64_t>(id->integer()));
        if (version == nullptr) continue;
        if (version->is_integer() && version->integer() > 0 && version->integer() <= UINT32_MAX)
            versions[sites.back()] = static_cast<unsigned>(version->integer());
        else
            members.problem("sites." + std::to_string(i) + ".version", "is not a version");
    }
    return versions;
}

}  // namespace

http::Response change_sites(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    rpm::ops::BulkChange change;
    const auto action = from_word<rpm::ops::BulkAction>(members.text("action", 32));
    if (!action) {
        std::string words;
        for (const auto& each : kWords<rpm::ops::BulkAction>)
            words.append(words.empty() ? "" : ", ").append(each.word);
        members.problem("action", "must be one of: " + words);
    }
    std::vector<SiteId> sites;
    const auto versions = versions_in(members, sites);
    change.word = members.text("word", 64);
    change.member = members.text("member", 100);
    if (const Json* value = members.find("value")) change.value = *value;
    change.nodes = members.ids<NodeId>("nodes").value_or(std::vector<NodeId>());
    change.block_status =
        static_cast<unsigned>(members.number("block_status", 400, 599).value_or(change.block_status));
    const std::string reason = members.text("reason", 200);
    const bool dry_run = members.flag("dry_run").value_or(false);
    members.check();
    change.action = *action;
    const auto outcomes = dry_run
                              ? rpm::ops::preview_bulk(call.db(), call.viewer, sites, change)
                              : rpm::ops::apply_bulk(call.ops, call.viewer, sites, change, reason, versions);
    Json items = Json::array();
    for (const auto& each : outcomes) items.push(outcome_json(each));
    return list_response(std::move(items), "");
}

}  // namespace rpm::api
