// SPDX-License-Identifier: MIT
#include "web/panel/member_links.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "web/panel/member_fields.h"
#include "web/panel/member_words.h"

namespace rpm::web {
namespace {

constexpr std::string_view kBetween = " \xe2\x80\xba ";
constexpr std::size_t kMostLabels = 3;

const MemberDoc* member_of(const MemberDoc& object, std::string_view name) {
    const auto found = std::ranges::find(object.members, name, &MemberDoc::name);
    return found == object.members.end() ? nullptr : &*found;
}

}  // namespace

std::optional<MemberLink> member_link(std::string_view path, bool staff) {
    const MemberDoc* at = &site_members();
    MemberLink out;
    for (const std::string_view part : text::split(path, '.')) {
        if (at->kind == MemberKind::list) {
            const auto index = text::number<unsigned>(part);
            if (!index) return std::nullopt;
            if (at->members.front().kind != MemberKind::object) break;  // one field holds all its entries
            const auto cut = out.label.rfind(kBetween);
            out.label.resize(cut == std::string::npos ? 0 : cut + kBetween.size());
            out.label += row_name(out.anchor, *at) + " " + std::to_string(*index + 1);
            at = &at->members.front();
        } else {
            at = member_of(*at, part);
            if (at == nullptr || (at->staff_only && !staff)) return std::nullopt;
            out.label.append(out.label.empty() ? "" : kBetween).append(at->label);
        }
        out.anchor.append(out.anchor.empty() ? "" : ".").append(part);
    }
    out.anchor = member_id(site_members(), out.anchor);
    return out;
}

void set_member_link(Fields& line, std::span<const std::string> paths, bool staff) {
    MemberLink first;
    std::size_t labels = 0;
    for (const std::string& path : paths) {
        const auto link = member_link(path, staff);
        if (!link) continue;
        if (labels == 0) first = *link;
        if (labels > 0) first.label += "; " + link->label;
        if (++labels == kMostLabels) break;
    }
    if (labels > 0) line.row("FIELD").set("ANCHOR", first.anchor).set("LABEL", first.label);
}

}  // namespace rpm::web
