// SPDX-License-Identifier: MIT
// What is made of a site, and words to find it by: copies, templates, tags.
#include "shared/base/text.h"
#include "shared/model/site_templates.h"
#include "shared/ops/shared_pieces.h"
#include "shared/ops/sites.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

store::Site site_of(const Visit& visit) {
    return store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
}

}  // namespace

http::Response clone_site(Visit& visit) {
    const auto site = site_of(visit);
    http::Form form(visit.request);
    const std::string typed = form.text("domains", {.max = 20'000, .required = true, .lines = true});
    std::vector<DomainName> names;
    for (const std::string_view word : text::words(typed)) {
        if (auto name = DomainName::parse(word))
            names.push_back(*std::move(name));
        else
            form.problem("domains", "'" + text::shown(word, 80) + "' " + DomainName::why_not(word));
    }
    form.check();
    const SiteId id = rpm::ops::clone_site(visit.ops, visit.viewer, site.id, names, "");
    return redirect("/sites/" + id.text(), Flash{"ok", "Copied from " + site.domain +
                                                           ". It waits until it is reviewed and deployed."});
}

http::Response tag_site(Visit& visit) {
    const auto site = site_of(visit);
    http::Form form(visit.request);
    const std::string typed = form.text("tags", {.max = 1000});
    form.check();
    const auto words = text::words(typed);
    const auto wanted = parse_tags({words.begin(), words.end()});
    rpm::ops::change_tags(visit.ops, visit.viewer, site.id, wanted, site.tags);
    return redirect("/sites/" + site.id.text(), Flash{"ok", "The tags are saved."});
}

http::Response save_template(Visit& visit) {
    const auto site = site_of(visit);
    http::Form form(visit.request);
    const std::string name = form.text("name", {.max = 64, .required = true});
    form.check();
    const auto head = store::get_revision(visit.db(), site.id, site.head);
    Json definition = template_of(head.definition);
    if (!visit.viewer.may(Permission::sites_raw))
        std::erase_if(definition.members(), [](const Json::Member& each) { return each.first == "raw"; });
    const PieceId id = rpm::ops::create_piece(visit.ops, visit.viewer,
                                              {.kind = PieceKind::site_template,
                                               .name = name,
                                               .owner = {},
                                               .definition = std::move(definition),
                                               .reason = "from " + text::ellipsis(site.domain, 180)});
    return redirect("/shared/" + id.text(), Flash{"ok", "The template is saved."});
}

}  // namespace rpm::web
