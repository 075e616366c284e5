// SPDX-License-Identifier: MIT
// What the pages of the site editor share: the site being edited, the page of the form, the preview.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "shared/base/error.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "web/auth/visit.h"
#include "web/panel/site_form.h"

namespace rpm::web {

/// The site that a form is about, and the version that its editor started from; neither for a new site.
struct Editing {
    std::optional<store::Site> site;
    std::optional<store::Revision> base;
    std::optional<store::Revision> released;

    const SiteDefinition* before() const { return base ? &base->definition : nullptr; }
    std::string url() const { return site ? "/sites/" + site->id.text() + "/edit" : "/sites/new"; }
    std::string preview_url() const {
        return site ? "/sites/" + site->id.text() + "/preview" : "/sites/new/preview";
    }
};
/// By the route's {id}; NotFound when it is not the viewer's. `number` 0 starts from the head.
Editing load_editing(Visit& visit, unsigned number = 0);

/// The page with the form as typed, every problem in its place. With `preview` the rendered files are shown.
http::Response editor_page(Visit& visit, const Editing& editing, const SiteForm& form,
                           const Problems& problems, bool preview, int status);

/// The ids of the nodes that the site has now.
std::set<std::string> target_texts(db::Connection& db, SiteId site);
/// 409: what both changed, field by field; posted again it saves onto the newest version.
http::Response conflict_page(Visit& visit, const Editing& editing, const SiteForm& mine);

/// The rendered files of what was typed against what is released, per engine. Fields of site_preview.html.
void set_preview(Fields& fields, Visit& visit, const Editing& editing, const SiteForm& form);

/// Nodes that the form is about: as ticked by an administrator, else those the site has or would get.
std::vector<store::Node> nodes_of(Visit& visit, const Editing& editing, const SiteForm& form);

}  // namespace rpm::web
