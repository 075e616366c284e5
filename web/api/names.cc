// SPDX-License-Identifier: MIT
// The names of a site and the proofs that its owner holds them.
#include "shared/ops/domains.h"

#include <algorithm>

#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

using rpm::ops::NameState;

std::vector<NameState> states_of(const Call& call, const store::Site& site) {
    return rpm::ops::list_name_states(call.db(), site);
}

// Whether another site has the name: null, "wanted" (whoever shows it first has it) or "held".
Json elsewhere_json(const NameState& state) {
    if (state.elsewhere == NameState::Elsewhere::no) return {};
    return state.elsewhere == NameState::Elsewhere::wanted ? "wanted" : "held";
}

Json name_json(const NameState& state) {
    const store::DomainProof& proof = state.proof;
    Json out =
        Json::object({{"name", state.name.text()},
                      {"state", !state.needed  ? "not_needed"
                                : state.proven ? "proven"
                                               : "pending"},
                      {"method", state.proven ? Json(to_word(*proof.method)) : Json()},
                      {"proven_for", state.proven ? Json(proof.domain) : Json()},
                      {"elsewhere", elsewhere_json(state)},
                      {"failing_since", state.proven ? time_json(proof.failing_since) : Json()},
                      {"proven_at", state.proven ? time_json(proof.proven_at) : Json()},
                      {"checked_at", time_json(proof.checked_at)},
                      {"error", text_or_null(state.proven && !state.is_failing() ? "" : proof.error)}});
    if ((state.proven && !state.is_failing()) || !proof.id) return out;
    out["record"] =
        Json::object({{"name", proof_record(proof.domain)}, {"type", "TXT"}, {"value", proof.token}});
    out["file"] = state.record_only
                      ? Json()
                      : Json::object({{"url", "http://" + proof.domain + proof_path(proof.token)},
                                      {"content", proof.token}});
    return out;
}

http::Response names_response(const Call& call, const store::Site& site) {
    Json items = Json::array();
    for (const NameState& state : states_of(call, site)) items.push(name_json(state));
    return list_response(std::move(items), "");
}

store::Site site_of(const Call& call) {
    return store::get_site(call.db(), call.scope(), call.captures.id<SiteId>("id"));
}

}  // namespace

http::Response list_names(Call& call) {
    return names_response(call, site_of(call));
}

http::Response check_names(Call& call) {
    const Json body = read_body(call.request);
    Members(body).check();
    const auto site = site_of(call);
    rpm::ops::check_names(call.ops, call.viewer, site.id);
    return names_response(call, site);
}

http::Response vouch_name(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    const std::string text = members.text("name", 253);
    members.check();
    const auto site = site_of(call);
    const auto states = states_of(call, site);
    const auto state =
        std::ranges::find(states, text, [](const NameState& each) { return each.name.text(); });
    if (state == states.end()) throw Invalid("name", "is no name of this site");
    rpm::ops::vouch_name(call.ops, call.viewer, site.owner, state->name);
    return names_response(call, site);
}

}  // namespace rpm::api
