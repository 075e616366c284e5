// SPDX-License-Identifier: MIT
#include "shared/render/caddy_json.h"

#include <algorithm>
#include <array>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::render::caddy {
namespace {

constexpr std::size_t kWidth = 110;

void quote(const std::string& text, std::string& out) {
    const auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
    if (std::ranges::all_of(text, plain))
        out.append("\"").append(text).append("\"");
    else
        out += Json(text).dump();
}

// On one line; false when that would go beyond `end`.
bool flatten(const Json& json, std::string& out, std::size_t end) {
    if (json.is_array()) {
        out += '[';
        for (const Json& each : json.items()) {
            if (&each != &json.items().front()) out += ", ";
            if (!flatten(each, out, end)) return false;
        }
        out += ']';
    } else if (json.is_object()) {
        out += '{';
        for (const auto& member : json.members()) {
            if (&member != &json.members().front()) out += ", ";
            quote(member.first, out);
            out += ": ";
            if (!flatten(member.second, out, end)) return false;
        }
        out += '}';
    } else if (json.is_text()) {
        quote(json.text(), out);
    } else if (json.is_integer()) {
        out += std::to_string(json.integer());
    } else {
        out += json.dump();
    }
    return out.size() <= end;
}

}  // namespace

void lay_out(const Json& json, std::string& out, std::size_t indent) {
    const std::size_t start = out.size();
    const bool fits = flatten(json, out, start + (kWidth > indent ? kWidth - indent : 0));
    if (fits || !(json.is_array() || json.is_object())) return;
    out.resize(start);
    const auto next_line = [&](bool first) { out.append(first ? "\n" : ",\n").append(indent + 2, ' '); };
    if (json.is_array()) {
        out += '[';
        for (const Json& each : json.items()) {
            next_line(&each == &json.items().front());
            lay_out(each, out, indent + 2);
        }
    } else {
        out += '{';
        for (const auto& member : json.members()) {
            next_line(&member == &json.members().front());
            quote(member.first, out);
            out += ": ";
            lay_out(member.second, out, indent + 2);
        }
    }
    out.append("\n").append(indent, ' ').append(json.is_array() ? "]" : "}");
}

std::string literal(std::string_view text) {
    const bool opens = text.find('{') != std::string_view::npos;
    if (!opens && text.find("\\}") == std::string_view::npos) return std::string(text);
    // Caddy before 2.8 leaves text alone in which no brace opens, later versions do not: an empty one in
    // front makes them agree.
    std::string out = opens ? "" : "{http.vars.none}";
    for (const char c : text) {
        if (c == '{' || (c == '}' && out.ends_with('\\'))) out += '\\';
        out += c;
    }
    return out;
}

std::string encoded_path(std::string_view path) {
    constexpr std::string_view kAsItIs = "/-._~:@!$&'()*+,;=";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           kAsItIs.find(c) != std::string_view::npos;
        if (plain)
            out += c;
        else
            out.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
    }
    return out;
}

std::string above(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    // More digits, or as many of which the first that differs is greater.
    std::string out = "^0*(?:[1-9][0-9]{" + std::to_string(digits.size()) + ",}";
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (digits[i] == '9') continue;
        out += "|" + digits.substr(0, i) + "[" + static_cast<char>(digits[i] + 1) + "-9]";
        if (const std::size_t rest = digits.size() - i - 1; rest > 0)
            out += "[0-9]{" + std::to_string(rest) + "}";
    }
    return out + ")$";
}

std::string with_groups(std::string_view target) {
    std::string out;
    for (std::size_t i = 0; i < target.size(); ++i)
        if (target[i] == '$' && i + 1 < target.size())
            out.append("{http.regexp.r.").append(1, target[++i]).append("}");
        else
            out += target[i];
    return out;
}

bool has_groups(std::string_view target) {
    return target.find('$') != std::string_view::npos;
}

Json whole_path(std::string_view path) {
    return array({object({{"find", "^.*$"}, {"replace", path}})});
}

std::string canonical_header(std::string_view name) {
    std::string out = text::lower(name);
    bool first = true;
    for (char& c : out) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        first = c == '-';
    }
    return out;
}

Json texts(const std::vector<std::string>& items) {
    Json out = Json::array();
    for (const std::string& item : items) out.push(item);
    return out;
}

std::string duration(std::chrono::seconds value) {
    return std::to_string(value.count()) + "s";
}

Json certificates(std::string_view pem) {
    Json out = Json::array();
    std::string body;
    for (const std::string_view each : text::lines(pem)) {
        const std::string_view line = text::trim(each);
        if (!line.starts_with('-'))
            body += line;
        else if (!body.empty())
            out.push(std::exchange(body, ""));
    }
    return out;
}

Json handler(std::string_view name, Members more) {
    Json::Object out;
    Json::Object rest = more.take();
    out.reserve(rest.size() + 1);
    out.emplace_back("handler", name);
    std::ranges::move(rest, std::back_inserter(out));
    return Json::object(std::move(out));
}

Json error(Json status) {
    return handler("error", {{"status_code", std::move(status)}});
}

Json subroute(Items routes) {
    return handler("subroute", {{"routes", array(std::move(routes))}});
}

Json route(Items handlers) {
    return object({{"handle", array(std::move(handlers))}});
}

Json route(Members match, Items handlers) {
    return object({{"match", array({object(std::move(match))})}, {"handle", array(std::move(handlers))}});
}

Json::Member none_of(Items sets) {
    return {"not", array(std::move(sets))};
}

Json::Member value_is(std::string_view placeholder, Json values) {
    return {"vars", object({{std::string(placeholder), std::move(values)}})};
}

Json::Member path_matches(std::string_view regex) {
    return {"path_regexp", object({{"name", "r"}, {"pattern", regex}})};
}

Json::Member address_in(const Context& context, const std::vector<IpNetwork>& networks) {
    Json ranges = Json::array();
    for (const IpNetwork& network : networks) ranges.push(network.text());
    return {context.behind_proxies() ? "client_ip" : "remote_ip", object({{"ranges", std::move(ranges)}})};
}

HeaderOps::Entry& HeaderOps::entry(std::string_view name) {
    const auto known =
        std::ranges::find_if(entries_, [&](const auto& each) { return text::iequals(each.first, name); });
    return known != entries_.end() ? known->second : entries_.emplace_back(name, Entry()).second;
}

void HeaderOps::apply(const std::vector<HeaderRule>& rules, const std::string& field) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const HeaderRule& rule = rules[i];
        const std::string at = field + "." + std::to_string(i) + ".name";
        if (rule.action == HeaderAction::set) set(rule.name, literal(rule.value));
        if (rule.action == HeaderAction::add) add(rule.name, literal(rule.value));
        if (rule.action == HeaderAction::remove) remove(rule.name);
        if (const Entry& now = entry(rule.name);
            now.replaced && now.values.size() > 1 && text::iequals(rule.name, "Set-Cookie"))
            throw Invalid(at, "Caddy cannot replace what the server sends by more than one Set-Cookie");
    }
}

Json HeaderOps::json() const {
    Json added = Json::object();
    Json set = Json::object();
    Json removed = Json::array();
    for (const auto& [name, entry] : entries_) {
        if (entry.replaced && entry.values.empty())
            removed.push(name);
        else
            (entry.replaced ? set : added)[name] = texts(entry.values);
    }
    Json::Object out;
    if (!added.members().empty()) out.emplace_back("add", std::move(added));
    if (!set.members().empty()) out.emplace_back("set", std::move(set));
    if (!removed.items().empty()) out.emplace_back("delete", std::move(removed));
    return Json::object(std::move(out));
}

}  // namespace rpm::render::caddy
