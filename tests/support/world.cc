// SPDX-License-Identifier: MIT
#include "tests/support/world.h"
#include "shared/store/node_sites.h"

#include "shared/crypto/password.h"
#include "shared/ops/people.h"
#include "shared/ops/sites.h"
#include "shared/store/nodes.h"
#include "shared/store/settings.h"
#include "shared/store/users.h"
#include "tests/support/sites.h"

namespace rpm::test {

World::World() {
    crypto::set_cost(crypto::PasswordCost::minimal);
    const auto viewer = [this](const char* name, Role role) {
        return Viewer{.id = add_user(name, role),
                      .username = name,
                      .role = role,
                      .address = "192.0.2.7",
                      .request_id = "request-1"};
    };
    // Most cases are not about proofs of names; the others reset it.
    set(Setting::domains_proof, "off");
    admin = viewer("root", Role::admin);
    alice = viewer("alice", Role::client);
    bob = viewer("bob", Role::client);
}

void World::set(Setting setting, std::string_view value) {
    db::transact(db,
                 [&](db::Transaction& tx) { store::upsert_setting(tx, setting, value, {}, clock.now()); });
}

UserId World::add_user(std::string_view name, Role role) {
    store::User user;
    user.username = name;
    user.role = role;
    return db::transact(db, [&](db::Transaction& tx) { return store::insert_user(tx, user, clock.now()); });
}

NodeId World::add_node(std::string_view name, bool active) {
    store::Node node;
    node.name = name;
    node.ip_address = "192.0.2.1";
    node.ssh_user = "rpmgr";
    node.active = active;
    return db::transact(db, [&](db::Transaction& tx) { return store::insert_node(tx, node, clock.now()); });
}

SiteDefinition World::definition(std::string_view domain, TlsMode tls) const {
    auto made = SiteDefinition::parse(a_definition(domain));
    made.tls.mode = tls;
    return made;
}

SiteId World::add_site(const Viewer& viewer, std::string_view domain, TlsMode tls) {
    return add_site(viewer, definition(domain, tls));
}

SiteId World::add_site(const Viewer& viewer, const SiteDefinition& wanted) {
    return ops::create_site(context, viewer,
                            {.definition = wanted, .owner = {}, .targets = std::nullopt, .reason = "a test"});
}

DeploymentId World::deploy(const Viewer& viewer, const std::vector<SiteId>& sites) {
    return ops::deploy_sites(context, viewer, sites, "a test");
}

store::Site World::the_site(SiteId id) {
    return store::get_site(db, Scope::everything(), id);
}

store::Deployment World::the_deployment(DeploymentId id) {
    return store::get_deployment(db, Scope::everything(), id);
}

store::DeploymentNode World::the_part(DeploymentId id, NodeId node) {
    for (auto& part : store::list_deployment_nodes(db, id))
        if (part.node == node) return part;
    throw NotFound("the deployment has no such node");
}

std::uint64_t World::number(const std::string& sql) {
    auto row = db.query_once("SELECT CAST((" + sql + ") AS UNSIGNED) AS n");
    row.first();
    return row.uint64("n");
}

std::string World::text(const std::string& sql) {
    auto row = db.query_once("SELECT (" + sql + ") AS t");
    row.first();
    return row.maybe_text("t").value_or("");
}

store::Job World::claim() {
    auto claimed =
        store::claim_jobs(db, {.kind = "node.deploy", .worker = "host:1", .token = token}, clock.now());
    if (claimed.jobs.empty()) throw NotFound("no job is due");
    return claimed.jobs.front();
}

store::Job World::start(NodeId node) {
    store::Job job = claim();
    if (job.subject_id != node.value()) throw Error("the job of another node was due first");
    db::transact(db, [&](db::Transaction& tx) { store::start_node_run(tx, node, job.id, clock.now()); });
    return job;
}

std::map<SiteId, unsigned> World::carried(NodeId node, const std::vector<SiteId>& candidates) {
    std::map<SiteId, unsigned> numbers;
    for (const auto& site : store::load_node_sites(db, node, candidates))
        numbers[site.id] = site.revision_number;
    return numbers;
}

void World::finish(NodeId node, const store::Job& job, const std::vector<SiteId>& refused,
                   std::string_view state) {
    db::transact(db, [&](db::Transaction& tx) {
        const Time now = clock.now();
        for (const SiteId site : refused)
            store::upsert_quarantine(tx, node, site, the_site(site).released, "unknown directive", 7, now);
        std::map<SiteId, RevisionId> serves;
        for (const auto& site : store::load_node_sites(db, node)) serves[site.id] = site.revision;
        const std::string release(32, static_cast<char>('a' + job.id.value() % 6));
        store::record_release(tx, node, {release, "manifest\n"}, serves, now);
        if (store::finish_jobs(tx, {&job.id, 1}, token, "succeeded", release, "", now) != 1)
            throw Conflict("the job is another's");
        store::finish_node_run(tx, node,
                               {.state = std::string(state),
                                .steps_json = "[]",
                                .release = release,
                                .engine_output = "ok",
                                .error = {},
                                .refused_steps_json = R"([{"name":"test","state":"fail"}])",
                                .refused_output = "unknown directive"},
                               now);
    });
}

void World::run(NodeId node) {
    finish(node, start(node));
}

void World::fail(NodeId node, const store::Job& job, std::string_view error) {
    db::transact(db, [&](db::Transaction& tx) {
        if (store::finish_jobs(tx, {&job.id, 1}, token, "failed", "", error, clock.now()) != 1)
            throw Conflict("the job is another's");
        store::finish_node_run(tx, node,
                               {.state = "failed",
                                .steps_json = "[]",
                                .release = {},
                                .engine_output = {},
                                .error = std::string(error),
                                .refused_steps_json = {},
                                .refused_output = {}},
                               clock.now());
    });
}

}  // namespace rpm::test
