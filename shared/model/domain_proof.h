// SPDX-License-Identifier: MIT
// Which proof covers which name.
//
// A proof is for one name and what lies below it, or for this name alone, by how it was shown:
//   txt    a DNS record: who writes the zone of a name decides about every name below it, so it covers the
//          name, its wildcard and all names below.
//   http   a file on the server that answers for the name: that server need not answer for any other name, so
//          it covers this name only and no wildcard. (The same line is drawn by the CA/Browser Forum's
//          Baseline Requirements 3.2.2.4.7 and 3.2.2.4.18.)
//   admin  the word of an administrator: covers what a DNS record covers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/model/values.h"

namespace rpm {

enum class ProofMethod { txt, http, admin };
std::string_view to_word(ProofMethod method);
std::optional<ProofMethod> proof_method(std::string_view word);

/// The name without "*.": what a proof is asked for under.
std::string proof_name(const DomainName& name);
/// The name that a proof must be for to cover this one, nearest first: "a.b.example.com", "b.example.com",
/// "example.com". Whole top-level domains prove nothing.
std::vector<std::string> covering_names(const DomainName& name);
/// Whether a proof for `proven`, shown this way, covers the name.
bool covers(std::string_view proven, ProofMethod method, const DomainName& name);

/// Where the DNS record belongs: "_rpmgr-challenge.example.com".
std::string proof_record(std::string_view name);
/// Path of the file: "/.well-known/rpmgr-proof/TOKEN".
std::string proof_path(std::string_view token);

/// Wildcards above the name, which would answer for it: "*.b.example.com", "*.example.com" for
/// "a.b.example.com" and for "*.a.b.example.com".
std::vector<std::string> wildcards_above(const DomainName& name);
/// The last two labels, which a name shares with every name above or below it that a site may have.
std::string zone_of(const DomainName& name);

}  // namespace rpm
