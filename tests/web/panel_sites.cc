// SPDX-License-Identifier: MIT
// Sites through the panels: whose they are, how they are edited, what a plan shows.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/ops/sites.h"
#include "shared/store/deployments.h"
#include "shared/store/sites.h"
#include "tests/support/panel.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

std::string location(const http::Response& response) {
    const std::string* value = response.find("Location");
    return value ? *value : "";
}

// A form as the editor posts it; later values of a name do not count, so changes come first.
http::Values site_form(std::initializer_list<http::Values::Entry> changes) {
    http::Values form;
    for (const auto& [name, value] : changes) form.add(name, value);
    const http::Values rest{{"domains", "a.example"},
                            {"note", ""},
                            {"upstream.scheme", "http"},
                            {"upstream.balancing", "round_robin"},
                            {"upstream.connect_timeout", "5"},
                            {"tls.mode", "none"},
                            {"limits.max_body_mib", "16"},
                            {"upstream.servers", ""},
                            {"upstream.servers.0.host", "10.0.0.1"},
                            {"upstream.servers.0.port", "8080"},
                            {"upstream.servers.0.weight", "1"},
                            {"do", "draft"}};
    for (const auto& [name, value] : rest)
        if (!form.has(name)) form.add(name, value);
    return form;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_sites, PanelFixture)

BOOST_AUTO_TEST_CASE(a_client_sees_own_sites_only) {
    const SiteId mine = add_site(add_user("carl", Role::client), "mine.example");
    const SiteId other = add_site(add_user("dora", Role::client), "other.example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto list = carl.get("/sites");
    BOOST_TEST(has(list, "mine.example"));
    BOOST_TEST(!has(list, "other.example"));
    BOOST_TEST(carl.get("/sites/" + mine.text()).status == 200);
    const auto missing = carl.get("/sites/999999");
    for (const char* page : {"", "/edit", "/history"}) {
        const auto foreign = carl.get("/sites/" + other.text() + page);
        BOOST_TEST(foreign.status == 404, page);
        BOOST_TEST(foreign.body == missing.body, page);
    }
    BOOST_TEST(carl.get("/review?site=" + other.text()).status == 404);
    const std::string version = "1";
    for (const char* verb : {"/pause", "/resume", "/delete", "/restore", "/edit", "/preview"})
        BOOST_TEST(carl.post("/sites/" + other.text() + verb, {{"version", version}}).status == 404, verb);
    BOOST_TEST(carl.post("/sites/" + mine.text() + "/block", {{"version", version}}).status == 404);
}

BOOST_AUTO_TEST_CASE(a_site_is_added_with_a_form) {
    add_node("n1");
    Browser carl = sign_in(PanelKind::client, "carl");
    BOOST_TEST(carl.get("/sites/new").status == 200);
    const auto answer = carl.post("/sites/new", site_form({{"note", "the shop"}}));
    BOOST_TEST(answer.status == 303);
    const auto page = carl.follow(answer);
    BOOST_TEST(has(page, "Saved version 1."));
    BOOST_TEST(has(page, "10.0.0.1:8080"));
    BOOST_TEST(!has(carl.get(location(answer)), "Saved version 1."));  // said once
}

BOOST_AUTO_TEST_CASE(faults_are_told_in_place_and_nothing_typed_is_lost) {
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto answer = carl.post("/sites/new", site_form({{"domains", "good.example\nbad_name.example"},
                                                           {"note", "typed note"},
                                                           {"upstream.servers.0.host", ""},
                                                           {"upstream.servers.0.port", ""},
                                                           {"upstream.servers.1.host", "10.0.0.7"},
                                                           {"upstream.servers.1.port", "99999"},
                                                           {"upstream.servers.1.weight", "x"},
                                                           {"upstream.read_timeout", "soon"}}));
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "id=\"domains-e\""));
    BOOST_TEST(has(answer, "Entry 2 "));
    // The row in which nothing was typed is gone.
    BOOST_TEST(has(answer, "id=\"upstream.servers.0.port-e\""));
    BOOST_TEST(has(answer, "id=\"upstream.servers.0.weight-e\""));
    BOOST_TEST(!has(answer, "upstream.servers.1.host"));
    BOOST_TEST(has(answer, "id=\"upstream.read_timeout-e\""));
    BOOST_TEST(has(answer, "href=\"#upstream.servers.0.port\""));
    BOOST_TEST(has(answer, "4 fields need a fix"));
    for (const char* typed :
         {"bad_name.example", "typed note", "value=\"10.0.0.7\"", "value=\"99999\"", "value=\"soon\""})
        BOOST_TEST(has(answer, typed), typed);
}

BOOST_AUTO_TEST_CASE(a_name_in_use_is_told_in_place) {
    add_site(add_user("dora", Role::client), "a.example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto answer = carl.post("/sites/new", site_form({}));
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "id=\"domains-e\""));
    BOOST_TEST(!has(answer, "dora"));
}

BOOST_AUTO_TEST_CASE(rows_come_and_go_without_saving) {
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto more = carl.post("/sites/new", site_form({{"add", "upstream.servers"}}));
    BOOST_TEST(more.status == 200);
    BOOST_TEST(has(more,
                   "name=\"upstream.servers.1.host\" value=\"\" spellcheck=\"false\" autocapitalize=\"none\" "
                   "autofocus"));
    const auto less = carl.post(
        "/sites/new", site_form({{"upstream.servers.1.host", "10.0.0.2"}, {"remove", "upstream.servers.0"}}));
    BOOST_TEST(has(less, "value=\"10.0.0.2\""));
    BOOST_TEST(!has(less, "upstream.servers.1.host"));
    const auto set =
        carl.post("/sites/new", site_form({{"routes.0.path", "/api"}, {"add", "routes.0.access"}}));
    BOOST_TEST(has(set, "name=\"routes.0.access\" value=\"1\""));
    BOOST_TEST(has(set, "name=\"routes.0.access.allow\""));
    const auto unset = carl.post(
        "/sites/new",
        site_form({{"routes.0.path", "/api"}, {"routes.0.access", "1"}, {"remove", "routes.0.access"}}));
    BOOST_TEST(has(unset, "name=\"routes.0.access\" value=\"0\""));
    BOOST_TEST(!has(unset, "name=\"routes.0.access.allow\""));
    const auto raised = carl.post(
        "/sites/new",
        site_form({{"routes.0.path", "/first"}, {"routes.1.path", "/second"}, {"raise", "routes.1"}}));
    BOOST_TEST(input_value(raised.body, "routes.0.path") == "/second");
    for (const char* nonsense : {"", ".", "routes.9", "domains", "upstream", "routes.0.nothing", "kind.0"})
        for (const char* button : {"add", "remove", "raise"})
            BOOST_TEST(carl.post("/sites/new", site_form({{button, nonsense}})).status == 200, nonsense);
    BOOST_TEST(store::count_site_states(db, Scope::everything()).all == 0u);
}

BOOST_AUTO_TEST_CASE(clients_cannot_smuggle_what_administrators_decide) {
    const UserId dora = add_user("dora", Role::client);
    const NodeId node = add_node("n1");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto answer = carl.post(
        "/sites/new",
        site_form({{"owner", dora.text()}, {"node", node.text()}, {"raw.nginx", "add_header X-Mine 1;"}}));
    BOOST_TEST(answer.status == 303);
    const auto site = store::find_site(db, Scope::everything(), "a.example");
    BOOST_TEST(site->owner_name == "carl");
    BOOST_TEST(store::get_revision(db, site->id, site->head).definition.raw.nginx.empty());
}

BOOST_AUTO_TEST_CASE(two_people_saving_lose_nothing) {
    const UserId carl_id = add_user("carl", Role::client);
    const SiteId id = add_site(carl_id, "a.example");
    const std::string edit = "/sites/" + id.text() + "/edit";
    Browser carl = sign_in(PanelKind::client, "carl");
    Browser again = sign_in(PanelKind::client, "carl");
    BOOST_TEST(
        again.post(edit, site_form({{"version", "1"}, {"note", "theirs"}, {"limits.max_body_mib", "32"}}))
            .status == 303);
    const auto conflict =
        carl.post(edit, site_form({{"version", "1"}, {"note", "mine"}, {"upstream.servers.0.port", "9090"}}));
    BOOST_TEST(conflict.status == 409);
    BOOST_TEST(has(conflict, "theirs"));
    BOOST_TEST(has(conflict, "name=\"pick_note\""));
    BOOST_TEST(!has(conflict, "name=\"pick_limits.max_body_mib\""));
    BOOST_TEST(input_value(conflict.body, "limits.max_body_mib") == "32");        // only they changed it
    BOOST_TEST(input_value(conflict.body, "upstream.servers.0.port") == "9090");  // only I did
    const auto saved = carl.post(edit, site_form({{"version", "2"},
                                                  {"note", "mine"},
                                                  {"pick_note", "theirs"},
                                                  {"limits.max_body_mib", "32"},
                                                  {"upstream.servers.0.port", "9090"}}));
    BOOST_TEST(saved.status == 303);
    const auto site = store::get_site(db, Scope::everything(), id);
    const auto head = store::get_revision(db, id, site.head).definition;
    BOOST_TEST(head.note == "theirs");
    BOOST_TEST(head.limits.max_body_mib == 32u);
    BOOST_TEST(head.upstream.servers.front().port.value() == 9090);
}

BOOST_AUTO_TEST_CASE(two_administrators_choosing_nodes_lose_nothing) {
    const NodeId first = add_node("edge-1");
    const NodeId second = add_node("edge-2");
    const UserId carl = add_user("carl", Role::client);
    const SiteId id = add_site(carl, "a.example");
    const std::string edit = "/sites/" + id.text() + "/edit";
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto form = [&](const char* version, NodeId node, const char* pick) {
        return site_form(
            {{"version", version}, {"owner", carl.text()}, {"node", node.text()}, {"pick_nodes", pick}});
    };
    const auto targets = [&] { return store::list_site_targets(db, id); };
    BOOST_TEST(anna.post(edit, form("1", first, "")).status == 303);
    const auto conflict = anna.post(edit, form("1", second, ""));
    BOOST_TEST(conflict.status == 409);
    BOOST_TEST(has(conflict, "name=\"pick_nodes\""));
    BOOST_TEST((has(conflict, "edge-1") && has(conflict, "edge-2")));
    BOOST_TEST(!has(conflict, "name=\"pick_owner\""));
    BOOST_TEST((targets() == std::vector<NodeId>{first}));
    BOOST_TEST(anna.post(edit, form("2", second, "theirs")).status == 303);
    BOOST_TEST((targets() == std::vector<NodeId>{first}));
    BOOST_TEST(anna.post(edit, form("2", second, "mine")).status == 303);
    BOOST_TEST((targets() == std::vector<NodeId>{second}));
}

BOOST_AUTO_TEST_CASE(a_plan_shows_every_line_and_deploys_what_was_seen) {
    add_node("n1");
    add_node("n2");
    const SiteId id = add_site(add_user("carl", Role::client), "a.example");
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto plan = anna.get("/review?site=" + id.text());
    BOOST_TEST(plan.status == 200);
    BOOST_TEST(has(plan, "Same on 2 nodes"));
    BOOST_TEST(has(plan, "sites/" + id.text() + "-a.example.conf"));
    BOOST_TEST(has(plan, "10.0.0.1:8080"));
    const std::string fingerprint = input_value(plan.body, "plan");
    BOOST_TEST(fingerprint.size() == 32u);
    const auto answer =
        anna.post("/review", {{"plan", fingerprint}, {"site", id.text()}, {"reason", "first light"}});
    BOOST_TEST(answer.status == 303);
    BOOST_TEST(location(answer).starts_with("/deployments/"));
    const auto page = anna.follow(answer);
    BOOST_TEST(has(page, "first light"));
    BOOST_TEST(has(page, "hx-get=\"" + location(answer) + "/live\""));
}

BOOST_AUTO_TEST_CASE(a_stream_is_shown_as_one_and_starts_traefik_anew) {
    add_node("t1", Engine::traefik);
    const SiteId id = rpm::ops::create_site(
        ops, Viewer::system(),
        {.definition = SiteDefinition::parse(Json::parse(
             R"({"version":2,"kind":"stream","domains":["db.example"],"stream":{"ports":["5432"]},)"
             R"("upstream":{"servers":[{"host":"10.0.0.1","port":5432}]}})")),
         .owner = add_user("olga", Role::admin),
         .targets = std::nullopt,
         .reason = {}});
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto plan = anna.get("/review?site=" + id.text());
    BOOST_TEST(has(plan, "t1 starts its engine anew"));
    BOOST_TEST(has(plan, "entry site" + id.text() + "-p5432 :5432/tcp"));
    const auto page = anna.get("/sites/" + id.text());
    BOOST_TEST(has(page, "tcp://10.0.0.1:5432"));
    BOOST_TEST(!has(page, "http://db.example/"));
    const SiteId other = add_site(add_user("carl", Role::client), "a.example");
    BOOST_TEST(!has(anna.get("/sites/" + other.text()), "tcp://"));
}

BOOST_AUTO_TEST_CASE(a_plan_that_moved_is_not_deployed) {
    add_node("n1");
    const UserId carl_id = add_user("carl", Role::client);
    const SiteId id = add_site(carl_id, "a.example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto plan = carl.get("/review?site=" + id.text());
    const std::string seen = input_value(plan.body, "seen");
    carl.post("/sites/" + id.text() + "/edit",
              site_form({{"version", "1"}, {"upstream.servers.0.port", "9090"}}));
    http::Values form{{"plan", input_value(plan.body, "plan")}, {"site", id.text()}};
    form.add("seen", "site:" + id.text() + "@1");
    const auto answer = carl.post("/review", form);
    BOOST_TEST(answer.status == 409);
    BOOST_TEST(has(answer, "a.example was saved again: version 2."));
    BOOST_TEST(store::list_deployments(db, Scope::everything(), {}).empty());
}

BOOST_AUTO_TEST_CASE(a_client_plan_shows_nothing_of_others) {
    add_node("secret-node-name");
    add_site(add_user("dora", Role::client), "dora.example");
    const SiteId mine = add_site(add_user("carl", Role::client), "carl.example");
    rpm::ops::deploy_sites(ops, Viewer::system(), {SiteId(mine.value() - 1)}, "theirs waits in the queue");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto plan = carl.get("/review");
    BOOST_TEST(has(plan, "carl.example.conf"));
    for (const char* secret : {"dora", "secret-node-name", "nginx.conf"})
        BOOST_TEST(!has(plan, secret), secret);
}

BOOST_AUTO_TEST_CASE(the_poller_is_told_that_nothing_moved) {
    add_node("n1");
    const SiteId id = add_site(add_user("carl", Role::client), "a.example");
    const auto deployment = rpm::ops::deploy_sites(ops, Viewer::system(), {id}, "");
    Browser carl = sign_in(PanelKind::client, "carl");
    const std::string live = "/deployments/" + deployment.text() + "/live";
    const auto first = carl.get(live, {{"hx-request", "true"}});
    BOOST_TEST(first.status == 200);
    const std::string tag = *first.find("HX-PTag");
    BOOST_TEST(carl.get(live, {{"hx-request", "true"}, {"hx-ptag", tag}}).status == 304);
    db::transact(db,
                 [&](db::Transaction& tx) { tx.execute("UPDATE deployment_nodes SET state = 'running'"); });
    BOOST_TEST(carl.get(live, {{"hx-request", "true"}, {"hx-ptag", tag}}).status == 200);
    Browser dora = sign_in(PanelKind::client, "dora");
    BOOST_TEST(dora.get("/deployments/" + deployment.text()).status == 404);
    BOOST_TEST(dora.get(live).status == 404);
}

BOOST_AUTO_TEST_CASE(a_client_reads_what_the_engine_said_of_own_files_only) {
    add_node("n1");
    const SiteId id = add_site(add_user("carl", Role::client), "a.example");
    const auto deployment = rpm::ops::deploy_sites(ops, Viewer::system(), {id}, "");
    const std::string output =
        "nginx: [emerg] bad thing in sites/" + id.text() +
        "-a.example.conf:3\nnginx: [warn] odd name dora.example in sites/999-dora.example.conf:1";
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE deployment_nodes SET state = 'failed', engine_output = ?, error = ?", output,
                   "refused: sites/999-dora.example.conf");
    });
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto page = carl.get("/deployments/" + deployment.text());
    BOOST_TEST(has(page, "bad thing"));
    BOOST_TEST(!has(page, "dora"));
    Browser anna = sign_in(PanelKind::admin, "anna");
    BOOST_TEST(has(anna.get("/deployments/" + deployment.text()), "dora.example"));
}

BOOST_AUTO_TEST_CASE(taking_a_site_offline_needs_the_right_words) {
    const SiteId id = add_site(add_user("carl", Role::client), "a.example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const std::string site = "/sites/" + id.text();
    BOOST_TEST(carl.post(site + "/delete", {{"version", "1"}, {"confirm", "b.example"}}).status == 422);
    BOOST_TEST(carl.post(site + "/delete", {{"version", "9"}, {"confirm", "a.example"}}).status == 409);
    BOOST_TEST(carl.get(site).status == 200);
    BOOST_TEST(carl.post(site + "/pause", {{"version", "1"}}).status == 303);
    BOOST_TEST(has(carl.get(site), "This site is paused"));
    Browser anna = sign_in(PanelKind::admin, "anna");
    anna.get(site);
    BOOST_TEST(anna.post(site + "/block", {{"version", "1"}, {"reason", "unpaid"}}).status == 303);
    BOOST_TEST(carl.post(site + "/resume", {{"version", "1"}}).status == 403);
    BOOST_TEST(anna.post(site + "/unblock", {{"version", "1"}}).status == 303);
    BOOST_TEST(carl.post(site + "/delete", {{"version", "1"}, {"confirm", "a.example"}}).status == 303);
    BOOST_TEST(carl.get(site).status == 404);
}

BOOST_AUTO_TEST_CASE(history_compares_and_restores) {
    const SiteId id = add_site(add_user("carl", Role::client), "a.example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const std::string site = "/sites/" + id.text();
    carl.post(site + "/edit", site_form({{"version", "1"}, {"upstream.servers.0.port", "9090"}}));
    const auto history = carl.get(site + "/history?from=1&to=2");
    BOOST_TEST(has(history, "10.0.0.1:8080"));
    BOOST_TEST(has(history, "10.0.0.1:9090"));
    BOOST_TEST(carl.get(site + "/history?from=1&to=7").status == 404);
    BOOST_TEST(carl.post(site + "/restore", {{"version", "2"}, {"from", "1"}}).status == 303);
    const auto row = store::get_site(db, Scope::everything(), id);
    BOOST_TEST(row.head_number == 3u);
    BOOST_TEST(store::get_revision(db, id, row.head).definition.upstream.servers[0].port.value() == 8080);
}

BOOST_AUTO_TEST_CASE(lists_page_by_key_and_filter) {
    const UserId carl_id = add_user("carl", Role::client);
    for (int i = 100; i < 160; ++i) add_site(carl_id, "s" + std::to_string(i) + ".example");
    Browser carl = sign_in(PanelKind::client, "carl");
    const auto first = carl.get("/sites");
    BOOST_TEST(has(first, "1 to 50 of 60"));
    BOOST_TEST(has(first, "s149.example"));
    BOOST_TEST(!has(first, "s150.example"));
    const auto at = first.body.find("rel=\"next\" href=\"") + 17;
    std::string next = first.body.substr(at, first.body.find('"', at) - at);
    for (auto amp = next.find("&amp;"); amp != std::string::npos; amp = next.find("&amp;"))
        next.erase(amp + 1, 4);
    const auto second = carl.get(next);
    BOOST_TEST(has(second, "51 to 60 of 60"));
    BOOST_TEST(has(second, "s159.example"));
    BOOST_TEST(!has(second, "s149.example"));
    BOOST_TEST(has(carl.get("/sites?q=s15"), "10 sites"));
    BOOST_TEST(has(carl.get("/sites?q=nothing"), "No site matches"));
    BOOST_TEST(carl.get("/sites?after=garbage&n=x&state=%27").status == 200);
}

// Rows are kept between requests. Whatever another process writes must be on the next page all the same.
BOOST_AUTO_TEST_CASE(a_list_shows_what_others_have_just_changed) {
    const SiteId id = add_site(add_user("carl", Role::client), "shop.example");
    Browser anna = sign_in(PanelKind::admin, "anna");
    db::Connection other(test::database_settings());
    std::string shown = anna.get("/sites").body;
    BOOST_TEST(anna.get("/sites").body == shown);
    const auto change = [&](const char* sql) {
        db::transact(other, [&](db::Transaction& tx) { tx.execute(sql, id); });
        std::string next = anna.get("/sites").body;
        BOOST_TEST((next != shown), sql);
        shown = std::move(next);
    };
    change("UPDATE sites SET domain = 'other.example' WHERE id = ?");
    change("UPDATE sites SET upstream_summary = '10.9.9.9:99' WHERE id = ?");
    change("UPDATE sites SET tls_mode = 'self_signed' WHERE id = ?");
    change("UPDATE sites SET released_number = 1, deploy_state = 'deploying' WHERE id = ?");
    change("UPDATE sites SET deploy_state = 'live' WHERE id = ?");
    change("UPDATE sites SET head_number = 2 WHERE id = ?");
    change("UPDATE sites SET released_number = 2 WHERE id = ?");
    change("UPDATE sites SET state = 'paused' WHERE id = ?");
    change("UPDATE sites SET node_count = 7 WHERE id = ?");
    change("UPDATE sites SET updated_at = updated_at - INTERVAL 3 DAY WHERE id = ?");
    change("UPDATE users u JOIN sites s ON s.owner_id = u.id SET u.username = 'carla' WHERE s.id = ?");
    change("UPDATE sites SET removed_at = updated_at WHERE id = ?");
}

BOOST_AUTO_TEST_CASE(whatever_is_typed_is_shown_as_text) {
    const std::string evil = "\"><svg onload=alert(1)>'{{X}}&lt;";
    add_node("n1");
    Browser carl = sign_in(PanelKind::client, "carl");
    http::Values form;
    for (const char* field : {"domains",
                              "note",
                              "kind",
                              "upstream.scheme",
                              "upstream.connect_timeout",
                              "upstream.cookie",
                              "tls.mode",
                              "tls.clients.ca",
                              "limits.max_body_mib",
                              "upstream.servers.0.host",
                              "upstream.servers.0.port",
                              "upstream.servers.0.weight",
                              "routes.0.path",
                              "routes.0.match",
                              "routes.0.access.allow",
                              "access.basic.users.0.name",
                              "access.basic.users.0.hash",
                              "headers.response.0.value",
                              "pages.errors.0.html",
                              "raw.nginx",
                              "owner",
                              "version"})
        form.add(field, evil);
    const auto check = [&](const http::Response& response, const std::string& what) {
        BOOST_TEST(response.body.find("<svg onload") == std::string::npos, what);
    };
    check(carl.post("/sites/new", form), "editor");
    check(carl.post("/sites/new/preview", form), "preview");
    const auto saved = carl.post("/sites/new", site_form({{"note", evil}}));
    BOOST_TEST(saved.status == 303);
    check(carl.follow(saved), "site");
    const std::string id = location(saved).substr(7);
    check(carl.get("/sites/" + id + "/edit"), "edit");
    check(carl.post("/sites/" + id + "/edit", site_form({{"version", "1"}, {"note", evil + "2"}})), "save");
    check(carl.get("/sites/" + id + "/history"), "history");
    check(carl.post("/sites/" + id + "/edit", site_form({{"version", "1"}, {"note", evil + "3"}})),
          "conflict");
    check(carl.get("/sites?q=" + std::string("%22%3E%3Csvg%20onload%3Dalert(1)%3E")), "list");
    check(carl.get("/login?next=/%22%3E%3Csvg%20onload%3Dalert(1)%3E"), "login");
    check(carl.post("/login", {{"name", evil}, {"password", "x"}, {"next", evil}}), "login again");
    const auto plan = carl.get("/review");
    check(carl.post("/review", {{"plan", evil}, {"reason", evil}, {"seen", evil}}), "moved plan");
    const auto deployed = carl.post("/review", {{"plan", input_value(plan.body, "plan")}, {"reason", evil}});
    BOOST_TEST(deployed.status == 303);
    check(carl.follow(deployed), "deployment");
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE deployment_nodes SET engine_output = ?, error = ?, state = 'failed'", evil, evil);
    });
    check(carl.get(location(deployed)), "failed deployment");
    check(carl.get("/deployments"), "deployments");
    check(carl.get("/"), "overview");
    check(carl.get("/<svg onload=alert(1)>"), "404");
}

BOOST_AUTO_TEST_SUITE_END()
