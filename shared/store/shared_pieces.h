// SPDX-License-Identifier: MIT
// Snippets, access lists and templates with their versions, and which sites are composed of them. The rules
// are in shared/model/shared_piece.h.
//
//     const Composed composed = compose_for(db, owner, definition, Locks::no);       // to look at
//     const Composed composed = compose_for(tx.connection(), owner, definition, Locks::until_the_end);
//     insert_revision(tx, site, based_on, definition, composed, …);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/db/connection.h"
#include "shared/model/shared_piece.h"
#include "shared/model/viewer.h"

namespace rpm::store {

struct Piece {
    PieceId id;
    PieceKind kind = PieceKind::snippet;
    UserId owner;            ///< empty: the staff's
    std::string owner_name;  ///< empty: the staff's, or somebody whom the account may not read
    std::string name;
    std::string description;
    bool offered = false;  ///< the staff's: clients may use it too
    unsigned number = 0;   ///< newest version
    Json part;             ///< of the newest version, as parse_piece() made it
    Time created_at{};
    Time updated_at{};
};

/// By kind and name: all for the staff; for a client its own and what is offered.
std::vector<Piece> list_pieces(db::Connection& db, Scope scope, std::optional<PieceKind> kind = {});
/// Throws NotFound also for what the scope does not show.
Piece get_piece(db::Connection& db, Scope scope, PieceId id);
/// As get_piece() of what the scope may change (an offered one is missing to a client); nobody else changes
/// or uses it anew until the transaction ends.
Piece get_piece_for_update(db::Transaction& tx, Scope scope, PieceId id);
/// The scope's own, else the staff's (to clients: what is offered). A client's is by name nobody else's, not
/// even to the staff, who would begin sites with what a client says.
std::optional<Piece> find_piece(db::Connection& db, Scope scope, PieceKind kind, std::string_view name);
/// Whether the staff offer one of this name to clients.
bool is_offered(db::Connection& db, PieceKind kind, std::string_view name);
/// How many the client has.
std::uint64_t count_pieces(db::Connection& db, UserId owner);

struct PieceRevision {
    unsigned number = 0;
    Json part;
    std::string created_by;
    std::string reason;
    Time created_at{};
};
/// Newest first; the piece was read with a scope before, by whoever may change it.
std::vector<PieceRevision> list_piece_revisions(db::Connection& db, PieceId piece, unsigned limit = 50);

/// With its first version. Throws Conflict when the owner has one of this name.
PieceId insert_piece(db::Transaction& tx, const Piece& piece, UserId by, std::string_view reason, Time now);
/// Adds the next version of the locked piece and makes it the newest; answers its number.
unsigned insert_piece_revision(db::Transaction& tx, const Piece& piece, const Json& part, UserId by,
                               std::string_view reason, Time now);
void update_piece(db::Transaction& tx, PieceId piece, std::string_view description, bool offered, Time now);
void update_piece_removed(db::Transaction& tx, PieceId piece, Time now);

/// Whose head or released version has the piece in it.
struct PieceUser {
    SiteId site;
    std::string domain;
    UserId owner;
    bool head = false;    ///< its newest version
    bool client = false;  ///< the site is a client's
};
std::vector<PieceUser> list_piece_sites(db::Connection& db, Scope scope, PieceId piece);

enum class Locks { no, until_the_end };  ///< the latter inside a transaction

/// A definition as nodes serve it, and what went in.
struct Composed {
    struct Use {
        PieceId piece;
        PieceKind kind = PieceKind::snippet;
        std::string name;
        unsigned number = 0;  ///< version of the piece
    };
    SiteDefinition definition;
    std::vector<Use> uses;
};
/// With the newest versions of what a site of this owner may use: a client its own pieces and offered ones,
/// its own first; staff the staff's. Throws Invalid as compose() does.
Composed compose_for(db::Connection& db, UserId owner, const SiteDefinition& definition, Locks locks);
/// The same as if this were the newest version of the piece.
SiteDefinition compose_with(db::Connection& db, UserId owner, const SiteDefinition& definition, PieceId piece,
                            const Json& part);
/// What a revision of a site was composed of, by kind and name.
std::vector<Composed::Use> list_revision_pieces(db::Connection& db, RevisionId revision);
void insert_revision_pieces(db::Transaction& tx, RevisionId revision, const std::vector<Composed::Use>& uses);

}  // namespace rpm::store
