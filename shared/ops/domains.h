// SPDX-License-Identifier: MIT
// Whose name is it? A client's names are deployed once the client has shown that it holds them, and no client
// stands in another one's way.
//
// Saving a site asks for the proofs that are missing (a draft may have any free name); deploying demands
// them. What staff save for a client, and what staff vouch for, counts as shown: an administrator's word.
// Sites that belong to staff need no proof. The setting domains.proof turns this off.
//
// A name is refused while another site has it, while another owner's wildcard answers for it, and a wildcard
// while another owner has a name below it, the last two unless an administrator vouched for exactly this
// name. The message does not tell whose it is. But what a client merely wants holds up nobody: until its
// owner has shown it, or it is served, it counts only against those who have not shown it either. Two drafts
// may want the same name; the first whose owner shows it has it, from its next save or deployment on.
//
// What was shown by a record or a file is asked for again (domains.recheck). When the answer is another one,
// the owner is told, and after domains.grace the proof is withdrawn: nothing that is served changes by that,
// but it is not deployed again before it is shown again.
#pragma once

#include <string>
#include <vector>

#include "shared/model/site.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/domains.h"
#include "shared/store/sites.h"

namespace rpm::ops {

/// Inside the transaction that saved a revision: takes the names for the site and asks for proofs. Throws
/// Invalid{"domains", …} when a name stands in another owner's way. `moved`: the site has just got this
/// owner, so that all its names are looked at, not only those it adds.
void hold_names(db::Transaction& tx, const Viewer& viewer, SiteId site, UserId owner,
                const std::vector<DomainName>& names, bool moved, Time now);
/// Before the heads of these locked sites are released: throws Invalid{"domains", …} naming what is still to
/// be shown, what another site has, and what stands in another owner's way.
void demand_names(db::Transaction& tx, const std::vector<store::Site>& sites);
/// The names of the site's head that are still to be shown.
std::vector<DomainName> list_unproven(db::Connection& db, const store::Site& site);

/// How a name of a site stands.
struct NameState {
    DomainName name;
    bool needed = true;  ///< false: nobody asks for a proof (a site of staff, or the setting is off)
    bool proven = false;
    store::DomainProof proof;  ///< that covers it; else the one to show: without id when none was asked for
    bool record_only = false;  ///< with a wildcard: no file on a server shows that
    /// Another site has the name: it merely asked first (wanted), or its owner has shown it, or it is served.
    enum class Elsewhere { no, wanted, held } elsewhere = Elsewhere::no;
    bool is_failing() const { return proven && proof.failing_since.has_value(); }
};
/// For the names of the site's head, in its order.
std::vector<NameState> list_name_states(db::Connection& db, const store::Site& site);

/// Looks at every name of the site that is still to be shown, at once; answers how many. Each is looked at at
/// most every ten seconds. Needs sites:edit.
unsigned check_names(Context& context, const Viewer& viewer, SiteId site);
/// An administrator's word that the client holds the name (and all below it); also in advance. Needs
/// domains:vouch.
void vouch_name(Context& context, const Viewer& viewer, UserId owner, const DomainName& name);

}  // namespace rpm::ops
