// SPDX-License-Identifier: MIT
#include "web/account/factors.h"

#include "shared/base/text.h"
#include "shared/ops/factors.h"
#include "shared/store/factors.h"
#include "web/auth/passkey.h"
#include "web/auth/session.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/qr.h"

namespace rpm::web {
namespace {

constexpr const char* kHere = "/account/factors";

// Who sets up factors: somebody signed in, or somebody who must before anything else.
const store::Session& setting_up(const Visit& visit) {
    if (visit.session) {
        visit.viewer.demand_oneself();
        return *visit.session;
    }
    if (visit.pending && visit.pending->stage == "enrolment") return *visit.pending;
    throw http::HttpError(403, "sign in first; nothing was changed");
}

Viewer person(const Visit& visit) {
    const auto from = sign_in_from(visit);
    return visit.session ? visit.viewer
                         : rpm::ops::viewer_of(setting_up(visit).user, from.address, from.request_id);
}

// Within the panel for whoever is in, alone on its page for whoever is not yet.
http::Response respond(Visit& visit, const std::string& title, const char* file, Fields fields,
                       int status = 200) {
    if (!visit.session) {
        fields.show("ENROLMENT");
        return plain_page(visit.context, visit.csrf, setting_up(visit).user.theme, title, file,
                          std::move(fields), status);
    }
    Page page(visit, title, At::none);
    page.crumb("Account", "/account");
    if (file != std::string_view("factors.html")) page.crumb("Second factors", kHere);
    page.content(file) = std::move(fields);
    return page.response(status);
}

// The codes are shown by the answer itself: after a redirect somebody would have to keep them.
http::Response finish(Visit& visit, const rpm::ops::Added& added, const char* done) {
    if (added.recovery_codes.empty()) {
        auto response = redirect(added.session ? "/" : kHere, Flash{"ok", done});
        return added.session ? with_sign_in(std::move(response), visit, *added.session) : std::move(response);
    }
    Fields fields;
    fields.set("DONE", done).set("USER_NAME", setting_up(visit).user.username);
    for (const Secret& code : added.recovery_codes)
        fields.row("CODE").set("TEXT", std::string(code.reveal()));
    auto response = plain_page(visit.context, visit.csrf, setting_up(visit).user.theme, "Recovery codes",
                               "recovery_codes.html", std::move(fields));
    return added.session ? with_sign_in(std::move(response), visit, *added.session) : std::move(response);
}

void add_passkeys(Visit& visit, Fields& fields, UserId user) {
    for (const auto& passkey : store::list_passkeys(visit.db(), user)) {
        Fields& row = fields.row("PASSKEY");
        row.set("ID", passkey.id.text()).set("NAME", passkey.name).set("PLACE", passkey.rp_id);
        set_time(row, "SINCE", "SINCE_ISO", passkey.created_at, visit.now());
        set_time(row, "USED", "USED_ISO", passkey.last_used_at, visit.now());
        row.show(passkey.last_used_at ? FieldName("WAS_USED") : FieldName("NEVER"));
    }
}

http::Response show(Visit& visit, const Problems& problems = {}, int status = 200) {
    const store::Session& session = setting_up(visit);
    const auto factors = store::count_factors(visit.db(), session.user.id);
    Fields fields;
    set_errors(fields, problems);
    fields.show(factors.totp ? FieldName("TOTP_ON") : FieldName("TOTP_OFF"));
    const bool possible = rpm::ops::has_passkeys(visit.db(), session.panel);
    fields.show(possible ? FieldName("PASSKEYS") : FieldName("NO_PASSKEYS"));
    add_passkeys(visit, fields, session.user.id);
    fields.show("NO_PASSKEY_YET", factors.passkeys == 0);
    if (visit.session && factors.any())
        fields.row("RECOVERY")
            .set("LEFT", count_words(factors.recovery_codes, "code is left", "codes are left"));
    set_error(fields, "NAME_ERROR", problems, "name");
    return respond(visit, "Second factors", "factors.html", std::move(fields), status);
}

http::Response show_totp(Visit& visit, const Problems& problems, int status) {
    const auto setup = rpm::ops::find_totp_setup(visit.ops, setting_up(visit));
    if (!setup) return http::see_other(kHere);
    const Qr qr = qr_of(setup->uri.reveal());
    Fields fields;
    fields.set("SIZE", std::to_string(qr.size)).set("PATH", qr.path);
    fields.set("SECRET", std::string(setup->text.reveal()));  // shown on purpose: for who cannot scan
    set_error(fields, "CODE_ERROR", problems, "code");
    return respond(visit, "Authenticator application", "totp.html", std::move(fields), status);
}

std::string bytes(http::Form& form, const std::string& name) {
    return text::unbase64url(form.text(name, {.max = 30000})).value_or("");
}

http::Response json_of(const rpm::ops::Ceremony& ceremony) {
    return http::json(ceremony_json(ceremony));
}

}  // namespace

http::Response factors_page(Visit& visit) {
    if (!visit.session && !visit.pending) return http::see_other("/login?next=/account/factors");
    return show(visit);
}

http::Response start_totp(Visit& visit) {
    rpm::ops::start_totp(visit.ops, setting_up(visit));
    return http::see_other("/account/factors/totp");
}

http::Response totp_page(Visit& visit) {
    if (!visit.session && !visit.pending) return http::see_other("/login?next=/account/factors");
    return show_totp(visit, {}, 200);
}

http::Response confirm_totp(Visit& visit) {
    http::Form form(visit.request);
    const std::string code = form.text("code", {.max = 20});
    try {
        const auto added = rpm::ops::confirm_totp(visit.ops, setting_up(visit), code, sign_in_from(visit));
        return finish(visit, added, "The application is set up.");
    } catch (const Invalid& invalid) {  // shown beside the field instead of on a page of its own
        return show_totp(visit, invalid.problems, 422);
    }
}

http::Response remove_totp(Visit& visit) {
    rpm::ops::remove_totp(visit.ops, visit.viewer);
    return redirect(kHere, Flash{"ok", "The application is not asked for any more."});
}

http::Response renew_recovery_codes(Visit& visit) {
    return finish(visit,
                  {.recovery_codes = rpm::ops::renew_recovery_codes(visit.ops, visit.viewer), .session = {}},
                  "These codes take the place of all earlier ones.");
}

http::Response new_passkey_options(Visit& visit) {
    return json_of(rpm::ops::start_adding_passkey(visit.ops, setting_up(visit)));
}

http::Response add_passkey(Visit& visit) {
    http::Form form(visit.request);
    const std::string name = form.text("name", {.max = 100});
    const std::string token = form.text("token");
    const crypto::webauthn::Registration given{.client_data = bytes(form, "client_data"),
                                               .attestation_object = bytes(form, "attestation_object")};
    try {
        const auto added =
            rpm::ops::add_passkey(visit.ops, setting_up(visit), token, given, name, sign_in_from(visit));
        return finish(visit, added, "The passkey is added.");
    } catch (const Invalid& invalid) {  // shown beside the field instead of on a page of its own
        return show(visit, invalid.problems, 422);
    }
}

http::Response rename_passkey(Visit& visit) {
    http::Form form(visit.request);
    try {
        rpm::ops::rename_passkey(visit.ops, person(visit), visit.captures.id<PasskeyId>("id"),
                                 form.text("name", {.max = 100}));
    } catch (const Invalid& invalid) {  // shown beside the field instead of on a page of its own
        return show(visit, invalid.problems, 422);
    }
    return redirect(kHere, Flash{"ok", "Renamed."});
}

http::Response remove_passkey(Visit& visit) {
    rpm::ops::remove_passkey(visit.ops, visit.viewer, visit.captures.id<PasskeyId>("id"));
    return redirect(kHere, Flash{"ok", "The passkey is removed. Delete it in your browser or key, too."});
}

}  // namespace rpm::web
