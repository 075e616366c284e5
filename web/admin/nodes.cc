// SPDX-License-Identifier: MIT
// The list of nodes.
#include "shared/store/nodes.h"

#include <algorithm>

#include "web/admin/config_sign.h"
#include "web/admin/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

constexpr std::size_t kShownRelease = 8;

void add_row(Fields& list, const store::Node& node, Time now) {
    Fields& row = list.row("ROW");
    row.set("ID", node.id.text()).set("NAME", node.name);
    const Sign serving = node_sign(node);
    row.set("SERVING", serving.word).set("SERVING_KIND", serving.kind);
    const Sign config = config_sign(node);
    row.set("CONFIG", config.word).set("CONFIG_KIND", config.kind);
    row.set("ENGINE", std::string(engine_name(to_word(node.engine)))).set("ADDRESS", node.ip_address);
    row.set("SITES", number_words(node.sites));
    row.set("RELEASE", node.current_release.substr(0, kShownRelease));
    set_time(row, "CONTACT", "CONTACT_ISO", node.last_contact_at, now);
}

}  // namespace

http::Response nodes_page(Visit& visit) {
    const auto nodes = store::list_nodes(visit.db());
    Page page(visit, "Nodes", At::nodes);
    Fields& fields = page.content("nodes.html");
    if (nodes.empty()) {
        fields.set("SUMMARY", "None yet");
        fields.row("EMPTY").row("HOW").set(
            "TEXT", "Write it into nodes.yaml; rpmgr-discover adds it within a minute.");
        return page.response();
    }
    const auto serving =
        std::ranges::count_if(nodes, [](const auto& node) { return node.active && node.state == "ok"; });
    fields.set("SUMMARY", number_words(static_cast<std::uint64_t>(serving)) + " of " +
                              count_words(nodes.size(), "node", "nodes") + " serving");
    Fields& list = fields.row("LIST");
    for (const store::Node& node : nodes) add_row(list, node, visit.now());
    set_pager(list, {.range = count_words(nodes.size(), "node", "nodes"), .previous = {}, .next = {}});
    return page.response();
}

}  // namespace rpm::web
