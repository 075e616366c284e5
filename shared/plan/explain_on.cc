// SPDX-License-Identifier: MIT
#include "shared/plan/explain_on.h"

#include <map>

#include "shared/base/error.h"

namespace rpm::plan {

namespace {

// Everything that an explanation is made from, besides the request.
std::string key_of(const NodeSites& of) {
    const NodeProfile& node = of.node;
    std::string out = std::string(to_word(node.engine)) + node.facts.version.text();
    const auto add = [&out](const std::string& part) { out.append("|").append(part); };
    for (const std::string& module : node.facts.modules) add(module);
    for (const auto& port : {node.listen.http, node.listen.https}) add(port.text());
    add(node.listen.address ? node.listen.address->text() : "");
    for (const IpNetwork& network : node.trusted_proxies) add(network.text());
    for (const IpAddress& resolver : node.resolvers) add(resolver.text());
    for (const DeployableSite& site : of.sites)
        add(site.revision.text() + std::string(to_word(site.state)) + std::to_string(site.block_status));
    return out;
}

void add_lines(const TemplateSet& templates, ExplainedOn& out) {
    const DeployableSite& site = *out.explanation.site;
    std::vector<std::string> fields = out.explanation.fields();
    if (site.state != SiteState::active) fields.emplace_back("state");
    const Draw draw = drawing(templates, out.nodes.front());
    try {
        const Files drawn = draw(site);
        out.lines = lines_of(drawn, trace_lines(site, drawn, draw), fields);
    } catch (const Invalid& refused) {  // an engine that became older since the site was released
        out.explanation.steps.push_back(
            {"The engine cannot say it any more: " + refused.problems.text(), ""});
    }
}

}  // namespace

std::vector<ExplainedOn> explain_on(const TemplateSet& templates, std::vector<NodeSites> nodes,
                                    const Request& request) {
    std::vector<ExplainedOn> out;
    std::map<std::string, std::size_t> known;
    for (NodeSites& each : nodes) {
        const auto [place, is_new] = known.try_emplace(key_of(each), out.size());
        if (!is_new) {
            out[place->second].nodes.push_back(std::move(each.node));
            continue;
        }
        ExplainedOn& next = out.emplace_back();
        next.nodes.push_back(std::move(each.node));
        next.sites = std::move(each.sites);
        next.explanation = explain(next.nodes.front(), next.sites, request);
        if (next.explanation.site != nullptr) add_lines(templates, next);
    }
    return out;
}

Json to_json(const std::vector<RenderedLine>& lines) {
    Json out = Json::array();
    for (const RenderedLine& line : lines) {
        Json fields = Json::array();
        for (const std::string& field : line.fields) fields.push(field);
        out.push(Json::object({{"path", line.path},
                               {"number", std::uint64_t{line.number}},
                               {"text", line.text},
                               {"fields", std::move(fields)}}));
    }
    return out;
}

}  // namespace rpm::plan
