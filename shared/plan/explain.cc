// SPDX-License-Identifier: MIT
#include "shared/plan/explain.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/plan/explain_walk.h"

namespace rpm::plan {
namespace {

// The visitor, behind proxies that the node trusts (their X-Forwarded-For counts from the right).
IpAddress visitor_of(const NodeProfile& node, const Request& request, std::vector<Step>& steps) {
    IpAddress visitor = request.from;
    if (find_network(node.trusted_proxies, visitor) == nullptr) return visitor;
    const std::string forwarded = request.header("X-Forwarded-For").value_or("");
    const auto hops = text::words(forwarded);
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const auto address = IpAddress::parse(*hop);
        if (!address) break;
        visitor = *address;
        if (find_network(node.trusted_proxies, visitor) == nullptr) break;
    }
    steps.push_back({request.from.text() + " is a proxy that the node trusts: the visitor is " +
                         visitor.text() + ", as X-Forwarded-For says",
                     ""});
    return visitor;
}

// A path that an engine may take as it was sent or clean first; nothing for others.
std::optional<std::string> taken_as_sent(const Request& request, const std::string& path) {
    std::string kept;  // an encoded slash is none
    const std::string sent = request.path();
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const bool slash = text::iequals(std::string_view(sent).substr(i, 3), "%2f");
        kept += slash ? "%252F" : std::string(1, sent[i]);
        if (slash) i += 2;
    }
    const auto plain = decoded_path(kept);
    return plain && *plain != path ? plain : std::nullopt;
}

void add_as_sent(Explanation& out, const NodeProfile& node, const Request& request, const IpAddress& visitor,
                 const std::string& sent) {
    Explanation other;
    other.site = out.site;
    Walk(node, request, visitor, sent, other).run();
    const char* when = "the engine takes the path as it was sent";
    for (Ending& each : other.endings) {
        each.when = each.when.empty() ? when : std::string(when) + ", and " + each.when;
        out.endings.push_back(std::move(each));
    }
    Ending first{.kind = EndKind::answered, .statuses = {301, 307, 308, 400, 404}};
    first.when = "the engine refuses such a path, or sends visitors to the clean one";
    first.why = "it has encoded slashes, or empty or dot parts";
    out.endings.push_back(std::move(first));
}

}  // namespace

Explanation explain(const NodeProfile& node, std::span<const DeployableSite> sites, const Request& request) {
    Explanation out;
    Connection connection(node, sites, request, out);
    if (!connection.run()) return out;
    const IpAddress visitor = visitor_of(node, request, out.steps);
    const auto path = matched_path(request.path());
    if (!path) {
        Ending bad{.kind = EndKind::answered, .statuses = {400}};
        bad.why = "the path has an encoding that is none, or leaves the root";
        out.endings.push_back(std::move(bad));
        return out;
    }
    Walk(node, request, visitor, *path, out).run();
    if (out.endings.front().kind != EndKind::refused)
        if (const auto sent = taken_as_sent(request, *path)) add_as_sent(out, node, request, visitor, *sent);
    return out;
}

std::vector<std::string> Explanation::fields() const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& field) {
        if (!field.empty() && std::ranges::find(out, field) == out.end()) out.push_back(field);
    };
    for (const Step& step : steps) add(step.field);
    for (const Ending& ending : endings)
        if (ending.when.empty()) {
            add(ending.field);
            add(ending.passed.field);
        }
    return out;
}

}  // namespace rpm::plan
