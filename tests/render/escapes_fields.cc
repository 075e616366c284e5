// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/shared_piece.h"
#include "tests/render/escapes.h"

namespace rpm::test {
namespace {

void add_members(const MemberDoc& doc, const std::string& path, std::set<std::string>& out) {
    if (doc.kind == MemberKind::text || doc.kind == MemberKind::block) {
        out.insert(general(path));
        return;
    }
    for (const MemberDoc& member : doc.members) {
        const std::string name = doc.kind == MemberKind::list ? "*" : member.name;
        add_members(member, path.empty() ? name : path + "." + name, out);
    }
}

void add_fields(const MemberDoc& doc, const Json& json, const std::string& path,
                std::vector<std::string>& out) {
    if (doc.kind == MemberKind::text || doc.kind == MemberKind::block) {
        if (json.is_text()) out.push_back(path);
        return;
    }
    const std::string before = path.empty() ? "" : path + ".";
    if (json.is_array()) {
        for (std::size_t i = 0; i < json.items().size(); ++i)
            add_fields(doc.members.front(), json.items()[i], before + std::to_string(i), out);
    } else if (json.is_object()) {
        for (const auto& [name, value] : json.members())
            if (const MemberDoc* member = doc.find(name)) add_fields(*member, value, before + name, out);
    }
}

Json& child(Json& json, std::string_view name) {
    return json.is_array() ? json.items().at(std::stoul(std::string(name))) : json[name];
}

// Takes the member away; entries of lists, too.
bool erase(Json& json, std::string_view path) {
    const auto dot = path.find('.');
    const std::string_view first = path.substr(0, dot);
    if (json.is_array()) {
        const auto index = text::number<std::size_t>(first);
        if (!index || *index >= json.items().size()) return false;
        if (dot != std::string_view::npos && erase(json.items()[*index], path.substr(dot + 1))) return true;
        json.items().erase(json.items().begin() + static_cast<std::ptrdiff_t>(*index));
        return true;
    }
    if (json.find(first) == nullptr) return false;
    if (dot != std::string_view::npos && erase(json[first], path.substr(dot + 1))) return true;
    if (dot != std::string_view::npos && !json[first].is_object() && !json[first].is_array()) return false;
    std::erase_if(json.members(), [&](const Json::Member& each) { return each.first == first; });
    return true;
}

// What the engine does not take of the definition; none: it takes all.
std::vector<std::string> refused_fields(const Json& definition, const NodeProfile& node) {
    try {
        const DeployableSite site = deployable(definition);
        render::renderer(node.engine).render(templates(), node, {&site, 1});
        return {};
    } catch (const Invalid& error) {
        std::vector<std::string> out;
        for (const auto& [field, message] : error.problems.entries()) out.push_back(field);
        return out;
    }
}

// What a site with another way to sign in, another kind and other servers says.
constexpr char kOtherSite[] =
    R"j({"version": 2, "kind": "redirect", "domains": ["old.example.com", "*.old.example.com"],
    "redirect": {"to": "https://new.example.com/a", "status": 301},
    "routes": [
        {"path": "/app", "upstream": {"servers": [{"host": "app.internal", "port": 80}], "scheme": "https",
            "host_header": "inner.example.com", "tls": {"server_name": "inner.example.com"}, "health": {"path": "/up"}}},
        {"match": "regex", "path": "^/go/(a+)$", "action": "redirect", "redirect": {"to": "/gone/$1", "status": 302}},
        {"match": "regex", "path": "^/r/(b+)$", "rewrite": "/s/$1", "upstream": {"servers": [{"host": "10.0.0.4", "port": 80}]}},
        {"match": "exact", "path": "/e", "rewrite": "/f", "upstream": {"servers": [{"host": "10.0.0.5", "port": 80}]}},
        {"path": "/p", "rewrite": "/q", "upstream": {"servers": [{"host": "10.0.0.6", "port": 80}]}}],
    "access": {"forward": {"url": "https://auth.example.com/verify", "sign_in": "https://auth.example.com/in",
        "copy_headers": ["Remote-User"]}},
    "limits": {"rates": [{"key": "header", "header": "X-Key"}]},
    "headers": {"response": [{"name": "X-One", "value": "one"}], "request": [{"name": "X-Two", "value": "two"}]},
    "pages": {"errors": [{"statuses": [404], "html": "<p>gone</p>"}]}})j";

// Served as data of one server block where there are many of its kind.
constexpr char kOneOfMany[] = R"j({"version": 2, "domains": ["many.example.com", "www.many.example.com"],
    "upstream": {"scheme": "https", "servers": [{"host": "many.internal", "port": 8443}],
        "host_header": "inner.example.com", "tls": {"server_name": "inner.example.com"}},
    "routes": [{"path": "/old", "action": "redirect", "redirect": {"to": "/new", "status": 302}},
        {"match": "regex", "path": "^/u/(a+)$", "rewrite": "/v/$1"}],
    "headers": {"response": [{"name": "X-One", "value": "one"}], "request": [{"name": "X-Two", "value": "two"}],
        "security": {"referrer_policy": "no-referrer"}},
    "tls": {"mode": "self_signed"}, "access": {"deny": ["10.1.0.0/16"]}, "note": "one of many"})j";

constexpr char kOfPieces[] = R"j({"version": 2, "domains": ["pieces.example.com"],
    "upstream": {"servers": [{"host": "10.0.0.1", "port": 80}]},
    "routes": [{"path": "/office", "access": {"list": "office"}}],
    "access": {"list": "staff"}, "snippets": ["hardened"], "own": ["tls.minimum"]})j";

Json part_of(PieceKind kind) {
    return Json::parse(kind == PieceKind::snippet
                           ? R"j({"headers": {"security": {"no_sniff": true}}, "tls": {"minimum": "1.3"}})j"
                           : R"j({"access": {"deny": ["10.1.0.0/16"]}})j");
}

constexpr char kOwnWords[] = R"j({"version": 2, "domains": ["own.example.com"],
    "upstream": {"servers": [{"host": "10.0.0.1", "port": 80}]},
    "raw": {"caddy": "[{\"handler\": \"headers\", \"request\": {\"set\": {\"X-A\": [\"a\"]}}}]",
        "traefik": "{\"a\": {\"headers\": {\"frameDeny\": true}}}"}})j";

}  // namespace

const std::vector<Json>& full_definitions() {
    static const std::vector<Json> all = {Json::parse(kFullSite),  Json::parse(kOtherSite),
                                          Json::parse(kOwnWords),  Json::parse(kFullStream),
                                          Json::parse(kOneOfMany), Json::parse(kOfPieces)};
    return all;
}

const std::vector<Json>& full_settings() {
    static const std::vector<Json> all = {
        Json::parse(R"j({"default_site": {"answer": "redirect",
            "redirect": {"to": "https://www.example.com/a", "status": 302, "keep_path": true}},
            "trusted_lists": {"urls": ["https://cdn.example.net/ranges.txt"]}})j"),
        Json::parse(R"j({"default_site": {"answer": "page", "html": "<h1>Nobody</h1>"}})j")};
    return all;
}

std::vector<std::string> text_fields(const Json& definition, const MemberDoc& members) {
    std::vector<std::string> out;
    add_fields(members, definition, "", out);
    return out;
}

std::vector<std::string> text_members(const MemberDoc& members) {
    std::set<std::string> out;
    add_members(members, "", out);
    return {out.begin(), out.end()};
}

std::string general(std::string_view field) {
    std::string out;
    for (const std::string_view part : text::split(field, '.'))
        out.append(out.empty() ? "" : ".").append(text::number<unsigned>(part) ? "*" : part);
    for (const std::string_view same : {"upstream", "access"})
        if (out.starts_with("routes.*." + std::string(same) + ".")) return out.substr(9);
    return out.starts_with("routes.*.rates.") ? "limits" + out.substr(8) : out;
}

Json& at(Json& json, std::string_view path) {
    const auto dot = path.find('.');
    Json& next = child(json, path.substr(0, dot));
    return dot == std::string_view::npos ? next : at(next, path.substr(dot + 1));
}

Json sayable(Json definition, const NodeProfile& node, const std::string& field) {
    for (int round = 0; round < 60; ++round) {
        const auto refused = refused_fields(definition, node);
        if (refused.empty()) return definition;
        bool changed = false;
        for (const std::string& each : refused) {
            if (field == each || field.starts_with(each + ".")) continue;
            changed = erase(definition, each) || changed;
        }
        if (!changed) return {};
    }
    throw Error("there is no end of what the engine refuses");
}

NodeProfile a_node_of(Engine engine) {
    NodeProfile node = a_node();
    node.engine = engine;
    return node;
}

DeployableSite deployable(const Json& definition, std::uint64_t id) {
    DeployableSite site = a_site(id, definition);
    if (site.definition->has_pieces()) {
        std::vector<NamedPiece> pieces;
        for (const PieceReference& each : references_of(*site.definition))
            pieces.push_back({each.kind, each.name, parse_piece(each.kind, part_of(each.kind))});
        site.definition = std::make_shared<const SiteDefinition>(compose(*site.definition, pieces));
    }
    return site.definition->tls.mode == TlsMode::none ? site : with_certificate(std::move(site));
}

}  // namespace rpm::test
