// SPDX-License-Identifier: MIT
#include "shared/store/site_ports.h"

#include <set>
#include <utility>

#include "shared/store/sites.h"

namespace rpm::store {
namespace {

using Ports = std::set<std::pair<StreamProtocol, Port>>;

void add_ports(Ports& out, const SiteDefinition& definition) {
    if (definition.kind != SiteKind::stream) return;
    for (const Stream::Listen& each : definition.stream.listens())
        out.emplace(definition.stream.protocol, each.port);
}

Ports wanted_ports(db::Transaction& tx, SiteId site) {
    Ports out;
    for (auto row = tx.query("SELECT r.definition FROM sites s JOIN site_revisions r "
                             "ON r.id IN (s.head_revision_id, s.released_revision_id) WHERE s.id = ?",
                             site);
         row.next();)
        add_ports(out, SiteDefinition::parse(Json::parse(row.text("definition"))));
    return out;
}

Ports held_ports(db::Transaction& tx, SiteId site) {
    Ports out;
    for (auto row = tx.query("SELECT DISTINCT protocol, port FROM site_ports WHERE site_id = ?", site);
         row.next();)
        out.emplace(from_word<StreamProtocol>(row.text("protocol")).value(), *Port::from(row.number("port")));
    return out;
}

PortHolder holder_from(const db::Rows& row) {
    return {row.id<SiteId>("site_id"), row.text("domain"), row.text("name")};
}

// What is committed now, not when this transaction began to read. Only this table is locked: panels may not
// lock the others. The holder's names may be too new to be read; then they are empty, and it is nobody's
// business.
std::optional<PortHolder> find_other(db::Transaction& tx, SiteId site, StreamProtocol protocol, Port port) {
    auto row = tx.query(
        "SELECT p.site_id, p.node_id FROM site_ports p WHERE p.protocol = ? AND p.port = ? AND "
        "p.site_id <> ? AND p.node_id IN (SELECT t.node_id FROM site_targets t WHERE t.site_id = ?) "
        "LIMIT 1 LOCK IN SHARE MODE",
        to_word(protocol), port.value(), site, site);
    if (!row.first()) return std::nullopt;
    PortHolder out{row.id<SiteId>("site_id"), "", ""};
    const auto node = row.id<NodeId>("node_id");
    auto names = tx.query(
        "SELECT s.id AS site_id, s.domain, n.name FROM sites s JOIN nodes n ON n.id = ? WHERE s.id = ?", node,
        out.site);
    if (names.first()) out = holder_from(names);
    return out;
}

// On every target at once. False when another site has it on one of them.
bool insert_port(db::Transaction& tx, SiteId site, StreamProtocol protocol, Port port) {
    try {
        tx.execute(
            "INSERT INTO site_ports (node_id, protocol, port, site_id) "
            "SELECT t.node_id, ?, ?, t.site_id FROM site_targets t "
            "LEFT JOIN site_ports p ON p.node_id = t.node_id AND p.protocol = ? AND p.port = ? AND "
            "p.site_id = t.site_id WHERE t.site_id = ? AND p.site_id IS NULL",
            to_word(protocol), port.value(), to_word(protocol), port.value(), site);
        return true;
    } catch (const Conflict&) {
        return false;
    }
}

}  // namespace

PortsTaken update_site_ports(db::Transaction& tx, SiteId site) {
    const Ports wanted = wanted_ports(tx, site);
    const Ports held = held_ports(tx, site);
    PortsTaken out;
    if (wanted.empty() && held.empty()) return out;
    tx.execute(
        "DELETE FROM site_ports WHERE site_id = ? AND node_id NOT IN "
        "(SELECT node_id FROM site_targets WHERE site_id = ?)",
        site, site);
    for (const auto& [protocol, port] : held)
        if (!wanted.contains({protocol, port}))
            tx.execute("DELETE FROM site_ports WHERE site_id = ? AND protocol = ? AND port = ?", site,
                       to_word(protocol), port.value());
    for (const auto& [protocol, port] : wanted) {
        if (!insert_port(tx, site, protocol, port)) {
            const auto other = find_other(tx, site, protocol, port);
            if (!other) throw Conflict("port " + port.text() + " was taken and given back meanwhile");
            out.elsewhere = {protocol, port, *other};
            return out;
        }
        out.added += held.contains({protocol, port}) ? 0 : 1;
    }
    return out;
}

bool has_ports_free(db::Transaction& tx, SiteId site, RevisionId revision) {
    if (!revision) return true;
    Ports wanted;
    add_ports(wanted, get_revision(tx.connection(), site, revision).definition);
    for (const auto& [protocol, port] : wanted)
        if (find_other(tx, site, protocol, port)) return false;
    return true;
}

std::uint64_t count_ports(db::Connection& db, UserId owner) {
    auto row = db.query(
        "SELECT COUNT(DISTINCT p.site_id, p.protocol, p.port) AS n FROM site_ports p "
        "JOIN sites s ON s.id = p.site_id WHERE s.owner_id = ?",
        owner);
    row.first();
    return row.uint64("n");
}

std::optional<PortsTaken::Elsewhere> find_port_holder(db::Connection& db, NodeId node,
                                                      StreamProtocol protocol,
                                                      const std::vector<unsigned>& ports) {
    for (const unsigned port : ports) {
        auto row = db.query(
            "SELECT p.site_id, s.domain, n.name FROM site_ports p JOIN sites s ON s.id = p.site_id "
            "JOIN nodes n ON n.id = p.node_id WHERE p.node_id = ? AND p.protocol = ? AND p.port = ?",
            node, to_word(protocol), port);
        if (row.first()) return PortsTaken::Elsewhere{protocol, *Port::from(port), holder_from(row)};
    }
    return std::nullopt;
}

}  // namespace rpm::store
