// SPDX-License-Identifier: MIT
// Ports of streams. A port belongs to one stream on each node, for as long as the head or the released
// revision of the stream has it and the node is one of its targets; the table's key says so, so that two
// people who save at once cannot both have it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/site.h"

namespace rpm::store {

struct PortHolder {
    SiteId site;
    std::string domain;  ///< its primary name
    std::string node;    ///< the name of the node on which it has the port
};
struct PortsTaken {
    unsigned added = 0;  ///< ports that the site did not have before
    struct Elsewhere {
        StreamProtocol protocol;
        Port port;
        PortHolder holder;
    };
    std::optional<Elsewhere> elsewhere;  ///< the first that another site has; the rest was not looked at
};
/// Holds exactly the ports of head and released revision, on exactly the site's targets.
PortsTaken update_site_ports(db::Transaction& tx, SiteId site);
/// Does no other site hold a port of this revision on the site's targets? Yes for an empty id.
bool has_ports_free(db::Transaction& tx, SiteId site, RevisionId revision);

/// Ports of the owner's streams, each counted once for its site.
std::uint64_t count_ports(db::Connection& db, UserId owner);

/// Who has one of these ports on the node.
std::optional<PortsTaken::Elsewhere> find_port_holder(db::Connection& db, NodeId node,
                                                      StreamProtocol protocol,
                                                      const std::vector<unsigned>& ports);

}  // namespace rpm::store
