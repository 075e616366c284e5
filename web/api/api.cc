// SPDX-License-Identifier: MIT
#include "web/api/api.h"

#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/ops/people.h"

namespace rpm::api {
namespace {

constexpr std::size_t kMaxToken = 200;

[[noreturn]] void ask_for_token(const char* message, const char* challenge) {
    throw http::HttpError(401, message, {{"WWW-Authenticate", challenge}});
}

// RFC 6750 section 2.1; the scheme's name in any case (RFC 9110 section 11.1).
std::string bearer_token(const http::Request& request) {
    constexpr std::string_view kScheme = "bearer ";
    const std::string_view given = request.header("authorization");
    if (given.size() <= kScheme.size() || !text::iequals(given.substr(0, kScheme.size()), kScheme))
        ask_for_token("a bearer token is needed", "Bearer realm=\"rpmgr\"");
    return std::string(text::trim(given.substr(kScheme.size())));
}

Viewer find_viewer(Call& call) {
    const std::string token = bearer_token(call.request);
    if (token.size() <= kMaxToken)
        if (auto viewer =
                rpm::ops::find_token_viewer(call.ops, token, call.request.remote_address, call.request.id))
            return *viewer;
    ask_for_token("the token is not valid", R"(Bearer realm="rpmgr", error="invalid_token")");
}

Json errors_of(const Problems& problems) {
    Json errors = Json::array();
    for (const auto& [field, message] : problems.entries())
        errors.push(Json::object({{"field", field}, {"message", message}}));
    return errors;
}

}  // namespace

http::Response Api::handle(const http::Request& request) {
    const auto match = router_.match(request);
    Call call{.context = context_,
              .request = request,
              .captures = match.captures,
              .viewer = {},
              .ops = {context_.db, context_.clock, context_.sealing}};
    const Needs needs = match.route->needs;
    if (needs != Needs::nothing) call.viewer = find_viewer(call);
    if (needs != Needs::nothing) log::add_to_context({"user", call.viewer.username});
    if (needs != Needs::nothing) call.viewer.demand(needs);
    return match.route->handler(call);
}

http::Response Api::error_response(const http::Request& request, const http::Failure& failure) {
    // Without a type of its own, the title is that of the status (RFC 9457 section 4.2.1).
    Json problem = Json::object({{"type", "about:blank"},
                                 {"title", http::reason_phrase(failure.status)},
                                 {"status", failure.status},
                                 {"detail", failure.message},
                                 {"request", request.id}});
    if (!failure.problems.empty()) problem["errors"] = errors_of(failure.problems);
    return http::problem_json(problem, failure.status);
}

}  // namespace rpm::api
