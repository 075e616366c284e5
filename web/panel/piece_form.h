// SPDX-License-Identifier: MIT
// The form of a shared piece: what was typed, on its way to a part of a definition and back.
//
//     PieceForm form = PieceForm::of(piece, staff);                       // to show a saved one
//     PieceForm typed = PieceForm::of(request.form, kind, staff, ways, form);
//     Json part = typed.part();                  // for the verbs of shared/ops/shared_pieces.h, which check
//     it
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/store/shared_pieces.h"
#include "web/panel/member_form.h"

namespace rpm::web {

struct PieceForm {
    PieceKind kind = PieceKind::snippet;
    std::string name, description, reason;
    bool offered = false;
    Json values = typed_of(site_members(), nullptr);
    std::string also;           ///< members that are set though they have their default, one per line
    std::string template_text;  ///< of a template: its JSON

    /// Without what the viewer may not read; part_with_hidden_members() puts it back.
    static PieceForm of(const store::Piece& piece, bool staff);
    static PieceForm of(const http::Values& posted, PieceKind kind, bool staff, PasswordWays ways,
                        const PieceForm& before);
    /// Throws Invalid; fields are paths of the definition, or "also" or "template_text".
    Json part() const;
    /// Everything that of() reads, for hidden fields.
    std::vector<std::pair<std::string, std::string>> posted(bool staff, const PasswordWays& ways) const;
};

/// The members that the form of this kind shows, by section.
struct PieceSection {
    std::string_view id, title, icon;
    std::vector<std::string_view> members;
};
std::vector<PieceSection> piece_sections(PieceKind kind);

}  // namespace rpm::web
