// SPDX-License-Identifier: MIT
// What a handler of the panels has: the thread's connections (Context) and the request it answers (Visit).
//
//     http::Response jobs_page(Visit& visit) {                      // one function per route
//         Page page(visit, "Jobs", At::jobs);
//         Fields& fields = page.content("jobs.html");
//         for (const auto& job : store::list_jobs(visit.db(), {})) …
//         return page.response();
//     }
//     http::Response cancel(Visit& visit) {
//         ops::cancel_job(visit.ops, visit.viewer, visit.captures.id<JobId>("id"));
//         return redirect(visit, "/jobs", {"ok", "Job cancelled"});
//     }
//
// Before a handler runs, the Panel (web/panel/panel.h) has checked what its route needs, the CSRF token of
// every POST, and has found the viewer. Handlers throw; the server turns that into pages.
#pragma once

#include <optional>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/template_set.h"
#include "shared/crypto/sealing.h"
#include "shared/crypto/vault.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "shared/store/known_sites.h"
#include "shared/store/users.h"
#include "web/http/request.h"
#include "web/http/response.h"
#include "web/http/router.h"

namespace rpm::web {

class Badges;

enum class PanelKind { admin, client };
inline std::string_view to_word(PanelKind kind) {
    return kind == PanelKind::admin ? "admin" : "client";
}

/// What a route demands of whoever asks; `nothing` works without signing in.
using Needs = Permission;
using http::Fresh;

/// One per thread; what it refers to lives as long as the process, except the connection.
struct Context {
    db::Connection& db;
    const Clock& clock;
    const crypto::SealingKey& sealing;
    const crypto::Vault& vault;
    const TemplateSet& pages;
    const TemplateSet& proxy_templates;
    Badges& badges;                  ///< shared by all threads
    store::KnownSites& known_sites;  ///< the same
    PanelKind panel = PanelKind::admin;
    std::string assets;                   ///< "/static/1a2b3c4d"
    cache::Counters* counters = nullptr;  ///< null: no memcached
};

/// One request being answered.
struct Visit {
    Context& context;
    const http::Request& request;
    http::Captures captures;
    std::optional<store::Session> session;  ///< there when the route needs a user
    /// Signed in by the first step only: a second factor is still to be shown, or to be set up. Such a
    /// visitor reaches what needs nothing, and the pages that end this.
    std::optional<store::Session> pending{};
    Viewer viewer;          ///< meaningful with a session only
    std::string csrf;       ///< for the forms of the answer
    rpm::ops::Context ops;  ///< for the verbs of shared/ops

    db::Connection& db() const { return context.db; }
    Time now() const { return context.clock.now(); }
    Scope scope() const { return Scope::of(viewer); }
    /// The page was asked for by a script of ours that wants a piece of it.
    bool wants_fragment() const { return request.header("hx-request") == "true"; }
};

using Route = http::Route<Visit, Needs>;
using Router = http::Router<Visit, Needs>;

}  // namespace rpm::web
