// SPDX-License-Identifier: MIT
#include "web/view/states.h"

#include <array>
#include <utility>

namespace rpm::web {
namespace {

struct Entry {
    std::string_view state;
    const char* kind;
    const char* word;
};

template <std::size_t N>
Sign find(const std::array<Entry, N>& entries, std::string_view state) {
    for (const Entry& entry : entries)
        if (entry.state == state) return {entry.kind, entry.word};
    return {"idle help", std::string(state)};
}

constexpr std::array kNodes = std::to_array<Entry>({
    {"ok", "ok", "Serving"},
    {"unknown", "idle help", "Not contacted"},
    {"unreachable", "bad plug", "Unreachable"},
    {"host_key", "warn lock", "Host key"},
    {"failed", "bad", "Failed"},
});
constexpr std::array kDeployments = std::to_array<Entry>({
    {"awaiting_approval", "warn", "Needs approval"},
    {"voided", "idle", "Void"},
    {"rejected", "bad", "Rejected"},
    {"queued", "idle clock", "Waiting"},
    {"running", "run", "Running"},
    {"succeeded", "ok", "Succeeded"},
    {"failed", "bad", "Failed"},
    {"partial", "warn", "Partly live"},
    {"cancelled", "idle", "Cancelled"},
});
constexpr std::array kDeploymentNodes = std::to_array<Entry>({
    {"queued", "idle clock", "Waiting"},
    {"running", "run", "Running"},
    {"succeeded", "ok", "Live"},
    {"unchanged", "ok", "Unchanged"},
    {"failed", "bad", "Failed"},
    {"cancelled", "idle", "Cancelled"},
});
constexpr std::array kJobs = std::to_array<Entry>({
    {"queued", "idle clock", "Waiting"},
    {"awaiting_approval", "warn", "Needs approval"},
    {"running", "run", "Running"},
    {"succeeded", "ok", "Done"},
    {"failed", "bad", "Failed"},
    {"cancelled", "idle", "Cancelled"},
});
constexpr auto kActions = std::to_array<std::pair<std::string_view, const char*>>({
    {"site.create", "added"},
    {"site.update", "saved"},
    {"site.deploy", "deployed"},
    {"site.block", "blocked"},
    {"site.pause", "paused"},
    {"site.resume", "resumed"},
    {"site.remove", "deleted"},
    {"node.create", "added node"},
    {"node.update", "changed node"},
    {"node.deploy", "deployed to node"},
    {"node.enable", "enabled node"},
    {"node.disable", "disabled node"},
    {"node.trust_key", "trusted the key of node"},
    {"deployment.ask", "asked to deploy"},
    {"deployment.approve", "approved the deployment of"},
    {"deployment.reject", "rejected the deployment of"},
    {"deployment.void", "found changed and void the deployment of"},
    {"deployment.withdraw", "withdrew the deployment of"},
    {"domain.prove", "was shown to hold"},
    {"domain.vouch", "vouched for"},
    {"job.cancel", "cancelled job"},
    {"job.repeat", "repeated job"},
    {"user.create", "added user"},
    {"user.enable", "enabled user"},
    {"user.disable", "disabled user"},
    {"user.sign_in", "signed in"},
    {"user.sign_out", "signed out"},
    {"user.change_password", "changed the password of"},
    {"user.revoke_session", "ended a session of"},
    {"user.sign_in_link", "made a sign-in link for"},
    {"user.make_link", "made a link that sets the password of"},
    {"user.send_link", "sent a link that sets the password to"},
    {"user.mail_link", "mailed a link that sets the password to"},
    {"user.set_password", "set the password by link of"},
    {"user.update", "changed user"},
    {"user.impersonate", "began to look through the eyes of"},
    {"user.confirm", "confirmed again who they are:"},
    {"user.sign_out_everywhere", "signed out everywhere"},
    {"user.create_token", "made an API token for"},
    {"user.revoke_token", "revoked an API token of"},
});

}  // namespace

Sign site_sign(const store::SiteSummary& site) {
    if (site.state == SiteState::blocked) return {"bad", "Blocked"};
    if (site.state == SiteState::paused) return {"idle pause", "Paused"};
    if (site.released_number == 0) return {"draft", "Not deployed"};
    if (site.deploy_state == "deploying") return {"run", "Deploying"};
    if (site.deploy_state == "failed") return {"bad", "Failed"};
    const std::string live = "v" + std::to_string(site.released_number);
    if (site.has_undeployed_changes()) return {"draft", "Changed, " + live + " live"};
    return {"ok", "Live " + live};
}

Sign site_on_node_sign(const store::SiteOnNode& on, const store::Site& site) {
    if (on.quarantined_number != 0 && on.quarantined_number == site.released_number)
        return {"bad", "Refused v" + std::to_string(on.quarantined_number)};
    if (!on.target) return {"idle clock", "Leaving"};
    if (site.released_number == 0) return {"idle", "Not deployed"};
    if (on.served_number == site.released_number) return {"ok", "Live v" + std::to_string(on.served_number)};
    if (on.node_state == "unreachable") return {"bad plug", "Unreachable"};
    if (on.served_number != 0) return {"warn", "Still v" + std::to_string(on.served_number)};
    return {"idle clock", "Waiting"};
}

Sign node_state_sign(std::string_view state, bool active) {
    if (!active) return {"idle pause", "Disabled"};
    return find(kNodes, state);
}

Sign node_sign(const store::Node& node) {
    return node_state_sign(node.state, node.active);
}
Sign deployment_sign(std::string_view state) {
    return find(kDeployments, state);
}
Sign deployment_node_sign(std::string_view state) {
    return find(kDeploymentNodes, state);
}
Sign job_sign(std::string_view state) {
    return find(kJobs, state);
}

std::string job_words(std::string_view kind) {
    if (kind == "deployment.release") return "Deploy what waits for approval";
    if (kind == "domain.check") return "Look for the proof of a name";
    if (kind == "notification.send") return "Send a mail";
    return kind == "node.deploy" ? "Bring the node up to date" : std::string(kind);
}

std::string action_words(std::string_view action) {
    for (const auto& [name, words] : kActions)
        if (name == action) return words;
    return std::string(action);
}

std::string_view engine_name(std::string_view engine) {
    if (engine == "caddy") return "Caddy";
    if (engine == "traefik") return "Traefik";
    return engine;
}

void set_sign(Fields& fields, Sign sign) {
    fields.set("KIND", std::move(sign.kind));
    fields.set("WORD", std::move(sign.word));
}

}  // namespace rpm::web
