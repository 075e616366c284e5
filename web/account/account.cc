// SPDX-License-Identifier: MIT
#include "web/account/account.h"

#include "shared/ops/people.h"
#include "shared/ops/sessions.h"
#include "shared/store/factors.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

void add_session(Fields& page, const store::Session& session, const Visit& visit) {
    Fields& row = page.row("SESSION");
    row.set("ID", session.id.text());
    row.set("AGENT", session.user_agent.empty() ? "Unknown browser" : session.user_agent);
    row.set("ADDRESS", session.address);
    set_time(row, "SINCE", "SINCE_ISO", session.created_at, visit.now());
    set_time(row, "USED", "USED_ISO", session.last_seen_at, visit.now());
    row.show(session.id == visit.session->id ? FieldName("THIS") : FieldName("REVOKE"));
}

// The verbs name fields as the database does, the page as its form does.
std::string field_id(const std::string& field) {
    return field == "old_password" ? "current" : field;
}

void offer_provider(Visit& visit, Fields& fields) {
    const Settings settings = store::load_settings(visit.db());
    if (!settings.on(Setting::oidc_enabled)) return;
    const auto linked =
        store::count_identities(visit.db(), visit.viewer.id, settings.text(Setting::oidc_issuer)) > 0;
    fields.row("PROVIDER")
        .set("LABEL", settings.text(Setting::oidc_label))
        .show(linked ? FieldName("LINKED") : FieldName("UNLINKED"));
}

http::Response show(Visit& visit, const Problems& problems, int status) {
    Page page(visit, "Account", At::none);
    Fields& fields = page.content("account.html");
    if (const auto& mail = visit.session->user.email; !mail.empty()) fields.row("MAIL").set("TEXT", mail);
    offer_provider(visit, fields);
    fields.set("PASSWORD_RULE",
               "At least 12 characters; length matters more than signs. Not one of the passwords that "
               "everybody tries.");
    set_error(fields, "CURRENT_ERROR", problems, "old_password");
    set_error(fields, "PASSWORD_ERROR", problems, "password");
    set_errors(fields, problems, field_id);
    const auto sessions = store::list_sessions(visit.db(), visit.viewer.id, visit.now());
    fields.show("OTHERS", sessions.size() > 1);
    for (const store::Session& session : sessions) add_session(fields, session, visit);
    return page.response(status);
}

}  // namespace

http::Response account_page(Visit& visit) {
    return show(visit, {}, 200);
}

http::Response change_password(Visit& visit) {
    http::Form form(visit.request);
    const Secret current = form.secret("current");
    const Secret next = form.secret("password");
    if (!form.problems().empty()) return show(visit, form.problems(), 422);
    try {
        const Secret token =
            rpm::ops::change_password(visit.ops, *visit.session, current, next, visit.viewer);
        return with_session(
            redirect("/account", Flash{"ok", "Password changed. Other browsers have to sign in again."}),
            visit, token);
    } catch (const Invalid& invalid) {  // shown beside the fields instead of on a page of its own
        return show(visit, invalid.problems, 422);
    }
}

http::Response revoke_session(Visit& visit) {
    if (!rpm::ops::revoke_session(visit.ops, visit.viewer, visit.captures.id<SessionId>("id")))
        throw NotFound("no such session");
    return redirect("/account", Flash{"ok", "That browser is signed out."});
}

http::Response revoke_others(Visit& visit) {
    rpm::ops::sign_out_everywhere(visit.ops, visit.viewer, visit.viewer.id, visit.session->id);
    return redirect("/account", Flash{"ok", "All other browsers are signed out."});
}

http::Response choose_theme(Visit& visit) {
    rpm::ops::set_theme(visit.ops, visit.viewer, std::string(visit.request.form.text("theme")));
    const auto back = visit.request.form.text("back");
    return http::see_other(http::is_local_path(back) ? std::string(back) : "/");
}

}  // namespace rpm::web
