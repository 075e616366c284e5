// SPDX-License-Identifier: MIT
#include "web/view/page.h"

#include "shared/base/text.h"
#include "web/view/format.h"

#ifndef RPMGR_VERSION
#define RPMGR_VERSION "0"
#endif

namespace rpm::web {
namespace {

void set_globals(Fields& fields, const Context& context, const std::string& csrf, const std::string& theme) {
    fields.set_global("ASSETS", context.assets);
    fields.set_global("CSRF", csrf);
    fields.set_global("THEME", theme);
    fields.set_global("PANEL", std::string(to_word(context.panel)));
    fields.set_global("VERSION", RPMGR_VERSION);
}

// "anna.b" -> "AB", "root" -> "R".
std::string initials(const std::string& name) {
    std::string out;
    bool start = true;
    for (const char c : name) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (letter && start && out.size() < 2) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        start = !letter;
    }
    return out;
}

// What the viewer may do, so that no page offers a button that would be refused.
struct Offered {
    FieldName section;
    Permission permission;
};
constexpr Offered kOffered[] = {
    {"MAY_EDIT", Permission::sites_edit},
    {"MAY_DEPLOY", Permission::sites_deploy},
    {"MAY_NODES", Permission::nodes_manage},
    {"MAY_JOBS", Permission::jobs_manage},
    {"MAY_READ_USERS", Permission::users_read},
    {"MAY_USERS", Permission::users_manage},
    {"MAY_READ_SETTINGS", Permission::settings_read},
};

void set_user(Fields& fields, const Visit& visit) {
    for (const Offered& offer : kOffered)
        fields.show_global(offer.section, visit.viewer.may(offer.permission));
    fields.set_global("USER_NAME", visit.viewer.username);
    fields.set_global("USER_INITIALS", initials(visit.viewer.username));
    fields.set_global("PATH", visit.request.path);
}

std::string theme_of(const Visit& visit) {
    return visit.session ? visit.session->user.theme : "auto";
}

void show_place(Fields& shell, At at) {
    switch (at) {
        case At::overview:
            shell.show("AT_OVERVIEW");
            break;
        case At::sites:
            shell.show("AT_SITES");
            break;
        case At::shared:
            shell.show("AT_SHARED");
            break;
        case At::deployments:
            shell.show("AT_DEPLOYMENTS");
            break;
        case At::explain:
            shell.show("AT_EXPLAIN");
            break;
        case At::nodes:
            shell.show("AT_NODES");
            break;
        case At::jobs:
            shell.show("AT_JOBS");
            break;
        case At::audit:
            shell.show("AT_AUDIT");
            break;
        case At::users:
            shell.show("AT_USERS");
            break;
        case At::settings:
            shell.show("AT_SETTINGS");
            break;
        case At::none:
            break;
    }
}

}  // namespace

Page::Page(Visit& visit, std::string title, At at) : visit_(visit) {
    set_globals(shell_, visit.context, visit.csrf, theme_of(visit));
    set_user(shell_, visit);
    if (visit.viewer.impersonator)
        shell_.row("IMPERSONATED")
            .set("WHO", visit.viewer.username)
            .set("BY", visit.viewer.impersonator_name)
            .set("UNTIL", time_words(visit.session->expires_at, visit.now()));
    shell_.set("TITLE", std::move(title));
    shell_.show(visit.context.panel == PanelKind::admin ? FieldName("ADMIN") : FieldName("CLIENT"));
    show_place(shell_, at);
    counts_ = visit.context.badges.of(visit.db(), visit.viewer, visit.now());
    if (counts_.sites.undeployed)
        shell_.row("SITES_BADGE").set("COUNT", number_words(counts_.sites.undeployed));
    if (counts_.nodes_bad) shell_.row("NODES_BADGE").set("COUNT", number_words(counts_.nodes_bad));
    if (counts_.jobs) shell_.row("JOBS_BADGE").set("COUNT", number_words(counts_.jobs));
    flash_ = find_flash(visit.request);
    flash_from_cookie_ = flash_.has_value();
}

Page& Page::crumb(std::string name, std::string url) {
    shell_.row("CRUMB").set("NAME", std::move(name)).set("URL", std::move(url));
    return *this;
}

Page& Page::flash(Flash flash) {
    flash_ = std::move(flash);
    return *this;
}

Page& Page::refresh() {
    shell_.show("REFRESH");
    return *this;
}

Fields& Page::content(std::string file) {
    return shell_.include("CONTENT", std::move(file));
}

http::Response Page::response(int status) {
    if (flash_)
        shell_.include("FLASH", "components/flash.html").set("KIND", flash_->kind).set("TEXT", flash_->text);
    auto response = http::html(visit_.context.pages.expand("layout/shell.html", shell_), status);
    if (flash_from_cookie_) drop_flash(response);
    return response;
}

http::Response fragment(const Visit& visit, const std::string& file, Fields fields, int status) {
    set_globals(fields, visit.context, visit.csrf, theme_of(visit));
    set_user(fields, visit);
    return http::html(visit.context.pages.expand(file, fields), status);
}

http::Response plain_page(const Context& context, const std::string& csrf, const std::string& theme,
                          const std::string& title, const std::string& file, Fields content, int status) {
    Fields page;
    set_globals(page, context, csrf, theme);
    page.set("TITLE", title);
    page.include("CONTENT", file) = std::move(content);
    return http::html(context.pages.expand("layout/plain.html", page), status);
}

http::Response redirect(const std::string& path, const std::optional<Flash>& flash) {
    auto response = http::see_other(path);
    if (flash) put_flash(response, *flash);
    return response;
}

std::string sentence(std::string_view words) {
    std::string out(words);
    if (out.empty()) return out;
    if (out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 32);
    if (out.back() != '.' && out.back() != '!' && out.back() != '?') out += '.';
    return out;
}

void set_errors(Fields& page, const Problems& problems,
                const std::function<std::string(const std::string&)>& id) {
    if (problems.empty()) return;
    Fields& errors = page.include("ERRORS", "components/errors.html");
    errors.set("TEXT", problems.entries().size() == 1
                           ? "1 field needs a fix"
                           : number_words(problems.entries().size()) + " fields need a fix");
    for (const auto& [field, text] : problems.entries())
        errors.row("ERROR").set("FIELD", id ? id(field) : field).set("TEXT", sentence(text));
}

void set_error(Fields& fields, FieldName section, const Problems& problems, const std::string& field) {
    const auto found = problems.entries().find(field);
    if (found != problems.entries().end()) fields.row(section).set("TEXT", sentence(found->second));
}

}  // namespace rpm::web
