// SPDX-License-Identifier: MIT
// What clients write and what their servers answer: networks, names and their proofs, scopes, DNS.
#include <arpa/nameser.h>

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/domain_proof.h"
#include "shared/model/network.h"
#include "shared/model/permission.h"
#include "tests/fuzz/fuzz.h"
#include "workers/domains/dns.h"
#include "workers/domains/look.h"

namespace rpm::fuzz {
namespace {

// The address of a network, without the prefix.
IpAddress first_of(const IpNetwork& network) {
    const auto address = IpAddress::parse(network.text().substr(0, network.text().find('/')));
    demand(address.has_value(), "a network without an address: " + network.text());
    return *address;
}

// Whether the one lies above the other, or is it: whole labels only.
bool is_at_or_below(std::string_view name, std::string_view above) {
    return name == above || (name.ends_with(above) && name.size() > above.size() &&
                             name[name.size() - above.size() - 1] == '.');
}

}  // namespace

void networks(std::string_view input) {
    std::vector<IpNetwork> read;
    if (refused([&] { read = parse_networks("networks", input); })) return;
    demand(parse_networks("networks", words_of(read)) == read, "the words read as other networks");
    for (const IpNetwork& network : read) {
        const auto again = IpNetwork::parse(network.text());
        demand(again && *again == network, "the canonical text reads as another: " + network.text());
        const IpAddress first = first_of(network);
        demand(network.contains(first), "a network without its first address: " + network.text());
        demand(find_network(read, first) != nullptr, "nobody has an address that one has");
        const IpNetwork everything = *IpNetwork::parse(first.is_v6() ? "::/0" : "0.0.0.0/0");
        demand(everything.contains(first), "an address that is nowhere: " + first.text());
        // However it is written: inside IPv6 it is the same address.
        if (first.is_v6()) continue;
        const auto mapped = IpAddress::parse("::ffff:" + first.text());
        demand(mapped && network.contains(*mapped),
               "mapped into IPv6 it is another address: " + first.text());
        demand(is_public(first) == is_public(*mapped), "mapped into IPv6 it is public: " + first.text());
    }
}

// A name, then the name that was proven.
void domain_proof(std::string_view input) {
    Pieces pieces(input);
    const auto name = DomainName::parse(pieces.line());
    const auto proven = DomainName::parse(pieces.line());
    if (!name) return;
    const std::string bare = proof_name(*name);
    demand(DomainName::parse(bare).has_value(), "what is to be proven is no name: " + bare);
    demand(is_at_or_below(bare, zone_of(*name)), "not in its own zone");
    const auto covering = covering_names(*name);
    for (const std::string& one : covering) {
        demand(is_at_or_below(bare, one), "a name beside covers it: " + one);
        demand(one.find('.') != std::string::npos || one == bare, "a whole top-level domain covers it");
        demand(one.find('*') == std::string::npos, "a wildcard covers it");
    }
    for (const std::string& wildcard : wildcards_above(*name))
        demand(wildcard.starts_with("*.") && is_at_or_below(bare, wildcard.substr(2)) &&
                   wildcard.substr(2) != bare,
               "a wildcard that is not above: " + wildcard);
    if (!proven) return;
    const bool above = std::ranges::find(covering, proven->text()) != covering.end();
    demand(covers(proven->text(), ProofMethod::txt, *name) == above, "a record covers something else");
    demand(covers(proven->text(), ProofMethod::admin, *name) == above, "a word covers something else");
    const bool same = proven->text() == name->text() && !name->text().starts_with("*.");
    demand(covers(proven->text(), ProofMethod::http, *name) == same, "a file covers something else");
}

void permission_words(std::string_view input) {
    PermissionSet set;
    if (refused([&] { set = PermissionSet::parse(input); })) return;
    demand(PermissionSet::parse(set.words()) == set, "the words read as other permissions: " + set.words());
    for (const PermissionRow& row : permissions()) {
        if (row.word.empty() || text::trim(input).empty()) continue;
        const auto words = text::words(input);
        const bool named = std::ranges::find(words, row.word) != words.end();
        demand(set.has(row.permission) == named, "a permission that was not named, or the other way round");
    }
}

// A byte that chooses the type, then the message.
void dns_answer(std::string_view input) {
    Pieces pieces(input);
    constexpr int kTypes[] = {ns_t_txt, ns_t_a, ns_t_aaaa};
    const int type = kTypes[pieces.byte() % 3];
    const std::string_view rest = pieces.rest();
    const auto answer =
        domains::read_dns_answer({reinterpret_cast<const unsigned char*>(rest.data()), rest.size()}, type);
    demand((answer.result == domains::DnsResult::found) == !answer.values.empty(),
           "found nothing, or lost it");
    demand(answer.values.size() <= 100, "more values than anybody needs");
    for (const std::string& value : answer.values) {
        demand_clean(domains::in_quotes(value), "what people read of it");
        if (type == ns_t_txt) continue;
        const auto address = IpAddress::parse(value);
        demand(address && address->is_v6() == (type == ns_t_aaaa), "an address that is none: " + value);
    }
}

}  // namespace rpm::fuzz
