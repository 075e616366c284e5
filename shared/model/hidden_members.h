// SPDX-License-Identifier: MIT
// What of a definition whoever reads it may not see, and how what they send back keeps it.
//
//     Json out = shown_definition(revision.definition, viewer.is_staff());         // GET
//     SiteDefinition::parse(with_hidden_members(body, &revision.definition, viewer.is_staff()));   // PUT
//
// Passwords (MemberDoc::password) are shown to nobody: instead of the hash stands the word "set". Members of
// the staff (MemberDoc::staff_only) are left out for everybody else. What comes back without them, or with
// that word, means the stored ones: of the same entry at the same place. Entries of lists are known by their
// names and paths, not by their number, so others may be added, removed and moved.
#pragma once

#include "shared/model/member_doc.h"
#include "shared/model/site.h"

namespace rpm {

inline constexpr std::string_view kPasswordIsSet = "set";

/// "set" instead of each hash.
Json without_passwords(const MemberDoc& doc, Json saved);
Json without_staff_members(const MemberDoc& doc, Json saved);
/// Both: the JSON of a definition as a reader gets it.
Json shown_definition(const SiteDefinition& definition, bool staff);

/// The same of a part of one, or of a template (shared_piece.h).
Json shown_part(Json part, bool staff);

/// `sent` with what its sender could not see taken from `stored`; nullptr: nothing is stored yet. "set" where
/// no password is stored is taken out, so that SiteDefinition::parse() says what is missing. Anything that is
/// not as a definition should be is left to that, too.
Json with_hidden_members(Json sent, const SiteDefinition* stored, bool staff);
Json part_with_hidden_members(Json sent, const Json* stored, bool staff);

}  // namespace rpm
