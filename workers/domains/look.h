// SPDX-License-Identifier: MIT
// One look at whether a client holds a name: the DNS record, then the file on its server.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "shared/model/domain_proof.h"
#include "workers/domains/dns.h"
#include "workers/domains/fetch.h"

namespace rpm::domains {

struct Look {
    std::optional<ProofMethod> shown{};  ///< txt or http
    std::string found{};                 ///< else what was found instead, for the client to read
    bool answered = true;                ///< false: somebody did not answer, which says nothing of the name
};
/// Text of strangers for people to read: in quotes, cut, clean.
std::string in_quotes(std::string_view text);
/// `record_only`: the file proves too little (a wildcard is wanted), so it is not asked for.
Look look(Dns& dns, const FetchSettings& http, const std::string& name, const std::string& token,
          bool record_only);

}  // namespace rpm::domains
