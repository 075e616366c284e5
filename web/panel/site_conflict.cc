// SPDX-License-Identifier: MIT
// Two people saved: nothing of either is lost. What only one changed is merged; the rest is chosen field by
// field.
#include "shared/base/text.h"
#include "shared/store/nodes.h"
#include "shared/store/users.h"
#include "web/panel/member_words.h"
#include "web/panel/site_editor.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

struct Choice {
    std::string label, name, theirs, mine;
};

std::string names_of(db::Connection& db, const std::set<std::string>& ids) {
    std::vector<std::string> names;
    for (const store::Node& node : store::list_nodes(db))
        if (ids.contains(node.id.text())) names.push_back(node.name);
    return names.empty() ? "none" : text::join(names, ", ");
}

std::string owner_name(db::Connection& db, const std::string& id) {
    const auto user = UserId::parse(id);
    return user ? store::get_user(db, *user).username : id;
}

// A version does not hold its owner and nodes, so nobody knows who changed them: whoever is about to is
// asked.
std::vector<Choice> placement_choices(Visit& visit, const store::Site& site, const SiteForm& mine) {
    std::vector<Choice> choices;
    if (!visit.viewer.may(Permission::sites_assign)) return choices;
    const auto targets = target_texts(visit.db(), site.id);
    if (mine.owner != site.owner.text())
        choices.push_back({"Owner", "owner", site.owner_name, owner_name(visit.db(), mine.owner)});
    if (mine.nodes != targets)
        choices.push_back(
            {"Nodes", "nodes", names_of(visit.db(), targets), names_of(visit.db(), mine.nodes)});
    return choices;
}

}  // namespace

std::set<std::string> target_texts(db::Connection& db, SiteId site) {
    std::set<std::string> texts;
    for (const NodeId node : store::list_site_targets(db, site)) texts.insert(node.text());
    return texts;
}

http::Response conflict_page(Visit& visit, const Editing& editing, const SiteForm& mine) {
    const store::Site& site = *editing.site;
    const auto head = store::get_revision(visit.db(), site.id, site.head);
    SiteForm merged = mine;
    const MemberMerge result = merge_typed(site_members(), editing.before().values,
                                           SiteForm::of(head.definition).values, merged.values);
    const auto choices = placement_choices(visit, site, mine);
    const std::size_t collisions = result.collisions.size() + choices.size();

    Page page(visit, "Conflict", At::sites);
    page.crumb("Sites", "/sites").crumb(site.domain, "/sites/" + site.id.text());
    Fields& fields = page.content("conflict.html");
    fields.set("DOMAIN", site.domain).set("ACTION_URL", editing.url()).set("CANCEL_URL", editing.url());
    fields.set("WHO", head.created_by).set("WHEN", age_words(head.created_at, visit.now()));
    fields.set("VERSION_FROM", std::to_string(editing.base->number));
    fields.set("VERSION_NOW", std::to_string(head.number));
    fields.set("SENTENCE", collisions == 0
                               ? "You changed different things, so both can be kept."
                               : "Both of you changed " + count_words(collisions, "field", "fields") +
                                     ": choose which value to keep.");
    for (const MemberCollision& each : result.collisions)
        fields.row("FIELD")
            .set("LABEL", each.label)
            .set("NAME", each.path)
            .set("BASE", member_words(*each.doc, each.base))
            .set("THEIRS", member_words(*each.doc, each.theirs))
            .set("MINE", member_words(*each.doc, each.mine));
    for (const Choice& choice : choices)
        fields.row("FIELD")
            .set("LABEL", choice.label)
            .set("NAME", choice.name)
            .set("BASE", "")
            .set("THEIRS", choice.theirs)
            .set("MINE", choice.mine);
    Problems refused;
    for (const auto& [name, value] : merged.posted(sees_staff_members(visit), password_ways(visit, refused)))
        fields.row("KEEP").set("NAME", name).set("VALUE", value);
    if (result.taken)
        fields.row("MERGED").set("TEXT", count_words(result.taken, "other change", "other changes") + " by " +
                                             head.created_by + " will be kept.");
    return page.response(409);
}

}  // namespace rpm::web
