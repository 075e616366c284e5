// SPDX-License-Identifier: MIT
// Builds whole pages: the shell around a page's own template, or a piece of a page for a script.
//
//     Page page(visit, "Sites", At::sites);
//     page.crumb("Sites", "/sites");                     // the parents, for pages below
//     Fields& fields = page.content("sites.html");
//     fields.set("SUMMARY", "142 sites");
//     return page.response();
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "shared/base/error.h"
#include "shared/base/template_set.h"
#include "web/auth/visit.h"
#include "web/view/badges.h"
#include "web/view/flash.h"

namespace rpm::web {

/// The entry of the navigation that a page belongs to.
enum class At { overview, sites, shared, deployments, explain, nodes, jobs, audit, users, settings, none };

class Page {
  public:
    Page(Visit& visit, std::string title, At at);
    Page& crumb(std::string name, std::string url);
    /// Shows this message instead of the one that a redirect left.
    Page& flash(Flash flash);
    /// Browsers without scripts ask for the page again every 5 s.
    Page& refresh();
    /// The fields of the page's own template; once per page.
    Fields& content(std::string file);
    const Counts& counts() const { return counts_; }
    http::Response response(int status = 200);

  private:
    Visit& visit_;
    Fields shell_;
    Counts counts_;
    std::optional<Flash> flash_;
    bool flash_from_cookie_ = false;
};

/// A template alone, as the answer to a script.
http::Response fragment(const Visit& visit, const std::string& file, Fields fields, int status = 200);
/// A page without navigation, which needs neither user nor database.
http::Response plain_page(const Context& context, const std::string& csrf, const std::string& theme,
                          const std::string& title, const std::string& file, Fields content,
                          int status = 200);
/// 303 after a POST, with a message for the next page.
http::Response redirect(const std::string& path, const std::optional<Flash>& flash = std::nullopt);

/// Fills >ERRORS from problems; `id` gives the id of the field on the page, the problem's name by default.
void set_errors(Fields& page, const Problems& problems,
                const std::function<std::string(const std::string&)>& id = {});
/// NAME_ERROR {TEXT} when the problem exists; texts begin with a capital and end with a full stop.
void set_error(Fields& fields, FieldName section, const Problems& problems, const std::string& field);
std::string sentence(std::string_view words);  ///< "is wrong" -> "Is wrong."

}  // namespace rpm::web
