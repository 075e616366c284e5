// SPDX-License-Identifier: MIT
#include "workers/domains/look.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::domains {
namespace {

constexpr std::size_t kMostQuoted = 80;

std::string record_words(const std::string& record, const DnsAnswer& answer) {
    switch (answer.result) {
        case DnsResult::found:
            return record + " holds " + in_quotes(answer.values.front()) +
                   (answer.values.size() > 1 ? " and others" : "") + " instead of the token";
        case DnsResult::no_record:
        case DnsResult::no_name:
            return "no TXT record " + record;
        case DnsResult::unavailable:
            break;
    }
    return "the name servers of " + record + " do not answer";
}

std::string file_words(const Fetched& fetched) {
    if (fetched.status == 0) return fetched.error;
    if (fetched.status != 200) return "the server answered " + std::to_string(fetched.status);
    return "the file holds " + in_quotes(text::trim(fetched.body)) + " instead of the token";
}

bool holds(const DnsAnswer& answer, const std::string& token) {
    return std::ranges::any_of(answer.values,
                               [&](const std::string& value) { return text::trim(value) == token; });
}

Look look_at_file(Dns& dns, const FetchSettings& http, const std::string& name, const std::string& token) {
    const DnsAnswer addresses = dns.addresses(name);
    if (addresses.result != DnsResult::found)
        return {std::nullopt, name + " has no address", addresses.result != DnsResult::unavailable};
    const Fetched fetched = fetch(http, name, proof_path(token), addresses.values);
    if (fetched.status == 200 && text::trim(fetched.body) == token) return {ProofMethod::http};
    return {std::nullopt, file_words(fetched), fetched.status != 0};
}

}  // namespace

// Anybody may write anything there.
std::string in_quotes(std::string_view text) {
    return "'" + text::shown(text, kMostQuoted) + "'";
}

Look look(Dns& dns, const FetchSettings& http, const std::string& name, const std::string& token,
          bool record_only) {
    const std::string record = proof_record(name);
    const DnsAnswer txt = dns.txt(record);
    if (holds(txt, token)) return {ProofMethod::txt, {}};
    std::string found = record_words(record, txt);
    const bool answered = txt.result != DnsResult::unavailable;
    if (record_only) return {std::nullopt, std::move(found), answered};
    const Look file = look_at_file(dns, http, name, token);
    if (file.shown) return file;
    return {std::nullopt, std::move(found) + "; by file: " + file.found, answered && file.answered};
}

}  // namespace rpm::domains
