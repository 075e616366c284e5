// SPDX-License-Identifier: MIT
// Nodes, their host keys, and the credentials that workers sign in with. Clients never reach these reads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/node.h"

namespace rpm::store {

struct Node {
    NodeId id;
    std::string name;
    std::string ip_address;  ///< address or host name for SSH
    unsigned ssh_port = 22;
    std::string ssh_user;
    CredentialId credential;
    Engine engine = Engine::nginx;
    std::optional<std::string> engine_version;  ///< as it said last; none: not asked yet
    std::string engine_modules;                 ///< separated by blanks
    std::string engine_file;                    ///< of which program that was learned
    std::optional<std::string> listen_address;
    unsigned http_port = 80;
    unsigned https_port = 443;
    unsigned proof_port = 8081;
    std::optional<std::string> resolvers;  ///< as it said last, separated by blanks; none: not asked yet
    std::optional<std::string> resolvers_given;  ///< to use instead
    std::string trusted_proxies;                 ///< networks, separated by blanks
    std::string proxy_protocol;                  ///< the same, of balancers that speak it
    std::string settings;                        ///< NodeSettings as JSON; empty: all defaults
    bool settings_by_file = false;               ///< nodes.yaml says them
    std::string listed_proxies;                  ///< networks of its trusted lists, separated by blanks
    bool active = true;
    bool discovered = false;
    std::string state = "unknown";  ///< unknown | ok | unreachable | host_key | failed
    std::string state_reason;
    Time state_since{};
    std::string current_release;  ///< empty: none proven yet
    std::optional<Time> last_contact_at;
    Time created_at{};
    Time updated_at{};
    unsigned sites = 0;        ///< that it was last proven to serve
    unsigned quarantined = 0;  ///< that it keeps out

    NodeProfile profile() const;
    NodeSettings node_settings() const;
};

std::optional<Node> find_node(db::Connection& db, std::string_view name);
Node get_node(db::Connection& db, NodeId id);
std::vector<Node> list_nodes(db::Connection& db);  ///< by name
NodeId insert_node(db::Transaction& tx, const Node& node, Time now);
/// The settings only, not the state.
void update_node(db::Transaction& tx, const Node& node, Time now);
/// False when the settings are not `before` any more.
bool update_node_settings(db::Transaction& tx, NodeId id, std::string_view before, std::string_view settings,
                          bool by_file, std::string_view listed, Time now);
/// The networks of its trusted lists.
void update_node_listed(db::Transaction& tx, NodeId id, std::string_view networks);
/// What the node told of its engine; `file` names the program that it is true for.
void update_node_engine(db::Transaction& tx, NodeId id, std::string_view version, std::string_view modules,
                        std::string_view file);
/// It is asked anew before the next deployment.
void forget_node_engine(db::Transaction& tx, NodeId id);
/// What the node said of its name servers.
void update_node_resolvers(db::Transaction& tx, NodeId id, std::string_view resolvers);
void update_node_active(db::Transaction& tx, NodeId id, bool active, Time now);
/// Keeps state_since while the state stays the same; `contacted` also sets last_contact_at.
void update_node_state(db::Transaction& tx, NodeId id, std::string_view state, std::string_view reason,
                       bool contacted, Time now);

struct HostKey {
    HostKeyId id;
    NodeId node;
    std::string type;         ///< "ssh-ed25519"
    std::string blob;         ///< SSH wire form
    std::string fingerprint;  ///< "SHA256:…"
    std::string state;        ///< offered | trusted | retired
    Time first_seen_at{};
    std::optional<Time> decided_at{};  ///< trusted or retired
};
std::optional<HostKey> find_trusted_host_key(db::Connection& db, NodeId node);
std::vector<HostKey> list_host_keys(db::Connection& db, NodeId node);
/// Remembers a key that the node showed; a key that is known already keeps its state.
void insert_offered_host_key(db::Transaction& tx, NodeId node, std::string_view type, std::string_view blob,
                             std::string_view fingerprint, Time now);
/// Trusts this key of the node and retires the one trusted before. Throws NotFound.
void trust_host_key(db::Transaction& tx, NodeId node, std::string_view fingerprint, UserId by, Time now);

struct Credential {
    CredentialId id;
    std::string fingerprint;
    std::string public_line;
    std::string sealed;  ///< purpose "credential:<fingerprint>"
};
std::optional<Credential> find_credential(db::Connection& db, std::string_view fingerprint);
Credential get_credential(db::Connection& db, CredentialId id);
CredentialId insert_credential(db::Transaction& tx, const Credential& credential, Time now);

}  // namespace rpm::store
