// SPDX-License-Identifier: MIT
#include "shared/store/sites.h"

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/sites.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"
#include "web/view/engine_words.h"

namespace rpm::api {
namespace {

Json summary(const store::Site& site) {
    return Json::object(
        {{"id", site.id.value()},
         {"domain", site.domain},
         {"owner", Json::object({{"id", site.owner.value()}, {"name", site.owner_name}})},
         {"state", to_word(site.state)},
         {"block_status", site.state == SiteState::blocked ? Json(site.block_status) : Json()},
         {"block_reason", text_or_null(site.blocked_reason)},
         {"version", site.head_number},
         {"released_version", site.released_number ? Json(site.released_number) : Json()},
         {"deploy_state", site.deploy_state},
         {"upstreams", site.upstream_summary},
         {"tags", texts_json(site.tags)},
         {"tls", site.tls_mode},
         {"node_count", site.node_count},
         {"created_at", time_json(site.created_at)},
         {"updated_at", time_json(site.updated_at)}});
}

// Clients do not learn how the operator's machines are called.
Json on_node(const store::SiteOnNode& on, const Viewer& viewer) {
    Json refused;
    if (on.quarantined_number)
        refused = Json::object({{"version", on.quarantined_number},
                                {"message", web::readable_refusal(on, viewer)},
                                {"line", on.quarantine_line ? Json(on.quarantine_line) : Json()}});
    return Json::object({{"id", on.node.value()},
                         {"name", viewer.is_staff() ? Json(on.node_name) : Json()},
                         {"engine", on.engine},
                         {"target", on.target},
                         {"served_version", on.served_number ? Json(on.served_number) : Json()},
                         {"refused", refused}});
}

http::Response whole(Call& call, SiteId id, int status = 200) {
    const auto site = store::get_site(call.db(), call.scope(), id);
    Json out = summary(site);
    out["definition"] =
        shown_definition(store::get_revision(call.db(), id, site.head).definition, call.viewer.is_staff());
    out["pieces"] = Json::array();
    for (const auto& use : store::list_revision_pieces(call.db(), site.head))
        out["pieces"].push(Json::object({{"id", use.piece.value()},
                                         {"kind", to_word(use.kind)},
                                         {"name", use.name},
                                         {"version", use.number}}));
    out["nodes"] = Json::array();
    for (const auto& on : store::list_site_nodes(call.db(), id)) out["nodes"].push(on_node(on, call.viewer));
    return http::json(out, status).set("ETag", version_tag(site.head_number));
}

std::string encode(const store::Site& last) {
    return text::hex(last.domain + "," + last.id.text());
}

void decode(store::SiteFilter& filter, const std::string& cursor) {
    if (cursor.empty()) return;
    const auto key = text::unhex(cursor).value_or("");
    const auto comma = key.rfind(',');
    const auto id = comma == std::string::npos ? std::nullopt : SiteId::parse(key.substr(comma + 1));
    if (!id || comma == 0) throw Invalid("cursor", "is not one that this list gave");
    filter.after_domain = key.substr(0, comma);
    filter.after_id = *id;
}

// The verbs name members of the definition as if it stood alone.
Invalid with_paths(const Invalid& error) {
    Problems problems;
    for (const auto& [field, message] : error.problems.entries()) {
        const bool ours = field == "owner" || field == "targets" || field == "reason" || field == "tags" ||
                          field == "database";
        problems.add(ours ? field : "definition." + field, message);
    }
    return Invalid(std::move(problems));
}

// Calls f with what the body says; what its sender could not see is as in `stored`.
template <class F>
auto with_input(Call& call, const SiteDefinition* stored, F&& f) {
    const Json body = read_body(call.request);
    Members members(body);
    rpm::ops::SiteInput input;
    input.owner = members.id<UserId>("owner");
    input.targets = members.ids<NodeId>("targets");
    input.reason = members.text("reason", 200);
    input.tags = members.texts("tags");
    const Json* definition = members.find("definition");
    if (definition == nullptr) members.problem("definition", "is missing");
    members.check();
    try {
        input.definition =
            SiteDefinition::parse(with_hidden_members(*definition, stored, call.viewer.is_staff()));
        return f(input);
    } catch (const Invalid& error) {
        throw with_paths(error);
    }
}

SiteId site_of(const Call& call) {
    return call.captures.id<SiteId>("id");
}

std::string reason_of(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    std::string reason = members.text("reason", 200);
    members.check();
    return reason;
}

void demand_empty_body(const http::Request& request) {
    const Json body = read_body(request);
    Members(body).check();
}

}  // namespace

http::Response list_sites(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    store::SiteFilter filter;
    filter.text = query.text("q");
    filter.deploy_state =
        query.choice("state", {"", "draft", "deploying", "live", "failed", "undeployed"}, "");
    filter.tag = query.text("tag");
    filter.piece = PieceId(query.maybe_number<std::uint64_t>("piece", 1, INT64_MAX).value_or(0));
    check(query);
    decode(filter, slice.cursor);
    filter.limit = slice.limit + 1;
    auto sites = store::list_sites(call.db(), call.scope(), filter);
    const bool more = sites.size() > slice.limit;
    if (more) sites.pop_back();
    Json items = Json::array();
    for (const auto& site : sites) items.push(summary(site));
    return list_response(std::move(items), more ? encode(sites.back()) : "");
}

http::Response create_site(Call& call) {
    const SiteId id = with_input(call, nullptr, [&](const rpm::ops::SiteInput& input) {
        return rpm::ops::create_site(call.ops, call.viewer, input);
    });
    return whole(call, id, 201).set("Location", "/api/v1/sites/" + id.text());
}

http::Response get_site(Call& call) {
    return whole(call, site_of(call));
}

http::Response put_site(Call& call) {
    const SiteId id = site_of(call);
    const unsigned current = store::get_site(call.db(), call.scope(), id).head_number;
    demand_version(call.request, current);
    const auto stored = store::get_revision_number(call.db(), id, current).definition;
    with_input(call, &stored, [&](const rpm::ops::SiteInput& input) {
        return rpm::ops::update_site(call.ops, call.viewer, id, current, input);
    });
    return whole(call, id);
}

http::Response clone_site(Call& call) {
    store::get_site(call.db(), call.scope(), site_of(call));  // another's is missing, whatever the body says
    const Json body = read_body(call.request);
    Members members(body);
    const auto names = members.texts("domains");
    const std::string reason = members.text("reason", 200);
    if (!names) members.problem("domains", "is missing");
    std::vector<DomainName> domains;
    for (std::size_t i = 0; names && i < names->size(); ++i) {
        if (auto name = DomainName::parse((*names)[i]))
            domains.push_back(*std::move(name));
        else
            members.problem("domains." + std::to_string(i), DomainName::why_not((*names)[i]));
    }
    members.check();
    const SiteId id = rpm::ops::clone_site(call.ops, call.viewer, site_of(call), domains, reason);
    return whole(call, id, 201).set("Location", "/api/v1/sites/" + id.text());
}

http::Response tag_site(Call& call) {
    store::get_site(call.db(), call.scope(), site_of(call));  // another's is missing, whatever the body says
    const Json body = read_body(call.request);
    Members members(body);
    const auto add = members.texts("add");
    const auto remove = members.texts("remove");
    if (!add && !remove) members.problem("add", "is missing, and so is remove");
    members.check();
    using Tags = std::vector<std::string>;
    const auto tags = rpm::ops::change_tags(call.ops, call.viewer, site_of(call), add.value_or(Tags()),
                                            remove.value_or(Tags()));
    return http::json(Json::object({{"tags", texts_json(tags)}}));
}

http::Response list_tags(Call& call) {
    Json items = Json::array();
    for (const auto& [tag, sites] : store::list_tags(call.db(), call.scope()))
        items.push(Json::object({{"tag", tag}, {"sites", sites}}));
    return list_response(std::move(items), "");
}

http::Response remove_site(Call& call) {
    demand_empty_body(call.request);
    return change_response(rpm::ops::remove_site(call.ops, call.viewer, site_of(call)));
}

http::Response deploy_site(Call& call) {
    const std::string reason = reason_of(call);
    const SiteId id = site_of(call);
    rpm::ops::Reviewed reviewed;
    if (!call.request.header("if-match").empty()) {
        const unsigned current = store::get_site(call.db(), call.scope(), id).head_number;
        demand_version(call.request, current);
        reviewed.versions[id] = current;
    }
    return deployment_response(rpm::ops::deploy_sites(call.ops, call.viewer, {id}, reason, reviewed));
}

http::Response block_site(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    const auto status = members.number("status", 400, 599).value_or(403);
    const std::string reason = members.text("reason", 500);
    members.check();
    return change_response(
        rpm::ops::block_site(call.ops, call.viewer, site_of(call), static_cast<unsigned>(status), reason));
}

http::Response pause_site(Call& call) {
    demand_empty_body(call.request);
    return change_response(rpm::ops::pause_site(call.ops, call.viewer, site_of(call)));
}

http::Response resume_site(Call& call) {
    demand_empty_body(call.request);
    return change_response(rpm::ops::resume_site(call.ops, call.viewer, site_of(call)));
}

http::Response list_revisions(Call& call) {
    http::Form query(call.request.query);
    const Slice slice = read_slice(query);
    check(query);
    const auto before =
        slice.cursor.empty() ? std::optional<unsigned>(0) : text::number<unsigned>(slice.cursor);
    if (!before) throw Invalid("cursor", "is not one that this list gave");
    const auto site = store::get_site(call.db(), call.scope(), site_of(call));
    auto revisions = store::list_revisions(call.db(), site.id, slice.limit + 1, *before);
    const bool more = revisions.size() > slice.limit;
    if (more) revisions.pop_back();
    Json items = Json::array();
    for (const auto& revision : revisions)
        items.push(
            Json::object({{"version", revision.number},
                          {"definition", shown_definition(revision.definition, call.viewer.is_staff())},
                          {"created_by", revision.created_by},
                          {"reason", text_or_null(revision.reason)},
                          {"created_at", time_json(revision.created_at)},
                          {"is_head", revision.id == site.head},
                          {"is_released", revision.id == site.released}}));
    return list_response(std::move(items), more ? std::to_string(revisions.back().number) : "");
}

}  // namespace rpm::api
