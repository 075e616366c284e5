// SPDX-License-Identifier: MIT
// One site: the way from visitor to server, where it stands on each node, and taking it offline.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/ops/sites.h"
#include "shared/store/deployments.h"
#include "shared/store/sites.h"
#include "web/http/form.h"
#include "web/panel/member_words.h"
#include "web/panel/pages.h"
#include "web/panel/refused_line.h"
#include "web/panel/site_editor.h"
#include "web/panel/site_names.h"
#include "web/panel/site_sections.h"
#include "web/view/engine_words.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kVersions = 5;
constexpr unsigned kDeployments = 5;
constexpr std::size_t kLongestSetting = 600;  // bytes

store::Site site_of(const Visit& visit) {
    return store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
}

void add_definition(Fields& fields, const SiteDefinition& definition) {
    for (const DomainName& name : definition.domains) {
        Fields& row = fields.row("DOMAINS").set("NAME", name.shown());
        if (name.shown() != name.text()) row.row("ASCII").set("TEXT", name.text());
    }
    const bool tls = definition.tls.mode != TlsMode::none;
    fields.set("TLS", std::string(label_of(definition.tls.mode))).set("TLS_KIND", tls ? "ok" : "idle");
    if (tls && definition.kind != SiteKind::stream)
        fields.row("TLS_NOTE")
            .set("TEXT",
                 definition.tls.redirect_http ? "Plain HTTP is sent to HTTPS" : "Plain HTTP is answered too");
    if (!definition.note.empty()) fields.row("NOTE").set("TEXT", definition.note);
    const bool stream = definition.kind == SiteKind::stream;
    if (!definition.primary().is_wildcard() && !stream)
        fields.row("VISIT").set("URL", (tls ? "https://" : "http://") + definition.primary().text() + "/");
    const std::string& primary = definition.primary().text();
    fields.set("EXPLAIN_URL", (tls ? "https://" : "http://") +
                                  (definition.primary().is_wildcard() ? "any" + primary.substr(1) : primary) +
                                  "/");
    if (definition.kind == SiteKind::redirect) {
        fields.row("REDIRECT")
            .set("TEXT", std::to_string(definition.redirect.status) + " " + definition.redirect.to);
        return;
    }
    Fields& upstreams = fields.row("UPSTREAMS");
    upstreams.set("BALANCING", std::string(label_of(definition.upstream.balancing)));
    for (const UpstreamServer& server : definition.upstream.servers) {
        Fields& row = upstreams.row("UPSTREAM");
        row.set("ADDRESS", std::string(stream ? to_word(definition.stream.protocol)
                                              : to_word(definition.upstream.scheme)) +
                               "://" + server.host.bracketed() + ":" + server.port.text());
        std::string detail = server.backup ? "backup" : "";
        if (server.weight != 1)
            detail += (detail.empty() ? "weight " : ", weight ") + std::to_string(server.weight);
        if (!detail.empty()) row.row("DETAIL").set("TEXT", detail);
    }
}

// What stands in the chain above is not said again.
bool is_in_chain(const SetMember& member) {
    return member.path == "kind" || member.path == "domains" || member.path == "note" ||
           member.path.starts_with("redirect.") || member.path == "upstream.servers" ||
           member.path == "upstream.balancing" || member.path == "upstream.scheme" ||
           member.path == "tls.mode" || member.path == "tls.redirect_http";
}

// Without what the section's name says already: "Access › Never from" -> "Never from".
std::string label_in(const SiteSection& section, const std::string& label) {
    constexpr std::string_view kBetween = " \xe2\x80\xba ";
    if (label == section.title) return "";
    const bool bare = section.members.size() == 1 && section.members.front().ends_with(".*");
    const auto cut = label.find(kBetween);
    return bare && cut != std::string::npos ? label.substr(cut + kBetween.size()) : label;
}

void add_settings(Fields& fields, const SiteDefinition& definition, bool staff) {
    Fields* settings = nullptr;
    for (const SetMember& member : set_members(site_members(), SiteForm::of(definition).values)) {
        if (is_in_chain(member) || (site_members().find(member.path)->staff_only && !staff)) continue;
        if (settings == nullptr) settings = &fields.row("SETTINGS");
        const SiteSection& section = section_of(member.path);
        settings->row("SETTING")
            .set("SECTION", std::string(section.id))
            .set("TITLE", std::string(section.title))
            .set("LABEL", label_in(section, member.label))
            .set("VALUE", text::ellipsis(member.value, kLongestSetting));
    }
}

// What other places have a part in: shared pieces, tags, and what may be made of the site.
void add_shared(Fields& fields, const store::Site& site, const store::Revision& head, Visit& visit) {
    Fields& shared = fields.row("SHARED");
    for (const auto& use : store::list_revision_pieces(visit.db(), head.id))
        shared.row("PIECE")
            .set("ID", use.piece.text())
            .set("NAME", use.name)
            .set("KIND_WORDS", std::string(label_of(use.kind)) + ", version " + std::to_string(use.number));
    if (visit.viewer.may(Permission::sites_edit)) shared.row("FORMS").set("TAGS", text::join(site.tags, " "));
}

Fields& add_problem(Fields& fields, const char* kind, const std::string& title, const std::string& text,
                    const std::string& output = {}) {
    Fields& row = fields.row("PROBLEM");
    row.set("KIND", kind).set("TITLE", title).set("TEXT", text);
    if (!output.empty()) row.row("OUTPUT").set("TEXT", output);
    return row;
}

void add_state_problem(Fields& fields, const store::Site& site) {
    const std::string answer = std::to_string(site.block_status);
    if (site.state == SiteState::blocked)
        add_problem(fields, "bad", "An administrator blocked this site",
                    "Visitors get an answer " + answer + "." +
                        (site.blocked_reason.empty() ? "" : " Reason: " + sentence(site.blocked_reason)));
    if (site.state == SiteState::paused)
        add_problem(fields, "warn", "This site is paused", "Visitors get an answer 503 until it is resumed.");
}

// Clients see where a site stands, not how the operator's machines are called.
void add_nodes(Fields& fields, const store::Site& site, const std::vector<store::SiteOnNode>& nodes,
               const Visit& visit) {
    const bool names = visit.viewer.is_staff();
    std::size_t live = 0;
    std::size_t number = 0;
    for (const store::SiteOnNode& on : nodes) {
        const std::string name = names ? on.node_name : "Location " + std::to_string(++number);
        const Sign sign = site_on_node_sign(on, site);
        live += sign.kind == "ok";
        Fields& row = fields.row("NODE");
        row.show(names ? FieldName("LINK") : FieldName("PLAIN"));
        row.set("ID", names ? on.node.text() : "").set("NAME", name);
        row.set("ENGINE", std::string(engine_name(on.engine)));
        set_sign(row, sign);
        row.set("SERVES", on.served_number ? "version " + std::to_string(on.served_number) : "nothing yet");
        if (on.quarantined_number == 0) continue;
        Fields& problem = add_problem(
            fields, "bad", name + " refused version " + std::to_string(on.quarantined_number),
            on.served_number ? "It keeps serving version " + std::to_string(on.served_number) + "."
                             : "Nothing of this site is served there.",
            readable_refusal(on, visit.viewer));
        if (const auto link =
                link_of_refused_line(visit, on.node, site, on.quarantined_number, on.quarantine_line))
            problem.row("ACTION")
                .set("URL", "/sites/" + site.id.text() + "/edit#" + link->anchor)
                .set("NAME", "Go to " + link->label);
    }
    fields.set(
        "NODES_SUMMARY",
        nodes.empty() ? "" : "Up to date on " + std::to_string(live) + " of " + std::to_string(nodes.size()));
    fields.show("NO_NODES", nodes.empty());
}

std::string summary_of(const store::Revision& revision, const store::Revision* before) {
    if (!revision.reason.empty()) return revision.reason;
    if (before == nullptr) return revision.number == 1 ? "first version" : "";
    const auto changes = describe_changes(before->composition(), revision.composition());
    if (changes.empty()) return "";
    return changes.front() +
           (changes.size() > 1 ? " and " + std::to_string(changes.size() - 1) + " more" : "");
}

void add_versions(Fields& fields, const store::Site& site, Visit& visit) {
    const auto revisions = store::list_revisions(visit.db(), site.id, kVersions + 1);
    for (std::size_t i = 0; i < revisions.size() && i < kVersions; ++i) {
        const store::Revision& revision = revisions[i];
        Fields& row = fields.row("VERSION_ROW");
        row.set("NUMBER", std::to_string(revision.number)).set("WHO", revision.created_by);
        set_time(row, "TIME", "TIME_ISO", revision.created_at, visit.now());
        if (revision.number == site.released_number)
            set_sign(row.row("VERSION_CHIP"), {"ok", "Released"});
        else if (revision.number == site.head_number)
            set_sign(row.row("VERSION_CHIP"), {"draft", "Draft"});
        const std::string words =
            summary_of(revision, i + 1 < revisions.size() ? &revisions[i + 1] : nullptr);
        if (!words.empty()) row.row("SUMMARY").set("TEXT", words);
        if (revision.number > 1)
            row.row("DIFF_URL")
                .set("URL", "/sites/" + site.id.text() +
                                "/history?from=" + std::to_string(revision.number - 1) +
                                "&to=" + std::to_string(revision.number));
    }
}

void add_deployments(Fields& fields, const store::Site& site, Visit& visit) {
    const auto deployments = store::list_deployments(
        visit.db(), visit.scope(), {.site = site.id, .node = {}, .before_id = {}, .limit = kDeployments});
    for (const store::Deployment& deployment : deployments) {
        Fields& row = fields.row("DEPLOYMENT");
        row.set("NUMBER", deployment.id.text());
        set_sign(row, deployment_sign(deployment.state));
        set_time(row, "TIME", "TIME_ISO", deployment.created_at, visit.now());
        row.set("WHO", deployment.requested_by);
        row.set("NODES", std::to_string(deployment.nodes_done) + " of " + std::to_string(deployment.nodes));
        row.set("TOOK", took_words(deployment.started_at, deployment.finished_at));
    }
    fields.show("NO_DEPLOYMENTS", deployments.empty());
}

void add_manage(Fields& fields, const store::Site& site, bool blocks) {
    Fields& manage = fields.row("MANAGE");
    manage.set("VERSION_FROM", std::to_string(site.head_number));
    manage.set("DELETE_EFFECT", site.released_number == 0
                                    ? "It has never been deployed; its names become free."
                                    : "It is taken from " + count_words(site.node_count, "node", "nodes") +
                                          " at once: visitors no longer reach it. Its names become free.");
    manage.show("PAUSE", site.state == SiteState::active);
    manage.show("RESUME", site.state == SiteState::paused);
    manage.show("BLOCK", blocks && site.state != SiteState::blocked);
    manage.show("UNBLOCK", blocks && site.state == SiteState::blocked);
}

http::Response after_change(SiteId site, const std::optional<DeploymentId>& deployment,
                            const std::string& words) {
    if (deployment) return redirect("/deployments/" + deployment->text(), Flash{"ok", words});
    return redirect("/sites/" + site.text(), Flash{"ok", words});
}

// The page that the button was on may be old.
store::Site demand_version(const Visit& visit) {
    auto site = site_of(visit);
    http::Form form(visit.request);
    if (form.number<unsigned>("version", 0, 1'000'000'000) != site.head_number)
        throw Conflict("somebody saved version " + std::to_string(site.head_number) +
                       " of this site meanwhile");
    return site;
}

}  // namespace

http::Response site_page(Visit& visit) {
    const auto site = site_of(visit);
    const auto head = store::get_revision(visit.db(), site.id, site.head);
    Page page(visit, site.domain, At::sites);
    page.crumb("Sites", "/sites");
    Fields& fields = page.content("site.html");
    const bool admin = visit.viewer.is_staff();
    fields.set("ID", site.id.text()).set("DOMAIN", site.domain);
    set_sign(fields.row("CHIP"), site_sign(site));
    if (admin) fields.row("OWNER").set("NAME", site.owner_name);
    fields.show("REVIEW", site.has_undeployed_changes() || site.deploy_state == "failed");
    add_state_problem(fields, site);
    add_site_names(fields, site, visit);
    add_definition(fields, head.composed);
    add_settings(fields, head.composed, sees_staff_members(visit));
    add_shared(fields, site, head, visit);
    add_nodes(fields, site, store::list_site_nodes(visit.db(), site.id), visit);
    add_versions(fields, site, visit);
    add_deployments(fields, site, visit);
    add_manage(fields, site, visit.viewer.may(Permission::sites_block));
    return page.response();
}

http::Response pause_site(Visit& visit) {
    const auto site = demand_version(visit);
    return after_change(site.id, rpm::ops::pause_site(visit.ops, visit.viewer, site.id),
                        site.domain + " is paused.");
}

http::Response resume_site(Visit& visit) {
    const auto site = demand_version(visit);
    return after_change(site.id, rpm::ops::resume_site(visit.ops, visit.viewer, site.id),
                        site.domain + " is resumed.");
}

http::Response block_site(Visit& visit) {
    const auto site = demand_version(visit);
    http::Form form(visit.request);
    const std::string reason = form.text("reason", {.max = 200, .required = true});
    form.check();
    return after_change(site.id, rpm::ops::block_site(visit.ops, visit.viewer, site.id, 403, reason),
                        site.domain + " is blocked.");
}

http::Response unblock_site(Visit& visit) {
    const auto site = demand_version(visit);
    return after_change(site.id, rpm::ops::resume_site(visit.ops, visit.viewer, site.id),
                        site.domain + " is not blocked any more.");
}

http::Response delete_site(Visit& visit) {
    const auto site = demand_version(visit);
    http::Form form(visit.request);
    if (form.text("confirm", {.max = 300}) != site.domain)
        throw Invalid("confirm", "must be the name of the site, " + site.domain + ", to delete it");
    const auto deployment = rpm::ops::remove_site(visit.ops, visit.viewer, site.id);
    if (deployment)
        return redirect("/deployments/" + deployment->text(), Flash{"ok", site.domain + " is deleted."});
    return redirect("/sites", Flash{"ok", site.domain + " is deleted."});
}

}  // namespace rpm::web
