// SPDX-License-Identifier: MIT
#include "web/api/api.h"

#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/ops/tokens.h"

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
    if (token.size() <= kMaxToken) {
        auto visitor =
            rpm::ops::find_token_visitor(call.ops, token, call.request.remote_address, call.request.id);
        if (visitor.result == rpm::ops::TokenResult::known) return std::move(visitor.viewer);
        if (visitor.result == rpm::ops::TokenResult::throttled)
            throw http::HttpError(429, "too many wrong tokens from your network",
                                  {{"Retry-After", std::to_string(visitor.retry_after.count())}});
    }
    ask_for_token("the token is not valid", R"(Bearer realm="rpmgr", error="invalid_token")");
}

// RFC 6750 section 3.1: what the token would need.
http::HttpError scope_error(const InsufficientScope& error) {
    return http::HttpError(
        403, error.what(),
        {{"WWW-Authenticate", R"(Bearer realm="rpmgr", error="insufficient_scope", scope=")" +
                                  std::string(to_word(error.permission)) + '"'}});
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
    try {
        if (needs != Needs::nothing) call.viewer.demand(needs);
        return match.route->handler(call);
    } catch (const InsufficientScope& error) {  // with the challenge that says which
        throw scope_error(error);
    }
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
