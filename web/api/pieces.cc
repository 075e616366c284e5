// SPDX-License-Identifier: MIT
// Snippets, access lists and templates.
#include "shared/model/hidden_members.h"
#include "shared/model/site_templates.h"
#include "shared/ops/shared_pieces.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

PieceId piece_of(const Call& call) {
    return call.captures.id<PieceId>("id");
}

Json summary(const store::Piece& piece) {
    Json owner;
    if (piece.owner) owner = Json::object({{"id", piece.owner.value()}, {"name", piece.owner_name}});
    return Json::object({{"id", piece.id.value()},
                         {"kind", to_word(piece.kind)},
                         {"owner", owner},
                         {"name", piece.name},
                         {"description", text_or_null(piece.description)},
                         {"offered", piece.offered},
                         {"version", piece.number},
                         {"created_at", time_json(piece.created_at)},
                         {"updated_at", time_json(piece.updated_at)}});
}

Json shown(const Call& call, const Json& part) {
    return shown_part(part, call.viewer.is_staff());
}

http::Response whole(Call& call, PieceId id, int status = 200, const std::vector<SiteId>* changed = nullptr) {
    const auto piece = store::get_piece(call.db(), call.scope(), id);
    Json out = summary(piece);
    out["definition"] = shown(call, piece.part);
    out["sites"] = Json::array();
    for (const auto& each : store::list_piece_sites(call.db(), call.scope(), id))
        out["sites"].push(
            Json::object({{"id", each.site.value()}, {"domain", each.domain}, {"newest", each.head}}));
    out["changed_sites"] = Json::array();
    if (changed != nullptr)
        for (const SiteId site : *changed) out["changed_sites"].push(site.value());
    return http::json(out, status).set("ETag", version_tag(piece.number));
}

// Only whoever may change a piece reads its history and tries changes.
void demand_own(Call& call, PieceId id) {
    const auto piece = store::get_piece(call.db(), call.scope(), id);
    if (!call.viewer.is_staff() && !piece.owner) throw NotFound("no such shared piece");
}

std::optional<PieceKind> kind_in(std::string_view word) {
    return word.empty() ? std::nullopt : from_word<PieceKind>(word);
}

// The verbs name members of the definition as if it stood alone.
template <class F>
auto with_paths(F&& f) {
    try {
        return f();
    } catch (const Invalid& error) {
        Problems problems;
        for (const auto& [field, message] : error.problems.entries()) {
            const bool known = site_members().find(field) != nullptr || field.find('.') != std::string::npos;
            problems.add(known ? "definition." + field : field, message);
        }
        throw Invalid(std::move(problems));
    }
}

const Json& definition_in(Members& members) {
    static const Json kNothing;
    const Json* definition = members.find("definition");
    if (definition == nullptr) members.problem("definition", "is missing");
    return definition == nullptr ? kNothing : *definition;
}

}  // namespace

http::Response list_pieces(Call& call) {
    http::Form query(call.request.query);
    const std::string kind = query.choice("kind", {"", "snippet", "access_list", "template"}, "");
    check(query);
    Json items = Json::array();
    for (const auto& piece : store::list_pieces(call.db(), call.scope(), kind_in(kind)))
        items.push(summary(piece));
    return list_response(std::move(items), "");
}

http::Response create_piece(Call& call) {
    const Json body = read_body(call.request);
    Members members(body);
    rpm::ops::NewPiece input;
    const auto kind = from_word<PieceKind>(members.text("kind", 16));
    if (!kind) members.problem("kind", "must be one of: snippet, access_list, template");
    input.name = members.text("name", 64);
    input.description = members.text("description", 200);
    input.offered = members.flag("offered").value_or(false);
    input.owner = members.id<UserId>("owner");
    input.reason = members.text("reason", 200);
    input.definition = definition_in(members);
    members.check();
    input.kind = *kind;
    const PieceId id = with_paths([&] { return rpm::ops::create_piece(call.ops, call.viewer, input); });
    return whole(call, id, 201).set("Location", "/api/v1/pieces/" + id.text());
}

http::Response get_piece(Call& call) {
    return whole(call, piece_of(call));
}

http::Response put_piece(Call& call) {
    const PieceId id = piece_of(call);
    const unsigned current = store::get_piece(call.db(), call.scope(), id).number;
    demand_version(call.request, current);
    const Json body = read_body(call.request);
    Members members(body);
    rpm::ops::PieceChange change;
    if (const Json* definition = members.find("definition")) change.definition = *definition;
    if (members.find("description") != nullptr) change.description = members.text("description", 200);
    change.offered = members.flag("offered");
    change.reason = members.text("reason", 200);
    members.check();
    const auto saved =
        with_paths([&] { return rpm::ops::update_piece(call.ops, call.viewer, id, current, change); });
    return whole(call, id, 200, &saved.sites);
}

http::Response preview_piece(Call& call) {
    const PieceId id = piece_of(call);
    demand_own(call, id);
    const Json body = read_body(call.request);
    Members members(body);
    const Json& definition = definition_in(members);
    members.check();
    Json items = Json::array();
    for (const auto& each :
         with_paths([&] { return rpm::ops::preview_piece(call.db(), call.viewer, id, definition); }))
        items.push(Json::object(
            {{"site", each.site.value()}, {"domain", each.domain}, {"changes", texts_json(each.changes)}}));
    return list_response(std::move(items), "");
}

http::Response remove_piece(Call& call) {
    const Json body = read_body(call.request);
    Members(body).check();
    const PieceId id = piece_of(call);
    demand_own(call, id);
    demand_version(call.request, store::get_piece(call.db(), call.scope(), id).number);
    rpm::ops::remove_piece(call.ops, call.viewer, id);
    return http::json(Json::object({{"removed", true}}));
}

http::Response list_piece_revisions(Call& call) {
    demand_own(call, piece_of(call));
    Json items = Json::array();
    for (const auto& revision : store::list_piece_revisions(call.db(), piece_of(call), 200))
        items.push(Json::object({{"version", revision.number},
                                 {"definition", shown(call, revision.part)},
                                 {"created_by", revision.created_by},
                                 {"reason", text_or_null(revision.reason)},
                                 {"created_at", time_json(revision.created_at)}}));
    return list_response(std::move(items), "");
}

http::Response list_templates(Call& call) {
    Json items = Json::array();
    for (const SiteTemplate& each : built_in_templates())
        items.push(Json::object({{"id", nullptr},
                                 {"name", each.name},
                                 {"title", each.title},
                                 {"description", each.description},
                                 {"definition", each.definition}}));
    for (const auto& piece : store::list_pieces(call.db(), call.scope(), PieceKind::site_template))
        items.push(Json::object({{"id", piece.id.value()},
                                 {"name", piece.name},
                                 {"title", piece.name},
                                 {"description", text_or_null(piece.description)},
                                 {"definition", shown(call, piece.part)}}));
    return list_response(std::move(items), "");
}

}  // namespace rpm::api
