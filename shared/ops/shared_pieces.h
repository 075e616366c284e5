// SPDX-License-Identifier: MIT
// What people do with shared pieces. The rules of composing are in shared/model/shared_piece.h.
//
// Staff keep pieces of their own and may offer them to clients, who use but do not change them; clients keep
// their own, as many as the setting clients.pieces says. All of it needs sites:edit; for whom one keeps a
// piece, sites:assign; raw directives, sites:raw.
//
// Saving a piece never changes a node: every site that uses it gets a new version, which waits until it is
// deployed as any other change. Either all of them get it, or nothing is saved.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/ops/context.h"
#include "shared/store/shared_pieces.h"

namespace rpm::ops {

struct NewPiece {
    PieceKind kind = PieceKind::snippet;
    std::string name;
    std::string description{};
    bool offered = false;  ///< to clients; the staff's only
    UserId owner{};        ///< a client; empty: the viewer's own, which for staff are the staff's
    Json definition;
    std::string reason{};
};
PieceId create_piece(Context& context, const Viewer& viewer, const NewPiece& input);

/// What is not given stays.
struct PieceChange {
    std::optional<Json> definition{};
    std::optional<std::string> description{};
    std::optional<bool> offered{};
    std::string reason{};
};
struct PieceSaved {
    unsigned number = 0;          ///< the newest version
    std::vector<SiteId> sites{};  ///< that got a new version
};
/// Throws Conflict unless the newest version still is `based_on`; Invalid naming the piece's field, or
/// "sites" with the site and its field that the new settings do not go together with.
PieceSaved update_piece(Context& context, const Viewer& viewer, PieceId id, unsigned based_on,
                        const PieceChange& change);

/// What a change would do, before it is saved; throws what update_piece() would.
struct PieceEffect {
    SiteId site;
    std::string domain;
    std::vector<std::string> changes;  ///< in words; none: the site's own settings win everywhere
};
std::vector<PieceEffect> preview_piece(db::Connection& db, const Viewer& viewer, PieceId id,
                                       const Json& definition);

/// Throws Conflict naming sites while some use it, newest or deployed.
void remove_piece(Context& context, const Viewer& viewer, PieceId id);

}  // namespace rpm::ops
