// SPDX-License-Identifier: MIT
// A manager with a database and three real nodes, discovered and active, and the shortest way to say what a
// test does.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/crypto/password.h"
#include "shared/ops/nodes.h"
#include "shared/ops/people.h"
#include "shared/ops/sites.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/nodes.h"
#include "shared/store/sites.h"
#include "tests/support/database.h"
#include "tests/support/lab.h"
#include "workers/deploy/deployer.h"

namespace rpm::test {

// One lab for all cases: starting nodes is the slow part. Each case begins with nodes that carry whatever the
// last one left, which is what nodes do.
inline Lab& lab() {
    static Lab instance(3);
    return instance;
}

struct Fleet : Database {
    SystemClock clock;
    crypto::KeyPair pair = crypto::KeyPair::generate();
    crypto::UnsealingKeys keys;
    std::unique_ptr<TemplateSet> templates = render::load_templates("proxy_templates");
    render::CachePtr cache = render::make_cache();
    store::RevisionCache revisions;
    std::map<CredentialId, ssh::PrivateKey> credentials;
    deploy::Tools tools{db, clock, keys, *templates, cache.get(), &revisions, credentials};
    ops::Context ops{db, clock, pair.sealing};
    Viewer admin;

    Lab& machines;

    explicit Fleet(Lab& on = lab()) : machines(on) { found(); }
    explicit Fleet(const db::Settings& empty_schema) : Database(empty_schema), machines(lab()) { found(); }

    void found() {
        keys.add(pair.private_key);
        const auto system = Viewer::system();
        admin = {.id = ops::create_user(
                     ops, system, {.username = "root", .email = "", .role = Role::admin, .password = {}}),
                 .username = "root",
                 .role = Role::admin,
                 .address = "127.0.0.1",
                 .request_id = "test"};
        ops::apply_discovered(ops, system, machines.discovered(), false);
    }

    Json definition(const std::string& domain) {
        Json json = Json::object({{"version", 1}});
        json["domains"] = Json::array({domain});
        json["upstream"] = Json::object(
            {{"servers",
              Json::array({Json::object({{"host", "127.0.0.1"}, {"port", machines.backend_port()}})})}});
        return json;
    }
    SiteId create(const Json& json) {
        return ops::create_site(ops, admin,
                                {.definition = SiteDefinition::parse(json),
                                 .owner = {},
                                 .targets = std::nullopt,
                                 .reason = "test"});
    }
    unsigned update(SiteId id, unsigned based_on, const Json& json) {
        return ops::update_site(ops, admin, id, based_on,
                                {.definition = SiteDefinition::parse(json),
                                 .owner = {},
                                 .targets = std::nullopt,
                                 .reason = "test"});
    }
    DeploymentId deploy(SiteId id) { return ops::deploy_sites(ops, admin, {id}, "test"); }
    unsigned work() {
        deploy::Deployer deployer(
            tools, {.linger = std::chrono::seconds(0), .concurrency = 8, .lease = std::chrono::seconds(30)});
        return deployer.run([] { return false; });
    }
    store::Deployment deployment(DeploymentId id) {
        return store::get_deployment(db, Scope::everything(), id);
    }
    store::Site site(SiteId id) { return store::get_site(db, Scope::everything(), id); }
};

}  // namespace rpm::test
