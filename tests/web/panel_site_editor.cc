// SPDX-License-Identifier: MIT
// The site editor holds everything that a definition can say, and loses nothing of it.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/password.h"
#include "shared/crypto/x509.h"
#include "shared/ops/shared_pieces.h"
#include "shared/ops/sites.h"
#include "shared/store/sites.h"
#include "tests/support/panel.h"
#include "tests/support/sites.h"
#include "web/panel/member_words.h"
#include "web/panel/site_form.h"
#include "web/panel/site_sections.h"

using namespace rpm;
using namespace rpm::test;
using web::PanelKind;

namespace {

bool has(const http::Response& response, const std::string& text) {
    return response.body.find(text) != std::string::npos;
}

std::string plain(std::string text) {
    for (const auto& [entity, character] :
         {std::pair("&lt;", "<"), {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}})
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1))
            text.replace(at, std::string_view(entity).size(), character);
    return text;
}

std::string attribute(std::string_view tag, std::string_view name) {
    const std::string start = " " + std::string(name) + "=\"";
    const auto at = tag.find(start);
    if (at == std::string_view::npos) return "";
    const auto begin = at + start.size();
    return plain(std::string(tag.substr(begin, tag.find('"', begin) - begin)));
}

// What a browser would post of the page's form, without its buttons.
http::Values fields_of(const http::Response& page) {
    http::Values out;
    std::string select;
    const std::string_view html = page.body;
    const auto form = html.find("class=\"editor\"");
    for (auto at = html.find('<', form); at != std::string_view::npos; at = html.find('<', at + 1)) {
        const std::string_view tag = html.substr(at, html.find('>', at) - at);
        const bool checked = tag.find(" checked") != std::string_view::npos;
        if (tag.starts_with("</form")) break;
        if (tag.starts_with("<select")) select = attribute(tag, "name");
        if (tag.starts_with("<option") && tag.find(" selected") != std::string_view::npos)
            out.add(select, attribute(tag, "value"));
        if (tag.starts_with("<input") && (attribute(tag, "type") != "checkbox" || checked) &&
            attribute(tag, "name") != "csrf")  // which each browser adds by itself
            out.add(attribute(tag, "name"), attribute(tag, "value"));
        if (tag.starts_with("<textarea")) {
            auto begin = at + tag.size() + 1;
            if (html[begin] == '\n') ++begin;  // as browsers drop it
            out.add(attribute(tag, "name"),
                    plain(std::string(html.substr(begin, html.find("</textarea>", begin) - begin))));
        }
    }
    return out;
}

http::Values changed(const http::Values& fields, std::initializer_list<http::Values::Entry> changes) {
    http::Values out;
    for (const auto& [name, value] : fields) {
        const auto same = [&](const auto& change) { return change.first == name; };
        if (std::find_if(changes.begin(), changes.end(), same) == changes.end()) out.add(name, value);
    }
    for (const auto& [name, value] : changes) out.add(name, value);
    return out;
}

struct Editor : PanelFixture {
    UserId carl = add_user("carl", Role::client);
    NodeId node = add_node("edge-1");

    SiteId add_full(const char* json = kFullSite) {
        return rpm::ops::create_site(ops, Viewer::system(),
                                     {.definition = SiteDefinition::parse(Json::parse(json)),
                                      .owner = carl,
                                      .targets = std::nullopt,
                                      .reason = {}});
    }
    SiteDefinition head(SiteId id) {
        return store::get_revision(db, id, store::get_site(db, Scope::everything(), id).head).definition;
    }
    static std::string edit(SiteId id) { return "/sites/" + id.text() + "/edit"; }
};

constexpr char kSmall[] =
    R"({"version":2,"domains":["a.example"],"upstream":{"servers":[{"host":"10.0.0.1","port":80}]},)"
    R"("access":{"basic":{"users":[{"name":"anna",)"
    R"("hash":"$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}]}}})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(panel_site_editor, Editor)

BOOST_AUTO_TEST_CASE(a_form_holds_every_member_and_gives_it_back) {
    for (const char* json : {kFullSite, kSmall}) {
        const auto definition = SiteDefinition::parse(Json::parse(json));
        BOOST_CHECK(web::SiteForm::of(definition).definition() == definition);
    }
}

BOOST_AUTO_TEST_CASE(each_member_is_in_one_section) {
    std::map<std::string_view, int> times;
    for (const web::SiteSection& section : web::site_sections())
        for (std::string_view member : section.members) {
            const MemberDoc* doc = site_members().find(member.substr(0, member.find(".*")));
            BOOST_REQUIRE(doc != nullptr);
            ++times[doc->name];
        }
    for (const MemberDoc& member : site_members().members) BOOST_TEST(times[member.name] == 1, member.name);
}

BOOST_AUTO_TEST_CASE(what_the_page_shows_is_what_was_saved) {
    const SiteId id = add_full();
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto page = anna.get(edit(id));
    BOOST_TEST(page.status == 200);
    const auto saved = anna.post(edit(id), fields_of(page));
    BOOST_TEST(saved.status == 303);
    BOOST_TEST(has(anna.follow(saved), "Nothing was changed"));
    BOOST_CHECK(head(id) == SiteDefinition::parse(Json::parse(kFullSite)));
}

BOOST_AUTO_TEST_CASE(a_field_is_changed_and_nothing_else) {
    const SiteId id = add_full();
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto page = anna.get(edit(id));
    const auto saved =
        anna.post(edit(id), changed(fields_of(page), {{"routes.1.rewrite", "/person/$1"},
                                                      {"compression", "1"},
                                                      {"limits.connections", "21"},
                                                      {"pages.errors.0.statuses", "404 503"}}));
    BOOST_TEST(saved.status == 303);
    auto expected = SiteDefinition::parse(Json::parse(kFullSite));
    expected.routes[1].rewrite = "/person/$1";
    expected.compression = true;
    expected.limits.connections = 21;
    expected.pages.errors[0].statuses = {404, 503};
    BOOST_CHECK(head(id) == expected);
}

BOOST_AUTO_TEST_CASE(hashes_are_never_shown_and_passwords_are_kept) {
    const SiteId id = add_full(kSmall);
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser client = sign_in(PanelKind::client, "carl");
    const auto page = client.get(edit(id));
    BOOST_TEST(!has(page, "$2y$"));
    BOOST_TEST(has(page, "A password is set."));
    const auto fields = fields_of(page);
    // Renamed and moved, without a password: the old one stays with its row.
    BOOST_TEST(client.post(edit(id), changed(fields, {{"access.basic.users.0.name", "anne"}})).status == 303);
    BOOST_TEST(head(id).access.basic.users.at(0).name == "anne");
    BOOST_TEST(head(id).access.basic.users.at(0).hash ==
               SiteDefinition::parse(Json::parse(kSmall)).access.basic.users.at(0).hash);
    const auto again = fields_of(client.get(edit(id)));
    const auto saved =
        client.post(edit(id), changed(again, {{"access.basic.users.0.hash.new", "open sesame"},
                                              {"access.basic.users.1.name", "berta"},
                                              {"access.basic.users.1.hash.new", "another one"}}));
    BOOST_TEST(saved.status == 303);
    const auto users = head(id).access.basic.users;
    BOOST_REQUIRE(users.size() == 2U);
    BOOST_TEST(crypto::verify_password(users[0].hash, Secret("open sesame")));
    BOOST_TEST(crypto::verify_password(users[1].hash, Secret("another one")));
    for (const std::string& shown :
         {client.get("/sites/" + id.text()).body, client.get("/sites/" + id.text() + "/history").body,
          client.get("/review?site=" + id.text()).body, anna.get("/audit").body,
          client
              .post("/sites/" + id.text() + "/preview",
                    changed(again, {{"access.basic.users.0.hash.new", "open sesame"}}))
              .body}) {
        BOOST_TEST(shown.find("$2y$") == std::string::npos);
        BOOST_TEST(shown.find("open sesame") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_private_key_is_typed_once_and_never_shown) {
    const SiteId id = add_full(kSmall);
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser client = sign_in(PanelKind::client, "carl");
    const auto made = crypto::self_signed({"client"}, clock.now(), clock.now() + std::chrono::days(30));
    const std::string key(made.private_key_pem.reveal());
    const std::string body = key.substr(60, 40);
    const std::string fingerprint = crypto::read_certificate(made.chain_pem).fingerprint;
    const auto typed = changed(fields_of(client.get(edit(id))), {{"upstream.scheme", "https"},
                                                                 {"upstream.tls.certificate", made.chain_pem},
                                                                 {"upstream.tls.key.new", key}});
    const auto preview = client.post("/sites/" + id.text() + "/preview", typed);
    BOOST_TEST(preview.status == 200);
    BOOST_TEST(!has(preview, body));
    // A fault elsewhere: the key comes back sealed, and is saved from there.
    auto faulty = client.post(edit(id), changed(typed, {{"upstream.connect_timeout", "0"}}));
    BOOST_TEST(faulty.status == 422);
    BOOST_TEST(!has(faulty, body));
    BOOST_TEST(has(faulty, "A key is set."));
    const auto saved = client.post(edit(id), changed(fields_of(faulty), {{"upstream.connect_timeout", "5"}}));
    BOOST_TEST(saved.status == 303);
    BOOST_TEST(head(id).upstream.tls.key == "stored:" + fingerprint);
    // Saved again with another member, it stays.
    const auto page = client.get(edit(id));
    BOOST_TEST(client.post(edit(id), changed(fields_of(page), {{"note", "n"}})).status == 303);
    BOOST_TEST(head(id).upstream.tls.key == "stored:" + fingerprint);
    for (const auto& shown :
         {page, client.get("/sites/" + id.text()), anna.get("/audit"),
          client.get("/sites/" + id.text() + "/history"), client.get("/review?site=" + id.text())})
        BOOST_TEST(!has(shown, body));
}

BOOST_AUTO_TEST_CASE(a_typed_password_survives_a_fault_elsewhere_unseen) {
    Browser client = sign_in(PanelKind::client, "carl");
    const auto answer = client.post("/sites/new", {{"domains", "a.example"},
                                                   {"upstream.servers.0.host", "10.0.0.1"},
                                                   {"upstream.servers.0.port", "0"},
                                                   {"access.basic.users.0.name", "anna"},
                                                   {"access.basic.users.0.hash.new", "open sesame"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(!has(answer, "open sesame"));
    BOOST_TEST(!has(answer, "$2y$"));
    const auto saved =
        client.post("/sites/new", changed(fields_of(answer), {{"upstream.servers.0.port", "80"}}));
    BOOST_TEST(saved.status == 303);
    const auto site = store::find_site(db, Scope::everything(), "a.example");
    BOOST_TEST(crypto::verify_password(head(site->id).access.basic.users.at(0).hash, Secret("open sesame")));
}

BOOST_AUTO_TEST_CASE(a_password_needs_to_be_one) {
    Browser client = sign_in(PanelKind::client, "carl");
    const http::Values form{{"domains", "a.example"},
                            {"upstream.servers.0.host", "10.0.0.1"},
                            {"upstream.servers.0.port", "80"},
                            {"access.basic.users.0.name", "anna"}};
    const auto post = [&](std::string password) {
        return client.post("/sites/new",
                           changed(form, {{"access.basic.users.0.hash.new", std::move(password)}}));
    };
    BOOST_TEST(has(post(""), "id=\"access.basic.users.0.hash-e\""));
    BOOST_TEST(has(post(std::string(73, 'x')), "at most 72 bytes"));
    // Somebody else's hidden value is no password.
    const auto forged =
        client.post("/sites/new", changed(form, {{"access.basic.users.0.hash", "v1:x:AAAA"}}));
    BOOST_TEST(forged.status == 422);
    BOOST_TEST(post(std::string(72, 'x')).status == 303);
}

BOOST_AUTO_TEST_CASE(clients_neither_see_nor_set_what_is_for_staff) {
    const SiteId id = add_full();
    Browser client = sign_in(PanelKind::client, "carl");
    const auto page = client.get(edit(id));
    BOOST_TEST(!has(page, "raw.nginx"));
    BOOST_TEST(!has(client.get("/sites/" + id.text()), "gzip off"));
    const auto saved =
        client.post(edit(id), changed(fields_of(page), {{"raw.nginx", "deny all;"}, {"note", "mine"}}));
    BOOST_TEST(saved.status == 303);
    BOOST_TEST(head(id).note == "mine");
    BOOST_TEST(head(id).raw.nginx == "gzip off;\n");
    BOOST_TEST(!has(client.get("/sites/" + id.text() + "/history?from=1&to=2"), "gzip off"));
}

// What the engines get has them, and pages of clients show that there is something and not what.
BOOST_AUTO_TEST_CASE(clients_read_no_directives_in_rendered_files) {
    constexpr char kSecret[] =
        R"({"version":2,"domains":["a.example"],"upstream":{"servers":[{"host":"10.0.0.1","port":80}]},)"
        R"("raw":{"nginx":"location /x {\n    set $secret 1;\n}\nset $hidden 2;"}})";
    const SiteId id = add_full(kSecret);
    const auto review = "/review?site=" + id.text();
    const auto of = [&](const std::string& more) { return "/sites/" + id.text() + more; };
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser client = sign_in(PanelKind::client, "carl");
    BOOST_TEST(has(anna.get(review), "$secret"));
    BOOST_TEST(has(anna.post(of("/preview"), fields_of(anna.get(edit(id)))), "$hidden"));
    const auto saved = client.post(edit(id), changed(fields_of(client.get(edit(id))), {{"note", "mine"}}));
    BOOST_TEST(saved.status == 303);
    BOOST_TEST(has(client.get(review), "(set by the operator)"));
    const auto preview = client.post(of("/preview"), fields_of(client.get(edit(id))));
    BOOST_TEST(has(preview, "(set by the operator)"));
    BOOST_TEST(has(preview, "proxy_pass"));
    for (const std::string& page :
         {preview.body, client.get(review).body, client.get(of("")).body, client.get(edit(id)).body,
          client.get(of("/history?from=1&to=2")).body, client.get("/audit").body,
          client.get("/audit/export?format=csv").body, client.get("/audit/export?format=jsonl").body}) {
        BOOST_TEST(page.find("secret") == std::string::npos);
        BOOST_TEST(page.find("hidden 2") == std::string::npos);
    }
}

// Also of the other engines, and what a snippet of the staff brings.
BOOST_AUTO_TEST_CASE(clients_read_no_directives_of_any_engine) {
    const PieceId guard = rpm::ops::create_piece(ops, Viewer::system(),
                                                 {.kind = PieceKind::snippet,
                                                  .name = "guard",
                                                  .offered = true,
                                                  .definition = Json::parse(R"({"compression":true})")});
    const PieceId kept =
        rpm::ops::create_piece(ops, Viewer::system(),
                               {.kind = PieceKind::site_template,
                                .name = "kept",
                                .owner = carl,
                                .definition = Json::parse(R"j({"raw":{"nginx":"set $secret 1;"}})j")});
    const SiteId id = add_full(
        R"({"version":2,"domains":["a.example"],"upstream":{"servers":[{"host":"10.0.0.1","port":80}]},)"
        R"("snippets":["guard"]})");
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser client = sign_in(PanelKind::client, "carl");
    const auto of = [&](const std::string& more) { return "/sites/" + id.text() + more; };
    unsigned version = 1;
    for (const auto& [engine, raw] : std::map<std::string, std::string>{
             {"nginx", "set $secret 1;"},
             {"caddy", R"j([{"handler":"vars","own":"secret"}])j"},
             {"traefik", R"j({"secret":{"addPrefix":{"prefix":"/secret"}}})j"}}) {
        rpm::ops::update_piece(ops, Viewer::system(), guard, version++,
                               {.definition = Json::object({{"raw", Json::object({{engine, raw}})}})});
        db::transact(db, [&](db::Transaction& tx) { tx.execute("UPDATE nodes SET proxy_type = ?", engine); });
        const auto review = "/review?site=" + id.text();
        const auto form = fields_of(client.get(edit(id)));
        BOOST_TEST(has(anna.get(review), "secret"), engine);
        BOOST_TEST(has(anna.post(of("/preview"), fields_of(anna.get(edit(id)))), "secret"), engine);
        BOOST_TEST(has(client.post(of("/preview"), form), "10.0.0.1"), engine);
        for (const std::string& page :
             {client.get(review).body, client.post(of("/preview"), form).body, client.get(of("")).body,
              client.get("/shared/" + kept.text()).body, client.get("/explain?url=a.example").body})
            BOOST_TEST(page.find("secret") == std::string::npos, engine + ": " + page);
    }
}

BOOST_AUTO_TEST_CASE(own_rules_of_a_route_that_are_empty_differ_from_none) {
    const SiteId id = add_full();
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto fields = fields_of(anna.get(edit(id)));
    const auto removed = anna.post(edit(id), changed(fields, {{"remove", "routes.0.access"}}));
    BOOST_TEST(anna.post(edit(id), fields_of(removed)).status == 303);
    BOOST_TEST(!head(id).routes[0].access.has_value());
    BOOST_TEST(head(id).routes.size() == 3U);
    const auto set =
        anna.post(edit(id), changed(fields_of(anna.get(edit(id))), {{"add", "routes.0.access"}}));
    BOOST_TEST(anna.post(edit(id), fields_of(set)).status == 303);
    BOOST_TEST((head(id).routes[0].access == Access{}));
}

BOOST_AUTO_TEST_CASE(what_both_changed_is_chosen_field_by_field) {
    const SiteId id = add_full();
    Browser anna = sign_in(PanelKind::admin, "anna");
    Browser bert = sign_in(PanelKind::admin, "bert");
    const auto fields = fields_of(anna.get(edit(id)));
    const auto berts = fields_of(bert.get(edit(id)));
    BOOST_TEST(bert.post(edit(id), changed(berts, {{"routes.0.path", "/api2"},
                                                   {"tls.hsts_seconds", "40000000"},
                                                   {"headers.cors.max_age", "6"}}))
                   .status == 303);
    const auto conflict = anna.post(edit(id), changed(fields, {{"routes.0.path", "/api3"},
                                                               {"tls.hsts_seconds", "50000000"},
                                                               {"upstream.health.path", "/ok"}}));
    BOOST_TEST(conflict.status == 409);
    BOOST_TEST(has(conflict, "name=\"pick_tls.hsts_seconds\""));
    BOOST_TEST(has(conflict, "name=\"pick_routes\""));  // rows that differ in what they are called: the list
    BOOST_TEST(!has(conflict, "$2y$"));
    http::Values merged;
    const std::string_view html = conflict.body;
    for (auto at = html.find("<input type=\"hidden\"", html.find("action=\"/sites"));
         at != std::string_view::npos; at = html.find("<input type=\"hidden\"", at + 1)) {
        const std::string_view tag = html.substr(at, html.find('>', at) - at);
        merged.add(attribute(tag, "name"), attribute(tag, "value"));
    }
    BOOST_TEST(
        anna.post(edit(id), changed(merged, {{"pick_tls.hsts_seconds", "theirs"}, {"pick_routes", "mine"}}))
            .status == 303);
    auto expected = SiteDefinition::parse(Json::parse(kFullSite));
    expected.routes[0].path = "/api3";
    expected.tls.hsts_seconds = std::chrono::seconds(40000000);
    expected.headers.cors.max_age = std::chrono::seconds(6);
    expected.upstream.health.path = "/ok";
    BOOST_CHECK(head(id) == expected);
}

BOOST_AUTO_TEST_CASE(what_a_node_cannot_do_is_told_at_the_field_and_refused_at_the_review) {
    const SiteId id = add_full(
        R"({"version":2,"domains":["a.example"],"upstream":{"scheme":"h2c","servers":[{"host":"10.0.0.1","port":80}]}})");
    add_node("edge-2");
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto page = anna.get(edit(id));
    BOOST_TEST(has(page, "id=\"upstream.scheme-w0\""));
    BOOST_TEST(has(page, "nginx node edge-1: nginx speaks HTTP/2 to servers for gRPC only; use gRPC"));
    Browser client = sign_in(PanelKind::client, "carl");
    const auto clients = client.get(edit(id));
    BOOST_TEST(has(clients, "nginx: nginx speaks HTTP/2"));
    BOOST_TEST(!has(clients, "edge-1"));
    const auto review = anna.get("/review?site=" + id.text());
    BOOST_TEST(has(review, "nginx speaks HTTP/2 to servers for gRPC only"));
    BOOST_TEST(
        anna.post("/review", {{"site", id.text()}, {"plan", input_value(review.body, "plan")}}).status ==
        422);
}

BOOST_AUTO_TEST_CASE(a_refused_server_of_a_route_is_told_there) {
    Browser client = sign_in(PanelKind::client, "carl");
    const auto answer = client.post("/sites/new", {{"domains", "a.example"},
                                                   {"upstream.servers.0.host", "10.0.0.1"},
                                                   {"upstream.servers.0.port", "80"},
                                                   {"routes.0.path", "/a"},
                                                   {"routes.0.upstream", "1"},
                                                   {"routes.0.upstream.servers.0.host", "127.0.0.1"},
                                                   {"routes.0.upstream.servers.0.port", "80"}});
    BOOST_TEST(answer.status == 422);
    BOOST_TEST(has(answer, "id=\"routes.0.upstream.servers.0.host-e\""));
    BOOST_TEST(has(answer, "id=\"l-routes.0\" open"));
}

BOOST_AUTO_TEST_CASE(the_page_of_a_site_says_what_is_set) {
    const SiteId id = add_full();
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto page = anna.get("/sites/" + id.text());
    for (const char* words : {"Health check", "/up", "Client certificates", "10.0.0.0/8", "anna"})
        BOOST_TEST(has(page, words), words);
    BOOST_TEST(!has(page, "$2y$"));
    const SiteId small = add_full(
        R"({"version":2,"domains":["bücher.example"],"upstream":{"servers":[{"host":"10.0.0.1","port":80}]}})");
    const auto plain_page = anna.get("/sites/" + small.text());
    BOOST_TEST(has(plain_page, "bücher.example"));
    BOOST_TEST(has(plain_page, "xn--bcher-kva.example"));
    BOOST_TEST(!has(plain_page, "id=\"h-set\""));
}

BOOST_AUTO_TEST_CASE(the_largest_site_fits_into_the_form) {
    Json json = Json::parse(kSmall);
    json["domains"] = Json::array();
    for (int i = 0; i < 100; ++i) json["domains"].push("d" + std::to_string(i) + ".example");
    json["upstream"]["servers"] = Json::array();
    for (int i = 0; i < 64; ++i)
        json["upstream"]["servers"].push(a_server("10.0.1." + std::to_string(i), 80));
    json["routes"] = Json::array();
    for (int i = 0; i < 100; ++i) {
        Json route = Json::object({{"path", "/r" + std::to_string(i)}, {"access", Json::object()}});
        for (int s = 0; s < 4; ++s)
            route["upstream"]["servers"].push(a_server("10.0.2." + std::to_string(s), 80));
        json["routes"].push(std::move(route));
    }
    const SiteId id = add_full(json.dump().c_str());
    Browser anna = sign_in(PanelKind::admin, "anna");
    const auto fields = fields_of(anna.get(edit(id)));
    BOOST_TEST(fields.size() < http::Limits().form_fields);
    BOOST_TEST(anna.post(edit(id), changed(fields, {{"note", "large"}})).status == 303);
    BOOST_TEST(head(id).routes.size() == 100U);
    BOOST_TEST(head(id).note == "large");
}

BOOST_AUTO_TEST_SUITE_END()
