// SPDX-License-Identifier: MIT
#include "web/panel/confirm.h"

#include <algorithm>

#include "shared/ops/sessions.h"
#include "web/auth/csrf.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

using rpm::ops::ConfirmResult;

constexpr std::string_view kProof = "confirm_password";

std::string here(const Visit& visit) {
    Address address(visit.request.path);
    for (const auto& [name, value] : visit.request.query) address.with(name, value);
    return address.text();
}

// "first_password" -> "First password"
std::string label_of(std::string_view field) {
    std::string out(field);
    std::ranges::replace_if(
        out, [](char c) { return c == '_' || c == '.'; }, ' ');
    return sentence(out).substr(0, out.size());
}

void carry(Fields& fields, const Visit& visit) {
    if (http::is_safe_method(visit.request.method)) {
        fields.row("KEPT").set("NAME", "next").set("VALUE", here(visit));
        return;
    }
    for (const auto& [name, value] : visit.request.form) {
        if (name == "csrf" || name == kProof) continue;
        if (!holds_secret(name))
            fields.row("KEPT").set("NAME", name).set("VALUE", value);
        else if (!value.empty())
            fields.row("AGAIN").set("NAME", name).set("LABEL", label_of(name));
    }
}

http::Response ask(Visit& visit, const std::string& error, int status) {
    Page page(visit, "Confirm that it is you", At::none);
    Fields& fields = page.content("confirm.html");
    fields.set("ACTION",
               http::is_safe_method(visit.request.method) ? "/account/confirm" : visit.request.path);
    if (!error.empty()) fields.row("ERROR").set("TEXT", error);
    // Whoever looks through a client's eyes shows the own password.
    const bool can = rpm::ops::can_confirm(visit.session->impersonator
                                               ? store::get_user(visit.db(), visit.session->impersonator)
                                               : visit.session->user);
    fields.show(can ? FieldName("CAN") : FieldName("CANNOT"));
    if (can) carry(fields, visit);
    return page.response(status);
}

std::string wait_words(std::chrono::seconds wait) {
    const auto minutes = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::minutes>(wait).count());
    return "Too many wrong passwords. Wait " + count_words(minutes, "minute", "minutes") +
           ", then try again.";
}

}  // namespace

bool holds_secret(std::string_view field) {
    for (const char* word : {"password", "secret", "passphrase", "private_key"})
        if (field.find(word) != std::string_view::npos) return true;
    return false;
}

Confirmed demand_fresh(Visit& visit) {
    if (rpm::ops::is_fresh(visit.ops, *visit.session)) return {};
    if (!visit.request.form.has(kProof)) return {.question = ask(visit, "", 403), .token = {}};
    http::Form form(visit.request);
    const rpm::ops::Proof proof{.password = form.secret(std::string(kProof))};
    auto done = rpm::ops::confirm_identity(visit.ops, *visit.session, proof, visit.viewer);
    if (done.result == ConfirmResult::throttled)
        return {.question = ask(visit, wait_words(done.retry_after), 429)
                                .set("Retry-After", std::to_string(done.retry_after.count())),
                .token = {}};
    if (done.result == ConfirmResult::wrong)
        return {.question = ask(visit, "The password is wrong.", 422), .token = {}};
    visit.session->confirmed_at = visit.now();
    visit.csrf = csrf_token(done.token.reveal());
    return {.question = {}, .token = std::move(done.token)};
}

http::Response confirm(Visit& visit) {
    const auto next = visit.request.form.text("next");
    return http::see_other(http::is_local_path(next) ? std::string(next) : "/account");
}

}  // namespace rpm::web
