// SPDX-License-Identifier: MIT
// One node: how it stands, its host key, what it carries; and what administrators do with it.
#include <algorithm>

#include "shared/base/text.h"
#include "shared/ops/nodes.h"
#include "shared/store/address_lists.h"
#include "shared/store/deployments.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "web/admin/config_sign.h"
#include "web/admin/pages.h"
#include "web/http/form.h"
#include "web/view/format.h"
#include "web/view/page.h"

namespace rpm::web {
namespace {

constexpr unsigned kShownSites = 10;
constexpr unsigned kShownDeployments = 10;

NodeId node_of(const Visit& visit) {
    return visit.captures.id<NodeId>("id");
}

// Shows the fingerprint on the node itself, where nobody is in between.
std::string compare_command(const std::string& key_type) {
    const std::string kind = key_type.starts_with("ecdsa")               ? "ecdsa"
                             : key_type == "ssh-ed25519"                 ? "ed25519"
                             : key_type.find("rsa") != std::string::npos ? "rsa"
                                                                         : "*";
    return "ssh-keygen -lf /etc/ssh/ssh_host_" + kind + "_key.pub";
}

struct Keys {
    std::optional<store::HostKey> trusted;
    std::optional<store::HostKey> offered;  // the newest that nobody decided about
};

Keys keys_of(db::Connection& db, NodeId node) {
    Keys keys;
    for (auto& key : store::list_host_keys(db, node)) {
        if (key.state == "trusted" && !keys.trusted) keys.trusted = key;
        if (key.state == "offered" && !keys.offered) keys.offered = key;
    }
    return keys;
}

void add_keys(Fields& fields, const store::Node& node, const Keys& keys, bool decides, Time now) {
    if (keys.trusted)
        fields.row("HOST_KEY")
            .set("FINGERPRINT", keys.trusted->fingerprint)
            .set("TRUSTED", time_words(keys.trusted->decided_at.value_or(keys.trusted->first_seen_at), now));
    else
        fields.show("NO_HOST_KEY");
    if (!keys.offered) return;
    Fields& form = fields.row(keys.trusted ? FieldName("KEY_CHANGED") : FieldName("KEY_OFFERED"));
    form.show("MAY_NODES", decides);
    form.set("ADDRESS", node.ip_address).set("FINGERPRINT", keys.offered->fingerprint);
    form.set("COMMAND", compare_command(keys.offered->type));
    if (!keys.trusted) return;
    form.set("OLD_FINGERPRINT", keys.trusted->fingerprint);
    form.set("TRUSTED", time_words(keys.trusted->decided_at.value_or(keys.trusted->first_seen_at), now));
    form.set("SEEN", age_words(keys.offered->first_seen_at, now));
}

void add_problems(Fields& fields, const store::Node& node) {
    const auto add = [&](const char* kind, std::string title, std::string text) {
        fields.row("PROBLEM").set("KIND", kind).set("TITLE", std::move(title)).set("TEXT", std::move(text));
    };
    if (node.active && node.state != "ok" && node.state != "unknown")
        add("bad", "This node is " + std::string(node.state == "host_key" ? "not trusted" : node.state),
            sentence(node.state_reason));
    if (!node.credential)
        add("warn", "No SSH key", "Nothing can be deployed here until nodes.yaml names a key for it.");
    if (node.quarantined != 0)
        add("bad", count_words(node.quarantined, "site is", "sites are") + " kept out",
            "The engine refused the new version; the last good one is served. The site's page tells why.");
}

std::string default_words(const DefaultSite& site) {
    if (site.answer == DefaultAnswer::redirect) return "redirect to " + site.redirect.to;
    return text::lower(label_of(site.answer));
}

void add_facts(Fields& fields, const store::Node& node, Time now) {
    const auto fact = [&](const char* name, std::string value) {
        fields.row("FACT").set("NAME", name).set("VALUE", std::move(value));
    };
    fact("Address", node.ip_address + ", port " + std::to_string(node.ssh_port));
    fact("Account", node.ssh_user);
    const std::string version = node.engine_version.value_or("");
    fact("Engine", std::string(engine_name(to_word(node.engine))) + (version.empty() ? "" : " " + version));
    if (!node.trusted_proxies.empty()) fact("Believes", node.trusted_proxies);
    if (!node.proxy_protocol.empty()) fact("PROXY protocol from", node.proxy_protocol);
    const NodeSettings settings = node.node_settings();
    fact("Unknown names", default_words(settings.default_site));
    fact("Listens on", node.listen_address.value_or("all addresses") + ", ports " +
                           std::to_string(node.http_port) + " and " + std::to_string(node.https_port));
    fact("Proof port", std::to_string(node.proof_port));
    fact("Kept by", node.discovered ? "nodes.yaml" : "hand");
    fact("State since", time_words(node.state_since, now));
    fact("Last contact", node.last_contact_at ? age_words(*node.last_contact_at, now) : "never");
}

// The lists that the node believes, with their age and what went wrong last.
void add_lists(Fields& fields, db::Connection& db, const store::Node& node, Time now) {
    const auto urls = node.node_settings().trusted_lists.all_urls();
    if (urls.empty()) return;
    const auto known = store::list_address_lists(db);
    Fields& lists = fields.row("LISTS");
    for (const std::string& url : urls) {
        const auto list = std::ranges::find(known, url, &store::ListedAddresses::url);
        const bool read = list != known.end() && list->fetched_at;
        Fields& row = lists.row("LIST");
        row.set("URL", url).set("AGE", read ? age_words(*list->fetched_at, now) : "never");
        row.set("ENTRIES", number_words(read ? list->entries : 0));
        row.set("DIGEST", read ? list->digest.substr(0, 12) : "");
        if (list != known.end() && !list->error.empty()) row.row("FAILED").set("TEXT", sentence(list->error));
    }
}

void add_release(Fields& fields, db::Connection& db, NodeId node, Time now) {
    const auto release = store::find_current_release(db, node);
    if (!release) {
        fields.show("NO_RELEASE");
        return;
    }
    Fields& row = fields.row("RELEASE");
    row.set("ID", release->id);
    set_time(row, "SINCE", "SINCE_ISO", release->proven_at, now);
    row.set("FILES", number_words(static_cast<std::uint64_t>(std::ranges::count(release->manifest, '\n'))));
}

void add_sites(Fields& fields, const Visit& visit, NodeId node) {
    store::SiteFilter filter;
    filter.node = node;
    filter.limit = kShownSites;
    const auto count = store::count_sites(visit.db(), Scope::everything(), filter);
    fields.set("SITES_COUNT", number_words(count));
    for (const auto& site :
         store::list_site_summaries(visit.db(), Scope::everything(), filter, visit.context.known_sites)) {
        Fields& row = fields.row("SITE");
        row.set("ID", site->id.text()).set("DOMAIN", site->domain);
        set_sign(row, site_sign(*site));
    }
    fields.show("NO_SITES", count == 0);
    if (count > kShownSites) fields.row("SITES_MORE").set("URL", "/sites").set("TEXT", "All sites");
}

void add_deployments(Fields& fields, db::Connection& db, NodeId node, Time now) {
    const auto deployments =
        store::list_deployments(db, Scope::everything(), {.node = node, .limit = kShownDeployments});
    for (const auto& deployment : deployments) {
        Fields& row = fields.row("DEPLOYMENT");
        row.set("NUMBER", deployment.id.text());
        set_sign(row, deployment_sign(deployment.state));
        set_time(row, "TIME", "TIME_ISO", deployment.created_at, now);
        row.set("TOOK", took_words(deployment.started_at, deployment.finished_at));
    }
    fields.show("NO_DEPLOYMENTS", deployments.empty());
}

http::Response show(Visit& visit, const std::optional<Flash>& problem = std::nullopt) {
    const auto node = store::get_node(visit.db(), node_of(visit));
    Page page(visit, node.name, At::nodes);
    page.crumb("Nodes", "/nodes");
    if (problem) page.flash(*problem);
    Fields& fields = page.content("node.html");
    const Time now = visit.now();
    fields.set("ID", node.id.text()).set("NAME", node.name);
    const Sign serving = node_sign(node);
    fields.set("SERVING", serving.word).set("SERVING_KIND", serving.kind);
    const Sign config = config_sign(node);
    fields.set("CONFIG", config.word).set("CONFIG_KIND", config.kind);
    fields.set("SENTENCE", std::string(engine_name(to_word(node.engine))) + " on " + node.ip_address +
                               ", serves " + count_words(node.sites, "site", "sites"));
    fields.show("CHECK", node.active).show("DISABLE", node.active).show("ENABLE", !node.active);
    add_problems(fields, node);
    add_keys(fields, node, keys_of(visit.db(), node.id), visit.viewer.may(Permission::nodes_manage), now);
    add_facts(fields, node, now);
    add_lists(fields, visit.db(), node, now);
    add_release(fields, visit.db(), node.id, now);
    add_sites(fields, visit, node.id);
    add_deployments(fields, visit.db(), node.id, now);
    return page.response(problem ? 422 : 200);
}

http::Response set_active(Visit& visit, bool active) {
    const NodeId node = node_of(visit);
    rpm::ops::set_node_active(visit.ops, visit.viewer, node, active);
    return redirect("/nodes/" + node.text(),
                    Flash{"ok", active ? "The node is enabled; check it to bring it up to date."
                                       : "The node is disabled; it keeps serving what it has."});
}

}  // namespace

http::Response node_page(Visit& visit) {
    return show(visit);
}

http::Response check_node(Visit& visit) {
    const auto id =
        rpm::ops::deploy_node(visit.ops, visit.viewer, node_of(visit), "checked and brought up to date");
    return redirect("/deployments/" + id.text());
}

http::Response enable_node(Visit& visit) {
    return set_active(visit, true);
}

http::Response disable_node(Visit& visit) {
    return set_active(visit, false);
}

http::Response trust_node(Visit& visit) {
    http::Form form(visit.request);
    const std::string fingerprint = form.text("fingerprint", {.max = 100, .required = true});
    const bool compared = form.flag("compared");
    const std::string reason = form.text("reason", {.max = 200});
    form.check();
    const NodeId node = store::get_node(visit.db(), node_of(visit)).id;
    const Keys keys = keys_of(visit.db(), node);
    // Only what is on the page now: a key offered meanwhile was not looked at.
    if (!keys.offered || keys.offered->fingerprint != fingerprint)
        return show(visit, Flash{"bad", "The node shows another key now. Compare this one."});
    if (!keys.trusted && !compared)
        return show(visit, Flash{"bad", "Compare the fingerprint first, then tick the box."});
    if (keys.trusted && reason.empty())
        return show(visit, Flash{"bad", "Say why the key changed; it is kept in the audit log."});
    rpm::ops::trust_host_key(visit.ops, visit.viewer, node, fingerprint, reason);
    return redirect("/nodes/" + node.text(), Flash{"ok", "The key is trusted. Check the node to use it."});
}

}  // namespace rpm::web
