// SPDX-License-Identifier: MIT
// A node with so many sites of one shape that they become a dense group, which a site joins, leaves, and is
// kept out of.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/render/nginx_dense.h"
#include "tests/support/fleet.h"

using rpm::Json;
using rpm::SiteId;
using rpm::render::nginx::kDenseFrom;

namespace {

rpm::test::Lab& one_node() {
    static rpm::test::Lab lab(1);
    return lab;
}

struct Many : rpm::test::Fleet {
    std::vector<SiteId> sites;

    Many() : Fleet(one_node()) {
        for (std::size_t i = 0; i < kDenseFrom; ++i) sites.push_back(create(encrypted(name(i))));
        rpm::ops::deploy_sites(ops, admin, sites, "all");
        work();
    }
    static std::string name(std::size_t i) { return "s" + std::to_string(i) + ".example.test"; }
    Json encrypted(const std::string& domain) {
        Json json = definition(domain);
        json["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}});
        return json;
    }
    // The certificate of the site's last revision, before any worker has read it.
    void damage_certificate(SiteId id) {
        rpm::db::transact(db, [&](rpm::db::Transaction& tx) {
            tx.execute(
                "UPDATE certificates SET chain_pem = 'nonsense' WHERE id = (SELECT certificate_id FROM "
                "site_revisions WHERE site_id = ? ORDER BY number DESC LIMIT 1)",
                id);
        });
    }
    rpm::store::DeploymentNode result(rpm::DeploymentId id) {
        return rpm::store::list_deployment_nodes(db, id).at(0);
    }
    std::string answer(const std::string& host) { return machines.fetch(0, host, "/", true); }
    // How many files of the release on the node are called so.
    std::size_t files(const std::string& pattern) {
        const auto root = machines.folder() / "node-1/node/root/current";
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "sites"))
            if (entry.path().extension() == pattern) ++count;
        return count;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(deploy_dense, Many)

BOOST_AUTO_TEST_CASE(sites_join_leave_and_are_quarantined_one_by_one) {
    BOOST_TEST(files(".map") == kDenseFrom);
    for (const std::size_t i : {std::size_t(0), kDenseFrom - 1})
        BOOST_TEST(answer(name(i)).starts_with("200 "));
    BOOST_TEST(machines.fetch(0, name(3)).starts_with("308 "));

    // A new site whose certificate is broken stays out; one that was live falls back; a third goes live.
    const auto never = create(encrypted("never.example.test"));
    damage_certificate(never);
    Json longer = encrypted(name(1));
    longer["domains"].push("more.example.test");
    update(sites[1], 1, longer);
    damage_certificate(sites[1]);
    Json good = encrypted(name(2));
    good["domains"].push("good.example.test");
    update(sites[2], 1, good);
    const auto failing = rpm::ops::deploy_sites(ops, admin, {never, sites[1]}, "broken");
    const auto passing = deploy(sites[2]);
    work();
    BOOST_TEST(deployment(failing).state == "failed");
    BOOST_TEST(deployment(passing).state == "succeeded");
    BOOST_TEST(site(never).deploy_state == "failed");
    BOOST_TEST(site(sites[1]).deploy_state == "failed");
    BOOST_TEST(site(sites[2]).deploy_state == "live");
    for (const SiteId id : {never, sites[1]}) {
        const auto where = rpm::store::list_site_nodes(db, id).at(0);
        BOOST_TEST(where.quarantine_message.find("certificate") != std::string::npos,
                   where.quarantine_message);
    }
    BOOST_TEST(answer("good.example.test").starts_with("200 "));
    BOOST_TEST(answer(name(1)).starts_with("200 "));
    BOOST_TEST(!answer("more.example.test").starts_with("200 "));
    BOOST_TEST(!answer("never.example.test").starts_with("200 "));
    BOOST_TEST(answer(name(4)).starts_with("200 "));

    // Mended, both go live.
    longer["domains"].push("new.example.test");  // a certificate for other names is another one
    update(sites[1], 2, longer);
    const auto mended = deploy(sites[1]);
    work();
    BOOST_TEST(deployment(mended).state == "succeeded");
    BOOST_TEST(site(sites[1]).deploy_state == "live");

    // Below the threshold each has a server of its own again.
    for (const std::size_t i : {std::size_t(10), std::size_t(11)}) {
        Json special = encrypted(name(i));
        special["pages"] = Json::object({{"robots_txt", "User-agent: *\n"}});
        special["version"] = 2;
        update(sites[i], 1, special);
    }
    const auto apart = rpm::ops::deploy_sites(ops, admin, {sites[10], sites[11]}, "special");
    work();
    BOOST_TEST(deployment(apart).state == "succeeded");
    BOOST_TEST(files(".map") == 0U);
    for (const std::size_t i : {std::size_t(0), std::size_t(10), kDenseFrom - 1})
        BOOST_TEST(answer(name(i)).starts_with("200 "));
}

BOOST_AUTO_TEST_SUITE_END()
