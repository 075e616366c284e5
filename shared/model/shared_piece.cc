// SPDX-License-Identifier: MIT
#include "shared/model/shared_piece.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/site_members.h"
#include "shared/model/site_templates.h"

namespace rpm {

std::string why_not_piece_name(std::string_view text) {
    const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (text.empty()) return "is missing";
    if (text.size() > 64) return "is longer than 64 characters";
    if (!std::ranges::all_of(text, fits)) return "may have lower-case letters, digits and hyphens only";
    return text.front() == '-' || text.back() == '-' ? "begins or ends with a hyphen" : "";
}

bool is_shareable(std::string_view path) {
    for (const std::string_view of_one_site :
         {"domains", "kind", "note", "snippets", "own", "access.list", "stream"})
        if (path == of_one_site) return false;
    if (path.starts_with("stream.")) return false;  // ports belong to one site
    const auto parts = text::split(path, '.');
    const auto numbered = [](std::string_view part) { return part == "*" || text::number<unsigned>(part); };
    return std::ranges::none_of(parts, numbered) && site_members().find(path) != nullptr;
}

namespace members {

std::string why_not_piece_name(std::string_view text) {
    return rpm::why_not_piece_name(text);
}
std::string why_not_own(std::string_view text) {
    return is_shareable(text) ? "" : "is no member that a snippet may set, such as tls.minimum";
}

}  // namespace members

// ---- Parts ----------------------------------------------------------------------------------------------

namespace {

// What was given, in canonical form: `saved` lacks the members that have their default.
Json given_members(const MemberDoc& doc, const Json& given, const Json* saved) {
    Json::Object out;
    for (const MemberDoc& member : doc.members) {
        const Json* wanted = given.find(member.name);
        if (wanted == nullptr) continue;
        const Json* value = saved == nullptr ? nullptr : saved->find(member.name);
        if (member.kind == MemberKind::object) {
            Json inner = given_members(member, *wanted, value);
            if (!inner.members().empty()) out.emplace_back(member.name, std::move(inner));
        } else {
            out.emplace_back(member.name, value == nullptr ? member.fallback : *value);
        }
    }
    return Json::object(std::move(out));
}

// Only what a site was saved with is sealed; of a piece every version would keep the key in the clear.
void refuse_clear_keys(const SiteDefinition& part, Problems& problems) {
    const auto check = [&](const std::string& path, const UpstreamTls& tls) {
        if (!tls.key.empty() && fingerprint_of_key(tls.key).empty())
            problems.add(path + ".tls.key", "must be stored:FINGERPRINT of a key that a site was saved with");
    };
    check("upstream", part.upstream.tls);
    for (std::size_t i = 0; i < part.routes.size(); ++i)
        if (part.routes[i].upstream)
            check("routes." + std::to_string(i) + ".upstream", part.routes[i].upstream->tls);
}

void refuse_members(PieceKind kind, const Json& json, const SiteDefinition& part, Problems& problems) {
    constexpr std::string_view kAlone = "belongs to one site; a shared piece cannot have it";
    const bool list = kind == PieceKind::access_list;
    for (const auto& [name, value] : json.members())
        if (name != "version" && (list ? name != "access" : !is_shareable(name)))
            problems.add(name, list ? "is no part of an access list" : std::string(kAlone));
    for (const PieceReference& each : references_of(part))
        problems.add(each.field, "refers to another shared piece; pieces do not nest");
    refuse_clear_keys(part, problems);
}

// An access list as a site would have it that has nothing else.
Json bare_site(const Json& access) {
    const Json server = Json::object({{"host", "localhost"}, {"port", 80}});
    return Json::object({{"version", 2},
                         {"domains", Json::array({"localhost"})},
                         {"upstream", Json::object({{"servers", Json::array({server})}})},
                         {"access", access}});
}

}  // namespace

namespace {

// Texts may have blanks in them, so it is read as it would be filled in, and kept as it came.
Json parse_template(const Json& json) {
    Json filled = fill_template(json, {.domains = {"localhost"}});
    if (json.is_object() && json.find("domains") != nullptr)
        throw Invalid("domains", "belongs to one site; a template cannot have it");
    Problems problems;
    refuse_clear_keys(SiteDefinition::parse_part(filled), problems);
    if (!problems.empty()) throw Invalid(std::move(problems));
    Json out = json;
    out["version"] = 2;
    return out;
}

}  // namespace

Json parse_piece(PieceKind kind, const Json& json) {
    if (!json.is_object()) throw Invalid("definition", "must be an object");
    if (kind == PieceKind::site_template) return parse_template(json);
    const SiteDefinition part = SiteDefinition::parse_part(json);
    Problems problems;
    refuse_members(kind, json, part, problems);
    const Json saved = part.to_json();
    Json given = given_members(site_members(), json, &saved);
    if (problems.empty() && given.members().empty()) problems.add("definition", "sets nothing");
    if (!problems.empty()) throw Invalid(std::move(problems));
    if (kind == PieceKind::access_list) SiteDefinition::parse(bare_site(given.at("access")));
    given.members().insert(given.members().begin(), {"version", 2});
    return given;
}

std::vector<PieceReference> references_of(const SiteDefinition& definition) {
    std::vector<PieceReference> out;
    const auto add_list = [&out](const Access& access, const std::string& field) {
        if (!access.list.empty()) out.push_back({PieceKind::access_list, access.list, field});
    };
    for (std::size_t i = 0; i < definition.routes.size(); ++i)
        if (definition.routes[i].access)
            add_list(*definition.routes[i].access, "routes." + std::to_string(i) + ".access.list");
    add_list(definition.access, "access.list");
    for (std::size_t i = 0; i < definition.snippets.size(); ++i)
        out.push_back({PieceKind::snippet, definition.snippets[i], "snippets." + std::to_string(i)});
    return out;
}

bool SiteDefinition::has_pieces() const {
    return !references_of(*this).empty();
}

// ---- Composing ------------------------------------------------------------------------------------------

namespace {

std::string text_of(const Json& entry, std::string_view member, std::string_view fallback) {
    const Json* value = entry.find(member);
    return value != nullptr && value->is_text() ? value->text() : std::string(fallback);
}

// What tells the entries of a list apart; null for lists that are replaced whole.
using Key = std::string (*)(const Json& entry);
Key key_of(std::string_view path) {
    if (path == "headers.request" || path == "headers.response")
        return [](const Json& entry) { return text::lower(text_of(entry, "name", "")); };
    if (path == "routes")
        return [](const Json& entry) {
            return text_of(entry, "match", "prefix") + " " + text_of(entry, "path", "/");
        };
    return nullptr;
}

Json joined(const Json& base, Json over, Key key) {
    std::vector<std::string> own;
    for (const Json& entry : over.items()) own.push_back(key(entry));
    for (const Json& entry : base.items())
        if (std::ranges::find(own, key(entry)) == own.end()) over.push(entry);
    return over;
}

Json overlaid(const std::string& path, Json base, const Json& over) {
    if (base.is_object() && over.is_object()) {
        for (const auto& [name, value] : over.members()) {
            const std::string below = path.empty() ? name : path + "." + name;
            base[name] = base.find(name) == nullptr ? value : overlaid(below, std::move(base[name]), value);
        }
        return base;
    }
    const Key key = base.is_array() && over.is_array() ? key_of(path) : nullptr;
    return key != nullptr ? joined(base, over, key) : over;
}

void erase(Json& json, std::string_view path) {
    const auto dot = path.find('.');
    auto member = json.is_object()
                      ? std::ranges::find(json.members(), path.substr(0, dot), &Json::Member::first)
                      : Json::Object::iterator{};
    if (!json.is_object() || member == json.members().end()) return;
    if (dot == std::string_view::npos)
        json.members().erase(member);
    else
        erase(member->second, path.substr(dot + 1));
}

const Json& find_part(const std::vector<NamedPiece>& pieces, PieceKind kind, const std::string& name,
                      const std::string& field) {
    for (const NamedPiece& each : pieces)
        if (each.kind == kind && each.name == name) return each.part;
    throw Invalid(field, "there is no " +
                             std::string(kind == PieceKind::snippet ? "snippet" : "access list") +
                             " named '" + text::shown(name, 80) + "'");
}

// The access rules of which these are the own members; `path` is where they stand.
Json with_list(const Json& access, const std::vector<NamedPiece>& pieces, const std::string& path,
               const std::vector<std::string>& own) {
    const std::string name = text_of(access, "list", "");
    if (name.empty()) return access;
    Json part = find_part(pieces, PieceKind::access_list, name, path + ".list");
    for (const std::string& each : own) erase(part, each);
    Json over = access;
    erase(over, "list");
    const Json* base = part.find("access");
    return base == nullptr ? over : overlaid("access", *base, over);
}

void put_lists(Json& json, const std::vector<NamedPiece>& pieces, const std::vector<std::string>& own) {
    if (const Json* access = json.find("access")) json["access"] = with_list(*access, pieces, "access", own);
    if (json.find("routes") == nullptr) return;
    auto& routes = json["routes"].items();
    for (std::size_t i = 0; i < routes.size(); ++i)
        if (const Json* access = routes[i].find("access"))
            routes[i]["access"] = with_list(*access, pieces, "routes." + std::to_string(i) + ".access", {});
}

}  // namespace

SiteDefinition compose(const SiteDefinition& own, const std::vector<NamedPiece>& pieces) {
    if (!own.has_pieces()) return own;
    Json base = Json::object();
    for (std::size_t i = 0; i < own.snippets.size(); ++i)
        base =
            overlaid("", std::move(base),
                     find_part(pieces, PieceKind::snippet, own.snippets[i], "snippets." + std::to_string(i)));
    for (const std::string& path : own.own) erase(base, path);
    Json over = own.to_json();
    put_lists(over, pieces, own.own);
    Json composed = overlaid("", std::move(base), over);
    erase(composed, "snippets");
    erase(composed, "own");
    try {
        return SiteDefinition::parse(composed);
    } catch (const Invalid& error) {
        Problems problems;
        for (const auto& [field, message] : error.problems.entries())
            problems.add(field, message + ", together with the shared pieces that are used here");
        throw Invalid(std::move(problems));
    }
}

std::vector<std::string> describe_changes(const Composition& from, const Composition& to) {
    auto lines = describe_changes(from.own, to.own);
    for (std::string& line : describe_changes(from.composed, to.composed))
        if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
    return lines;
}

std::vector<std::string> describe_part_changes(const Json& from, const Json& to) {
    return describe_changes(SiteDefinition::parse_part(from), SiteDefinition::parse_part(to));
}

}  // namespace rpm
