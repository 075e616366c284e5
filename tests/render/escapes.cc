// SPDX-License-Identifier: MIT
// Hostile texts in every text of a definition: refused under the field's name, or no more than text to every
// engine.
#define BOOST_TEST_DYN_LINK
#include "tests/render/escapes.h"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <optional>
#include <set>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/capabilities.h"
#include "shared/render/nginx.h"
#include "shared/render/nginx_dense.h"
#include "tests/support/caddy.h"
#include "tests/support/traefik.h"

using namespace rpm;
using namespace rpm::test;
namespace data = boost::unit_test::data;

namespace {

// How a site gets into an engine; nginx has a form in which sites are data of one server block, too.
struct Way {
    std::string name;
    const render::Renderer* renderer;
    NodeProfile node;
};
const std::vector<Way>& ways() {
    static const std::vector<Way> all = [] {
        std::vector<Way> out;
        for (const Engine engine : {Engine::nginx, Engine::caddy, Engine::traefik})
            out.push_back({std::string(name_of(engine)), &render::renderer(engine), a_node_of(engine)});
        static const render::NginxRenderer dense(1);
        out.push_back({"nginx, dense", &dense, a_node_of(Engine::nginx)});
        out.back().node.facts = {{1, 22, 1}, {std::string(render::nginx::kReleaseFolder)}};
        return out;
    }();
    return all;
}

// How a text gets into a field that has a form of its own: alone, and at the end of what stands there.
std::vector<std::string> forms(const std::string& before, const std::string& hostile) {
    return {hostile, before + hostile, "/" + hostile};
}

Json with(const Json& definition, const std::string& field, const std::string& text) {
    Json out = definition;
    at(out, field) = text;
    return out;
}

// The problems of a refused definition.
template <class Model = SiteDefinition>
std::optional<Problems> refusal(const Json& definition) {
    try {
        Model::parse(definition);
        return std::nullopt;
    } catch (const Invalid& error) {
        return error.problems;
    }
}

// A refusal may speak of the field, of an entry of it, or of what stands in the object that it is in: a
// route's groups are counted in its path.
bool speaks_of(const Problems& problems, const std::string& field) {
    std::string object = field.substr(0, field.rfind('.') + 1);
    if (text::number<unsigned>(field.substr(object.size())))  // an entry of a list of texts
        object.resize(object.rfind('.', object.size() - 2) + 1);
    for (const auto& [name, message] : problems.entries()) {
        if (name == field || name.starts_with(field + ".")) return true;
        if (!object.empty() && (name.starts_with(object) || object.starts_with(name + "."))) return true;
    }
    return false;
}

// An engine may refuse what the text makes of its neighbours: servers by name, which are not counted.
bool is_about(const Problems& problems, const std::string& field) {
    const std::string part = field.substr(0, field.find('.'));
    return std::ranges::any_of(problems.entries(),
                               [&](const auto& each) { return each.first.starts_with(part); });
}

// The shape, or nothing when the engine refuses the site for good.
std::optional<std::string> shape(const Json& definition, const Way& way, const std::string& field) {
    const DeployableSite site = deployable(definition);
    try {
        return shape_of(way.renderer->render(templates(), way.node, {&site, 1}), way.node.engine);
    } catch (const render::InvalidSite& error) {
        BOOST_TEST(error.site.value() == 7U);
        for (const auto& [name, message] : error.problems.entries())
            BOOST_TEST(site_members().find(name) != nullptr, name << " is no field");
        BOOST_TEST(is_about(error.problems, field),
                   way.name << ", " << field << ": " << error.problems.text());
        return std::nullopt;
    }
}

// Letters, as many as the text has bytes: of equal length, so that routes keep their order. Groups stay,
// because a path with groups is changed in another way.
std::string harmless(const std::string& text, const std::string& kept) {
    std::string out = text;
    const std::size_t begin = text.starts_with(kept) ? kept.size() : text.starts_with('/') ? 1 : 0;
    for (std::size_t i = begin; i < out.size(); ++i) {
        if (out[i] == '$' && i + 1 < out.size() && out[i + 1] >= '1' && out[i + 1] <= '9')
            ++i;
        else
            out[i] = 'x';
    }
    return out;
}

struct Field {
    std::size_t definition;
    std::string path;
};
std::ostream& operator<<(std::ostream& out, const Field& field) {
    return out << field.path << " of " << field.definition;
}
std::vector<Field> fields() {
    std::vector<Field> out;
    for (std::size_t i = 0; i < full_definitions().size(); ++i)
        for (const std::string& path : text_fields(full_definitions()[i])) out.push_back({i, path});
    return out;
}

// First line that differs.
std::string difference(const std::string& one, const std::string& other) {
    const auto left = text::lines(one), right = text::lines(other);
    for (std::size_t i = 0; i < left.size() || i < right.size(); ++i)
        if (i >= left.size() || i >= right.size() || left[i] != right[i])
            return (i < left.size() ? std::string(left[i]) : "(end)") + " | " +
                   (i < right.size() ? std::string(right[i]) : "(end)");
    return "";
}

void expect_text_only(const Json& base, const Field& field, const std::string& hostile, const Way& way) {
    Json plain = base;
    const std::string before = at(plain, field.path).text();
    for (const std::string& text : forms(before, hostile)) {
        const Json definition = with(base, field.path, text);
        if (refusal(definition)) continue;
        const auto found = shape(definition, way, field.path);
        if (!found) continue;
        const Json reference = with(base, field.path, harmless(text, before));
        const auto wanted = shape(refusal(reference) ? base : reference, way, field.path);
        BOOST_REQUIRE(wanted);
        BOOST_TEST(*found == *wanted, way.name << ", " << field.path << ": '" << text::shown(text, 80)
                                               << "': " << difference(*found, *wanted));
    }
}

std::string shape_of_node(const Json& settings, const Way& way) {
    NodeProfile node = way.node;
    node.default_site = NodeSettings::parse(settings).default_site;
    return shape_of(way.renderer->render(templates(), node, {}), node.engine);
}

void expect_settings_text_only(const Json& full, const std::string& field, const std::string& hostile) {
    Json plain = full;
    const std::string before = at(plain, field).text();
    for (const std::string& text : forms(before, hostile)) {
        const Json settings = with(full, field, text);
        if (const auto problems = refusal<NodeSettings>(settings)) {
            BOOST_TEST(speaks_of(*problems, field), field << ": '" << text::shown(text, 80) << "'");
            continue;
        }
        for (const Way& way : ways()) {
            const auto refused = limitations(NodeSettings::parse(settings), way.node.engine, way.node.facts);
            if (!refused.empty()) continue;
            BOOST_TEST(shape_of_node(settings, way) == shape_of_node(full, way),
                       way.name << ", " << field << ": '" << text::shown(text, 80) << "'");
        }
    }
}

// With authorities that engines can load.
Json loadable(Json definition, const std::string& certificate) {
    for (const std::string& field : text_fields(definition)) {
        if (field.ends_with(".ca")) at(definition, field) = certificate;
        if (field.ends_with(".crl")) at(definition, field) = "";
        if (field == "raw.nginx") at(definition, field) = "log_not_found off;\n";
    }
    return definition;
}

bool is_loaded_as_it_is(std::string_view field) {
    return field.starts_with("domains.") || field.ends_with(".hash") || field.ends_with(".ca") ||
           field.ends_with(".crl");
}

// What engines are given at once: for each text a site that has it in all fields that take it.
std::vector<DeployableSite> hostile_sites(const NodeProfile& node, const std::string& certificate) {
    std::vector<DeployableSite> out;
    for (const Json& full : full_definitions()) {
        if (full.find("kind") != nullptr && full.at("kind") == Json("stream"))
            continue;  // of ports of its own
        const Json base = sayable(loadable(full, certificate), node, "");
        if (base.is_null()) continue;
        for (const std::string& hostile : hostile_texts()) {
            Json definition = base;
            const auto number = out.size() + 1;
            definition["domains"] = Json::array({"s" + std::to_string(number) + ".example.com"});
            for (const std::string& field : text_fields(definition)) {
                if (is_loaded_as_it_is(field)) continue;
                const std::string before = at(definition, field).text();
                for (const std::string& text : forms(before, hostile)) {
                    const Json changed = with(definition, field, text);
                    if (!refusal(changed) && sayable(changed, node, field) == changed) definition = changed;
                }
            }
            DeployableSite site = deployable(definition, number);
            if (site.certificate) site = with_certificate(std::move(site), certificate);
            out.push_back(std::move(site));
        }
    }
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(escapes)

BOOST_AUTO_TEST_CASE(every_text_of_the_model_is_tried) {
    std::set<std::string> tried;
    for (const Field& field : fields()) tried.insert(general(field.path));
    // PEM that the model reads; it goes into files of its own, named by the fingerprint, and the key is
    // sealed.
    tried.insert({"upstream.tls.certificate", "upstream.tls.key"});
    for (const std::string& member : text_members())
        BOOST_TEST(tried.contains(member), member << " is in no definition of escapes_fields.cc");
}

BOOST_AUTO_TEST_CASE(definitions_are_good) {
    for (const Json& definition : full_definitions()) {
        const auto problems = refusal(definition);
        BOOST_TEST(!problems, (problems ? problems->text() : ""));
    }
}

BOOST_DATA_TEST_CASE(a_refusal_names_the_field, data::make(fields()), field) {
    const Json& full = full_definitions()[field.definition];
    Json plain = full;
    const std::string before = at(plain, field.path).text();
    for (const std::string& hostile : hostile_texts())
        for (const std::string& text : forms(before, hostile)) {
            const auto problems = refusal(with(full, field.path, text));
            if (problems)
                BOOST_TEST(speaks_of(*problems, field.path),
                           field.path << ": '" << text::shown(text, 80) << "': " << problems->text());
        }
}

BOOST_DATA_TEST_CASE(what_is_accepted_is_only_text, data::make(fields()), field) {
    if (field.path.starts_with("raw.")) return;  // these are structure: tests/model has what they may not say
    for (const Way& way : ways()) {
        const Json base = sayable(full_definitions()[field.definition], way.node, field.path);
        if (base.is_null()) continue;  // this engine has no such member, and says so
        for (const std::string& hostile : hostile_texts()) expect_text_only(base, field, hostile, way);
    }
}

BOOST_AUTO_TEST_CASE(settings_of_nodes_are_only_text) {
    std::set<std::string> tried;
    for (const Json& full : full_settings())
        for (const std::string& field : text_fields(full, node_settings_members())) {
            tried.insert(general(field));
            for (const std::string& hostile : hostile_texts())
                expect_settings_text_only(full, field, hostile);
        }
    for (const std::string& member : text_members(node_settings_members()))
        BOOST_TEST(tried.contains(member), member << " is in no settings of escapes_fields.cc");
}

BOOST_AUTO_TEST_CASE(nginx_loads_them) {
    const auto [certificate, key] = a_certificate({"shop.example.com"});
    NodeProfile node = a_node(private_ports());
    node.facts.version = {1, 22, 1};  // the oldest, which knows the least
    const TemporaryFolder folder;
    write_release(folder.path(), rendered(node, hostile_sites(node, certificate)), a_marker(node), key);
    const Finished test = test_config(folder.path());
    BOOST_TEST(test.status == 0, test.output);
}

BOOST_DATA_TEST_CASE(caddy_loads_them, data::make(caddies()), caddy) {
    const auto [certificate, key] = a_certificate({"shop.example.com"});
    NodeProfile node = a_node_of(Engine::caddy);
    node.listen = private_ports();
    node.facts = caddy.facts;
    const auto& renderer = render::renderer(Engine::caddy);
    const TemporaryFolder folder;
    write_release(folder.path(), renderer.render(templates(), node, hostile_sites(node, certificate)),
                  renderer.marker(templates(), node, "0123456789abcdef"), key);
    const Finished test = test_caddy(caddy, folder.path());
    BOOST_TEST(test.status == 0, test.output);
}

BOOST_AUTO_TEST_CASE(traefik_loads_them,
                     *boost::unit_test::precondition([](auto) { return !traefik().empty(); })) {
    const auto [certificate, key] = a_certificate({"shop.example.com"});
    NodeProfile node = a_node_of(Engine::traefik);
    node.listen = private_ports();
    const auto& renderer = render::renderer(Engine::traefik);
    const TemporaryFolder folder;
    write_release(folder.path(), renderer.render(templates(), node, hostile_sites(node, certificate)),
                  renderer.marker(templates(), node, "0123456789abcdef"), key);
    const RunningTraefik engine(folder.path(), node);
    BOOST_TEST(engine.complaints() == "");
}

BOOST_AUTO_TEST_SUITE_END()
