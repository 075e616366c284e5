// SPDX-License-Identifier: MIT
#include "workers/ctl/follow.h"

#include <iostream>
#include <map>
#include <thread>

#include "shared/base/text.h"
#include "shared/store/deployments.h"
#include "workers/ctl/describe.h"

namespace rpm::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 200ms;

struct Step {
    std::string name;
    std::string state;
    std::int64_t ms = 0;
    std::string text;
};

// The column holds what a worker wrote; anything else counts as no steps.
std::vector<Step> steps_of(const store::DeploymentNode& node) {
    std::vector<Step> steps;
    try {
        const Json all = Json::parse(node.steps);
        for (const Json& item : all.items()) {
            const Json* ms = item.find("ms");
            const Json* words = item.find("text");
            steps.push_back({item.at("name").text(), item.at("state").text(),
                             ms != nullptr && ms->is_integer() ? ms->integer() : 0,
                             words != nullptr && words->is_text() ? words->text() : ""});
        }
    } catch (const Invalid&) {
    }
    return steps;
}

bool is_open(const std::string& state) {
    return state == "queued" || state == "running";
}

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t used = display_width(text);
    return text + std::string(used < width ? width - used : 0, ' ');
}

std::string took(const store::DeploymentNode& node) {
    if (!node.started_at || !node.finished_at) return {};
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(*node.finished_at - *node.started_at);
    return std::to_string(ms.count()) + " ms";
}

// Prints what is new since the last look.
class Progress {
  public:
    Progress(const Environment& environment, const std::vector<store::DeploymentNode>& nodes)
        : environment_(environment) {
        for (const auto& node : nodes) width_ = std::max(width_, display_width(node.node_name));
    }

    void show(const store::DeploymentNode& node) {
        Seen& seen = seen_[node.node];
        const auto steps = steps_of(node);
        if (steps.size() < seen.steps) seen.steps = 0;  // begun anew by another worker
        for (; seen.steps < steps.size(); ++seen.steps) {
            const Step& step = steps[seen.steps];
            if (is_open(step.state) || step.state == "waiting") break;
            line(node, padded(step.name, 10) + padded(step.state, 8) +
                           padded(std::to_string(step.ms) + " ms", 9) + step.text);
        }
        if (seen.state == node.state) return;
        seen.state = node.state;
        if (!is_open(node.state)) line(node, ending(node));
        if (node.state == "queued" && !node.error.empty()) line(node, "waits: " + node.error);
    }

  private:
    struct Seen {
        std::size_t steps = 0;
        std::string state;
    };

    static std::string ending(const store::DeploymentNode& node) {
        std::string out = node.state;
        if (const std::string time = took(node); !time.empty()) out += " in " + time;
        if (!node.release.empty()) out += ", release " + node.release;
        if (!node.error.empty()) out += ": " + node.error;
        if (node.state == "failed" && !node.engine_output.empty() && node.engine_output != node.error)
            for (const std::string_view words : text::lines(node.engine_output))
                out += "\n    " + printable(words);
        return out;
    }

    // Flushed at once: somebody is watching.
    void line(const store::DeploymentNode& node, const std::string& words) const {
        environment_.print("  " + padded(node.node_name, width_) + "  " + words);
        std::cout.flush();
    }

    const Environment& environment_;
    std::size_t width_ = 0;
    std::map<NodeId, Seen> seen_;
};

std::string headline(const store::Deployment& deployment) {
    std::string out = "deployment " + deployment.id.text() + ": " + deployment.state;
    if (!deployment.sites.empty()) out += ", " + printable(deployment.sites);
    out += ", " + std::to_string(deployment.nodes) + (deployment.nodes == 1 ? " node" : " nodes");
    if (!deployment.reason.empty()) out += " (" + printable(deployment.reason) + ")";
    return out;
}

Json describe_whole(Environment& environment, const store::Deployment& deployment) {
    Json out = describe(deployment);
    Json nodes = Json::array();
    for (const auto& node : store::list_deployment_nodes(environment.db(), deployment.id))
        nodes.push(describe(node));
    out["nodes"] = nodes;
    return out;
}

store::Deployment follow(Environment& environment, DeploymentId id, std::chrono::seconds wait) {
    const auto until = std::chrono::steady_clock::now() + wait;
    auto& db = environment.db();
    Progress progress(environment, store::list_deployment_nodes(db, id));
    while (true) {
        // State first, then nodes: of a finished deployment every last step is shown.
        auto deployment = store::get_deployment(db, Scope::everything(), id);
        if (!environment.json())
            for (const auto& node : store::list_deployment_nodes(db, id)) progress.show(node);
        if (!is_open(deployment.state) || std::chrono::steady_clock::now() >= until) return deployment;
        std::this_thread::sleep_for(kLook);
    }
}

}  // namespace

std::optional<std::chrono::seconds> wait_option(const Arguments& arguments) {
    if (!arguments.option("wait")) return std::nullopt;
    return std::chrono::seconds(arguments.number("wait", 0, 1, 24 * 60 * 60));
}

int report_queued(Environment& environment, DeploymentId id, std::optional<std::chrono::seconds> wait) {
    auto deployment = store::get_deployment(environment.db(), Scope::everything(), id);
    if (!environment.json()) {
        environment.print(headline(deployment));
        std::cout.flush();
    }
    if (wait) deployment = follow(environment, id, *wait);
    if (environment.json()) environment.print(describe_whole(environment, deployment));
    if (!wait) return 0;
    if (is_open(deployment.state))
        std::cerr << "rpmgr: error: deployment " << id.text() << " is not finished after " << wait->count()
                  << " s; see 'rpmgr status --deployment " << id.text() << "'\n";
    else if (!environment.json())
        environment.print(headline(deployment));
    return deployment.state == "succeeded" ? 0 : 1;
}

int report_change(Environment& environment, const std::string& change, std::optional<DeploymentId> id) {
    environment.print(change + (id ? ", deployment " + id->text() : ", nothing to deploy"),
                      Json::object({{"change", change}, {"deployment", id ? Json(id->value()) : Json()}}));
    return 0;
}

void show_deployment(Environment& environment, DeploymentId id) {
    const auto deployment = store::get_deployment(environment.db(), Scope::everything(), id);
    if (environment.json()) return environment.print(describe_whole(environment, deployment));
    environment.print(headline(deployment));
    environment.print("asked for by " + printable(deployment.requested_by) + " at " +
                      show(deployment.created_at) + " UTC");
    const auto nodes = store::list_deployment_nodes(environment.db(), id);
    Progress progress(environment, nodes);
    for (const auto& node : nodes) progress.show(node);
}

}  // namespace rpm::ctl
