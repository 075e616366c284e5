// SPDX-License-Identifier: MIT
// The REST API below /api/v1: the verbs of shared/ops and the reads of shared/store as JSON.
//
//     http::Response get_site(Call& call) {                          // one function per route
//         return json(to_json(store::get_site(call.db(), call.scope(), call.captures.id<SiteId>("id"))));
//     }
//
// A call carries a bearer token (RFC 6750) of `rpmgr token`; it may do what the token's user may do, or less.
// Failures are problem documents (RFC 9457) with a member "errors" for wrong fields. What a call does not
// know is refused with its path: members of the body as well as parameters of the address. docs/openapi.json
// describes every route.
#pragma once

#include <span>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/template_set.h"
#include "shared/crypto/sealing.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "web/http/router.h"
#include "web/http/server.h"

namespace rpm::api {

/// What a route demands of whoever asks; `nothing` works without a token.
using Needs = Permission;

/// One per thread; what it refers to lives as long as the process, except the connection.
struct Context {
    db::Connection& db;
    const Clock& clock;
    const crypto::SealingKey& sealing;
    const std::string& document;  ///< docs/openapi.json
    const TemplateSet& proxy_templates;
};

/// One request being answered.
struct Call {
    const Context& context;
    const http::Request& request;
    http::Captures captures;
    Viewer viewer;  ///< meaningful unless the route needs nothing
    rpm::ops::Context ops;

    db::Connection& db() const { return context.db; }
    Scope scope() const { return Scope::of(viewer); }
};

using Route = http::Route<Call, Needs>;
using Router = http::Router<Call, Needs>;

/// Every route of the API.
std::span<const Route> routes();

class Api final : public http::Handler {
  public:
    /// The router is shared by all threads and must outlive the handler.
    Api(Context context, const Router& router) : context_(context), router_(router) {}
    http::Response handle(const http::Request& request) override;
    http::Response error_response(const http::Request& request, const http::Failure& failure) override;

  private:
    Context context_;
    const Router& router_;
};

}  // namespace rpm::api
