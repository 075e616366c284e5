// SPDX-License-Identifier: MIT
#include "web/panel/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/ops/domains.h"
#include "shared/plan/release.h"
#include "shared/render/directives.h"
#include "shared/render/renderer.h"
#include "shared/render/traefik.h"
#include "shared/store/contents.h"
#include "shared/store/deployments.h"
#include "shared/store/node_sites.h"

namespace rpm::web {
namespace {

using plan::ChangeKind;

// Which files of a node the viewer may read: administrators all, clients those of the sites planned (which
// are their own). The text of others' sites, and what belongs to the whole node, is not theirs.
bool may_show(const Visit& visit, const std::set<SiteId>& sites, SiteId owner_site) {
    return visit.viewer.is_staff() || sites.contains(owner_site);
}

// "sites/12-shop.example.com.conf", "sites/<group>/12-shop.example.com.map" -> 12: files that are gone are in
// no bundle any more.
SiteId site_of_path(std::string_view path) {
    constexpr std::string_view kFolder = "sites/";
    if (!path.starts_with(kFolder)) return {};
    path.remove_prefix(path.rfind('/') + 1);
    const auto dash = path.find('-');
    if (dash == std::string_view::npos) return {};
    return SiteId::parse(path.substr(0, dash)).value_or(SiteId());
}

std::string stored_text(db::Connection& db, const plan::Manifest& manifest, const std::string& path) {
    const auto entry = manifest.find(path);
    if (entry == manifest.end()) return {};
    return store::find_content(db, entry->second).value_or("");
}

// What people look for first: the sites of the plan, then the rest, then certificates, which nobody reads.
int rank_of(const FileDiff& file, const std::set<SiteId>& sites) {
    if (file.path.starts_with("certs/")) return 3;
    const SiteId site = site_of_path(file.path);
    return sites.contains(site) ? 0 : site ? 2 : 1;
}

void sort_for_people(std::vector<FileDiff>& files, const std::set<SiteId>& sites) {
    for (FileDiff& file : files) file.folded = file.path.starts_with("certs/");
    std::ranges::stable_sort(files, {}, [&](const FileDiff& file) { return rank_of(file, sites); });
}

// An administrator's directives for the node's engine, of the versions of the site that its file on the node
// is or will be made from.
std::vector<std::string> directives_of(db::Connection& db, SiteId id, const store::Node& node) {
    const auto site = store::get_site(db, Scope::everything(), id);
    std::set<std::string> found;
    const auto add = [&](const store::Revision& revision) {
        const RawDirectives& raw = revision.composed.raw;
        const std::string& of_engine = node.engine == Engine::nginx   ? raw.nginx
                                       : node.engine == Engine::caddy ? raw.caddy
                                                                      : raw.traefik;
        if (!of_engine.empty()) found.insert(of_engine);
    };
    for (const RevisionId revision : {site.head, site.released})
        if (revision) add(store::get_revision(db, id, revision));
    for (const store::SiteOnNode& on : store::list_site_nodes(db, id))
        for (const unsigned number : {on.served_number, on.quarantined_number})
            if (on.node == node.id && number != 0) add(store::get_revision_number(db, id, number));
    return {found.begin(), found.end()};
}

// Contents as the viewer may read them.
class Reader {
  public:
    Reader(Visit& visit, const store::Node& node) : visit_(visit), node_(node) {}
    std::string operator()(std::string_view text, SiteId site) {
        if (visit_.viewer.is_staff() || !site || text.empty()) return std::string(text);
        const auto known = known_.find(site);
        const auto& directives =
            known != known_.end()
                ? known->second
                : known_.emplace(site, directives_of(visit_.db(), site, node_)).first->second;
        if (node_.engine == Engine::nginx) return render::without_directives(text, directives);
        // In the files of the others nothing says where they end.
        return directives.empty() ? std::string(text) : "(not shown: the operator set directives of it)\n";
    }

  private:
    Visit& visit_;
    const store::Node& node_;
    std::map<SiteId, std::vector<std::string>> known_;
};

FileDiff diff_of_file(db::Connection& db, const plan::Change& change, const Bundle& bundle,
                      const plan::Manifest& current, SiteId site, Reader& readable) {
    const auto file = bundle.files.find(change.path);
    const BundleFile* next = file == bundle.files.end() ? nullptr : &file->second;
    const bool is_key = next != nullptr ? !next->content : change.path.ends_with(".key");
    if (is_key) {
        FileDiff diff{.path = change.path, .kind = change.kind, .lines = {}, .note = {}};
        diff.note = next != nullptr && next->private_key_of
                        ? "Private key of certificate " + next->private_key_of.text() + "; never shown."
                        : "A private key; never shown.";
        return diff;
    }
    FileDiff diff =
        diff_of(change.path, change.kind, readable(stored_text(db, current, change.path), site),
                readable(next != nullptr ? std::string_view(*next->content) : std::string_view(), site));
    if (diff.lines.empty() && change.kind == ChangeKind::changed)
        diff.note = "What the operator set changes.";
    return diff;
}

void compare_node(Visit& visit, NodePlan& out, const Bundle& bundle, const plan::Release& next,
                  const std::set<SiteId>& sites) {
    const auto release = store::find_current_release(visit.db(), out.node.id);
    out.first = !release;
    const plan::Manifest current = release ? plan::parse_manifest(release->manifest) : plan::Manifest();
    Reader readable(visit, out.node);
    for (const plan::Change& change : plan::compare(next.manifest, current).changes) {
        if (change.path == render::traefik::kEntryPoints) out.restarts = true;
        const auto file = bundle.files.find(change.path);
        const SiteId owner = file != bundle.files.end() ? file->second.site : site_of_path(change.path);
        if (may_show(visit, sites, owner))
            out.files.push_back(diff_of_file(visit.db(), change, bundle, current, owner, readable));
    }
    sort_for_people(out.files, sites);
}

// What somebody else's site lacks is nothing that a client can mend: the worker leaves such a site out too,
// and the others go live.
Bundle render_readable(const Visit& visit, const store::Node& node, std::vector<DeployableSite>& sites,
                       const std::set<SiteId>& own, render::Cache* cache) {
    for (std::size_t left = sites.size();; --left) {
        try {
            return render::renderer(node.engine)
                .render(visit.context.proxy_templates, node.profile(), sites, cache);
        } catch (const render::InvalidSite& invalid) {
            const SiteId site = invalid.site;
            if (left == 0 || may_show(visit, own, site) ||
                std::erase_if(sites, [&](const DeployableSite& each) { return each.id == site; }) == 0)
                throw;
        }
    }
}

NodePlan plan_node(Visit& visit, const store::Node& node, const std::vector<SiteId>& ids,
                   render::Cache* cache) {
    NodePlan out{
        .node = node, .release = {}, .files = {}, .restarts = false, .problem = {}, .problem_site = {}};
    try {
        auto sites = store::load_node_sites(visit.db(), node.id, ids);
        const Bundle bundle = render_readable(visit, node, sites, {ids.begin(), ids.end()}, cache);
        const plan::Release next = plan::seal(bundle);
        out.release = next.id;
        compare_node(visit, out, bundle, next, {ids.begin(), ids.end()});
    } catch (const render::InvalidSite& invalid) {  // part of the plan: this node cannot say this site
        const bool readable = may_show(visit, {ids.begin(), ids.end()}, invalid.site);
        out.problem = readable ? invalid.problems.text() : "something outside of your sites is in the way";
        if (readable) out.problem_site = invalid.site;
    } catch (const Invalid& invalid) {
        out.problem = invalid.problems.text();
    }
    return out;
}

std::string fingerprint_of(const SitesPlan& plan) {
    crypto::Sha256 hash;
    for (const store::Site& site : plan.sites)
        hash.update(site.id.text()).update("@").update(site.head.text()).update("\n");
    for (const NodePlan& node : plan.nodes)
        hash.update(node.node.id.text()).update(":").update(node.release).update("\n");
    return text::hex(hash.finish().substr(0, 16));  // as long as a release id
}

std::set<NodeId> concerned_nodes(Visit& visit, const std::vector<SiteId>& sites) {
    std::set<NodeId> nodes;
    for (const SiteId site : sites) {
        const auto of_site = store::list_concerned_nodes(visit.db(), site);
        nodes.insert(of_site.begin(), of_site.end());
    }
    return nodes;
}

}  // namespace

bool SitesPlan::feasible() const {
    return !nodes.empty() && unproven.empty() &&
           std::ranges::all_of(nodes, [](const NodePlan& node) { return node.problem.empty(); });
}

SitesPlan plan_sites(Visit& visit, const std::vector<SiteId>& ids) {
    SitesPlan plan;
    for (const SiteId id : ids) plan.sites.push_back(store::get_site(visit.db(), visit.scope(), id));
    const auto concerned = concerned_nodes(visit, ids);
    const auto cache = render::make_cache();
    for (const store::Node& node : store::list_nodes(visit.db())) {
        if (!concerned.contains(node.id)) continue;
        if (node.active)
            plan.nodes.push_back(plan_node(visit, node, ids, cache.get()));
        else
            plan.inactive.push_back(node);
    }
    for (const store::Site& site : plan.sites)
        for (const DomainName& name : rpm::ops::list_unproven(visit.db(), site))
            plan.unproven.push_back({site.id, name.text()});
    plan.fingerprint = fingerprint_of(plan);
    return plan;
}

std::vector<NodeGroup> group_nodes(const SitesPlan& plan) {
    std::vector<NodeGroup> groups;
    for (const NodePlan& node : plan.nodes) {
        if (!node.problem.empty()) continue;
        const auto same = std::ranges::find_if(groups, [&](const NodeGroup& group) {
            return group.nodes.front()->node.engine == node.node.engine &&
                   group.nodes.front()->files == node.files;
        });
        if (same == groups.end())
            groups.push_back({{&node}});
        else
            same->nodes.push_back(&node);
    }
    return groups;
}

}  // namespace rpm::web
