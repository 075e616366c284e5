// SPDX-License-Identifier: MIT
// The handler of a panel program: route, session, CSRF, then the page; and the pages of failures.
//
// Order of the checks: the route exists (404, 405), the request comes from our own pages (403), the session
// is alive where the route needs one (303 to /login for a GET, 403 otherwise), the role fits (404: a client
// may not learn what administrators have), the token of the form is right (403), and where the route demands
// it the last proof of who one is is recent (else the question of web/panel/confirm.h). Only then does the
// page's function run.
#pragma once

#include "web/auth/visit.h"
#include "web/http/server.h"

namespace rpm::web {

class Panel final : public http::Handler {
  public:
    /// The router is shared by all threads and must outlive the handler.
    Panel(Context context, const Router& router) : context_(std::move(context)), router_(router) {}
    http::Response handle(const http::Request& request) override;
    http::Response error_response(const http::Request& request, const http::Failure& failure) override;

  private:
    http::Response failure_page(const http::Request& request, const http::Failure& failure);
    http::Response act(Visit& visit, const Route& route);
    Context context_;
    Secret renewed_;  ///< token that the session of the request at hand was given; also a failure carries it
    const Router& router_;
};

}  // namespace rpm::web
