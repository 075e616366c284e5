// SPDX-License-Identifier: MIT
// What administrators write in the words of Caddy and Traefik.
#include "shared/base/text.h"
#include "shared/model/caddy_directives.h"
#include "shared/model/traefik_directives.h"
#include "shared/render/caddy.h"
#include "shared/render/traefik.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sites.h"

namespace rpm::fuzz {
namespace {

// Every text of a tree, names of members too.
template <class F>
void each_text(const Json& json, F found) {
    if (json.is_text()) found(json.text());
    if (json.is_array())
        for (const Json& item : json.items()) each_text(item, found);
    if (json.is_object())
        for (const auto& [name, value] : json.members()) {
            found(name);
            each_text(value, found);
        }
}

// The words of modules that must not be reached, wherever they may stand as a handler's or a type's name.
void demand_no_module(const Json& json, std::string_view member) {
    if (json.is_array())
        for (const Json& item : json.items()) demand_no_module(item, member);
    if (!json.is_object()) return;
    if (const Json* name = json.find(member); name != nullptr && name->is_text())
        for (const char* other : {"file_server", "reverse_proxy", "templates", "metrics", "acme_server"})
            demand(name->text() != other, "a handler that is not allowed: " + name->text());
    for (const auto& [name, value] : json.members()) demand_no_module(value, member);
}

bool is_refused(const std::string& problem) {
    if (!problem.empty()) demand_clean(problem, "the problem");
    return !problem.empty();
}

DeployableSite site_with(std::string_view member, std::string_view text) {
    Json json = test::a_definition("shop.example.com");
    json["raw"][member] = text;
    return test::a_site(7, json);
}

}  // namespace

void caddy_directives(std::string_view input) {
    if (is_refused(problem_in_caddy_directives(input))) return;
    const Json tree = Json::parse(input);
    demand_no_module(tree, "handler");
    each_text(tree, [](std::string_view text) {
        for (const char* secret : {"{env.", "{file.", "{system.", "{http.request.tls", "{{"})
            demand(text.find(secret) == std::string_view::npos, "a placeholder that is not allowed");
    });
    const std::string part = render::caddy_site(test::a_node(), site_with("caddy", input));
    std::size_t sections = 0;
    for (const std::string_view line : text::lines(part)) sections += line.starts_with("@ ") ? 1 : 0;
    demand(sections == 2, "a text begins a section of its own");
}

void traefik_directives(std::string_view input) {
    if (is_refused(problem_in_traefik_directives(input))) return;
    const Json tree = Json::parse(input);
    for (const auto& [name, middleware] : tree.members()) {
        demand(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos,
               "a name that could be another's: " + name);
        for (const char* other : {"chain", "errors", "forwardAuth", "plugin", "basicAuth", "digestAuth"})
            demand(middleware.find(other) == nullptr, "a type that is not allowed");
    }
    const std::string file = render::traefik::site_text(test::a_node(), site_with("traefik", input));
    demand(file.find("{{") == std::string::npos, "Traefik takes it for a template");
    demand(file.find("\n---") == std::string::npos, "the file has two documents");
}

}  // namespace rpm::fuzz
