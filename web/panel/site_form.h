// SPDX-License-Identifier: MIT
// The site editor's form: what was typed, as typed, on its way to a definition and back. Everything that a
// definition can say is on it, by member_form.h; this adds whose the site is and where it runs.
//
//     SiteForm form = SiteForm::of(head.definition);            // to show a saved version
//     SiteForm typed = SiteForm::of(request.form, staff, ways, form);
//     SiteDefinition wanted = typed.definition();               // throws Invalid; fields are paths of the
//     model
#pragma once

#include <set>
#include <string>

#include "shared/model/site.h"
#include "web/http/request.h"
#include "web/panel/member_form.h"

namespace rpm::web {

struct SiteForm {
    Json values = typed_of(site_members(), nullptr);
    std::string owner;            ///< id; administrators
    std::set<std::string> nodes;  ///< ids; administrators

    static SiteForm of(const SiteDefinition& definition);
    /// What the form does not mention, and what a client may not set, is as in `before`.
    static SiteForm of(const http::Values& posted, bool staff, PasswordWays ways, const SiteForm& before);

    SiteDefinition definition() const;
    /// Everything that of() reads, as it is posted; for hidden fields.
    std::vector<std::pair<std::string, std::string>> posted(bool staff, const PasswordWays& ways) const;
    /// From the model's path to the form's field: "domains.1" -> "domains", "targets" -> "nodes".
    static std::string field_of(std::string_view path);
};

}  // namespace rpm::web
