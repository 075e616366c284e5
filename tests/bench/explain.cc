// SPDX-License-Identifier: MIT
// What an answer to "why?" costs beside the render that it is about.
#include "shared/plan/explain_on.h"
#include "shared/render/renderer.h"
#include "tests/bench/bench.h"
#include "tests/support/sites.h"

namespace rpm::bench {
namespace {

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

DeployableSite ordinary() {
    return test::a_site(7, Json::parse(R"({"version":2,"domains":["shop.example.com"],
      "upstream":{"servers":[{"host":"10.0.0.1","port":80},{"host":"10.0.0.2","port":80}]},
      "limits":{"max_body_mib":64,"rates":[{"requests":5}]},
      "access":{"deny":["192.0.2.0/24","198.51.100.7"]},
      "headers":{"request":[{"name":"X-Team","value":"blue"}],"security":{"no_sniff":true}},
      "routes":[{"path":"/api","upstream":{"servers":[{"host":"10.0.1.1","port":81}]},"strip_prefix":true},
                {"match":"exact","path":"/old","action":"redirect","redirect":{"to":"/new"}}]})"));
}

// The preview makes one per engine each time somebody stops typing.
Result trace(Engine engine) {
    NodeProfile node = test::a_node();
    node.engine = engine;
    const DeployableSite site = ordinary();
    const plan::Draw draw = plan::drawing(templates(), node);
    const plan::Files drawn = draw(site);
    const double once = median_of(15, [&] { draw(site); });
    const double all = median_of(15, [&] { plan::trace_lines(site, drawn, draw); });
    return {
        .value = all * 1e3, .unit = "ms", .most = 100, .against = "one render", .other_value = once * 1e3};
}

Result explain_one() {
    const DeployableSite site = ordinary();
    const plan::Request request = plan::parse_request("GET", "http://shop.example.com/api/x", "10.0.0.9", {});
    const NodeProfile node = test::a_node();
    return {.value = 1e3 * median_of(15,
                                     [&] {
                                         plan::explain(node, {&site, 1}, request);
                                     }),
            .unit = "ms",
            .most = 1};
}

BENCH("line_fields_nginx", [] { return trace(Engine::nginx); });
BENCH("line_fields_caddy", [] { return trace(Engine::caddy); });
BENCH("line_fields_traefik", [] { return trace(Engine::traefik); });
BENCH("explain_one_request", explain_one);

}  // namespace
}  // namespace rpm::bench
