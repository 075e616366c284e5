// SPDX-License-Identifier: MIT
#include "shared/ops/domains.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/crypto/token.h"
#include "shared/ops/limits.h"
#include "shared/store/audit.h"
#include "shared/store/jobs.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookInterval = 10s;  // "Check now" in a loop is no load test of somebody's name servers
constexpr std::size_t kMostNamed = 5;

const store::DomainProof* find_cover(const std::vector<store::DomainProof>& proofs, const DomainName& name) {
    const auto found = std::ranges::find_if(proofs, [&](const store::DomainProof& proof) {
        return proof.method && covers(proof.domain, *proof.method, name);
    });
    return found == proofs.end() ? nullptr : &*found;
}

const store::DomainProof* find_own(const std::vector<store::DomainProof>& proofs, const DomainName& name) {
    const auto found = std::ranges::find(proofs, proof_name(name), &store::DomainProof::domain);
    return found == proofs.end() ? nullptr : &*found;
}

bool is_client(db::Connection& db, UserId owner) {
    return !is_staff(store::get_user(db, owner).role);
}

bool asks_for_proof(db::Connection& db, UserId owner) {
    return is_client(db, owner) && demands_domain_proof(store::load_settings(db));
}

std::string random_token() {
    // Public, but not to be guessed: a record made in advance for somebody else's account would prove
    // nothing.
    return std::string(crypto::new_token().reveal());
}

void enqueue_check(db::Transaction& tx, const Viewer& viewer, const store::DomainProof& proof, Time now) {
    const Time earliest = proof.checked_at ? *proof.checked_at + kLookInterval : now;
    store::enqueue_job(tx,
                       {.kind = "domain.check",
                        .subject_type = "domain",
                        .subject_id = proof.id.value(),
                        .lane = "owner:" + proof.owner.text(),  // no client keeps all workers busy
                        .requested_by = viewer.id,
                        .reason = {},
                        .payload = {},
                        .run_after = std::max(now, earliest)},
                       now);
}

void vouch(db::Transaction& tx, const Viewer& viewer, UserId owner, const DomainName& name, Time now) {
    store::vouch_proof(tx, owner, proof_name(name), random_token(), viewer.id, now);
    store::insert_audit(tx, viewer, "domain.vouch",
                        {.type = "domain", .id = 0, .name = proof_name(name), .owner = owner}, nullptr,
                        nullptr, now);
}

// Asks for what is missing, and has it looked at; answers how many looks.
unsigned ask(db::Transaction& tx, const Viewer& viewer, UserId owner, const std::vector<DomainName>& names,
             bool again, Time now) {
    const auto proofs = store::list_proofs(tx.connection(), owner);
    std::set<ProofId> asked;
    for (const DomainName& name : names) {
        if (find_cover(proofs, name) != nullptr) continue;
        const store::DomainProof* known = find_own(proofs, name);
        if (known != nullptr && !known->proven() && !again) continue;
        store::DomainProof proof = known != nullptr ? *known : store::DomainProof{};
        proof.owner = owner;
        if (known == nullptr)
            proof.id = store::insert_proof(tx, owner, proof_name(name), random_token(), now);
        if (asked.insert(proof.id).second) enqueue_check(tx, viewer, proof, now);
    }
    return static_cast<unsigned>(asked.size());
}

bool vouched(const std::vector<store::DomainProof>& proofs, const DomainName& name) {
    const store::DomainProof* own = find_own(proofs, name);
    return own != nullptr && own->method == ProofMethod::admin;
}

// Which names in site_domains are more than a wish: those that count against everybody.
class Holders {
  public:
    explicit Holders(db::Connection& db)
        : db_(db), proofs_matter_(demands_domain_proof(store::load_settings(db))) {}
    bool is_firm(const store::NameHolder& holder) {
        if (!proofs_matter_ || is_staff(holder.role) || holder.blocked) return true;
        const auto name = DomainName::parse(holder.name).value();
        return find_cover(proofs_of(holder.owner), name) != nullptr || is_served(holder, name);
    }

  private:
    const std::vector<store::DomainProof>& proofs_of(UserId owner) {
        const auto known = proofs_.find(owner);
        return known != proofs_.end() ? known->second
                                      : proofs_.emplace(owner, store::list_proofs(db_, owner)).first->second;
    }
    bool is_served(const store::NameHolder& holder, const DomainName& name) {
        if (!holder.released) return false;
        const auto served = store::get_revision(db_, holder.site, holder.released).definition.domains;
        return std::ranges::find(served, name) != served.end();
    }

    db::Connection& db_;
    bool proofs_matter_;
    std::map<UserId, std::vector<store::DomainProof>> proofs_;
};

void demand_free(db::Connection& db, UserId owner, const std::vector<DomainName>& names) {
    const auto proofs = store::list_proofs(db, owner);
    Holders holders(db);
    for (const DomainName& name : names) {
        if (vouched(proofs, name)) continue;
        const auto shadows = store::list_shadows(db, owner, name);
        const auto shadow = std::ranges::find_if(
            shadows, [&](const store::NameHolder& holder) { return holders.is_firm(holder); });
        if (shadow == shadows.end()) continue;
        const auto above = wildcards_above(name);
        const bool under = std::ranges::find(above, shadow->name) != above.end();
        throw Invalid("domains", "'" + name.text() +
                                     (under ? "' is answered by a wildcard of somebody else"
                                            : "' would answer for a name of somebody else") +
                                     "; an administrator can allow it");
    }
}

void take_turns(db::Transaction& tx, UserId owner, const std::vector<DomainName>& names) {
    std::set<std::string> zones;
    for (const DomainName& name : names) zones.insert(zone_of(name));
    store::take_turn(tx, owner, zones);
}

// Takes what the site's versions name; what another site merely wants, too, for an owner who `may_take` it.
// Answers what it did not have before.
template <class MayTake>
std::vector<DomainName> take_names(db::Transaction& tx, SiteId site, UserId owner, MayTake&& may_take) {
    auto taken = store::update_site_domains(tx, site);
    Holders holders(tx.connection());
    for (const DomainName& name : taken.elsewhere) {
        const auto holder = store::find_holder(tx.connection(), name);
        if (holder && (holder->owner == owner || holders.is_firm(*holder)))
            throw Invalid("domains", "'" + name.text() + "' is already used by another site");
        if (holder && !may_take(name)) continue;  // a draft that waits until one of the two shows it
        store::move_name(tx, name, site);
        taken.added.push_back(name);
    }
    return std::move(taken.added);
}

// Names that nodes do not serve for this site yet.
std::vector<DomainName> not_served(db::Connection& db, const store::Site& site,
                                   const std::vector<DomainName>& names) {
    if (!site.released) return names;
    const auto served = store::get_revision(db, site.id, site.released).definition.domains;
    std::vector<DomainName> out;
    for (const DomainName& name : names)
        if (std::ranges::find(served, name) == served.end()) out.push_back(name);
    return out;
}

}  // namespace

void hold_names(db::Transaction& tx, const Viewer& viewer, SiteId site, UserId owner,
                const std::vector<DomainName>& names, bool moved, Time now) {
    db::Connection& db = tx.connection();
    const bool client = is_client(db, owner);
    const bool says_so = viewer.may(Permission::domains_vouch);
    take_turns(tx, owner, names);
    const auto proofs = store::list_proofs(db, owner);
    const auto added = take_names(tx, site, owner, [&](const DomainName& name) {
        return !client || says_so || find_cover(proofs, name) != nullptr;
    });
    check_limits(db, viewer, owner, !added.empty(), now);
    if (!client) {
        if (!says_so) demand_free(db, owner, added);
        return;
    }
    if (says_so) {
        for (const DomainName& name : added)
            if (find_cover(proofs, name) == nullptr) vouch(tx, viewer, owner, name, now);
        // Nobody has said a word about names that come along with the site.
        if (moved) demand_free(db, owner, names);
    } else {
        demand_free(db, owner, added);
    }
    store::remove_unused_proofs(tx, owner);
    if (asks_for_proof(db, owner)) ask(tx, viewer, owner, names, false, now);
}

std::vector<DomainName> list_unproven(db::Connection& db, const store::Site& site) {
    std::vector<DomainName> out;
    if (!asks_for_proof(db, site.owner)) return out;
    const auto proofs = store::list_proofs(db, site.owner);
    for (const DomainName& name : store::get_revision(db, site.id, site.head).definition.domains)
        if (find_cover(proofs, name) == nullptr) out.push_back(name);
    return out;
}

namespace {

void demand_proofs(db::Connection& db, const std::vector<store::Site>& sites) {
    std::vector<DomainName> missing;
    for (const store::Site& site : sites)
        for (DomainName& name : list_unproven(db, site)) missing.push_back(std::move(name));
    if (missing.empty()) return;
    std::string words;
    for (std::size_t i = 0; i < missing.size() && i < kMostNamed; ++i)
        words += (i == 0 ? "" : ", ") + missing[i].text();
    if (missing.size() > kMostNamed) words += " and " + std::to_string(missing.size() - kMostNamed) + " more";
    throw Invalid("domains", words + (missing.size() == 1 ? " is" : " are") +
                                 " not proven yet: show that you hold " +
                                 (missing.size() == 1 ? "it" : "them") + ", as the page of the site says");
}

NameState::Elsewhere elsewhere(db::Connection& db, Holders& holders, SiteId site, const DomainName& name) {
    const auto holder = store::find_holder(db, name);
    if (!holder || holder->site == site) return NameState::Elsewhere::no;
    return holders.is_firm(*holder) ? NameState::Elsewhere::held : NameState::Elsewhere::wanted;
}

}  // namespace

void demand_names(db::Transaction& tx, const std::vector<store::Site>& sites) {
    db::Connection& db = tx.connection();
    demand_proofs(db, sites);
    for (const store::Site& site : sites) {
        const auto names = store::get_revision(db, site.id, site.head).definition.domains;
        take_turns(tx, site.owner, names);
        take_names(tx, site.id, site.owner, [](const DomainName&) { return true; });
        // Somebody may have shown a name above or below since this was saved.
        if (is_client(db, site.owner)) demand_free(db, site.owner, not_served(db, site, names));
    }
}

std::vector<NameState> list_name_states(db::Connection& db, const store::Site& site) {
    const auto names = store::get_revision(db, site.id, site.head).definition.domains;
    const bool needed = asks_for_proof(db, site.owner);
    const auto proofs = store::list_proofs(db, site.owner);
    Holders holders(db);
    std::vector<NameState> states;
    for (const DomainName& name : names) {
        NameState state{.name = name, .needed = needed, .proven = false, .proof = {}, .record_only = false};
        state.elsewhere = elsewhere(db, holders, site.id, name);
        state.record_only = std::ranges::any_of(names, [&](const DomainName& other) {
            return other.is_wildcard() && proof_name(other) == proof_name(name);
        });
        if (const auto* cover = find_cover(proofs, name)) {
            state.proven = true;
            state.proof = *cover;
        } else if (const auto* own = find_own(proofs, name)) {
            state.proof = *own;
        }
        states.push_back(std::move(state));
    }
    return states;
}

unsigned check_names(Context& context, const Viewer& viewer, SiteId id) {
    viewer.demand(Permission::sites_edit);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const auto site = store::get_site_for_update(tx, Scope::of(viewer), id);
        if (!asks_for_proof(context.db, site.owner)) return 0U;
        const auto head = store::get_revision(context.db, id, site.head);
        return ask(tx, viewer, site.owner, head.definition.domains, true, context.clock.now());
    });
}

void vouch_name(Context& context, const Viewer& viewer, UserId owner, const DomainName& name) {
    viewer.demand(Permission::domains_vouch);
    db::transact(context.db, [&](db::Transaction& tx) {
        if (!is_client(context.db, owner)) throw Invalid("owner", "is no client: its names need no proof");
        vouch(tx, viewer, owner, name, context.clock.now());
    });
}

}  // namespace rpm::ops
