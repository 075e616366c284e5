// SPDX-License-Identifier: MIT
// Which client has shown that it holds which name, and who stands in whose way. The rules are in
// shared/ops/domains.h.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/domain_proof.h"
#include "shared/model/permission.h"
#include "shared/store/sites.h"

namespace rpm::store {

struct DomainProof {
    ProofId id;
    UserId owner;
    std::string owner_name;
    std::string domain;  ///< without "*."
    std::string token;
    std::optional<ProofMethod> method;  ///< none: still to be shown
    std::string error;                  ///< what the last look found instead
    std::optional<Time> checked_at{};
    std::optional<Time> proven_at{};
    std::string proven_by{};  ///< administrator who vouched
    Time created_at{};
    std::optional<Time> failing_since{};  ///< proven, but since then looks find something else
    unsigned failed_looks = 0;            ///< that got an answer, since then
    bool proven() const { return method.has_value(); }
};

/// A site that has a name in site_domains.
struct NameHolder {
    std::string name;
    SiteId site;
    UserId owner;
    Role role = Role::client;  ///< of the owner
    bool blocked = false;
    RevisionId released{};
};
/// Nothing when the name is free.
std::optional<NameHolder> find_holder(db::Connection& db, const DomainName& name);
/// The name is this site's and not the other's any more.
void move_name(db::Transaction& tx, const DomainName& name, SiteId to);

/// Of one owner, or of everybody, by name.
std::vector<DomainProof> list_proofs(db::Connection& db, UserId owner);
DomainProof get_proof(db::Connection& db, ProofId id);
/// Asks for a proof; nothing happens when the owner has one, or was asked, already.
ProofId insert_proof(db::Transaction& tx, UserId owner, std::string_view domain, std::string_view token,
                     Time now);
/// An administrator's word; over whatever was shown before.
void vouch_proof(db::Transaction& tx, UserId owner, std::string_view domain, std::string_view token,
                 UserId by, Time now);
/// Proofs that are still to be shown and that no site of the owner needs any more.
void remove_unused_proofs(db::Transaction& tx, UserId owner);
/// What a look found: shown this way, or not and why. What was shown before stays.
void record_look(db::Transaction& tx, ProofId id, std::optional<ProofMethod> shown, std::string_view error,
                 Time now);
/// A look that did not find again what was proven. `answered`: not silence, which says nothing and counts
/// not.
void record_failed_look(db::Transaction& tx, ProofId id, std::string_view error, bool answered, Time now);
/// It is to be shown anew.
void withdraw_proof(db::Transaction& tx, ProofId id);
/// Proofs by record or file that were last looked at before `asked`, or that fail and were not looked at
/// since `failing`; at most `limit`.
std::vector<DomainProof> list_due_proofs(db::Connection& db, Time asked, Time failing, unsigned limit);
/// Whether a site of the owner has the wildcard of this name.
bool has_wildcard(db::Connection& db, UserId owner, std::string_view domain);

/// Until the transaction ends, nobody else gives out names below these zones (domain_proof.h, zone_of()), nor
/// what this owner has a limited number of.
void take_turn(db::Transaction& tx, UserId owner, const std::set<std::string>& zones);
/// Names of other owners' sites that would answer for this one, or that this one would answer for.
std::vector<NameHolder> list_shadows(db::Connection& db, UserId owner, const DomainName& name);
/// How many names the owner's sites hold.
std::uint64_t count_names(db::Connection& db, UserId owner);

}  // namespace rpm::store
