// SPDX-License-Identifier: MIT
#include "shared/store/nodes.h"

#include <set>

#include "shared/base/text.h"
#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

#define NODE_COLUMNS                                                                                         \
    "n.id, n.name, n.ip_address, n.ssh_port, n.ssh_user, n.credential_id, n.proxy_type, n.engine_version, "  \
    "n.engine_modules, n.engine_file, n.trusted_proxies, n.proxy_protocol, n.settings, n.settings_by_file, " \
    "n.listed_proxies, "                                                                                     \
    "n.listen_address, "                                                                                     \
    "n.http_port, n.https_port, n.proof_port, n.resolvers, n.resolvers_given, n.is_active, "                 \
    "n.is_discovered, n.state, n.state_reason, "                                                             \
    "n.state_since, n.current_release, n.last_contact_at, n.created_at, n.updated_at, "                      \
    "(SELECT COUNT(*) FROM node_sites s WHERE s.node_id = n.id) AS sites, "                                  \
    "(SELECT COUNT(*) FROM node_quarantine q JOIN sites i ON i.id = q.site_id WHERE q.node_id = n.id AND "   \
    "q.revision_id = i.released_revision_id) AS quarantined "

Node node_from(const db::Rows& row) {
    const auto type = engine(row.text("proxy_type"));
    if (!type) throw Error("unknown proxy_type in nodes: " + row.text("proxy_type"));
    return {.id = row.id<NodeId>("id"),
            .name = row.text("name"),
            .ip_address = row.text("ip_address"),
            .ssh_port = row.number("ssh_port"),
            .ssh_user = row.text("ssh_user"),
            .credential = row.id<CredentialId>("credential_id"),
            .engine = *type,
            .engine_version = row.maybe_text("engine_version"),
            .engine_modules = row.maybe_text("engine_modules").value_or(""),
            .engine_file = row.maybe_text("engine_file").value_or(""),
            .listen_address = row.maybe_text("listen_address"),
            .http_port = row.number("http_port"),
            .https_port = row.number("https_port"),
            .proof_port = row.number("proof_port"),
            .resolvers = row.maybe_text("resolvers"),
            .resolvers_given = row.maybe_text("resolvers_given"),
            .trusted_proxies = row.maybe_text("trusted_proxies").value_or(""),
            .proxy_protocol = row.maybe_text("proxy_protocol").value_or(""),
            .settings = row.maybe_text("settings").value_or(""),
            .settings_by_file = row.flag("settings_by_file"),
            .listed_proxies = row.maybe_text("listed_proxies").value_or(""),
            .active = row.flag("is_active"),
            .discovered = row.flag("is_discovered"),
            .state = row.text("state"),
            .state_reason = row.maybe_text("state_reason").value_or(""),
            .state_since = row.time("state_since"),
            .current_release = row.maybe_text("current_release").value_or(""),
            .last_contact_at = row.maybe_time("last_contact_at"),
            .created_at = row.time("created_at"),
            .updated_at = row.time("updated_at"),
            .sites = row.number("sites"),
            .quarantined = row.number("quarantined")};
}

std::optional<Node> first_node(db::Rows row) {
    if (!row.first()) return std::nullopt;
    return node_from(row);
}

std::optional<std::string> or_null(const std::string& networks) {
    if (networks.empty()) return std::nullopt;
    return networks;
}

Port port_of(const Node& node, unsigned number) {
    const auto port = Port::from(number);
    if (!port) throw Error("port out of range in nodes: " + node.name);
    return *port;
}

}  // namespace

NodeProfile Node::profile() const {
    const auto parsed = Name::parse(name);
    if (!parsed) throw Error("bad name in nodes: " + name);
    ListenOn listen;
    if (listen_address) listen.address = IpAddress::parse(*listen_address);
    listen.http = port_of(*this, http_port);
    listen.https = port_of(*this, https_port);
    listen.proof = port_of(*this, proof_port);
    NodeProfile profile{.id = id, .name = *parsed, .engine = engine, .listen = listen};
    const std::string servers = resolvers_given ? *resolvers_given : resolvers.value_or("");
    for (const std::string_view word : text::words(servers))
        if (const auto address = IpAddress::parse(word)) profile.resolvers.push_back(*address);
    profile.facts.version = EngineVersion::parse(engine_version.value_or(""));
    for (const std::string_view word : text::words(engine_modules)) profile.facts.modules.emplace(word);
    for (const std::string_view word : text::words(proxy_protocol))
        if (const auto network = IpNetwork::parse(word)) profile.proxy_protocol.push_back(*network);
    std::set<std::string, std::less<>> known;
    for (const std::string* const list : {&trusted_proxies, &listed_proxies})
        for (const std::string_view word : text::words(*list))
            if (const auto network = IpNetwork::parse(word); network && known.insert(network->text()).second)
                profile.trusted_proxies.push_back(*network);
    profile.default_site = node_settings().default_site;
    return profile;
}

NodeSettings Node::node_settings() const {
    return settings.empty() ? NodeSettings{} : NodeSettings::parse(Json::parse(settings));
}

std::optional<Node> find_node(db::Connection& db, std::string_view name) {
    return first_node(db.query("SELECT " NODE_COLUMNS "FROM nodes n WHERE n.name = ?", column_ascii(name)));
}

Node get_node(db::Connection& db, NodeId id) {
    auto node = first_node(db.query("SELECT " NODE_COLUMNS "FROM nodes n WHERE n.id = ?", id));
    if (!node) throw NotFound("no such node");
    return *node;
}

std::vector<Node> list_nodes(db::Connection& db) {
    std::vector<Node> nodes;
    for (auto row = db.query("SELECT " NODE_COLUMNS "FROM nodes n ORDER BY n.name LIMIT 10000"); row.next();)
        nodes.push_back(node_from(row));
    return nodes;
}

NodeId insert_node(db::Transaction& tx, const Node& node, Time now) {
    tx.execute(
        "INSERT INTO nodes (name, ip_address, ssh_port, ssh_user, credential_id, proxy_type, listen_address, "
        "http_port, https_port, proof_port, resolvers_given, trusted_proxies, proxy_protocol, is_active, "
        "is_discovered, "
        "state_since, "
        "created_at, "
        "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        node.name, node.ip_address, node.ssh_port, node.ssh_user, node.credential, to_word(node.engine),
        node.listen_address, node.http_port, node.https_port, node.proof_port, node.resolvers_given,
        or_null(node.trusted_proxies), or_null(node.proxy_protocol), node.active, node.discovered, now, now,
        now);
    return NodeId(tx.insert_id());
}

void update_node(db::Transaction& tx, const Node& node, Time now) {
    tx.execute(
        "UPDATE nodes SET engine_version = IF(proxy_type = ?, engine_version, NULL), ip_address = ?, "
        "ssh_port = ?, ssh_user = ?, credential_id = ?, proxy_type = ?, "
        "listen_address = ?, http_port = ?, https_port = ?, proof_port = ?, resolvers_given = ?, "
        "trusted_proxies = ?, proxy_protocol = ?, is_active = "
        "?, "
        "updated_at = ? "
        "WHERE id = ?",
        to_word(node.engine), node.ip_address, node.ssh_port, node.ssh_user, node.credential,
        to_word(node.engine), node.listen_address, node.http_port, node.https_port, node.proof_port,
        node.resolvers_given, or_null(node.trusted_proxies), or_null(node.proxy_protocol), node.active, now,
        node.id);
}

bool update_node_settings(db::Transaction& tx, NodeId id, std::string_view before, std::string_view settings,
                          bool by_file, std::string_view listed, Time now) {
    return tx.execute(
               "UPDATE nodes SET settings = NULLIF(?, ''), settings_by_file = ?, "
               "listed_proxies = NULLIF(?, ''), updated_at = ? WHERE id = ? AND COALESCE(settings, '') = ?",
               settings, by_file, listed, now, id, before) == 1;
}

void update_node_listed(db::Transaction& tx, NodeId id, std::string_view networks) {
    tx.execute("UPDATE nodes SET listed_proxies = NULLIF(?, '') WHERE id = ?", networks, id);
}

void update_node_engine(db::Transaction& tx, NodeId id, std::string_view version, std::string_view modules,
                        std::string_view file) {
    tx.execute("UPDATE nodes SET engine_version = ?, engine_modules = ?, engine_file = ? WHERE id = ?",
               version, modules, file, id);
}

void forget_node_engine(db::Transaction& tx, NodeId id) {
    tx.execute("UPDATE nodes SET engine_version = NULL WHERE id = ?", id);
}

void update_node_resolvers(db::Transaction& tx, NodeId id, std::string_view resolvers) {
    tx.execute("UPDATE nodes SET resolvers = ? WHERE id = ?", resolvers, id);
}

void update_node_active(db::Transaction& tx, NodeId id, bool active, Time now) {
    if (tx.execute("UPDATE nodes SET is_active = ?, updated_at = ? WHERE id = ?", active, now, id) == 0)
        throw NotFound("no such node");
}

void update_node_state(db::Transaction& tx, NodeId id, std::string_view state, std::string_view reason,
                       bool contacted, Time now) {
    tx.execute(
        "UPDATE nodes SET state_since = IF(state = ?, state_since, ?), state = ?, state_reason = ?, "
        "last_contact_at = IF(?, ?, last_contact_at) WHERE id = ?",
        state, now, state, column_text(reason), contacted, now, id);
}

namespace {

#define HOST_KEY_COLUMNS "id, node_id, key_type, key_blob, fingerprint, state, first_seen_at, decided_at "

HostKey host_key_from(const db::Rows& row) {
    return {.id = row.id<HostKeyId>("id"),
            .node = row.id<NodeId>("node_id"),
            .type = row.text("key_type"),
            .blob = row.text("key_blob"),
            .fingerprint = row.text("fingerprint"),
            .state = row.text("state"),
            .first_seen_at = row.time("first_seen_at"),
            .decided_at = row.maybe_time("decided_at")};
}

}  // namespace

std::optional<HostKey> find_trusted_host_key(db::Connection& db, NodeId node) {
    auto row = db.query(
        "SELECT " HOST_KEY_COLUMNS "FROM node_host_keys WHERE node_id = ? AND state = 'trusted'", node);
    if (!row.first()) return std::nullopt;
    return host_key_from(row);
}

std::vector<HostKey> list_host_keys(db::Connection& db, NodeId node) {
    std::vector<HostKey> keys;
    auto row =
        db.query("SELECT " HOST_KEY_COLUMNS "FROM node_host_keys WHERE node_id = ? ORDER BY id DESC", node);
    while (row.next()) keys.push_back(host_key_from(row));
    return keys;
}

void insert_offered_host_key(db::Transaction& tx, NodeId node, std::string_view type, std::string_view blob,
                             std::string_view fingerprint, Time now) {
    tx.execute(
        "INSERT INTO node_host_keys (node_id, key_type, key_blob, fingerprint, state, first_seen_at) "
        "VALUES (?, ?, ?, ?, 'offered', ?) ON DUPLICATE KEY UPDATE key_type = key_type",
        node, type, db::Bytes{blob}, fingerprint, now);
}

void trust_host_key(db::Transaction& tx, NodeId node, std::string_view fingerprint, UserId by, Time now) {
    const std::string shown = column_ascii(fingerprint);
    tx.execute(
        "UPDATE node_host_keys SET state = 'retired', decided_by = ?, decided_at = ? "
        "WHERE node_id = ? AND state = 'trusted' AND fingerprint <> ?",
        by, now, node, shown);
    if (tx.execute("UPDATE node_host_keys SET state = 'trusted', decided_by = ?, decided_at = ? "
                   "WHERE node_id = ? AND fingerprint = ?",
                   by, now, node, shown) == 0)
        throw NotFound("the node never showed a host key with this fingerprint");
}

namespace {

std::optional<Credential> first_credential(db::Rows row) {
    if (!row.first()) return std::nullopt;
    return Credential{.id = row.id<CredentialId>("id"),
                      .fingerprint = row.text("fingerprint"),
                      .public_line = row.text("public_line"),
                      .sealed = row.text("sealed")};
}

}  // namespace

std::optional<Credential> find_credential(db::Connection& db, std::string_view fingerprint) {
    return first_credential(
        db.query("SELECT id, fingerprint, public_line, sealed FROM credentials WHERE fingerprint = ?",
                 column_ascii(fingerprint)));
}

Credential get_credential(db::Connection& db, CredentialId id) {
    auto found = first_credential(
        db.query("SELECT id, fingerprint, public_line, sealed FROM credentials WHERE id = ?", id));
    if (!found) throw NotFound("the node has no SSH key");
    return *found;
}

CredentialId insert_credential(db::Transaction& tx, const Credential& credential, Time now) {
    tx.execute(
        "INSERT INTO credentials (kind, fingerprint, public_line, sealed, created_at) VALUES ('ssh_key', ?, "
        "?, ?, ?)",
        credential.fingerprint, credential.public_line, credential.sealed, now);
    return CredentialId(tx.insert_id());
}

}  // namespace rpm::store
