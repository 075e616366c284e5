// SPDX-License-Identifier: MIT
// What engines read, without its texts.
#include <filesystem>
#include <map>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/nginx_tokens.h"
#include "tests/render/escapes.h"

namespace rpm::test {
namespace {

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// ---- nginx ---------------------------------------------------------------------------------------------

// Families of variables and placeholders of which the rest is a name that the site may give.
constexpr std::string_view kNamed[] = {"$http_",
                                       "$cookie_",
                                       "$upstream_http_",
                                       "$sent_http_",
                                       "{http.request.header.",
                                       "{http.reverse_proxy.header."};
// What stands for a sign or for a group of the route's own expression.
constexpr std::string_view kOwn[] = {"${rpm_dollar", "{http.vars.none}", "{http.regexp.r."};

// Variables of a dense group, of which the name is a digest in hexadecimal digits.
constexpr std::string_view kOfGroup = "$dense_";
constexpr std::size_t kGroupName = 16;

std::string without_names(std::string_view found) {
    for (const std::string_view own : kOwn)
        if (found.starts_with(own)) return "";
    for (const std::string_view family : kNamed)
        if (found.starts_with(family)) return std::string(family) + "*";
    std::string out(found);
    if (found.starts_with(kOfGroup)) out.erase(kOfGroup.size(), kGroupName);
    return out;
}

// "$host" and "${host}" in a word that nginx has taken out of its quotes. "$1" is a group.
std::string variables(std::string_view word) {
    std::string out;
    for (auto at = word.find('$'); at != std::string_view::npos; at = word.find('$', at + 1)) {
        auto end = at + 1;
        if (end < word.size() && word[end] >= '1' && word[end] <= '9') continue;
        if (end < word.size() && word[end] == '{') ++end;
        while (end < word.size() && is_name(word[end])) ++end;
        if (end > at + 1) out += without_names(word.substr(at, end - at));
    }
    return out;
}

// In these blocks the first word is no directive, but a value.
bool holds_values(std::string_view block) {
    return block == "map" || block == "geo" || block == "split_clients" || block == "types";
}

// Whether nginx looks for no variables in this word: paths, and expressions, in which '$' is an end.
bool is_literal(const NginxDirective& each, std::size_t word) {
    const std::string& name = each.words.front();
    if (name == "location" || (name == "rewrite" && word == 1)) return true;
    if (each.words.at(word).starts_with('~')) return true;
    return word > 1 && each.words.at(word - 1).starts_with('~');
}

// A file may be included in a block of another: `outer`.
std::string nginx_shape(const std::string& content, const std::string& outer) {
    std::string out;
    std::vector<std::string> blocks;
    NginxTokens tokens(content);
    for (NginxDirective each; tokens.next(each);) {
        blocks.resize(each.depth);
        const bool value = holds_values(blocks.empty() ? outer : blocks.back());
        out.append(each.depth * 2, ' ').append(value ? "*" : each.words.front()).append(" ");
        out += std::to_string(each.words.size()) + each.end;
        const bool of_networks = !blocks.empty() && blocks.back() == "geo";  // which knows no variables
        for (std::size_t i = value ? 0 : 1; i < each.words.size() && !of_networks; ++i)
            if (!is_literal(each, i)) out += variables(each.words[i]);
        out += '\n';
        if (each.end == '{') blocks.push_back(each.words.front());
    }
    if (!tokens.problem().empty()) throw Error(tokens.problem());
    return out;
}

// ---- Caddy ---------------------------------------------------------------------------------------------

// What Caddy's replacer finds: a brace with no backslash before it, to the next one that closes.
std::string placeholders(std::string_view text) {
    std::string out;
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
        if (at > 0 && text[at - 1] == '\\') continue;  // whatever stands before that
        const auto end = text.find('}', at);
        out += without_names(text.substr(at, end == std::string_view::npos ? end : end - at + 1));
    }
    return out;
}

// Names of these are texts of the site.
bool has_own_names(std::string_view path) {
    for (const std::string_view end : {"set", "add", "header", "headers", "vars", "header_regexp"})
        if (path.ends_with("." + std::string(end))) return true;
    return false;
}

// `expression`: the text is one, in which braces count.
void json_shape(const Json& json, const std::string& path, std::string& out) {
    if (json.is_text()) {
        const bool expression = path.ends_with(".pattern") || path.ends_with(".find");
        out += path + (expression ? "" : placeholders(json.text())) + "\n";
    } else if (json.is_array()) {
        for (const Json& item : json.items()) json_shape(item, path + "[]", out);
    } else if (json.is_object()) {
        for (const auto& [name, value] : json.members())
            json_shape(value, path + "." + (has_own_names(path) ? "*" + placeholders(name) : name), out);
    } else {
        out += path + "=\n";
    }
}

std::string caddy_shape(const std::string& content) {
    std::string out, section;
    const auto end = [&] {
        if (!section.empty()) json_shape(Json::parse("[" + section + "]"), "", out);
        section.clear();
    };
    for (const std::string_view line : text::lines(content)) {
        if (!line.starts_with("@ ")) {
            section.append(line).append("\n");
            continue;
        }
        end();
        out.append(line).append("\n");
    }
    end();
    return out;
}

// ---- Traefik -------------------------------------------------------------------------------------------

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

// Functions and operators of a rule, without what stands between quotes. How many better routes there are
// that a path leaves out, and whether they need an expression, is the path's own matter.
std::string rule_shape(std::string_view rule) {
    std::string out;
    for (std::size_t at = 0; at < rule.size(); ++at) {
        const char quote = rule[at];
        if (quote != '`' && quote != '"') {
            out += quote;
            continue;
        }
        for (++at; at < rule.size() && rule[at] != quote; ++at)
            if (quote == '"' && rule[at] == '\\') ++at;
        if (at >= rule.size()) throw Error("a text of a rule has no end");
        out += "''";
    }
    replace_all(out, "PathRegexp(", "Path(");
    replace_all(out, " || Path('')", "");
    return out;
}

// One value: what render/yaml.h promises, read with JSON's rules.
std::string scalar_shape(std::string_view name, std::string_view value, bool& block) {
    block = value == "|";
    if (block) return "''";
    const Json json = Json::parse("[" + std::string(value) + "]");
    if (json.items().size() != 1) throw Error("not one value: " + std::string(value));
    const Json& only = json.items().front();
    if (!only.is_text()) return std::string(value);
    return name == "rule" ? rule_shape(only.text()) : "''";
}

class YamlLines {
  public:
    std::string take(const std::string& content) {
        for (const std::string_view line : text::lines(content)) add(line);
        return std::move(out_);
    }

  private:
    void add(std::string_view line) {
        const auto indent = line.find_first_not_of(' ');
        if (indent == std::string_view::npos || line[indent] == '#') return;
        if (block_ > 0 && indent >= block_) return;
        block_ = 0;
        out_.append(indent, ' ');
        entry(line.substr(indent), indent);
        out_ += '\n';
    }
    void entry(std::string_view rest, std::size_t indent) {
        const bool item = rest.starts_with("- ");
        if (item) {
            out_ += "- ";
            rest.remove_prefix(2);
        }
        std::string name;
        const auto end = end_of_name(rest);
        if (end == 0) return value("", rest, indent);
        if (item) indent += 2;
        name = std::string(rest.substr(0, end));
        rest.remove_prefix(end + 1);
        while (!above_.empty() && above_.back().first >= indent) above_.pop_back();
        const bool own = !above_.empty() && above_.back().second.ends_with("Headers");
        out_ += (own || name.front() == '"' ? "*" : name) + ":";
        above_.emplace_back(indent, name);
        if (!rest.empty()) value(name, rest.substr(1), indent);
    }
    void value(std::string_view name, std::string_view text, std::size_t indent) {
        bool block = false;
        out_ += scalar_shape(name, text, block);
        if (block) block_ = indent + 1;
    }
    // 0: there is none, the line is a value.
    static std::size_t end_of_name(std::string_view text) {
        std::size_t at = 0;
        if (text.starts_with('"')) {
            for (at = 1; at < text.size() && text[at] != '"'; ++at)
                if (text[at] == '\\') ++at;
            ++at;
        } else {
            while (at < text.size() && (is_name(text[at]) || text[at] == '-')) ++at;
        }
        return at < text.size() && text[at] == ':' ? at : 0;
    }

    std::string out_;
    std::vector<std::pair<std::size_t, std::string>> above_;  // members that this line stands below
    std::size_t block_ = 0;
};

// The path without names of groups, which are made from texts, and the site's name.
std::string kind_of(const std::string& path) {
    std::string out = path.substr(0, path.find('-')) + std::filesystem::path(path).extension().string();
    const auto at = out.find('/') + 1;  // 0 without one
    const auto end = out.find_first_not_of("0123456789abcdef", at);
    if (at > 0 && end == at + kGroupName) out.erase(at, kGroupName);
    return out;
}

std::string shape_of(const std::string& path, const std::string& content, Engine engine) {
    if (path.starts_with("files/") || path.starts_with("certs/"))
        return path.ends_with("users") ? std::to_string(text::lines(content).size()) + "\n" : "";
    if (engine == Engine::nginx) return nginx_shape(content, path.ends_with(".map") ? "map" : "");
    if (engine == Engine::caddy) return path.ends_with(".part") ? caddy_shape(content) : "";
    if (content.find("{{") != std::string::npos) throw Error(path + " is a template");
    return YamlLines().take(content);
}

}  // namespace

std::string shape_of(const Bundle& bundle, Engine engine) {
    std::multimap<std::string, std::string> shapes;
    for (const auto& [path, file] : bundle.files) {
        if (path.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_./") != std::string::npos ||
            path.find("..") != std::string::npos)
            throw Error("the path " + path);
        shapes.emplace(kind_of(path), file.content ? shape_of(path, *file.content, engine) : "");
    }
    std::string out;
    for (const auto& [kind, shape] : shapes) out += "== " + kind + "\n" + shape;
    return out;
}

}  // namespace rpm::test
