// SPDX-License-Identifier: MIT
// What the pages of the site editor share: the site being edited, the page of the form, the preview.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

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

    /// The form as it was before anything was typed.
    SiteForm before() const { return base ? SiteForm::of(base->definition) : SiteForm(); }
    std::string url() const { return site ? "/sites/" + site->id.text() + "/edit" : "/sites/new"; }
    std::string preview_url() const {
        return site ? "/sites/" + site->id.text() + "/preview" : "/sites/new/preview";
    }
};
/// By the route's {id}; NotFound when it is not the viewer's. `number` 0 starts from the head.
Editing load_editing(Visit& visit, unsigned number = 0);

/// Whether the viewer may see and set members that are for staff only.
bool sees_staff_members(const Visit& visit);

/// What nodes would serve of what was typed; throws Invalid as it does when it is saved.
SiteDefinition composed_of(Visit& visit, const Editing& editing, const SiteForm& form);

/// Hashes of passwords travel encrypted for the viewer; new passwords are hashed with bcrypt, as long as
/// there are not too many of them. Problems go to `refused`, which must outlive the ways.
PasswordWays password_ways(const Visit& visit, Problems& refused);

/// How a form is shown.
struct EditorView {
    Problems problems{};
    std::string focus{};   ///< the row or list that was just changed
    bool preview = false;  ///< with the rendered files
    bool begin = false;    ///< of a new site: offers templates to begin with
    int status = 200;
};
/// The page with the form as typed, every problem in its place.
http::Response editor_page(Visit& visit, const Editing& editing, const SiteForm& form,
                           const EditorView& view);

/// The ids of the nodes that the site has now.
std::set<std::string> target_texts(db::Connection& db, SiteId site);
/// 409: what both changed, field by field; posted again it saves onto the newest version.
http::Response conflict_page(Visit& visit, const Editing& editing, const SiteForm& mine);

/// The rendered files of what was typed against what is released, per engine. Fields of site_preview.html.
void set_preview(Fields& fields, Visit& visit, const Editing& editing, const SiteForm& form);

/// Nodes that the form is about: as ticked by an administrator, else those the site has or would get.
std::vector<store::Node> nodes_of(Visit& visit, const Editing& editing, const SiteForm& form);

/// What nodes cannot do of a definition: sentences by its field. Clients read no names of nodes.
std::map<std::string, std::vector<std::string>> node_limits(const Visit& visit,
                                                            const SiteDefinition& definition,
                                                            const std::vector<store::Node>& nodes);

}  // namespace rpm::web
