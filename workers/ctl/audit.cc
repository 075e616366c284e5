// SPDX-License-Identifier: MIT
#include "shared/store/audit.h"

#include "shared/base/error.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {
namespace {

Json stored_json(const std::string& text) {
    try {
        return text.empty() ? Json() : Json::parse(text);
    } catch (const Invalid&) {
        return text;
    }
}

Json describe(const store::AuditEntry& entry) {
    return Json::object({{"id", entry.id.value()},
                         {"at", to_rfc3339(entry.at)},
                         {"username", entry.username},
                         {"address", entry.address},
                         {"action", entry.action},
                         {"object_type", entry.object_type},
                         {"object_id", entry.object_id},
                         {"object_name", entry.object_name},
                         {"before", stored_json(entry.before)},
                         {"after", stored_json(entry.after)},
                         {"request_id", entry.request_id}});
}

}  // namespace

int list_audit(Environment& environment, const Arguments& arguments) {
    store::AuditFilter filter;
    filter.action_prefix = arguments.option("action", "");
    filter.username = arguments.option("user", "");
    filter.limit = arguments.number("limit", 50, 1, 10000);
    Json all = Json::array();
    Table table({"AT", "WHO", "FROM", "ACTION", "OBJECT", "REQUEST"});
    for (const auto& entry : store::list_audit(environment.db(), Scope::everything(), filter)) {
        if (environment.json())
            all.push(describe(entry));
        else
            table.add({show(entry.at), entry.username, entry.address, entry.action,
                       entry.object_type + " " + entry.object_name, entry.request_id});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

}  // namespace rpm::ctl
