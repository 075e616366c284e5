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
    bool proven() const { return method.has_value(); }
};

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
/// What a look found: shown this way, or not and why. A proof once shown is not taken back.
void record_look(db::Transaction& tx, ProofId id, std::optional<ProofMethod> shown, std::string_view error,
                 Time now);
/// Whether a site of the owner has the wildcard of this name.
bool has_wildcard(db::Connection& db, UserId owner, std::string_view domain);

/// Until the transaction ends, nobody else gives out names below these zones (domain_proof.h, zone_of()), nor
/// what this owner has a limited number of.
void take_turn(db::Transaction& tx, UserId owner, const std::set<std::string>& zones);
/// A name of another owner's site that would answer for this one, or that this one would answer for.
std::optional<std::string> find_shadow(db::Connection& db, UserId owner, const DomainName& name);
/// How many names the owner's sites hold.
std::uint64_t count_names(db::Connection& db, UserId owner);

}  // namespace rpm::store
