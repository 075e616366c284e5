// SPDX-License-Identifier: MIT
#include "web/panel/site_form.h"

#include "shared/base/text.h"
#include "web/panel/member_fields.h"

namespace rpm::web {
namespace {

// As people write them, as long as that means the same name.
std::string domain_lines(const SiteDefinition& definition) {
    std::string out;
    for (const DomainName& name : definition.domains) {
        const std::string shown = name.shown();
        const bool same = DomainName::parse(shown) == name;
        out += (out.empty() ? "" : "\n") + (same ? shown : name.text());
    }
    return out;
}

}  // namespace

SiteForm SiteForm::of(const SiteDefinition& definition) {
    SiteForm form;
    const Json saved = definition.to_json();
    form.values = typed_of(site_members(), &saved);
    form.values["domains"] = domain_lines(definition);
    return form;
}

SiteForm SiteForm::of(const http::Values& posted, bool staff, PasswordWays ways, const SiteForm& before) {
    SiteForm form;
    form.values = PostedMembers(posted, staff, std::move(ways)).read(site_members(), "", before.values);
    form.owner = text::trim(posted.text("owner"));
    for (const std::string_view node : posted.all("node")) form.nodes.emplace(node);
    return form;
}

SiteDefinition SiteForm::definition() const {
    return SiteDefinition::parse(*meant_by(site_members(), values));
}

std::vector<std::pair<std::string, std::string>> SiteForm::posted(bool staff,
                                                                  const PasswordWays& ways) const {
    std::vector<std::pair<std::string, std::string>> out;
    post_members(site_members(), values, "", staff, ways, out);
    out.emplace_back("owner", owner);
    for (const std::string& node : nodes) out.emplace_back("node", node);
    return out;
}

std::string SiteForm::field_of(std::string_view path) {
    return path == "targets" ? "nodes" : web::field_of(site_members(), path);
}

}  // namespace rpm::web
