// SPDX-License-Identifier: MIT
#include "workers/discover/nodes_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/member_doc.h"
#include "shared/model/values.h"
#include "workers/discover/settings_entry.h"
#include "workers/ssh/algorithms.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/private_key.h"

namespace rpm::discover {
namespace {

const std::vector<std::string> kEngines = {"nginx", "caddy", "traefik"};
constexpr std::size_t kShown = 60;
constexpr std::size_t kMostResolvers = 5;
constexpr std::size_t kMostTrusted = 1000;

struct Key {
    Secret text;
    std::string fingerprint;
    std::string public_line;
};

std::string in_quotes(std::string_view text) {
    return "'" + text::shown(text, kShown) + "'";
}

std::string kind(const YAML::Node& node) {
    if (node.IsMap()) return "a mapping";
    if (node.IsSequence()) return "a list";
    return node.IsScalar() ? "a word" : "empty";
}

class Reader {
  public:
    explicit Reader(std::filesystem::path folder) : folder_(std::move(folder)) {}

    NodesFile read(std::string_view text) {
        try {
            read_top(YAML::Load(std::string(text)));
        } catch (const YAML::Exception& error) {
            problem(error.mark, text::shown(error.msg, 200) +
                                    "; is the indentation right, are quotes and brackets closed?");
        }
        std::ranges::stable_sort(out_.problems, {},
                                 [](const FileProblem& p) { return std::tie(p.line, p.column); });
        return std::move(out_);
    }

  private:
    using Setter = std::function<void(ops::DiscoveredNode&, const YAML::Node&)>;

    void problem(const YAML::Mark& mark, std::string message) {
        // A mark without place is that of an empty document.
        const auto from_one = [](int n) { return static_cast<unsigned>(std::max(n, 0) + 1); };
        out_.problems.push_back({from_one(mark.line), from_one(mark.column), std::move(message)});
    }
    void problem(const YAML::Node& node, std::string message) { problem(node.Mark(), std::move(message)); }

    /// Calls f(key, value) for each known key, once; reports the others.
    template <class F>
    void each_member(const YAML::Node& map, const std::vector<std::string>& known, F&& f) {
        std::map<std::string, int> lines;
        for (const auto& member : map) {
            if (!member.first.IsScalar()) {
                problem(member.first, "a key must be a word, not " + kind(member.first));
                continue;
            }
            const std::string& name = member.first.Scalar();
            const auto [before, is_new] = lines.emplace(name, member.first.Mark().line + 1);
            if (!is_new)
                problem(member.first, "key " + in_quotes(name) + " was given in line " +
                                          std::to_string(before->second) + " already");
            else if (std::ranges::find(known, name) == known.end())
                problem(member.first, "unknown key " + in_quotes(name) + hint(name, known));
            else
                f(member.first, member.second);
        }
    }

    static std::string hint(const std::string& word, const std::vector<std::string>& known) {
        if (const auto near = text::nearest(text::lower(word), known))
            return "; did you mean '" + *near + "'?";
        return "; known are " + text::join(known, ", ");
    }

    void read_top(const YAML::Node& top) {
        if (top.IsNull() || !top.IsDefined())
            return problem(top.Mark(), "has no 'nodes'; write 'nodes: []' for none");
        if (!top.IsMap()) return problem(top, "must start with 'nodes:', but is " + kind(top));
        bool found = false;
        each_member(top, {"nodes"}, [&](const YAML::Node&, const YAML::Node& list) {
            found = true;
            // "nodes:" with all entries commented out is an empty list.
            if (list.IsNull()) return;
            if (!list.IsSequence()) return problem(list, "'nodes' must be a list: one '- name: …' per node");
            for (const auto& entry : list) read_node(entry);
        });
        if (!found && out_.problems.empty()) problem(top, "has no 'nodes'; write 'nodes: []' for none");
    }

    void read_node(const YAML::Node& entry) {
        if (!entry.IsMap())
            return problem(entry, "a node must be a mapping ('- name: …'), not " + kind(entry));
        std::vector<std::string> names;
        for (const auto& [name, setter] : setters_) names.push_back(name);
        for (const MemberDoc& each : node_settings_members().members) names.push_back(each.name);
        ops::DiscoveredNode node;
        std::vector<std::string> given;
        each_member(entry, names, [&](const YAML::Node& key, const YAML::Node& value) {
            const std::string& name = key.Scalar();
            given.push_back(name);
            if (is_settings_key(name)) return;
            const auto setter = std::ranges::find(setters_, name, &std::pair<std::string, Setter>::first);
            // The parser places a value that is not there at whatever comes next.
            if (value.IsNull())
                problem(key, "'" + name + "' has no value");
            else if (value.IsScalar() ||
                     (value.IsSequence() &&
                      (name == "resolvers" || name == "trusted_proxies" || name == "proxy_protocol")))
                setter->second(node, value);
            else
                problem(value, "'" + name + "' must be one value, not " + kind(value));
        });
        for (const char* needed : {"name", "ip_address", "ssh_user", "ssh_key_path", "proxy_type"})
            if (std::ranges::find(given, needed) == given.end())
                problem(entry, "node" + (node.name.empty() ? "" : " " + in_quotes(node.name)) + " has no '" +
                                   needed + "'");
        node.settings = read_settings(
            entry, node.engine,
            [this](const YAML::Node& place, std::string message) { problem(place, std::move(message)); });
        check_ports(node, entry);
        if (!node.trusted_proxies.empty() && !node.proxy_protocol.empty())
            problem(entry, "node " + in_quotes(node.name) +
                               " has both trusted_proxies and proxy_protocol: one of them tells the visitor");
        out_.nodes.push_back(std::move(node));
    }

    void check_ports(const ops::DiscoveredNode& node, const YAML::Node& entry) {
        if (node.http_port == node.https_port || node.http_port == node.proof_port ||
            node.https_port == node.proof_port)
            problem(entry, "http_port, https_port and proof_port must differ");
    }

    void set_name(ops::DiscoveredNode& node, const YAML::Node& value) {
        const std::string& word = value.Scalar();
        if (!Name::parse(word))
            return problem(value, "name " + in_quotes(word) +
                                      " must be 1 to 64 letters, digits, dots, hyphens or "
                                      "underscores and start with a letter or digit");
        // The database compares names without case.
        const auto [before, is_new] = names_.emplace(text::lower(word), value.Mark().line + 1);
        if (!is_new)
            problem(value, "name " + in_quotes(word) + " is that of the node in line " +
                               std::to_string(before->second) + " already");
        node.name = word;
    }

    void set_address(ops::DiscoveredNode& node, const YAML::Node& value) {
        const auto address = HostAddress::parse(value.Scalar());
        if (!address)
            return problem(value, "ip_address " + in_quotes(value.Scalar()) +
                                      " is neither an IP address nor a host name");
        node.ip_address = address->text();
    }

    void set_user(ops::DiscoveredNode& node, const YAML::Node& value) {
        const std::string& word = value.Scalar();
        const bool plain = std::ranges::all_of(word, [](unsigned char c) { return c > ' ' && c < 0x7f; });
        if (word.empty() || word.size() > 64 || word[0] == '-' || !plain)
            return problem(value, "ssh_user " + in_quotes(word) + " is not a name of an account");
        node.ssh_user = word;
    }

    void set_listen_address(ops::DiscoveredNode& node, const YAML::Node& value) {
        const auto address = IpAddress::parse(value.Scalar());
        if (!address)
            return problem(value, "listen_address " + in_quotes(value.Scalar()) + " is not an IP address");
        node.listen_address = address->text();
    }

    void set_resolvers(ops::DiscoveredNode& node, const YAML::Node& value) {
        if (value.IsScalar()) return add_resolver(node, value);
        for (const auto& one : value) add_resolver(node, one);
        if (node.resolvers.size() > kMostResolvers)
            problem(value, "resolvers may be " + std::to_string(kMostResolvers) + " at most");
    }

    void add_resolver(ops::DiscoveredNode& node, const YAML::Node& value) {
        const auto address = value.IsScalar() ? IpAddress::parse(value.Scalar()) : std::optional<IpAddress>();
        if (!address)
            return problem(value, "resolvers must be IP addresses, not " +
                                      (value.IsScalar() ? in_quotes(value.Scalar()) : kind(value)));
        node.resolvers.push_back(*address);
    }

    void set_trusted(ops::DiscoveredNode& node, const YAML::Node& value) {
        set_networks(node.trusted_proxies, "trusted_proxies", value);
    }
    void set_proxy_protocol(ops::DiscoveredNode& node, const YAML::Node& value) {
        set_networks(node.proxy_protocol, "proxy_protocol", value);
    }

    void set_networks(std::vector<IpNetwork>& networks, const std::string& name, const YAML::Node& value) {
        const auto add = [&](const YAML::Node& one) {
            const auto network = one.IsScalar() ? IpNetwork::parse(one.Scalar()) : std::optional<IpNetwork>();
            if (!network)
                return problem(one, name + " must be networks, not " +
                                        (one.IsScalar() ? in_quotes(one.Scalar()) : kind(one)));
            networks.push_back(*network);
        };
        if (value.IsScalar()) return add(value);
        for (const auto& one : value) add(one);
        if (networks.size() > kMostTrusted)
            problem(value, name + " may be " + std::to_string(kMostTrusted) + " at most");
    }

    void set_port(unsigned& port, const char* name, const YAML::Node& value) {
        const auto number = text::number<std::int64_t>(value.Scalar());
        if (!number)
            problem(value, std::string(name) + " must be a number, not " + in_quotes(value.Scalar()));
        else if (!Port::from(*number))
            problem(value, std::string(name) + " is out of range: " + std::to_string(*number) +
                               "; ports are 1 to 65535");
        else
            port = static_cast<unsigned>(*number);
    }

    void set_engine(ops::DiscoveredNode& node, const YAML::Node& value) {
        const auto found = engine(value.Scalar());
        if (!found)
            return problem(
                value, "unknown proxy_type " + in_quotes(value.Scalar()) + hint(value.Scalar(), kEngines));
        node.engine = *found;
    }

    void set_status(ops::DiscoveredNode& node, const YAML::Node& value) {
        const std::string& word = value.Scalar();
        if (word != "active" && word != "inactive")
            return problem(value, "status must be active or inactive, not " + in_quotes(word));
        node.active = word == "active";
    }

    void set_host_key(ops::DiscoveredNode& node, const YAML::Node& value) {
        try {
            const auto key = ssh::HostKey::from_line(value.Scalar());
            if (ssh::preferred(key.type).host_key.empty())
                return problem(value, "host_key of the type " + key.type +
                                          " is not supported; give the node's Ed25519 or ECDSA key");
            node.host_key = {.type = key.type, .blob = key.blob, .fingerprint = key.fingerprint()};
        } catch (const Invalid& error) {
            problem(value,
                    error.what() + std::string("; 'ssh-keyscan -t ed25519 HOST' prints it after the name"));
        }
    }

    void set_key(ops::DiscoveredNode& node, const YAML::Node& value) {
        const std::filesystem::path path = folder_ / value.Scalar();
        if (value.Scalar().empty())
            return problem(value, "ssh_key_path is empty; name the file with the private key");
        try {
            const Key& key = load_key(path);
            node.private_key = key.text;
            node.key_fingerprint = key.fingerprint;
            node.key_public_line = key.public_line;
        } catch (const Error& error) {  // with its place in the file, and the others as well
            problem(value,
                    "ssh_key_path " + in_quotes(path.string()) + ": " + text::shown(error.what(), 300));
        }
    }

    // Fleets share keys: each file is read once.
    const Key& load_key(const std::filesystem::path& path) {
        const auto known = keys_.find(path.string());
        if (known != keys_.end()) return known->second;
        std::error_code ignored;  // what cannot be looked at cannot be read either, and that is told below
        if (std::filesystem::is_directory(path, ignored)) throw Invalid("file", "is a folder");
        Secret text(read_file(path));
        const auto parsed = ssh::PrivateKey::parse(text);
        Key key{std::move(text), ssh::HostKey::from_blob(parsed.public_blob()).fingerprint(),
                parsed.public_line("rpmgr")};
        return keys_.emplace(path.string(), std::move(key)).first->second;
    }

    Setter port_setter(unsigned ops::DiscoveredNode::*port, const char* name) {
        return [this, port, name](ops::DiscoveredNode& node, const YAML::Node& value) {
            set_port(node.*port, name, value);
        };
    }
    Setter setter(void (Reader::*set)(ops::DiscoveredNode&, const YAML::Node&)) {
        return [this, set](ops::DiscoveredNode& node, const YAML::Node& value) { (this->*set)(node, value); };
    }

    std::filesystem::path folder_;
    NodesFile out_;
    std::map<std::string, int> names_;
    std::map<std::string, Key> keys_;
    const std::vector<std::pair<std::string, Setter>> setters_ = {
        {"name", setter(&Reader::set_name)},
        {"ip_address", setter(&Reader::set_address)},
        {"ssh_port", port_setter(&ops::DiscoveredNode::ssh_port, "ssh_port")},
        {"ssh_user", setter(&Reader::set_user)},
        {"ssh_key_path", setter(&Reader::set_key)},
        {"proxy_type", setter(&Reader::set_engine)},
        {"status", setter(&Reader::set_status)},
        {"host_key", setter(&Reader::set_host_key)},
        {"listen_address", setter(&Reader::set_listen_address)},
        {"http_port", port_setter(&ops::DiscoveredNode::http_port, "http_port")},
        {"https_port", port_setter(&ops::DiscoveredNode::https_port, "https_port")},
        {"proof_port", port_setter(&ops::DiscoveredNode::proof_port, "proof_port")},
        {"resolvers", setter(&Reader::set_resolvers)},
        {"trusted_proxies", setter(&Reader::set_trusted)},
        {"proxy_protocol", setter(&Reader::set_proxy_protocol)}};
};

}  // namespace

std::string FileProblem::text(const std::filesystem::path& file) const {
    return file.string() + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

NodesFile read_nodes(std::string_view text, const std::filesystem::path& folder) {
    return Reader(folder).read(text);
}

NodesFile read_nodes_file(const std::filesystem::path& file) {
    return read_nodes(read_file(file), file.parent_path());
}

void demand_no_problems(const NodesFile& content, const std::filesystem::path& file) {
    const std::size_t count = content.problems.size();
    if (count == 0) return;
    throw Invalid(file.string(),
                  std::to_string(count) + (count == 1 ? " problem" : " problems") + "; nothing was changed");
}

}  // namespace rpm::discover
