// SPDX-License-Identifier: MIT
#include "web/panel/explained.h"

#include "shared/crypto/password.h"
#include "web/api/handlers.h"
#include "web/api/input.h"
#include "web/api/output.h"

namespace rpm::api {
namespace {

constexpr std::size_t kLongestUrl = 2000;

Json entry_of(plan::ExplainedOn on, const Viewer& viewer) {
    // Clients do not learn how the operator's machines are called.
    Json nodes;
    if (viewer.is_staff())
        for (const NodeProfile& node : on.nodes) nodes.push(node.name.text());
    for (plan::RenderedLine& line : on.lines) line.text = crypto::without_hashes(std::move(line.text));
    Json out = plan::to_json(on.explanation);
    out["engine"] = to_word(on.nodes.front().engine);
    out["nodes"] = std::move(nodes);
    out["lines"] = plan::to_json(on.lines);
    return out;
}

}  // namespace

http::Response explain_request(Call& call) {
    http::Form query(call.request.query);
    const std::string url = query.text("url", {.max = kLongestUrl, .required = true});
    const std::string method = query.text("method", {.max = 20});
    const std::string from = query.text("from", {.max = 50});
    const auto headers = query.list("header", {.max_items = 100, .max = 5000});
    check(query);
    const plan::Request request = plan::parse_request(method, url, from, headers);
    Json items = Json::array();
    for (plan::ExplainedOn& on :
         web::explain_for(call.db(), call.viewer, call.context.proxy_templates, request))
        items.push(entry_of(std::move(on), call.viewer));
    return http::json(Json::object({{"items", std::move(items)}}));
}

}  // namespace rpm::api
