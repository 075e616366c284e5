// SPDX-License-Identifier: MIT
// What a client has to do so that the names of a site are served, and how it stands.
#include <algorithm>
#include <set>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/ops/domains.h"
#include "shared/store/sites.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/panel/site_names.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

using rpm::ops::NameState;

struct Names {
    store::Site site;
    std::vector<NameState> states;
    /// That somebody should look at: still to be shown, somebody else's, or not shown any more.
    bool any_news() const {
        return std::ranges::any_of(states, [](const NameState& state) {
            return state.needed &&
                   (!state.proven || state.is_failing() || state.elsewhere != NameState::Elsewhere::no);
        });
    }
    std::size_t missing() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            states, [](const NameState& state) { return state.needed && !state.proven; }));
    }
};

Names load(const Visit& visit, const store::Site& site) {
    return {site, rpm::ops::list_name_states(visit.db(), site)};
}

// Equal texts look equal.
std::string version_of(const Names& names) {
    std::string all;
    for (const NameState& state : names.states)
        all += state.name.text() + (state.proven ? " yes " : " no ") +
               std::to_string(static_cast<int>(state.elsewhere)) + state.proof.token + state.proof.error +
               (state.proof.checked_at ? to_sql(*state.proof.checked_at) : "") + "\n";
    return text::hex(crypto::sha256(all).substr(0, 8));
}

std::string shown_words(const NameState& state, Time now) {
    const std::string for_name = state.proof.domain == state.name.text() ? "" : " for " + state.proof.domain;
    const std::string when = state.proof.proven_at ? ", " + age_words(*state.proof.proven_at, now) : "";
    switch (*state.proof.method) {
        case ProofMethod::txt:
            return "Shown by a DNS record" + for_name + when + ".";
        case ProofMethod::http:
            return "Shown by a file" + when + ".";
        case ProofMethod::admin:
            break;
    }
    return "An administrator vouched" + for_name + when + ".";
}

std::string look_words(const store::DomainProof& proof, Time now) {
    if (!proof.checked_at) return "Not looked yet; this takes a moment.";
    return sentence(proof.error) + " (" + age_words(*proof.checked_at, now) + ")";
}

// Whose it is, is not told.
const char* elsewhere_words(const NameState& state) {
    switch (state.elsewhere) {
        case NameState::Elsewhere::no:
            break;
        case NameState::Elsewhere::wanted:
            return "Somebody else wants this name, too. Whoever shows it first has it.";
        case NameState::Elsewhere::held:
            return "Another site has this name: its owner has shown it, or it is served. Take it out of this "
                   "site, or ask an administrator.";
    }
    return nullptr;
}

std::string failing_words(const store::DomainProof& proof, Time now) {
    return "It was shown before, but not any more since " + time_words(*proof.failing_since, now) +
           ". Set it again: else this name must be shown anew before the site is deployed again. What is "
           "served stays.";
}

void add_todo(Fields& row, const NameState& state, std::size_t number, Time now) {
    Fields& todo = row.row("TODO");
    const store::DomainProof& proof = state.proof;
    todo.set("N", std::to_string(number)).set("RECORD", proof_record(proof.domain)).set("TOKEN", proof.token);
    if (!state.record_only)
        todo.row("FILE").set("ADDRESS", "http://" + proof.domain + proof_path(proof.token));
    todo.set("LOOK", look_words(proof, now));
}

void add_name(Fields& fields, const NameState& state, std::set<ProofId>& told, std::size_t number, bool vouch,
              Time now) {
    Fields& row = fields.row("NAME");
    row.set("DOMAIN", state.name.text());
    set_sign(row, !state.needed        ? Sign{"idle", "No proof needed"}
                  : state.is_failing() ? Sign{"warn", "Not shown any more"}
                  : state.proven       ? Sign{"ok", "Proven"}
                                       : Sign{"warn", "Not proven"});
    row.show("VOUCH", vouch && state.needed && !state.proven);
    if (!state.needed) return;
    if (const char* words = elsewhere_words(state)) row.row("NOTE").set("TEXT", words);
    if (state.is_failing()) {
        row.row("NOTE").set("TEXT", failing_words(state.proof, now));
        add_todo(row, state, number, now);
    } else if (state.proven)
        row.row("NOTE").set("TEXT", shown_words(state, now));
    else if (!state.proof.id)
        row.row("NOTE").set("TEXT", "Press \"Check now\" to see what to set.");
    else if (!told.insert(state.proof.id).second)
        row.row("NOTE").set("TEXT", "As for " + state.proof.domain + ", by the DNS record.");
    else
        add_todo(row, state, number, now);
}

void fill(Fields& fields, const Names& names, const Visit& visit) {
    const std::size_t missing = names.missing();
    if (missing != 0)
        fields.include("LIVE", "components/live.html")
            .set("URL", "/sites/" + names.site.id.text() + "/names")
            .set("SECONDS", "3")
            .set("TAG", version_of(names));
    fields.set("ID", names.site.id.text());
    fields.set("SUMMARY",
               missing == 0 ? "All names are proven" : count_words(missing, "name", "names") + " to go");
    fields.set("LEAD",
               missing == 0
                   ? "The site can be deployed."
                   : "The site is a draft until you show that these names are yours. Set the DNS record, or "
                     "put the file on the server that answers now; a record also covers all names below "
                     "it. We look again by ourselves for a week.");
    fields.show("CHECK", missing != 0 && visit.viewer.may(Permission::sites_edit));
    std::set<ProofId> told;
    std::size_t number = 0;
    // A wildcard tells what to do for both itself and its base: the record is the way that shows both.
    for (const NameState& state : names.states)
        add_name(fields, state, told, ++number, visit.viewer.may(Permission::domains_vouch), visit.now());
}

store::Site site_of(const Visit& visit) {
    return store::get_site(visit.db(), visit.scope(), visit.captures.id<SiteId>("id"));
}

}  // namespace

void add_site_names(Fields& page, const store::Site& site, const Visit& visit) {
    const Names names = load(visit, site);
    if (!names.any_news()) return;
    fill(page.row("NAMES").include("NAMES_PART", "site_names.html"), names, visit);
}

http::Response site_names(Visit& visit) {
    const Names names = load(visit, site_of(visit));
    const std::string version = version_of(names);
    if (visit.request.header("hx-ptag") == version) {
        http::Response same;
        same.status = 304;
        return same;
    }
    Fields fields;
    fill(fields, names, visit);
    return fragment(visit, "site_names.html", std::move(fields)).set("HX-PTag", version);
}

http::Response check_site_names(Visit& visit) {
    const auto site = site_of(visit);
    const unsigned looks = rpm::ops::check_names(visit.ops, visit.viewer, site.id);
    return redirect("/sites/" + site.id.text(),
                    looks == 0 ? Flash{"ok", "Every name is proven."}
                               : Flash{"ok", "Looking at " + count_words(looks, "name", "names") +
                                                 "; the answer shows below."});
}

http::Response vouch_site_name(Visit& visit) {
    const auto site = site_of(visit);
    http::Form form(visit.request);
    const std::string text = form.text("domain", {.max = 253, .required = true});
    form.check();
    const auto states = load(visit, site).states;
    const auto state =
        std::ranges::find(states, text, [](const NameState& each) { return each.name.text(); });
    if (state == states.end()) throw Invalid("domain", "is no name of this site");
    rpm::ops::vouch_name(visit.ops, visit.viewer, site.owner, state->name);
    return redirect("/sites/" + site.id.text(), Flash{"ok", text + " counts as proven."});
}

}  // namespace rpm::web
