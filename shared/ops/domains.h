// SPDX-License-Identifier: MIT
// Whose name is it? A client's names are deployed once the client has shown that it holds them, and no client
// stands in another one's way.
//
// Saving a site asks for the proofs that are missing (a draft may have any free name); deploying demands
// them. What staff save for a client, and what staff vouch for, counts as shown: an administrator's word.
// Sites that belong to staff need no proof. The setting domains.proof turns this off.
//
// A name is refused while another owner's wildcard answers for it, and a wildcard while another owner has a
// name below it, unless an administrator vouched for exactly this name. The message does not tell whose it
// is.
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
/// Invalid{"domains", …} when a name stands in another owner's way.
void hold_names(db::Transaction& tx, const Viewer& viewer, SiteId site, UserId owner,
                const std::vector<DomainName>& names, Time now);
/// Throws Invalid{"domains", …} naming what is still to be shown for the heads of these sites.
void demand_proofs(db::Connection& db, const std::vector<store::Site>& sites);
/// The names of the site's head that are still to be shown.
std::vector<DomainName> list_unproven(db::Connection& db, const store::Site& site);

/// How a name of a site stands.
struct NameState {
    DomainName name;
    bool needed = true;  ///< false: nobody asks for a proof (a site of staff, or the setting is off)
    bool proven = false;
    store::DomainProof proof;  ///< that covers it; else the one to show: without id when none was asked for
    bool record_only = false;  ///< with a wildcard: no file on a server shows that
};
/// For the names of one site, in its order.
std::vector<NameState> list_name_states(db::Connection& db, UserId owner,
                                        const std::vector<DomainName>& names);

/// Looks at every name of the site that is still to be shown, at once; answers how many. Each is looked at at
/// most every ten seconds. Needs sites:edit.
unsigned check_names(Context& context, const Viewer& viewer, SiteId site);
/// An administrator's word that the client holds the name (and all below it); also in advance. Needs
/// domains:vouch.
void vouch_name(Context& context, const Viewer& viewer, UserId owner, const DomainName& name);

}  // namespace rpm::ops
