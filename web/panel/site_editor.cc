// SPDX-License-Identifier: MIT
// The page of the site editor: each section says its values in a sentence and opens when it needs a look.
#include "web/panel/site_editor.h"

#include <algorithm>
#include <array>
#include <map>

#include "shared/base/text.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

// ---- Sections -------------------------------------------------------------------------------------------

struct Section {
    FieldName now, open, bad, changed;
    std::string_view id;
    std::array<std::string_view, 8> parts;  // names of form_parts() that it holds
};
constexpr std::array kSections = std::to_array<Section>({
    {"BASICS_NOW", "BASICS_OPEN", "BASICS_BAD", "BASICS_CHANGED", "basics", {"domains", "note"}},
    {"UPSTREAMS_NOW",
     "UPSTREAMS_OPEN",
     "UPSTREAMS_BAD",
     "UPSTREAMS_CHANGED",
     "upstreams",
     {"scheme", "servers", "balancing", "connect_timeout", "read_timeout", "send_timeout"}},
    {"TLS_NOW", "TLS_OPEN", "TLS_BAD", "TLS_CHANGED", "tls", {"tls", "force_https", "hsts"}},
    {"LIMITS_NOW", "LIMITS_OPEN", "LIMITS_BAD", "LIMITS_CHANGED", "limits", {"max_body"}},
    {"NOW", "OPEN", "ADVANCED_BAD", "CHANGED", "advanced", {"directives"}},
});

// The section that holds a field of the form.
std::string_view section_of(std::string_view field) {
    if (field == "owner" || field == "nodes") return "basics";
    if (field.starts_with("upstream")) return "upstreams";
    for (const Section& section : kSections)
        if (std::ranges::find(section.parts, field) != section.parts.end()) return section.id;
    return "basics";
}

std::string quoted_count(std::size_t count, const char* one, const char* many) {
    return count_words(count, one, many);
}

std::string basics_now(const SiteForm& form) {
    const auto names = text::words(form.domains);
    if (names.empty()) return "No name yet";
    std::string words(names.front());
    if (names.size() > 1) words += " and " + quoted_count(names.size() - 1, "more name", "more names");
    return words;
}

std::string upstreams_now(const SiteForm& form) {
    const auto used = std::ranges::count_if(form.servers, [](const auto& s) { return !s.blank(); });
    std::string words = quoted_count(static_cast<std::size_t>(used), "server", "servers") + " over " +
                        (form.scheme == "https" ? "https" : "http");
    if (used > 1)
        words += form.balancing == "least_connections" ? ", least connections"
                 : form.balancing == "ip_hash"         ? ", by visitor"
                                                       : ", round robin";
    return words;
}

std::string tls_now(const SiteForm& form) {
    if (form.tls == "none") return "None, plain HTTP only";
    std::string words = "Self-signed";
    if (form.force_https) words += ", HTTP is sent to HTTPS";
    if (form.hsts) words += ", HSTS";
    return words;
}

std::string now_words(std::string_view section, const SiteForm& form) {
    if (section == "basics") return basics_now(form);
    if (section == "upstreams") return upstreams_now(form);
    if (section == "tls") return tls_now(form);
    if (section == "limits")
        return form.max_body == "0" ? "No limit for uploads" : "Uploads up to " + form.max_body + " MiB";
    const auto lines = text::lines(form.directives).size();
    return lines == 0 ? "No raw directives" : count_words(lines, "line", "lines") + " of raw directives";
}

bool differs(const Section& section, const SiteForm& a, const SiteForm& b) {
    return std::ranges::any_of(form_parts(), [&](const FormPart& part) {
        return std::ranges::find(section.parts, std::string_view(part.name)) != section.parts.end() &&
               part.show(a) != part.show(b);
    });
}

struct Look {
    const Editing& editing;
    const SiteForm& form;
    std::map<std::string, std::string> problems;  // by field of the form
    std::optional<SiteForm> released;
};

void add_section(Fields& page, Fields& inner, const Section& section, const Look& look) {
    inner.set(section.now, now_words(section.id, look.form));
    const auto bad = std::ranges::count_if(
        look.problems, [&](const auto& problem) { return section_of(problem.first) == section.id; });
    const bool changed = look.released && differs(section, look.form, *look.released);
    const bool fresh = !look.editing.site && (section.id == "basics" || section.id == "upstreams");
    inner.show(section.open, bad != 0 || changed || fresh);
    if (changed) inner.row(section.changed).set("TEXT", "Changed");
    if (bad)
        page.row(section.bad)
            .set("COUNT", std::to_string(bad))
            .set("TEXT", count_words(static_cast<std::size_t>(bad), "fix", "fixes"));
}

// ---- Fields ---------------------------------------------------------------------------------------------

void put_error(Fields& fields, FieldName section, const Look& look, const std::string& field) {
    const auto found = look.problems.find(field);
    if (found != look.problems.end()) fields.row(section).set("TEXT", sentence(found->second));
}

void add_owner(Fields& page, const Look& look, Visit& visit) {
    Fields& owner = page.row("OWNER_FIELD");
    for (const store::User& user : store::list_users(visit.db()))
        if (user.active || user.id.text() == look.form.owner)
            owner.row("OPTION")
                .set("ID", user.id.text())
                .set("NAME", user.username)
                .show("SELECTED", user.id.text() == look.form.owner);
    put_error(owner, "ERROR", look, "owner");
}

void add_nodes(Fields& page, const Look& look, Visit& visit) {
    Fields& fields = page.row("NODES_FIELD");
    const auto nodes = store::list_nodes(visit.db());
    for (const store::Node& node : nodes)
        fields.row("NODE")
            .set("ID", node.id.text())
            .set("NAME", node.name)
            .set("DETAIL", std::string(engine_name(to_word(node.engine))) + (node.active ? "" : ", disabled"))
            .show("CHECKED", look.form.nodes.contains(node.id.text()));
    fields.show("NONE", nodes.empty());
    put_error(fields, "ERROR", look, "nodes");
}

void add_servers(Fields& page, const Look& look) {
    auto servers = look.form.servers;
    if (servers.empty()) servers.push_back({});
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const SiteForm::Server& server = servers[i];
        const std::string prefix = "upstream_" + std::to_string(i) + '_';
        Fields& row = page.row("UPSTREAM");
        row.set("N", std::to_string(i)).set("NUMBER", std::to_string(i + 1));
        row.set("HOST", server.host).set("PORT", server.port).set("WEIGHT", server.weight);
        row.show("BACKUP", server.backup);
        put_error(row, "HOST_ERROR", look, prefix + "host");
        put_error(row, "PORT_ERROR", look, prefix + "port");
        put_error(row, "WEIGHT_ERROR", look, prefix + "weight");
    }
    put_error(page, "UPSTREAMS_ERROR", look, "upstreams");
}

void add_choices(Fields& page, const SiteForm& form) {
    page.show(form.scheme == "https" ? FieldName("SCHEME_HTTPS") : FieldName("SCHEME_HTTP"));
    if (form.balancing == "least_connections")
        page.show("BALANCING_LEAST_CONNECTIONS");
    else
        page.show(form.balancing == "ip_hash" ? FieldName("BALANCING_IP_HASH")
                                              : FieldName("BALANCING_ROUND_ROBIN"));
    page.show(form.tls == "none" ? FieldName("TLS_NONE") : FieldName("TLS_SELF_SIGNED"));
    page.show("FORCE_HTTPS", form.force_https);
    page.show("HSTS", form.hsts);
}

void add_values(Fields& page, const Look& look) {
    const SiteForm& form = look.form;
    page.set("DOMAINS", form.domains).set("NOTE", form.note).set("MAX_BODY", form.max_body);
    page.set("CONNECT_TIMEOUT", form.connect_timeout);
    page.set("READ_TIMEOUT", form.read_timeout).set("SEND_TIMEOUT", form.send_timeout);
    put_error(page, "DOMAINS_ERROR", look, "domains");
    put_error(page, "NOTE_ERROR", look, "note");
    put_error(page, "BALANCING_ERROR", look, "balancing");
    put_error(page, "CONNECT_TIMEOUT_ERROR", look, "connect_timeout");
    put_error(page, "READ_TIMEOUT_ERROR", look, "read_timeout");
    put_error(page, "SEND_TIMEOUT_ERROR", look, "send_timeout");
    put_error(page, "TLS_ERROR", look, "tls");
    put_error(page, "MAX_BODY_ERROR", look, "max_body");
}

void add_heading(Fields& page, const Editing& editing) {
    page.set("ACTION_URL", editing.url());
    if (!editing.site) {
        page.set("HEADING", "Add a site").set("CANCEL_URL", "/sites").set("VERSION_FROM", "");
        page.row("LEAD").set("TEXT", "Nothing reaches a node before you review it.");
        page.set("SAVE_KIND", "draft").set("SAVE_WORD", "Not saved yet");
        return;
    }
    const store::Site& site = *editing.site;
    page.set("HEADING", site.domain).set("CANCEL_URL", "/sites/" + site.id.text());
    page.set("VERSION_FROM", std::to_string(editing.base->number));
    page.row("EXISTING").set("ID", site.id.text());
    set_sign(page.row("CHIP"), site_sign(site));
    page.row("LEAD").set(
        "TEXT", "Version " + std::to_string(editing.base->number) + ", saved by " + editing.base->created_by);
    page.set("SAVE_KIND", site.has_undeployed_changes() ? "draft" : "ok");
    page.set("SAVE_WORD",
             site.has_undeployed_changes() ? "Saved changes wait for deployment" : "Saved and deployed");
}

// Several problems of one field become one text beside it.
Look look_at(const Editing& editing, const SiteForm& form, const Problems& problems) {
    Look look{editing, form, {}, {}};
    for (const auto& [path, text] : problems.entries()) {
        std::string& words = look.problems[form.field_of(path)];
        words += (words.empty() ? "" : "; ") + text;
    }
    if (editing.released) look.released = SiteForm::of(editing.released->definition);
    return look;
}

void add_errors(Fields& page, const Look& look) {
    Problems by_field;
    for (const auto& [field, text] : look.problems) by_field.add(field, text);
    set_errors(page, by_field);
}

}  // namespace

http::Response editor_page(Visit& visit, const Editing& editing, const SiteForm& form,
                           const Problems& problems, bool preview, int status) {
    const Look look = look_at(editing, form, problems);
    Page page(visit, editing.site ? "Configure" : "Add a site", At::sites);
    page.crumb("Sites", "/sites");
    if (editing.site) page.crumb(editing.site->domain, "/sites/" + editing.site->id.text());
    Fields& fields = page.content("site_edit.html");
    add_heading(fields, editing);
    add_errors(fields, look);
    add_values(fields, look);
    add_choices(fields, form);
    add_servers(fields, look);
    for (const Section& section : kSections)
        if (section.id != "advanced") add_section(fields, fields, section, look);
    if (visit.viewer.may(Permission::sites_assign)) {
        add_owner(fields, look, visit);
        add_nodes(fields, look, visit);
    }
    if (visit.viewer.may(Permission::sites_raw)) {
        Fields& advanced = fields.row("ADVANCED");
        advanced.set("DIRECTIVES", form.directives);
        put_error(advanced, "DIRECTIVES_ERROR", look, "directives");
        add_section(fields, advanced, kSections.back(), look);
    }
    fields.row("LIVE_PREVIEW").set("URL", editing.preview_url());
    Fields& shown = fields.include("PREVIEW", "site_preview.html");
    if (preview)
        set_preview(shown, visit, editing, form);
    else
        shown.row("EMPTY").set("TEXT", "Press Update to see the files that these values make.");
    return page.response(status);
}

}  // namespace rpm::web
