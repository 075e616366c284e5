// SPDX-License-Identifier: MIT
#include "workers/ctl/lookup.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::ctl {
namespace {

constexpr std::size_t kLargest = 1 << 20;

std::string hint(const std::string& word, const std::vector<std::string>& known) {
    const auto near = text::nearest(word, known);
    return near ? "; did you mean '" + *near + "'?" : "";
}

std::vector<std::string> node_names(db::Connection& db) {
    std::vector<std::string> names;
    for (const store::Node& node : store::list_nodes(db)) names.push_back(node.name);
    return names;
}

}  // namespace

store::User get_user(db::Connection& db, const std::string& name) {
    if (auto user = store::find_user(db, name)) return *user;
    std::vector<std::string> names;
    for (const store::User& user : store::list_users(db)) names.push_back(user.username);
    throw NotFound("no user '" + name + "'" + hint(name, names));
}

store::Node get_node(db::Connection& db, const std::string& name) {
    if (auto node = store::find_node(db, name)) return *node;
    throw NotFound("no node '" + name + "'" + hint(name, node_names(db)));
}

store::Site get_site(db::Connection& db, const std::string& domain) {
    const auto name = DomainName::parse(domain);
    if (!name) throw Invalid("DOMAIN", "'" + domain + "' " + DomainName::why_not(domain));
    if (auto site = store::find_site(db, Scope::everything(), name->text())) return *site;
    throw NotFound("no site has the name '" + domain + "'");
}

std::vector<NodeId> get_nodes(db::Connection& db, const std::string& names) {
    std::vector<NodeId> nodes;
    for (const std::string_view word : text::words(names)) {
        const auto node = store::find_node(db, word);
        if (!node)
            throw Invalid("--nodes",
                          "no node '" + std::string(word) + "'" + hint(std::string(word), node_names(db)));
        if (std::ranges::find(nodes, node->id) == nodes.end()) nodes.push_back(node->id);
    }
    if (nodes.empty()) throw Invalid("--nodes", "names no node");
    return nodes;
}

std::string read_input(const std::string& name) {
    if (name != "-") return read_file(name);
    std::string content(std::istreambuf_iterator<char>(std::cin), {});
    if (content.size() > kLargest) throw Invalid("--file", "is larger than 1 MiB");
    return content;
}

Json read_json(const Arguments& arguments) {
    const auto file = arguments.option("file");
    if (!file) throw Invalid("--file", "is missing; give a file with JSON, or -");
    return Json::parse(read_input(*file));
}

}  // namespace rpm::ctl
