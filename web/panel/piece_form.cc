// SPDX-License-Identifier: MIT
#include "web/panel/piece_form.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/hidden_members.h"
#include "web/panel/site_sections.h"

namespace rpm::web {
namespace {

void add_defaults(const MemberDoc& doc, const Json& part, const std::string& path, std::string& lines) {
    for (const MemberDoc& member : doc.members) {
        const Json* value = part.find(member.name);
        if (value == nullptr) continue;
        const std::string below = path.empty() ? member.name : path + "." + member.name;
        if (member.kind == MemberKind::object)
            add_defaults(member, *value, below, lines);
        else if (*value == member.fallback)
            lines += (lines.empty() ? "" : "\n") + below;
    }
}

// Sets the member at the path to its default, where it is not set.
void put_default(Json& part, std::string_view path, const MemberDoc& doc) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    if (dot != std::string_view::npos)
        put_default(part[name], path.substr(dot + 1), *doc.find(name));
    else if (part.find(name) == nullptr)
        part[name] = doc.find(name)->fallback;
}

std::string one_line(const http::Values& posted, std::string_view name) {
    return std::string(text::trim(posted.text(name)));
}

}  // namespace

PieceForm PieceForm::of(const store::Piece& piece, bool staff) {
    PieceForm form;
    form.kind = piece.kind;
    form.name = piece.name;
    form.description = piece.description;
    form.offered = piece.offered;
    if (piece.kind == PieceKind::site_template) {
        form.template_text = shown_part(piece.part, staff).dump(2);
        return form;
    }
    form.values = typed_of(site_members(), &piece.part);
    add_defaults(site_members(), piece.part, "", form.also);
    return form;
}

PieceForm PieceForm::of(const http::Values& posted, PieceKind kind, bool staff, PasswordWays ways,
                        const PieceForm& before) {
    PieceForm form = before;
    form.kind = kind;
    if (posted.has("name")) form.name = one_line(posted, "name");
    form.description = one_line(posted, "description");
    form.reason = one_line(posted, "reason");
    form.offered = staff && posted.text("offered") == "1";
    form.also = one_line(posted, "also");
    if (kind == PieceKind::site_template)
        form.template_text = one_line(posted, "template_text");
    else
        form.values = PostedMembers(posted, staff, std::move(ways)).read(site_members(), "", before.values);
    return form;
}

Json PieceForm::part() const {
    if (kind == PieceKind::site_template) {
        try {
            return Json::parse(template_text);
        } catch (const Invalid& error) {
            throw Invalid("template_text", error.problems.entries().begin()->second);
        }
    }
    Json part = SiteDefinition::parse_part(*meant_by(site_members(), values)).to_json();
    std::erase_if(part.members(), [](const Json::Member& each) { return each.first == "domains"; });
    for (const std::string_view path : text::words(also)) {
        const MemberDoc* doc = is_shareable(path) ? site_members().find(path) : nullptr;
        if (doc == nullptr || doc->kind == MemberKind::object)
            throw Invalid("also", "'" + text::shown(path, 60) + "' is no single member, such as compression");
        put_default(part, path, site_members());
    }
    return part;
}

std::vector<std::pair<std::string, std::string>> PieceForm::posted(bool staff,
                                                                   const PasswordWays& ways) const {
    std::vector<std::pair<std::string, std::string>> out = {
        {"piece", std::string(to_word(kind))}, {"name", name},
        {"description", description},          {"reason", reason},
        {"offered", offered ? "1" : "0"},      {"also", also}};
    if (kind == PieceKind::site_template)
        out.emplace_back("template_text", template_text);
    else
        post_members(site_members(), values, "", staff, ways, out);
    return out;
}

std::vector<PieceSection> piece_sections(PieceKind kind) {
    std::vector<PieceSection> out;
    for (const SiteSection& section : site_sections()) {
        if (section.id == "basics" || section.id == "shared") continue;
        if (kind == PieceKind::access_list && section.id != "access") continue;
        out.push_back({section.id, section.title, section.icon, section.members});
    }
    return kind == PieceKind::site_template ? std::vector<PieceSection>() : out;
}

}  // namespace rpm::web
