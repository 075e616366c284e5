// SPDX-License-Identifier: MIT
#include "web/panel/confirm.h"

#include <algorithm>

#include "shared/ops/sessions.h"
#include "web/auth/csrf.h"
#include "web/auth/passkey.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"

namespace rpm::web {
namespace {

using rpm::ops::ConfirmResult;

constexpr std::string_view kPassword = "confirm_password";
constexpr std::string_view kCode = "confirm_code";
constexpr std::string_view kPasskey = "confirm_";  // what the names of a passkey's answer begin with
constexpr std::string_view kPasskeyToken = "confirm_token";

bool is_proof(std::string_view field) {
    return field.starts_with(kPasskey);
}

bool shows_proof(const http::Values& form) {
    return form.has(kPassword) || form.has(kCode) || form.has(kPasskeyToken);
}

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
        if (name == "csrf" || is_proof(name)) continue;
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
    const auto means = rpm::ops::proof_means(visit.db(), *visit.session);
    fields.show("PASSWORD", means.password)
        .show("CODE", means.code)
        .show("TYPED", means.password || means.code);
    fields.show("PASSKEY", means.passkey);
    if (means.any()) carry(fields, visit);
    if (visit.session->impersonator)
        fields.row("EYES").set("NAME", visit.session->user.username);
    else
        fields.show("CANNOT", !means.any());
    return page.response(status);
}

std::string wait_words(std::chrono::seconds wait) {
    const auto minutes = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::minutes>(wait).count());
    return "Too many wrong answers. Wait " + count_words(minutes, "minute", "minutes") + ", then try again.";
}

std::string wrong_words(const Visit& visit) {
    if (visit.request.form.has(kPasskeyToken)) return "This passkey does not fit, or came too late.";
    if (visit.request.form.has(kCode)) return "The code is wrong, or was used before.";
    return "The password is wrong.";
}

rpm::ops::Proof read_proof(Visit& visit) {
    http::Form form(visit.request);
    const http::Values& sent = visit.request.form;
    rpm::ops::Proof proof;
    if (sent.has(kPassword)) proof.password = form.secret(std::string(kPassword));
    if (sent.has(kCode)) proof.code = form.text(std::string(kCode), {.max = 40});
    if (sent.has(kPasskeyToken)) proof.passkey = read_passkey(form, std::string(kPasskey));
    return proof;
}

}  // namespace

bool holds_secret(std::string_view field) {
    for (const char* word : {"password", "secret", "passphrase", "private_key"})
        if (field.find(word) != std::string_view::npos) return true;
    return false;
}

Confirmed demand_fresh(Visit& visit) {
    if (rpm::ops::is_fresh(visit.ops, *visit.session)) return {};
    if (!shows_proof(visit.request.form)) return {.question = ask(visit, "", 403), .token = {}};
    const auto proof = read_proof(visit);
    auto done = rpm::ops::confirm_identity(visit.ops, *visit.session, proof, visit.viewer);
    if (done.result == ConfirmResult::throttled)
        return {.question = ask(visit, wait_words(done.retry_after), 429)
                                .set("Retry-After", std::to_string(done.retry_after.count())),
                .token = {}};
    if (done.result == ConfirmResult::wrong)
        return {.question = ask(visit, wrong_words(visit), 422), .token = {}};
    visit.session->confirmed_at = visit.now();
    visit.csrf = csrf_token(done.token.reveal());
    return {.question = {}, .token = std::move(done.token)};
}

http::Response confirm_passkey_options(Visit& visit) {
    return http::json(ceremony_json(rpm::ops::start_confirming(visit.ops, *visit.session)));
}

http::Response confirm(Visit& visit) {
    const auto next = visit.request.form.text("next");
    return http::see_other(http::is_local_path(next) ? std::string(next) : "/account");
}

}  // namespace rpm::web
