// SPDX-License-Identifier: MIT
#include "shared/ops/ports.h"

#include <algorithm>

#include "shared/store/settings.h"
#include "shared/store/site_ports.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

struct OwnPort {
    unsigned port;
    const char* purpose;
};
// HTTPS is spoken over UDP, too (HTTP/3).
std::vector<OwnPort> own_ports(const store::Node& node, StreamProtocol protocol) {
    if (protocol == StreamProtocol::udp) return {{node.https_port, "HTTP/3"}};
    return {{node.http_port, "HTTP"},
            {node.https_port, "HTTPS"},
            {node.proof_port, "the proof of releases"},
            {node.ssh_port, "SSH"}};
}

void demand_not_of_node(db::Connection& db, const Viewer& viewer, SiteId site, const Stream& stream) {
    const auto listens = stream.listens();
    for (const NodeId id : store::list_site_targets(db, site)) {
        const auto node = store::get_node(db, id);
        for (const auto& [port, purpose] : own_ports(node, stream.protocol)) {
            const auto wanted = [port = port](const Stream::Listen& each) {
                return each.port.value() == port;
            };
            if (std::ranges::none_of(listens, wanted)) continue;
            throw Invalid("stream.ports",
                          "port " + std::to_string(port) +
                              (viewer.is_staff() ? " is for " + std::string(purpose) + " on node " + node.name
                                                 : " is used by the proxies themselves"));
        }
    }
}

bool may_see(db::Connection& db, const Viewer& viewer, SiteId site) {
    try {
        store::get_site(db, Scope::of(viewer), site);
        return true;
    } catch (const NotFound&) {
        return false;
    }
}

[[noreturn]] void refuse_taken(db::Connection& db, const Viewer& viewer,
                               const store::PortsTaken::Elsewhere& taken) {
    std::string what = std::string(label_of(taken.protocol)) + " port " + taken.port.text();
    if (!may_see(db, viewer, taken.holder.site))
        throw Invalid("stream.ports", what + " is taken; choose another");
    what += " is used by " + taken.holder.domain;
    if (viewer.is_staff()) what += " on node " + taken.holder.node;
    throw Invalid("stream.ports", what);
}

void check_most(db::Connection& db, const Viewer& viewer, UserId id) {
    if (is_staff(store::get_user(db, id).role) || viewer.may(Permission::sites_assign)) return;
    const auto most =
        static_cast<std::uint64_t>(store::load_settings(db).number(Setting::clients_stream_ports));
    const auto count = store::count_ports(db, id);
    if (most == 0) throw Invalid("stream.ports", "are given by administrators only");
    if (count > most)
        throw Invalid("stream.ports", "would be " + std::to_string(count) +
                                          " in all your sites; you may have " + std::to_string(most));
}

}  // namespace

void hold_ports(db::Transaction& tx, const Viewer& viewer, SiteId site, UserId owner,
                const SiteDefinition& definition) {
    db::Connection& db = tx.connection();
    const auto taken = store::update_site_ports(tx, site);
    if (taken.elsewhere) refuse_taken(db, viewer, *taken.elsewhere);
    if (definition.kind != SiteKind::stream) return;
    demand_not_of_node(db, viewer, site, definition.stream);
    if (taken.added > 0 || store::list_site_targets(db, site).empty()) check_most(db, viewer, owner);
}

void demand_own_ports(db::Connection& db, const store::Node& node) {
    for (const auto& protocol : {StreamProtocol::tcp, StreamProtocol::udp}) {
        std::vector<unsigned> ports;
        for (const OwnPort& own : own_ports(node, protocol)) ports.push_back(own.port);
        if (const auto taken = store::find_port_holder(db, node.id, protocol, ports))
            throw Invalid("nodes", node.name + " cannot have port " + taken->port.text() +
                                       " for itself: the stream " + taken->holder.domain + " has it there");
    }
}

}  // namespace rpm::ops
