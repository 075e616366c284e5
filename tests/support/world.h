// SPDX-License-Identifier: MIT
// A small world in a real database: an administrator, two clients, nodes and sites as a case needs them, and
// a worker that does to the rows what a deployment does, without any node.
//
//     BOOST_FIXTURE_TEST_SUITE(sites, rpm::test::World)
//     BOOST_AUTO_TEST_CASE(…) {
//         const NodeId node = add_node("edge-1");
//         const SiteId site = add_site(alice, "shop.example.com");
//         deploy(alice, {site});
//         run(node);                                     // claims, starts, loads, records, finishes
//         BOOST_TEST(the_site(site).deploy_state == "live");
//     }
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/clock.h"
#include "shared/crypto/sealing.h"
#include "shared/model/settings.h"
#include "shared/model/site.h"
#include "shared/ops/context.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/node_sites.h"
#include "shared/store/sites.h"
#include "tests/support/database.h"

namespace rpm::test {

/// Proofs of names are off.
struct World : Database {
    World();

    void set(Setting setting, std::string_view value);  ///< what an administrator decided
    UserId add_user(std::string_view name, Role role);
    NodeId add_node(std::string_view name, bool active = true);
    SiteDefinition definition(std::string_view domain, TlsMode tls = TlsMode::none) const;
    SiteId add_site(const Viewer& viewer, std::string_view domain, TlsMode tls = TlsMode::none);
    SiteId add_site(const Viewer& viewer, const SiteDefinition& definition);
    DeploymentId deploy(const Viewer& viewer, const std::vector<SiteId>& sites);
    store::Site the_site(SiteId id);
    store::Deployment the_deployment(DeploymentId id);
    /// Of this deployment's part on the node.
    store::DeploymentNode the_part(DeploymentId id, NodeId node);
    /// The first number of a one-row query.
    std::uint64_t number(const std::string& sql);
    std::string text(const std::string& sql);

    /// One due job, started; its token is `token`.
    store::Job claim();
    /// Claims the node's job and starts its run.
    store::Job start(NodeId node);
    /// What load_node_sites() answers, site -> revision number.
    std::map<SiteId, unsigned> carried(NodeId node, const std::vector<SiteId>& candidates = {});
    /// Ends a started run as proven; `refused` are put into quarantine.
    void finish(NodeId node, const store::Job& job, const std::vector<SiteId>& refused = {},
                std::string_view state = "succeeded");
    /// A whole run of the node's job.
    void run(NodeId node);
    void fail(NodeId node, const store::Job& job, std::string_view error);

    ManualClock clock{from_sql("2026-11-22 12:00:00")};
    crypto::KeyPair keys = crypto::KeyPair::generate();
    ops::Context context{db, clock, keys.sealing};
    Viewer admin, alice, bob;
    const std::string token = std::string(16, 't');
};

}  // namespace rpm::test
