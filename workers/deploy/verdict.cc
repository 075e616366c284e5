// SPDX-License-Identifier: MIT
#include "workers/deploy/verdict.h"

#include "shared/base/text.h"

namespace rpm::deploy {
namespace {

struct Meaning {
    std::string_view word;
    Next next;
    std::string_view node_state;
    std::string_view message;
};

// The words of RESULT, as the header of rpmgr-node lists them.
constexpr Meaning kMeanings[] = {
    {"ok", Next::live, "ok", ""},
    {"unchanged", Next::live, "ok", ""},
    {"need_full", Next::again_full, "ok", "the node does not have the release that the change starts from"},
    {"test_failed", Next::refused, "ok", "the engine refuses the new configuration"},
    {"busy", Next::retry, "ok", "something else holds the node's lock; nothing was changed"},
    {"no_space", Next::retry, "failed", "the node's disk is full; nothing was changed"},
    {"engine_down", Next::retry, "failed",
     "the proxy engine is not running on the node; nothing was changed"},
    {"port_taken", Next::failed, "failed",
     "another program holds a port that the new release listens on; nothing was changed"},
    {"upload_failed", Next::retry, "ok", "the upload did not arrive whole; nothing was changed"},
    {"rolled_back", Next::failed, "ok",
     "the new release did not come up in time; the node is back on the old one, which answers"},
    {"rollback_failed", Next::failed, "failed",
     "the new release did not come up, and the old one does not answer either: look at the node"},
    {"reload_failed", Next::failed, "failed",
     "the release could not be proven live and there is none to go back to"},
    {"bad_request", Next::failed, "failed",
     "the node's script does not understand this manager; update rpmgr-node"},
    {"bad_config", Next::failed, "failed", "the settings of rpmgr-node on the node are wrong"},
    {"failed", Next::failed, "failed", "the node lacks something that a deployment needs"},
};

Verdict from_result(const Report& report) {
    for (const Meaning& meaning : kMeanings) {
        if (meaning.word != *report.result()) continue;
        Verdict verdict;
        verdict.next = meaning.next;
        verdict.changed = meaning.word == "ok";
        verdict.contacted = true;
        verdict.node_state = meaning.node_state;
        verdict.message = meaning.message;
        // The last line of the tools' own words says what exactly.
        const auto lines = text::lines(report.log());
        if (meaning.next != Next::live && !lines.empty())
            verdict.message += ": " + text::ellipsis(lines.back(), 300);
        return verdict;
    }
    return {
        .next = Next::failed,
        .changed = false,
        .contacted = true,
        .node_state = "failed",
        .message = "the node's script answered '" + *report.result() + "', which this manager does not know"};
}

Verdict from_transport(const ssh::Outcome& outcome) {
    Verdict verdict{.next = Next::retry,
                    .changed = false,
                    .contacted = false,
                    .node_state = "unreachable",
                    .message = outcome.message};
    switch (outcome.kind) {
        case ssh::Kind::host_key_unknown:
        case ssh::Kind::host_key_changed:
            verdict.next = Next::wait_for_key;
            verdict.node_state = "host_key";
            break;
        case ssh::Kind::auth_failed:
        case ssh::Kind::denied:
        case ssh::Kind::algorithms:
            verdict.next = Next::failed;
            verdict.node_state = "failed";
            break;
        default:
            break;
    }
    return verdict;
}

}  // namespace

Verdict judge(const ssh::Outcome& outcome, const Report& report) {
    // The nonce proves that the script of this very run came to its end, whatever happened to the connection
    // after.
    if (report.result()) return from_result(report);
    if (!outcome.ok()) return from_transport(outcome);
    Verdict verdict;
    verdict.node_state = "failed";
    if (report.protocol_known()) {
        verdict.next = Next::retry;
        verdict.message = "the node's script ended without a result; the next run finds out how far it came";
    } else {
        verdict.message =
            "rpmgr-node does not answer on the node (exit status " + std::to_string(outcome.exit_status) +
            "): " + text::ellipsis(text::trim(outcome.err.empty() ? outcome.out : outcome.err), 300);
    }
    return verdict;
}

}  // namespace rpm::deploy
