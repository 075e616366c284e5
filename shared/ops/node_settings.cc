// SPDX-License-Identifier: MIT
#include "shared/ops/node_settings.h"

#include <algorithm>
#include <set>

#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/model/address_list.h"
#include "shared/model/capabilities.h"
#include "shared/ops/release.h"
#include "shared/store/address_lists.h"
#include "shared/store/audit.h"
#include "shared/store/deployments.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kFresh = 6h;
constexpr auto kRetry = 15min;

store::AuditSubject subject_of(const store::Node& node) {
    return {.type = "node", .id = node.id.value(), .name = node.name, .owner = {}};
}

std::string stored(const NodeSettings& settings) {
    return settings == NodeSettings{} ? "" : settings.to_json().dump();
}

// The networks of these lists, none twice.
std::string networks_of(const std::vector<store::ListedAddresses>& lists, const NodeSettings& settings) {
    std::set<std::string, std::less<>> seen;
    std::string out;
    for (const std::string& url : settings.trusted_lists.all_urls()) {
        const auto list = std::ranges::find(lists, url, &store::ListedAddresses::url);
        if (list == lists.end()) continue;
        for (const std::string_view word : text::words(list->networks))
            if (seen.emplace(word).second) out.append(out.empty() ? "" : " ").append(word);
    }
    return out;
}

// The first deployment to a node is somebody's decision.
bool carries(const store::Node& node) {
    return node.active && !node.current_release.empty();
}

DeploymentId deploy(db::Transaction& tx, const Viewer& viewer, NodeId node, const std::string& reason,
                    Time now) {
    const DeploymentId deployment = store::insert_deployment(tx, viewer, {}, reason, {}, now);
    enqueue_nodes(tx, viewer.id, deployment, {node}, reason, now);
    return deployment;
}

void refuse(const NodeSettings& settings, Engine engine, const EngineFacts& facts) {
    Problems problems;
    for (Limitation& each : limitations(settings, engine, facts))
        problems.add(std::move(each.field), std::move(each.message));
    if (!problems.empty()) throw Invalid(std::move(problems));
}

// Answers whether they are others than before.
bool change(Context& context, db::Transaction& tx, const Viewer& viewer, const store::Node& node,
            const NodeSettings& settings, bool by_file, Time now) {
    const std::string text = stored(settings);
    if (text == node.settings && by_file == node.settings_by_file) return false;
    const std::string listed = networks_of(store::list_address_lists(context.db), settings);
    if (!store::update_node_settings(tx, node.id, node.settings, text, by_file, listed, now))
        throw Conflict("somebody else has changed these settings meanwhile");
    if (text == node.settings) return false;
    store::insert_audit(tx, viewer, "node.settings", subject_of(node), node.node_settings().to_json(),
                        settings.to_json(), now);
    return true;
}

// Lists that nobody names any more go, new ones come.
std::vector<store::ListedAddresses> wanted_lists(db::Connection& db) {
    std::set<std::string> wanted;
    for (const store::Node& node : store::list_nodes(db))
        for (const std::string& url : node.node_settings().trusted_lists.all_urls()) wanted.insert(url);
    db::transact(db, [&](db::Transaction& tx) {
        std::set<std::string> known;
        for (const auto& list : store::list_address_lists(db)) {
            known.insert(list.url);
            if (!wanted.contains(list.url)) store::remove_address_list(tx, list.url);
        }
        for (const std::string& url : wanted)
            if (!known.contains(url)) store::insert_address_list(tx, url);
    });
    return store::list_address_lists(db);
}

bool is_due(const store::ListedAddresses& list, Time now) {
    return !list.tried_at || now - *list.tried_at >= (list.error.empty() ? Time::duration(kFresh) : kRetry);
}

// Nodes that name this list get what is in it now. Answers how many are deployed.
unsigned spread(db::Transaction& tx, const store::ListedAddresses& list, Time now) {
    const Viewer system = Viewer::system("lists");
    const auto lists = store::list_address_lists(tx.connection());
    unsigned deployments = 0;
    for (const store::Node& node : store::list_nodes(tx.connection())) {
        const NodeSettings settings = node.node_settings();
        const auto urls = settings.trusted_lists.all_urls();
        if (std::ranges::find(urls, list.url) == urls.end()) continue;
        const std::string networks = networks_of(lists, settings);
        if (networks == node.listed_proxies) continue;
        store::update_node_listed(tx, node.id, networks);
        store::insert_audit(
            tx, system, "node.lists", subject_of(node), nullptr,
            Json::object({{"url", list.url}, {"networks", list.entries}, {"digest", list.digest}}), now);
        if (!carries(node)) continue;
        deploy(tx, system, node.id, "a list of trusted proxies has changed", now);
        ++deployments;
    }
    return deployments;
}

void read_list(db::Connection& db, const Clock& clock, const store::ListedAddresses& before,
               const FetchList& fetch, ListsRead& done) {
    std::string error;
    AddressList fresh;
    try {
        fresh = AddressList::parse(fetch(before.url));
        AddressList old;
        for (const std::string_view word : text::words(before.networks))
            if (const auto network = IpNetwork::parse(word)) old.networks.push_back(*network);
        if (std::string why = why_not_replace(old, fresh); !why.empty()) error = "the list " + why;
    } catch (const Invalid& bad) {
        error = "the list: " + std::string(bad.problems.entries().begin()->second);
    } catch (const Unavailable& gone) {
        error = gone.what();
    }
    done.deployments += db::transact(db, [&](db::Transaction& tx) -> unsigned {
        const Time now = clock.now();
        if (!error.empty()) {
            store::record_list_failure(tx, before.url, error);
            return 0;
        }
        store::ListedAddresses list = before;
        list.networks = fresh.text();
        list.digest = crypto::sha256_hex(list.networks);
        list.entries = static_cast<unsigned>(fresh.networks.size());
        store::record_address_list(tx, list, now);
        return list.digest == before.digest ? 0 : spread(tx, list, now);
    });
    if (error.empty() && fresh.text() != before.networks) ++done.changed;
    if (error.empty()) return;
    ++done.failed;
    log::warning("list of proxies not taken", {{"url", before.url}, {"reason", error}});
}

}  // namespace

std::string settings_version(const store::Node& node) {
    return crypto::sha256_hex(node.settings).substr(0, 16);
}

std::optional<DeploymentId> set_node_settings(Context& context, const Viewer& viewer, NodeId id,
                                              const NodeSettings& settings,
                                              const std::optional<std::string>& seen) {
    viewer.demand(Permission::nodes_manage);
    return db::transact(context.db, [&](db::Transaction& tx) -> std::optional<DeploymentId> {
        const Time now = context.clock.now();
        const store::Node node = store::get_node(context.db, id);
        if (node.settings_by_file) throw Conflict("nodes.yaml says these settings: change them there");
        if (seen && *seen != settings_version(node))
            throw Conflict("somebody else has changed these settings meanwhile");
        refuse(settings, node.engine, node.profile().facts);
        if (!change(context, tx, viewer, node, settings, false, now) || !carries(node)) return std::nullopt;
        return deploy(tx, viewer, id, "settings of the node", now);
    });
}

bool set_settings_from_file(Context& context, db::Transaction& tx, const Viewer& viewer, NodeId id,
                            const std::optional<NodeSettings>& settings, Time now) {
    const store::Node node = store::get_node(context.db, id);
    // Not in the file, or taken out of it: they stay until somebody changes them.
    const NodeSettings wanted = settings ? *settings : node.node_settings();
    const bool by_file = settings.has_value();
    try {
        // What its version cannot do is told when it is deployed: the other nodes of the file are not held
        // up.
        refuse(wanted, node.engine, {});
        const bool changed = change(context, tx, viewer, node, wanted, by_file, now);
        if (changed && carries(node)) deploy(tx, viewer, id, "settings of the node", now);
        return changed || by_file != node.settings_by_file;
    } catch (const Invalid& error) {
        Problems problems;
        for (const auto& [field, message] : error.problems.entries())
            problems.add(node.name + ": " + field, message);
        throw Invalid(std::move(problems));
    }
}

ListsRead refresh_address_lists(db::Connection& db, const Clock& clock, const FetchList& fetch,
                                const std::function<bool()>& stop) {
    ListsRead done;
    for (const store::ListedAddresses& list : wanted_lists(db)) {
        if (stop()) break;
        const Time now = clock.now();
        if (!is_due(list, now)) continue;
        const bool ours =
            db::transact(db, [&](db::Transaction& tx) { return store::claim_address_list(tx, list, now); });
        if (!ours) continue;
        ++done.asked;
        read_list(db, clock, list, fetch, done);
    }
    return done;
}

}  // namespace rpm::ops
