// SPDX-License-Identifier: MIT
#include "shared/ops/shared_pieces.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "shared/model/site_templates.h"
#include "shared/ops/approvals.h"
#include "shared/ops/limits.h"
#include "shared/ops/release.h"
#include "shared/ops/site_revision.h"
#include "shared/ops/upstream_keys.h"
#include "shared/ops/upstreams.h"
#include "shared/store/audit.h"
#include "shared/store/domains.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

constexpr std::size_t kMostDescription = 200;  // bytes
constexpr std::size_t kMostReason = 200;
constexpr std::size_t kSitesNamed = 5;

Json recorded(const Json& part) {
    return without_passwords(site_members(), part);
}

store::AuditSubject subject_of(const store::Piece& piece) {
    return {.type = "piece", .id = piece.id.value(), .name = piece.name, .owner = piece.owner};
}

std::string title_of(const store::Piece& piece) {
    return text::lower(label_of(piece.kind)) + " " + piece.name;
}

void check_texts(const std::string& description, const std::string& reason) {
    Problems problems;
    if (description.size() > kMostDescription) problems.add("description", "is longer than 200 bytes");
    if (!text::is_utf8(description) || text::has_control(description))
        problems.add("description", "has a control character");
    if (reason.size() > kMostReason) problems.add("reason", "is longer than 200 bytes");
    if (!problems.empty()) throw Invalid(std::move(problems));
}

SiteDefinition read_part(PieceKind kind, const Json& part) {
    return SiteDefinition::parse_part(
        kind == PieceKind::site_template ? fill_template(part, {.domains = {"localhost"}}) : part);
}

// What the viewer may not say in a site, the viewer may not say in a piece.
Json checked_part(db::Connection& db, const Viewer& viewer, PieceKind kind, UserId owner, const Json& given,
                  const Json* before) {
    Json part = parse_piece(kind, part_with_hidden_members(given, before, viewer.is_staff()));
    const auto read = read_part(kind, part);
    const auto old = before != nullptr ? std::optional(read_part(kind, *before)) : std::nullopt;
    // Also in a template: administrators begin sites from clients' ones, too.
    if (!viewer.may(Permission::sites_raw) && read.raw != (old ? old->raw : RawDirectives{}))
        refuse_raw(read.raw, old ? old->raw : RawDirectives{});
    if (kind == PieceKind::site_template) return part;  // a site made from it is checked as any other
    check_upstreams(db, viewer, read, old ? &*old : nullptr);
    check_stored_keys(db, owner, read, old ? &*old : nullptr);
    return part;
}

UserId owner_of_new(db::Connection& db, const Viewer& viewer, const NewPiece& input) {
    if (!input.owner) return viewer.is_staff() ? UserId() : viewer.owner();
    if (input.owner == viewer.owner() && !viewer.is_staff()) return input.owner;
    viewer.demand(Permission::sites_assign);
    try {
        if (!is_staff(store::get_user(db, input.owner).role)) return input.owner;
    } catch (const NotFound&) {
        throw Invalid("owner", "does not exist");
    }
    throw Invalid("owner", "is no client; what staff keep belongs to all of them");
}

void check_name(db::Connection& db, UserId owner, const NewPiece& input) {
    if (const std::string why = why_not_piece_name(input.name); !why.empty()) throw Invalid("name", why);
    if (!owner) return;
    // An own one would come before what the staff offer, under the feet of sites that use that.
    if (store::is_offered(db, input.kind, input.name))
        throw Conflict("there is one named '" + input.name + "' already, which the staff offer");
}

void check_offer(bool offered, UserId owner) {
    if (offered && owner) throw Invalid("offered", "is only for what the staff keep");
}

std::string names_of(const std::vector<store::PieceUser>& users) {
    std::vector<std::string> names;
    for (const store::PieceUser& each : users)
        if (names.size() < kSitesNamed) names.push_back(each.domain);
    std::string out = text::join(names, ", ");
    if (users.size() > names.size()) out += " and " + std::to_string(users.size() - names.size()) + " more";
    return out;
}

void demand_not_used_by_clients(db::Connection& db, const store::Piece& piece) {
    auto users = store::list_piece_sites(db, Scope::everything(), piece.id);
    std::erase_if(users, [](const store::PieceUser& each) { return !each.client; });
    if (!users.empty()) throw Invalid("offered", "sites of clients use it: " + names_of(users));
}

// What a site and the new settings do not agree about, said where somebody looks who changes the piece.
Invalid at_site(const std::string& domain, const Invalid& error) {
    const auto& [field, message] = *error.problems.entries().begin();
    return Invalid("sites", domain + " cannot have these settings: " + field + " " + message);
}

void save_site(Context& context, db::Transaction& tx, const Viewer& viewer, SiteId id,
               const std::string& reason, Time now) {
    const auto site = store::get_site_for_update(tx, Scope::everything(), id);
    const auto head = store::get_revision(tx.connection(), id, site.head);
    try {
        save_revision(
            context, tx, viewer,
            {.site = id, .owner = site.owner, .based_on = site.head_number, .certificate = head.certificate},
            head.definition, reason, now);
    } catch (const Invalid& error) {
        throw at_site(site.domain, error);
    }
    const auto after = store::get_revision_number(tx.connection(), id, site.head_number + 1);
    store::insert_audit(tx, viewer, "site.update", ops::subject_of(site), recorded_definition(head.composed),
                        recorded_definition(after.composed), now);
    void_approvals(tx, site, "version " + std::to_string(after.number) + " of " + site.domain + " was saved",
                   now);
}

}  // namespace

PieceId create_piece(Context& context, const Viewer& viewer, const NewPiece& input) {
    viewer.demand(Permission::sites_edit);
    const UserId owner = owner_of_new(context.db, viewer, input);
    check_texts(input.description, input.reason);
    check_offer(input.offered, owner);
    check_name(context.db, owner, input);
    const Json part = checked_part(context.db, viewer, input.kind, owner, input.definition, nullptr);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        store::Piece piece{.id = {},
                           .kind = input.kind,
                           .owner = owner,
                           .owner_name = {},
                           .name = input.name,
                           .description = input.description,
                           .offered = input.offered,
                           .part = part};
        if (owner) store::take_turn(tx, owner, {});
        piece.id = store::insert_piece(tx, piece, viewer.id, input.reason, now);
        if (owner) check_piece_limit(context.db, viewer, owner);
        store::insert_audit(tx, viewer, "piece.create", subject_of(piece), nullptr,
                            Json::object({{"kind", to_word(piece.kind)},
                                          {"offered", piece.offered},
                                          {"description", piece.description},
                                          {"definition", recorded(part)}}),
                            now);
        return piece.id;
    });
}

PieceSaved update_piece(Context& context, const Viewer& viewer, PieceId id, unsigned based_on,
                        const PieceChange& change) {
    viewer.demand(Permission::sites_edit);
    check_texts(change.description.value_or(""), change.reason);
    return db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto piece = store::get_piece_for_update(tx, Scope::of(viewer), id);
        if (piece.number != based_on)
            throw Conflict("somebody saved version " + std::to_string(piece.number) + " of this " +
                           title_of(piece) + " meanwhile");
        const bool offered = change.offered.value_or(piece.offered);
        const std::string description = change.description.value_or(piece.description);
        check_offer(offered, piece.owner);
        if (piece.offered && !offered) demand_not_used_by_clients(context.db, piece);
        const Json part = change.definition ? checked_part(context.db, viewer, piece.kind, piece.owner,
                                                           *change.definition, &piece.part)
                                            : piece.part;
        PieceSaved saved{.number = piece.number};
        if (part == piece.part && offered == piece.offered && description == piece.description) return saved;
        store::update_piece(tx, id, description, offered, now);
        // Also for what is beside the definition, so that nobody overwrites unseen what somebody else saved.
        saved.number = store::insert_piece_revision(tx, piece, part, viewer.id, change.reason, now);
        if (part != piece.part) {
            const std::string why = title_of(piece) + ", version " + std::to_string(saved.number);
            for (const store::PieceUser& each :
                 store::list_piece_sites(context.db, Scope::everything(), id)) {
                if (!each.head) continue;  // what is live stays as it was, and the newest does not use it
                save_site(context, tx, viewer, each.site, why, now);
                saved.sites.push_back(each.site);
            }
        }
        store::insert_audit(tx, viewer, "piece.update", subject_of(piece),
                            Json::object({{"version", piece.number},
                                          {"offered", piece.offered},
                                          {"description", piece.description},
                                          {"definition", recorded(piece.part)}}),
                            Json::object({{"version", saved.number},
                                          {"offered", offered},
                                          {"description", description},
                                          {"definition", recorded(part)},
                                          {"sites", saved.sites.size()},
                                          {"reason", change.reason}}),
                            now);
        return saved;
    });
}

std::vector<PieceEffect> preview_piece(db::Connection& db, const Viewer& viewer, PieceId id,
                                       const Json& definition) {
    viewer.demand(Permission::sites_edit);
    const auto piece = store::get_piece(db, Scope::of(viewer), id);
    if (!viewer.is_staff() && !piece.owner) throw NotFound("no such shared piece");
    const Json part = checked_part(db, viewer, piece.kind, piece.owner, definition, &piece.part);
    std::vector<PieceEffect> out;
    for (const store::PieceUser& each : store::list_piece_sites(db, Scope::of(viewer), id)) {
        if (!each.head) continue;
        const auto site = store::get_site(db, Scope::of(viewer), each.site);
        const auto head = store::get_revision(db, site.id, site.head);
        try {
            const auto after = store::compose_with(db, site.owner, head.definition, id, part);
            out.push_back({site.id, site.domain, describe_changes(head.composed, after)});
        } catch (const Invalid& error) {
            throw at_site(site.domain, error);
        }
    }
    return out;
}

void remove_piece(Context& context, const Viewer& viewer, PieceId id) {
    viewer.demand(Permission::sites_edit);
    db::transact(context.db, [&](db::Transaction& tx) {
        const Time now = context.clock.now();
        const auto piece = store::get_piece_for_update(tx, Scope::of(viewer), id);
        const auto users = store::list_piece_sites(context.db, Scope::everything(), id);
        if (!users.empty()) throw Conflict("sites use it: " + names_of(users));
        store::update_piece_removed(tx, id, now);
        store::insert_audit(
            tx, viewer, "piece.remove", subject_of(piece),
            Json::object({{"kind", to_word(piece.kind)}, {"definition", recorded(piece.part)}}), nullptr,
            now);
    });
}

}  // namespace rpm::ops
