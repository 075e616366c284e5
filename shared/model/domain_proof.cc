// SPDX-License-Identifier: MIT
#include "shared/model/domain_proof.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"

namespace rpm {
namespace {

constexpr std::array kMethods{ProofMethod::txt, ProofMethod::http, ProofMethod::admin};

// "b.example.com" of "a.b.example.com"; empty when no dot is left.
std::string_view parent_of(std::string_view name) {
    const auto dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

bool has_two_labels(std::string_view name) {
    return name.find('.') != std::string_view::npos;
}

}  // namespace

std::string_view to_word(ProofMethod method) {
    switch (method) {
        case ProofMethod::txt:
            return "txt";
        case ProofMethod::http:
            return "http";
        case ProofMethod::admin:
            return "admin";
    }
    return "";
}

std::optional<ProofMethod> proof_method(std::string_view word) {
    for (const ProofMethod method : kMethods)
        if (to_word(method) == word) return method;
    return std::nullopt;
}

std::string proof_name(const DomainName& name) {
    return name.is_wildcard() ? name.text().substr(2) : name.text();
}

std::vector<std::string> covering_names(const DomainName& name) {
    const std::string base = proof_name(name);  // no element of `out`: a vector that grows moves them
    std::vector<std::string> out{base};
    for (std::string_view up = parent_of(base); has_two_labels(up); up = parent_of(up)) out.emplace_back(up);
    return out;
}

bool covers(std::string_view proven, ProofMethod method, const DomainName& name) {
    if (method == ProofMethod::http) return proven == name.text();
    const auto names = covering_names(name);
    return std::ranges::find(names, proven) != names.end();
}

std::string proof_record(std::string_view name) {
    return "_rpmgr-challenge." + std::string(name);
}

std::string proof_path(std::string_view token) {
    return "/.well-known/rpmgr-proof/" + std::string(token);
}

std::vector<std::string> wildcards_above(const DomainName& name) {
    std::vector<std::string> out;
    const std::string base = proof_name(name);
    for (std::string_view up = parent_of(base); !up.empty(); up = parent_of(up))
        out.push_back("*." + std::string(up));
    return out;
}

std::string zone_of(const DomainName& name) {
    const std::string base = proof_name(name);
    if (base.ends_with(".localhost")) return "localhost";  // the one top-level name that a site may have
    std::string_view zone = base;
    for (std::string_view up = parent_of(zone); has_two_labels(up); up = parent_of(zone)) zone = up;
    return std::string(zone);
}

}  // namespace rpm
