// SPDX-License-Identifier: MIT
// Snippets, access lists and templates.
#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/model/site_templates.h"
#include "shared/ops/shared_pieces.h"
#include "shared/ops/sites.h"
#include "workers/ctl/commands.h"
#include "workers/ctl/describe.h"
#include "workers/ctl/lookup.h"

namespace rpm::ctl {
namespace {

PieceKind kind_of(const Arguments& arguments) {
    const std::string word = arguments.option("kind", "snippet");
    if (const auto kind = from_word<PieceKind>(word)) return *kind;
    throw Invalid("--kind", "must be snippet, access_list or template");
}

UserId owner_of(Environment& environment, const Arguments& arguments) {
    const auto owner = arguments.option("owner");
    return owner ? get_user(environment.db(), *owner).id : UserId();
}

store::Piece get_piece(Environment& environment, const Arguments& arguments) {
    const PieceKind kind = kind_of(arguments);
    const UserId owner = owner_of(environment, arguments);
    std::vector<std::string> names;
    for (store::Piece& each : store::list_pieces(environment.db(), Scope::everything(), kind)) {
        if (each.owner == owner && each.name == arguments.word()) return std::move(each);
        if (each.owner == owner) names.push_back(each.name);
    }
    const auto near = text::nearest(arguments.word(), names);
    throw NotFound("no " + text::lower(label_of(kind)) + " named " + arguments.word() +
                   (near ? "; did you mean " + *near + "?" : ""));
}

std::string owner_word(const store::Piece& piece) {
    return piece.owner ? piece.owner_name : "-";
}

Json describe(const store::Piece& piece) {
    return Json::object({{"id", piece.id.value()},
                         {"kind", to_word(piece.kind)},
                         {"name", piece.name},
                         {"owner", piece.owner ? Json(piece.owner_name) : Json()},
                         {"offered", piece.offered},
                         {"description", piece.description},
                         {"version", piece.number},
                         {"updated_at", to_rfc3339(piece.updated_at)}});
}

Json shown(const Json& part) {
    return without_passwords(site_members(), part);
}

// Words about the sites that a change reached; they wait for `rpmgr deploy`.
void report_saved(Environment& environment, const store::Piece& piece, const ops::PieceSaved& saved) {
    Json sites = Json::array();
    std::string names;
    for (const SiteId id : saved.sites) {
        const auto site = store::get_site(environment.db(), Scope::everything(), id);
        sites.push(site.domain);
        names += " " + site.domain;
    }
    const bool changed = saved.number != piece.number;
    environment.print(
        "version " + std::to_string(saved.number) + (changed ? " saved" : ", unchanged") +
            (names.empty() ? "" : "; to be deployed:" + names),
        Json::object({{"version", saved.number}, {"changed", changed}, {"sites", std::move(sites)}}));
}

}  // namespace

int list_snippets(Environment& environment, const Arguments& arguments) {
    const auto kind = arguments.option("kind") ? std::optional(kind_of(arguments)) : std::nullopt;
    Json all = Json::array();
    Table table({"KIND",
                 "NAME",
                 "OWNER",
                 "OFFERED",
                 {"VERSION", Table::right},
                 {"SITES", Table::right},
                 "DESCRIPTION"});
    for (const store::Piece& piece : store::list_pieces(environment.db(), Scope::everything(), kind)) {
        const auto sites = store::list_piece_sites(environment.db(), Scope::everything(), piece.id).size();
        all.push(describe(piece));
        table.add({std::string(to_word(piece.kind)), piece.name, owner_word(piece),
                   piece.offered ? "yes" : "no", std::to_string(piece.number), std::to_string(sites),
                   piece.description});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int show_snippet(Environment& environment, const Arguments& arguments) {
    const auto piece = get_piece(environment, arguments);
    const auto users = store::list_piece_sites(environment.db(), Scope::everything(), piece.id);
    const auto history = store::list_piece_revisions(environment.db(), piece.id, 20);
    if (environment.json()) {
        Json out = describe(piece);
        out["definition"] = shown(piece.part);
        out["sites"] = Json::array();
        for (const auto& each : users) out["sites"].push(each.domain);
        environment.print(out);
        return 0;
    }
    environment.print(text::lower(label_of(piece.kind)) + " " + piece.name + " of " +
                      (piece.owner ? piece.owner_name : "the staff") +
                      (piece.offered ? ", offered to clients" : "") + ", version " +
                      std::to_string(piece.number));
    environment.print("");
    Table table({{"VERSION", Table::right}, "SAVED", "BY", "REASON"});
    for (const auto& entry : history)
        table.add({std::to_string(entry.number), show(entry.created_at), entry.created_by, entry.reason});
    environment.print(table);
    environment.print("");
    Table sites({"USED BY", "VERSION"});
    for (const auto& each : users) sites.add({each.domain, each.head ? "newest" : "deployed"});
    environment.print(sites);
    environment.print("");
    environment.print(shown(piece.part).dump(2));
    return 0;
}

int add_snippet(Environment& environment, const Arguments& arguments) {
    ops::NewPiece input{.kind = kind_of(arguments),
                        .name = arguments.word(),
                        .description = arguments.option("description", ""),
                        .offered = arguments.has("offered"),
                        .owner = owner_of(environment, arguments),
                        .definition = read_json(arguments),
                        .reason = arguments.option("reason", "")};
    const PieceId id = ops::create_piece(environment.context(), environment.viewer(), input);
    environment.print(id.text(), Json::object({{"id", id.value()}, {"name", input.name}, {"version", 1}}));
    return 0;
}

int update_snippet(Environment& environment, const Arguments& arguments) {
    const auto piece = get_piece(environment, arguments);
    if (arguments.has("offered") && arguments.has("not-offered"))
        throw Invalid("--offered", "cannot be combined with --not-offered");
    ops::PieceChange change{.description = arguments.option("description"),
                            .reason = arguments.option("reason", "")};
    if (arguments.option("file")) change.definition = read_json(arguments);
    if (arguments.has("offered")) change.offered = true;
    if (arguments.has("not-offered")) change.offered = false;
    report_saved(
        environment, piece,
        ops::update_piece(environment.context(), environment.viewer(), piece.id, piece.number, change));
    return 0;
}

int remove_snippet(Environment& environment, const Arguments& arguments) {
    const auto piece = get_piece(environment, arguments);
    ops::remove_piece(environment.context(), environment.viewer(), piece.id);
    environment.print(piece.name + " is removed", Json::object({{"removed", piece.name}}));
    return 0;
}

// ---- Templates ------------------------------------------------------------------------------------------

int list_templates(Environment& environment, const Arguments&) {
    Json all = Json::array();
    Table table({"NAME", "FROM", "WHAT IT IS"});
    for (const SiteTemplate& each : built_in_templates()) {
        all.push(Json::object({{"name", each.name}, {"built_in", true}, {"description", each.description}}));
        table.add({std::string(each.name), "built in",
                   std::string(each.title) + ". " + std::string(each.description)});
    }
    for (const auto& piece :
         store::list_pieces(environment.db(), Scope::everything(), PieceKind::site_template)) {
        all.push(
            Json::object({{"name", piece.name}, {"built_in", false}, {"description", piece.description}}));
        table.add({piece.name, piece.owner ? piece.owner_name : "staff", piece.description});
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int save_template(Environment& environment, const Arguments& arguments) {
    const auto site = get_site(environment.db(), arguments.word());
    const auto head = store::get_revision(environment.db(), site.id, site.head);
    const ops::NewPiece input{.kind = PieceKind::site_template,
                              .name = arguments.word(1),
                              .description = arguments.option("description", ""),
                              .offered = arguments.has("offered"),
                              .definition = template_of(head.definition),
                              .reason = "from " + site.domain};
    const PieceId id = ops::create_piece(environment.context(), environment.viewer(), input);
    environment.print(id.text(), Json::object({{"id", id.value()}, {"name", input.name}}));
    return 0;
}

int begin_site(Environment& environment, const Arguments& arguments) {
    const auto owner = arguments.option("owner");
    if (!owner) throw Invalid("--owner", "is missing; whose site is it?");
    const std::string name = arguments.word();
    const SiteTemplate* built_in = find_built_in_template(name);
    const auto saved =
        store::find_piece(environment.db(), Scope::everything(), PieceKind::site_template, name);
    if (built_in == nullptr && !saved)
        throw NotFound("no template named " + name + "; see 'rpmgr template list'");
    const TemplateBlanks blanks{.domains = {arguments.words().begin() + 1, arguments.words().end()},
                                .upstream = arguments.option("upstream", "")};
    const Json json = fill_template(saved ? saved->part : built_in->definition, blanks);
    const SiteId id = ops::create_site(environment.context(), environment.viewer(),
                                       {.definition = SiteDefinition::parse(json),
                                        .owner = get_user(environment.db(), *owner).id,
                                        .targets = std::nullopt,
                                        .reason = "from template " + name});
    environment.print(id.text(), Json::object({{"id", id.value()}, {"version", 1}}));
    return 0;
}

}  // namespace rpm::ctl
