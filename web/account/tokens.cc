// SPDX-License-Identifier: MIT
// One's own API tokens.
#include "shared/ops/tokens.h"

#include <algorithm>

#include "web/account/account.h"
#include "web/http/form.h"
#include "web/panel/token_list.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr unsigned kMostDays = 3650;

struct Typed {
    std::string name;
    std::vector<std::string> scopes;  ///< none: all of the role
    std::string networks;
    std::string days = std::to_string(rpm::ops::kUsualTokenLife.count());
    Problems problems{};
};

void add_scopes(Fields& fields, const Typed& typed, const Visit& visit) {
    for (const PermissionRow& row : permissions())
        if (!row.word.empty() && visit.viewer.may(row.permission))
            fields.row("SCOPE")
                .set("WORD", std::string(row.word))
                .set("MEANING", std::string(row.meaning))
                .show("CHECKED",
                      std::find(typed.scopes.begin(), typed.scopes.end(), row.word) != typed.scopes.end());
}

// Not by a redirect: the token is on this page and nowhere else.
http::Response show(Visit& visit, const Typed& typed, const Secret& made) {
    Page page(visit, "API tokens", At::none);
    page.crumb("Account", "/account");
    Fields& fields = page.content("tokens.html");
    if (!made.empty()) fields.row("MADE").set("TEXT", std::string(made.reveal()));
    add_tokens(fields, rpm::ops::list_api_tokens(visit.ops, visit.viewer, visit.viewer.id), visit, true);
    fields.set("NAME", typed.name).set("NETWORKS", typed.networks).set("DAYS", typed.days);
    add_scopes(fields, typed, visit);
    set_errors(fields, typed.problems);
    set_error(fields, "NAME_ERROR", typed.problems, "name");
    set_error(fields, "SCOPES_ERROR", typed.problems, "scopes");
    set_error(fields, "NETWORKS_ERROR", typed.problems, "networks");
    set_error(fields, "DAYS_ERROR", typed.problems, "days");
    return page.response(typed.problems.empty() ? 200 : 422);
}

rpm::ops::NewToken wanted_of(const Typed& typed, std::optional<unsigned> days) {
    rpm::ops::NewToken wanted;
    wanted.name = typed.name;
    std::string words;
    for (const std::string& word : typed.scopes) words += (words.empty() ? "" : " ") + word;
    wanted.scopes = PermissionSet::parse(words);
    wanted.networks = parse_networks("networks", typed.networks);
    if (days) wanted.life = std::chrono::days(*days);
    return wanted;
}

}  // namespace

http::Response tokens_page(Visit& visit) {
    return show(visit, {}, {});
}

http::Response add_token(Visit& visit) {
    http::Form form(visit.request);
    Typed typed{.name = form.text("name", {.max = 64}),
                .scopes = form.list("scope", {.max_items = 40}),
                .networks = form.text("networks", {.max = 1000, .lines = true}),
                .days = std::string(visit.request.form.text("days"))};
    const auto days = form.maybe_number<unsigned>("days", 1, kMostDays);
    typed.problems = form.problems();
    if (!typed.problems.empty()) return show(visit, typed, {});
    try {
        const auto wanted = wanted_of(typed, days);
        const Secret made = rpm::ops::create_api_token(visit.ops, visit.viewer, visit.viewer.id, wanted);
        return show(visit, {}, made);
    } catch (const Invalid& invalid) {  // shown beside the fields
        typed.problems = invalid.problems;
        return show(visit, typed, {});
    }
}

http::Response revoke_token(Visit& visit) {
    const auto id = visit.captures.id<TokenId>("id");
    // On this page also administrators end their own tokens only.
    const auto own = rpm::ops::list_api_tokens(visit.ops, visit.viewer, visit.viewer.id);
    if (std::find_if(own.begin(), own.end(), [&](const auto& token) { return token.id == id; }) == own.end())
        throw NotFound("no such token");
    rpm::ops::revoke_api_token(visit.ops, visit.viewer, id);
    return redirect("/account/tokens", Flash{"ok", "That token does not work any more."});
}

}  // namespace rpm::web
