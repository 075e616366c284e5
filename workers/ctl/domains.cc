// SPDX-License-Identifier: MIT
#include "shared/ops/domains.h"

#include "shared/base/error.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

Json describe(const store::DomainProof& proof) {
    return Json::object({{"owner", proof.owner_name},
                         {"name", proof.domain},
                         {"state", proof.proven() ? "proven" : "pending"},
                         {"method", proof.method ? Json(to_word(*proof.method)) : Json()},
                         {"record", proof_record(proof.domain)},
                         {"token", proof.token},
                         {"error", proof.error},
                         {"checked_at", to_json(proof.checked_at)},
                         {"proven_at", to_json(proof.proven_at)},
                         {"proven_by", proof.proven_by}});
}

std::string how(const store::DomainProof& proof) {
    if (!proof.method) return "-";
    switch (*proof.method) {
        case ProofMethod::txt:
            return "DNS record";
        case ProofMethod::http:
            return "file";
        case ProofMethod::admin:
            break;
    }
    return proof.proven_by.empty() ? "administrator" : "word of " + proof.proven_by;
}

}  // namespace

int list_domains(Environment& environment, const Arguments& arguments) {
    const auto owner = arguments.option("owner");
    const UserId id = owner ? get_user(environment.db(), *owner).id : UserId();
    Json all = Json::array();
    Table table({"NAME", "OWNER", "PROVEN BY", "SINCE", "LAST LOOK", "FOUND INSTEAD"});
    for (const store::DomainProof& proof : store::list_proofs(environment.db(), id)) {
        if (arguments.has("pending") && proof.proven()) continue;
        all.push(describe(proof));
        table.add({proof.domain, proof.owner_name, how(proof), show(proof.proven_at), show(proof.checked_at),
                   proof.proven() ? "" : proof.error});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int check_domain(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    const unsigned looks = ops::check_names(environment.context(), environment.viewer(), site.id);
    environment.print(looks == 0 ? "every name is proven, or needs no proof"
                                 : std::to_string(looks) + " queued; see 'rpmgr domain list --pending'",
                      Json::object({{"queued", looks}}));
    return 0;
}

int vouch_domain(Environment& environment, const Arguments& arguments) {
    const auto owner = get_user(environment.db(), arguments.word(0));
    std::vector<DomainName> names;
    for (std::size_t i = 1; i < arguments.words().size(); ++i) {
        const std::string& text = arguments.words()[i];
        if (const std::string why = DomainName::why_not(text); !why.empty())
            throw Invalid("NAME", "'" + text + "' " + why);
        names.push_back(*DomainName::parse(text));
    }
    Json all = Json::array();
    for (const DomainName& name : names) {
        ops::vouch_name(environment.context(), environment.viewer(), owner.id, name);
        all.push(proof_name(name));
    }
    environment.print(owner.username + " holds " + std::to_string(names.size()) +
                          (names.size() == 1 ? " name more" : " names more"),
                      Json::object({{"owner", owner.username}, {"names", std::move(all)}}));
    return 0;
}

}  // namespace rpm::ctl
