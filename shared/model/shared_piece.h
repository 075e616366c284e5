// SPDX-License-Identifier: MIT
// Settings that are kept in one place and used by many sites: snippets and access lists; and templates, from
// which sites are begun.
//
//     Json part = parse_piece(PieceKind::snippet, json);            // throws Invalid
//     SiteDefinition served = compose(definition, {{PieceKind::snippet, "hardened", part}});
//
// A piece is a part of a site's definition: some of its members, in the same JSON, read by the same reader. A
// snippet may have any member but "domains", "kind", "stream" and "note", which belong to one site, and
// references to other pieces: pieces do not nest. An access list has "access" alone, and is whole by itself.
//
// A template may have all but "domains", also references; new sites copy it (site_templates.h) and keep no
// tie.
//
// A site names the snippets it uses in "snippets" and an access list in "access.list" and
// "routes.N.access.list". What nodes serve is the definition that compose() makes:
//
//     defaults < snippets in their order < access list < the site's own members
//
// member by member. A member that the site has at its default says nothing, because definitions leave those
// out; "own" names members that no piece shall set there. Lists are replaced whole, except those whose
// entries have a key: headers.request and headers.response (the header's name, without case) and routes
// (match and path). Of these the site's entries come first, and entries of a snippet with the same key are
// left out.
//
// A saved revision of a site pins what it was composed of: the composed definition is stored with it
// (site_revisions.composed), and which revisions of which pieces went in. So rendering, rolling back and
// history need no piece, and tell what was live. A changed piece reaches its sites as a new revision of each
// of them, in the transaction that saves the piece; deploying them is the usual deployment. Restoring an old
// revision composes its own members with the pieces as they are now.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"
#include "shared/model/member_doc.h"
#include "shared/model/site.h"

namespace rpm {

enum class PieceKind { snippet, access_list, site_template };
template <>
inline constexpr auto kWords<PieceKind> =
    std::array{Word{PieceKind::snippet, "snippet", "Snippet"},
               Word{PieceKind::access_list, "access_list", "Access list"},
               Word{PieceKind::site_template, "template", "Template"}};

/// A piece's name: 1-64 lower-case letters, digits and inner hyphens. "" for a good one.
std::string why_not_piece_name(std::string_view text);

/// The part in its stored form: version first, members in the order of the definition, each that was given,
/// also at its default. Throws Invalid, also for a private key that is not stored; fields are paths of the
/// definition.
Json parse_piece(PieceKind kind, const Json& json);

/// Whether a piece may set the member at this path, which has no number in it.
bool is_shareable(std::string_view path);

struct PieceReference {
    PieceKind kind;
    std::string name;
    std::string field;  ///< where it stands: "snippets.0", "routes.2.access.list"
    bool operator==(const PieceReference&) const = default;
};
/// What a definition refers to, in the order of its members.
std::vector<PieceReference> references_of(const SiteDefinition& definition);

struct NamedPiece {
    PieceKind kind;
    std::string name;
    Json part;  ///< as parse_piece() made it
};
/// What nodes serve: no references are left in it. Throws Invalid for a piece that is not among these and for
/// what does not go together.
SiteDefinition compose(const SiteDefinition& own, const std::vector<NamedPiece>& pieces);

/// Lines in words for what a new revision changes, also by its pieces; see describe_changes() of site.h.
struct Composition {
    const SiteDefinition& own;
    const SiteDefinition& composed;
};
std::vector<std::string> describe_changes(const Composition& from, const Composition& to);
/// The same between two parts.
std::vector<std::string> describe_part_changes(const Json& from, const Json& to);

}  // namespace rpm
