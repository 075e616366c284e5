// SPDX-License-Identifier: MIT
#include "shared/store/shared_pieces.h"

#include <algorithm>
#include <tuple>

#include "shared/store/column_text.h"

namespace rpm::store {
namespace {

// Clients' programs have views instead of the table: one of what clients own, one of what they are offered.
#define OWN_COLUMNS                                                                             \
    "p.id, p.kind, p.owner_id, u.username AS owner_name, p.name, p.description, p.is_offered, " \
    "p.head_number, p.definition, p.created_at, p.updated_at "
#define OWN_TABLES "FROM ~shared_pieces p LEFT JOIN users u ON u.id = p.owner_id WHERE p.removed_at IS NULL "
#define OFFERED                                                                                           \
    "SELECT p.id, p.kind, NULL AS owner_id, NULL AS owner_name, p.name, p.description, 1 AS is_offered, " \
    "p.head_number, p.definition, p.created_at, p.updated_at FROM offered_pieces p "

PieceKind piece_kind(const std::string& word) {
    if (const auto kind = from_word<PieceKind>(word)) return *kind;
    throw Error("unknown kind of shared piece: " + word);
}

Piece piece_from(const db::Rows& row) {
    return {.id = row.id<PieceId>("id"),
            .kind = piece_kind(row.text("kind")),
            .owner = row.id<UserId>("owner_id"),
            .owner_name = row.maybe_text("owner_name").value_or(""),
            .name = row.text("name"),
            .description = row.text("description"),
            .offered = row.flag("is_offered"),
            .number = row.number("head_number"),
            .part = Json::parse(row.text("definition")),
            .created_at = row.time("created_at"),
            .updated_at = row.time("updated_at")};
}

void append(std::vector<Piece>& pieces, db::Rows row) {
    while (row.next()) pieces.push_back(piece_from(row));
}

std::optional<Piece> first_piece(db::Rows row) {
    if (!row.first()) return std::nullopt;
    return piece_from(row);
}

std::optional<Piece> find_own(db::Connection& db, Scope scope, PieceId id) {
    return first_piece(db.query("SELECT " OWN_COLUMNS OWN_TABLES "AND p.id = ? AND (? = 0 OR p.owner_id = ?)",
                                id, scope.owner().value(), scope.owner().value()));
}

void sort(std::vector<Piece>& pieces) {
    std::ranges::sort(pieces, [](const Piece& a, const Piece& b) {
        return std::tie(a.kind, a.name, a.owner_name, a.id) < std::tie(b.kind, b.name, b.owner_name, b.id);
    });
}

// What a client's site may use, its own before what it is offered.
std::vector<Piece> usable_by_client(db::Connection& db, UserId owner, Locks locks) {
    std::vector<Piece> pieces;
    if (locks == Locks::no) {
        append(pieces, db.query("SELECT " OWN_COLUMNS OWN_TABLES "AND p.owner_id = ?", owner));
        append(pieces, db.query(OFFERED));
    } else {
        // Their owner's row is left alone: the join would lock it too.
        append(pieces, db.query("SELECT p.id, p.kind, p.owner_id, NULL AS owner_name, p.name, p.description, "
                                "p.is_offered, p.head_number, p.definition, p.created_at, p.updated_at "
                                "FROM ~shared_pieces p WHERE p.removed_at IS NULL AND p.owner_id = ? "
                                "LOCK IN SHARE MODE",
                                owner));
        append(pieces, db.query(OFFERED "LOCK IN SHARE MODE"));
    }
    return pieces;
}

std::vector<Piece> usable_by_staff(db::Connection& db, Locks locks) {
    std::vector<Piece> pieces;
    append(pieces, locks == Locks::no ? db.query("SELECT " OWN_COLUMNS OWN_TABLES "AND p.owner_id IS NULL")
                                      : db.query("SELECT " OWN_COLUMNS OWN_TABLES
                                                 "AND p.owner_id IS NULL LOCK IN SHARE MODE"));
    return pieces;
}

}  // namespace

std::vector<Piece> list_pieces(db::Connection& db, Scope scope, std::optional<PieceKind> kind) {
    std::vector<Piece> pieces;
    if (scope.is_everything())
        append(pieces, db.query("SELECT " OWN_COLUMNS OWN_TABLES "ORDER BY p.id LIMIT 2000"));
    else
        pieces = usable_by_client(db, scope.owner(), Locks::no);
    if (kind) std::erase_if(pieces, [&](const Piece& each) { return each.kind != *kind; });
    sort(pieces);
    return pieces;
}

Piece get_piece(db::Connection& db, Scope scope, PieceId id) {
    auto found = find_own(db, scope, id);
    if (!found && !scope.is_everything()) found = first_piece(db.query(OFFERED "WHERE p.id = ?", id));
    if (!found) throw NotFound("no such shared piece");
    return *std::move(found);
}

Piece get_piece_for_update(db::Transaction& tx, Scope scope, PieceId id) {
    tx.query("SELECT id FROM ~shared_pieces WHERE id = ? FOR UPDATE", id);
    auto found = find_own(tx.connection(), scope, id);
    if (!found) throw NotFound("no such shared piece");
    return *std::move(found);
}

std::optional<Piece> find_piece(db::Connection& db, Scope scope, PieceKind kind, std::string_view name) {
    auto pieces = list_pieces(db, scope, kind);
    const auto named = [&](const Piece& each) { return each.name == name; };
    const auto own = std::ranges::find_if(
        pieces, [&](const Piece& each) { return named(each) && each.owner == scope.owner(); });
    const auto of_staff = [&](const Piece& each) { return named(each) && !each.owner; };
    const auto found = own != pieces.end() ? own : std::ranges::find_if(pieces, of_staff);
    return found == pieces.end() ? std::nullopt : std::optional(std::move(*found));
}

bool is_offered(db::Connection& db, PieceKind kind, std::string_view name) {
    return db
        .query("SELECT 1 FROM offered_pieces WHERE kind = ? AND name = ?", to_word(kind), column_ascii(name))
        .first();
}

std::uint64_t count_pieces(db::Connection& db, UserId owner) {
    auto row =
        db.query("SELECT COUNT(*) AS n FROM ~shared_pieces WHERE owner_id = ? AND removed_at IS NULL", owner);
    row.first();
    return row.uint64("n");
}

std::vector<PieceRevision> list_piece_revisions(db::Connection& db, PieceId piece, unsigned limit) {
    std::vector<PieceRevision> out;
    auto row = db.query(
        "SELECT r.number, r.definition, COALESCE(u.username, 'system') AS created_by, r.reason, r.created_at "
        "FROM ~shared_piece_revisions r LEFT JOIN users u ON u.id = r.created_by "
        "WHERE r.piece_id = ? ORDER BY r.number DESC LIMIT ?",
        piece, limit);
    while (row.next())
        out.push_back({.number = row.number("number"),
                       .part = Json::parse(row.text("definition")),
                       .created_by = row.text("created_by"),
                       .reason = row.text("reason"),
                       .created_at = row.time("created_at")});
    return out;
}

PieceId insert_piece(db::Transaction& tx, const Piece& piece, UserId by, std::string_view reason, Time now) {
    try {
        tx.execute(
            "INSERT INTO ~shared_pieces (kind, owner_id, name, description, is_offered, definition, "
            "created_at, "
            "updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            to_word(piece.kind), piece.owner, piece.name, piece.description, piece.offered, piece.part.dump(),
            now, now);
    } catch (const Conflict&) {
        throw Conflict("there is one named '" + piece.name + "' already");
    }
    Piece stored = piece;
    stored.id = PieceId(tx.insert_id());
    stored.number = 0;
    insert_piece_revision(tx, stored, piece.part, by, reason, now);
    return stored.id;
}

unsigned insert_piece_revision(db::Transaction& tx, const Piece& piece, const Json& part, UserId by,
                               std::string_view reason, Time now) {
    const unsigned number = piece.number + 1;
    tx.execute(
        "INSERT INTO ~shared_piece_revisions (piece_id, number, definition, created_by, reason, created_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        piece.id, number, part.dump(), by, reason, now);
    tx.execute("UPDATE ~shared_pieces SET head_number = ?, definition = ?, updated_at = ? WHERE id = ?",
               number, part.dump(), now, piece.id);
    return number;
}

void update_piece(db::Transaction& tx, PieceId piece, std::string_view description, bool offered, Time now) {
    tx.execute("UPDATE ~shared_pieces SET description = ?, is_offered = ?, updated_at = ? WHERE id = ?",
               description, offered, now, piece);
}

void update_piece_removed(db::Transaction& tx, PieceId piece, Time now) {
    tx.execute("UPDATE ~shared_pieces SET removed_at = ?, updated_at = ? WHERE id = ?", now, now, piece);
}

std::vector<PieceUser> list_piece_sites(db::Connection& db, Scope scope, PieceId piece) {
    std::vector<PieceUser> out;
    auto row = db.query(
        "SELECT s.id, s.domain, s.owner_id, u.role, MAX(p.revision_id = s.head_revision_id) AS head "
        "FROM site_revision_pieces p JOIN site_revisions r ON r.id = p.revision_id "
        "JOIN sites s ON s.id = r.site_id JOIN users u ON u.id = s.owner_id "
        "WHERE p.piece_id = ? AND s.removed_at IS NULL "
        "AND p.revision_id IN (s.head_revision_id, s.released_revision_id) AND (? = 0 OR s.owner_id = ?) "
        "GROUP BY s.id, s.domain, s.owner_id, u.role ORDER BY s.id",
        piece, scope.owner().value(), scope.owner().value());
    while (row.next())
        out.push_back({.site = row.id<SiteId>("id"),
                       .domain = row.text("domain"),
                       .owner = row.id<UserId>("owner_id"),
                       .head = row.flag("head"),
                       .client = !is_staff(role(row.text("role")).value_or(Role::client))});
    return out;
}

namespace {

bool belongs_to_staff(db::Connection& db, UserId owner) {
    auto row = db.query("SELECT role FROM users WHERE id = ?", owner);
    if (!row.first()) throw Invalid("owner", "does not exist");
    return is_staff(role(row.text("role")).value_or(Role::client));
}

std::vector<Piece> usable(db::Connection& db, UserId owner, Locks locks) {
    return belongs_to_staff(db, owner) ? usable_by_staff(db, locks) : usable_by_client(db, owner, locks);
}

Composed composed_of(const SiteDefinition& definition, const std::vector<Piece>& pieces) {
    Composed out;
    std::vector<NamedPiece> parts;
    for (const PieceReference& reference : references_of(definition)) {
        const auto found = std::ranges::find_if(pieces, [&](const Piece& each) {
            return each.kind == reference.kind && each.name == reference.name;
        });
        if (found == pieces.end()) continue;  // compose() names it
        if (std::ranges::find(out.uses, found->id, &Composed::Use::piece) != out.uses.end()) continue;
        parts.push_back({found->kind, found->name, found->part});
        out.uses.push_back({found->id, found->kind, found->name, found->number});
    }
    out.definition = compose(definition, parts);
    return out;
}

}  // namespace

Composed compose_for(db::Connection& db, UserId owner, const SiteDefinition& definition, Locks locks) {
    if (!definition.has_pieces()) return {.definition = definition, .uses = {}};
    return composed_of(definition, usable(db, owner, locks));
}

SiteDefinition compose_with(db::Connection& db, UserId owner, const SiteDefinition& definition, PieceId piece,
                            const Json& part) {
    auto pieces = usable(db, owner, Locks::no);
    for (Piece& each : pieces)
        if (each.id == piece) each.part = part;
    return composed_of(definition, pieces).definition;
}

std::vector<Composed::Use> list_revision_pieces(db::Connection& db, RevisionId revision) {
    std::vector<Composed::Use> out;
    auto row = db.query(
        "SELECT piece_id, kind, name, number FROM site_revision_pieces WHERE revision_id = ? ORDER BY kind, "
        "name",
        revision);
    while (row.next())
        out.push_back({.piece = row.id<PieceId>("piece_id"),
                       .kind = piece_kind(row.text("kind")),
                       .name = row.text("name"),
                       .number = row.number("number")});
    return out;
}

void insert_revision_pieces(db::Transaction& tx, RevisionId revision,
                            const std::vector<Composed::Use>& uses) {
    for (const Composed::Use& use : uses)
        tx.execute(
            "INSERT INTO site_revision_pieces (revision_id, piece_id, number, kind, name) VALUES (?, ?, ?, "
            "?, ?)",
            revision, use.piece, use.number, to_word(use.kind), use.name);
}

}  // namespace rpm::store
