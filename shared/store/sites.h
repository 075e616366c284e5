// SPDX-License-Identifier: MIT
// Sites, their revisions, names and targets, and what nodes should serve.
//
// A site's truth is its head revision. The released revision is what nodes should serve: deploying copies
// head to released. Names are held by a site as long as its head or its released revision has them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/site.h"
#include "shared/model/viewer.h"
#include "shared/store/shared_pieces.h"

namespace rpm::store {

/// What lists show of a site.
struct SiteSummary {
    SiteId id;
    std::string owner_name;
    std::string domain;  ///< primary name of the head revision
    std::string upstream_summary;
    std::vector<std::string> tags;  ///< in order
    std::string tls_mode;
    SiteState state = SiteState::active;
    unsigned head_number = 0;
    unsigned released_number = 0;  ///< 0: never deployed
    std::string deploy_state;      ///< draft | deploying | live | failed
    unsigned node_count = 0;
    Time updated_at{};
    std::string list_key;  ///< bytes; others whenever any of this is another
    bool has_undeployed_changes() const { return head_number != released_number; }
};

struct Site : SiteSummary {
    UserId owner;
    unsigned block_status = 403;
    std::string blocked_reason;
    RevisionId head;
    RevisionId released;
    Time created_at{};
};

struct SiteFilter {
    std::string text{};          ///< part of the primary name
    std::string deploy_state{};  ///< draft | deploying | live | failed | undeployed; empty: all
    NodeId node{};               ///< that should serve them
    std::string tag{};           ///< that they have; empty: any or none
    PieceId piece{};             ///< whose newest version is in their newest version
    std::string after_domain{};  ///< keyset: sites after this name …
    SiteId after_id{};           ///< … and id
    bool backwards = false;      ///< the page before instead
    unsigned limit = 50;
};
std::vector<Site> list_sites(db::Connection& db, Scope scope, const SiteFilter& filter);
std::uint64_t count_sites(db::Connection& db, Scope scope, const SiteFilter& filter = {});
Site get_site(db::Connection& db, Scope scope, SiteId id);
/// As get_site(), and nobody else changes the row until the transaction ends.
Site get_site_for_update(db::Transaction& tx, Scope scope, SiteId id);
/// By any of its names.
std::optional<Site> find_site(db::Connection& db, Scope scope, std::string_view domain);

/// Who could take a request for this host: the site of the name, and those of the wildcards above it.
struct NameHolders {
    std::vector<SiteId> sites;
    std::vector<NodeId> nodes;  ///< that serve one of them or should; each once
};
NameHolders find_name_holders(db::Connection& db, Scope scope, std::string_view host);

struct Revision {
    RevisionId id;
    unsigned number = 0;
    SiteDefinition definition;  ///< as it was saved: what people edit
    SiteDefinition composed;    ///< with its shared pieces put in: what nodes serve
    CertificateId certificate;
    std::string created_by;
    std::string reason;
    Time created_at{};
    Composition composition() const { return {definition, composed}; }
};
Revision get_revision(db::Connection& db, SiteId site,
                      RevisionId id);  ///< the site was read with a scope before
Revision get_revision_number(db::Connection& db, SiteId site, unsigned number);
/// Newest first, at most `limit`; with `before` only those with a smaller number.
std::vector<Revision> list_revisions(db::Connection& db, SiteId site, unsigned limit = 50,
                                     unsigned before = 0);

/// An empty site row; the first revision follows by insert_revision().
SiteId insert_site(db::Transaction& tx, UserId owner, Time now);
/// Adds the next revision and makes it the head. Throws Conflict unless the head still has the number
/// `based_on`. `composed` is null for a definition without shared pieces only.
RevisionId insert_revision(db::Transaction& tx, SiteId site, unsigned based_on,
                           const SiteDefinition& definition, CertificateId certificate, UserId by,
                           std::string_view reason, Time now, const Composed* composed = nullptr);
/// Its tags, in order; the site was read with a scope before.
void update_site_tags(db::Transaction& tx, SiteId site, const std::vector<std::string>& tags, Time now);
/// Which tags there are, each with how many sites have it.
std::map<std::string, std::uint64_t> list_tags(db::Connection& db, Scope scope);
/// Holds exactly the names of head and released revision; a blocked site also keeps what it held, so that
/// nobody serves a blocked name under another site. Names that another site has stay there.
struct NamesTaken {
    std::vector<DomainName> added;      ///< that it did not hold before
    std::vector<DomainName> elsewhere;  ///< that another site has
};
NamesTaken update_site_domains(db::Transaction& tx, SiteId site);
/// Does no other site hold a name of this revision? Yes for an empty id.
bool has_names_free(db::Transaction& tx, SiteId site, RevisionId revision);
void update_site_targets(db::Transaction& tx, SiteId site, const std::vector<NodeId>& nodes);
std::vector<NodeId> list_site_targets(db::Connection& db, SiteId site);
void update_site_owner(db::Transaction& tx, SiteId site, UserId owner);
void update_site_state(db::Transaction& tx, SiteId site, SiteState state, unsigned block_status,
                       std::string_view reason, Time now);
/// Makes head the released revision and marks the site as deploying.
void update_site_released(db::Transaction& tx, SiteId site, Time now);
/// Frees its names; nodes drop it at their next release.
void update_site_removed(db::Transaction& tx, SiteId site, Time now);

/// How a site stands on each of its nodes.
struct SiteOnNode {
    NodeId node;
    std::string node_name;
    std::string engine;
    std::string node_state;
    bool target = false;         ///< should be served there
    unsigned served_number = 0;  ///< revision proven there; 0: none
    std::string quarantine_message;
    unsigned quarantine_line = 0;
    unsigned quarantined_number = 0;
    bool refused_directives = false;  ///< what was refused has directives of an administrator
};
std::vector<SiteOnNode> list_site_nodes(db::Connection& db, SiteId site);

/// Nodes that serve the site or should.
std::vector<NodeId> list_concerned_nodes(db::Connection& db, SiteId site);

/// False, and nothing is written, when the released revision is in quarantine already and this one only
/// stands in for it: the released one must stay there, or the two would take turns for ever.
bool upsert_quarantine(db::Transaction& tx, NodeId node, SiteId site, RevisionId revision,
                       std::string_view message, unsigned line, Time now);
/// Every node tries the site's released revision again.
void remove_quarantine(db::Transaction& tx, SiteId site);

/// Versions that were saved of the owner's sites since then.
std::uint64_t count_revisions(db::Connection& db, UserId owner, Time since);

struct SiteCounts {
    std::uint64_t all = 0;
    std::uint64_t live = 0;
    std::uint64_t failed = 0;
    std::uint64_t undeployed = 0;
};
SiteCounts count_site_states(db::Connection& db, Scope scope);
/// How many sites each user has; users without any are left out.
std::map<UserId, std::uint64_t> count_sites_by_owner(db::Connection& db);

}  // namespace rpm::store
