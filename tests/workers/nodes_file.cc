// SPDX-License-Identifier: MIT
// nodes.yaml: what is read from a good file, and where a bad one is wrong.
#define BOOST_TEST_DYN_LINK
#include "workers/discover/nodes_file.h"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>

#include "shared/base/error.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/private_key.h"

using namespace rpm;

namespace {

// A folder with a key, for as long as the process runs.
struct Keys {
    Keys() {
        std::string name = (std::filesystem::temp_directory_path() / "rpmgr-nodes-XXXXXX").string();
        BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
        folder = name;
        const auto key = ssh::PrivateKey::generate();
        fingerprint = ssh::HostKey::from_blob(key.public_blob()).fingerprint();
        host_key = ssh::HostKey::from_blob(key.public_blob()).line();
        std::ofstream(folder / "key") << key.openssh_text("test").reveal();
        std::ofstream(folder / "text") << "not a key\n";
    }
    ~Keys() { std::filesystem::remove_all(folder); }
    std::filesystem::path folder;
    std::string fingerprint;
    std::string host_key;
};

const Keys& keys() {
    static const Keys all;
    return all;
}

const std::string kHead = "nodes:\n";
const std::string kGood =
    "  - name: edge-1\n    ip_address: 192.0.2.1\n    ssh_user: rpmgr\n    ssh_key_path: key\n    "
    "proxy_type: nginx\n";

discover::NodesFile read(const std::string& text) {
    return discover::read_nodes(text, keys().folder);
}

// All problems, one per line, as people see them.
std::string problems(const std::string& text) {
    std::string out;
    for (const auto& problem : read(text).problems) out += problem.text("n") + "\n";
    return out;
}

struct Bad {
    const char* name;
    std::string text;
    std::string problem;  // the start of the first one
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
    return out << bad.name;
}

// kGood's five lines are 2 to 6 of a file; what is added comes in line 7.
const Bad kBad[] = {
    {"empty file", "", "n:1:1: has no 'nodes'"},
    {"quote not closed", kHead + "  - name: \"edge\n", "n:2:5: node has no"},
    {"broken indentation", kHead + kGood + "   status: active\n", "n:7:4: "},
    {"tab", kHead + "\t- name: edge\n", "n:2:2: illegal block entry; is the indentation right"},
    {"list at the top", "- a\n", "n:1:1: must start with 'nodes:', but is a list"},
    {"other top key", "node:\n", "n:1:1: unknown key 'node'; did you mean 'nodes'?"},
    {"nodes is a word", "nodes: edge-1\n", "n:1:8: 'nodes' must be a list"},
    {"node is a word", kHead + "  - edge-1\n", "n:2:5: a node must be a mapping"},
    {"unknown key", kHead + kGood + "    ip_adress: 192.0.2.2\n",
     "n:7:5: unknown key 'ip_adress'; did you mean 'ip_address'?"},
    {"unlike key", kHead + kGood + "    colour: red\n",
     "n:7:5: unknown key 'colour'; known are name, ip_address"},
    {"key twice", kHead + kGood + "    name: edge-2\n", "n:7:5: key 'name' was given in line 2 already"},
    {"value is a list", kHead + kGood + "    ssh_port: [22]\n",
     "n:7:15: 'ssh_port' must be one value, not a list"},
    {"value is empty", kHead + kGood + "    ssh_port:\n", "n:7:5: 'ssh_port' has no value"},
    {"port is a word", kHead + kGood + "    ssh_port: ssh\n", "n:7:15: ssh_port must be a number, not 'ssh'"},
    {"port too large", kHead + kGood + "    https_port: 65536\n",
     "n:7:17: https_port is out of range: 65536; ports are 1 to 65535"},
    {"port zero", kHead + kGood + "    proof_port: 0\n", "n:7:17: proof_port is out of range: 0"},
    {"port beyond all numbers", kHead + kGood + "    http_port: 99999999999999999999\n",
     "n:7:16: http_port must be a number"},
    {"ports equal", kHead + kGood + "    http_port: 443\n",
     "n:2:5: http_port, https_port and proof_port must differ"},
    {"name twice", kHead + kGood + "  - name: EDGE-1\n", "n:7:5: node 'EDGE-1' has no 'ip_address'"},
    {"bad name", kHead + "  - name: edge 1\n", "n:2:5: node has no 'ip_address'"},
    {"unknown engine", kHead + kGood.substr(0, kGood.size() - 6) + "ngnix\n",
     "n:6:17: unknown proxy_type 'ngnix'; did you mean 'nginx'?"},
    {"bad status", kHead + kGood + "    status: on\n", "n:7:13: status must be active or inactive, not 'on'"},
    {"bad listen address", kHead + kGood + "    listen_address: example.com\n",
     "n:7:21: listen_address 'example.com' is not an IP address"},
    {"bad resolver", kHead + kGood + "    resolvers: [192.0.2.53, dns.example]\n",
     "n:7:29: resolvers must be IP addresses, not 'dns.example'"},
    {"bad balancer", kHead + kGood + "    proxy_protocol: [192.0.2.0/24, lb.example]\n",
     "n:7:36: proxy_protocol must be networks, not 'lb.example'"},
    {"two ways", kHead + kGood + "    trusted_proxies: 192.0.2.1\n    proxy_protocol: 192.0.2.2\n",
     "n:2:5: node 'edge-1' has both trusted_proxies and proxy_protocol: one of them tells the visitor"},
    {"nested resolver", kHead + kGood + "    resolvers: [[192.0.2.53]]\n",
     "n:7:17: resolvers must be IP addresses, not a list"},
    {"RSA host key", kHead + kGood + "    host_key: ssh-rsa AAAAB3NzaC1yc2EAAAABIw==\n",
     "n:7:15: host_key of the type ssh-rsa is not supported; give the node's Ed25519 or ECDSA key"},
    {"key that is not UTF-8", kHead + kGood + "    stat\xb6s: active\n", "n:7:5: unknown key 'stat?s'"},
    {"bad answer", kHead + kGood + "    default_site:\n      answer: teapot\n",
     "n:8:15: default_site.answer must be one of: not_found, drop"},
    {"nothing to redirect to", kHead + kGood + "    default_site: {answer: redirect}\n",
     "n:7:19: default_site.redirect.to is missing"},
    {"bad list",
     kHead + kGood + "    trusted_lists:\n      urls: [\"https://a.example/l\", \"http://b.example/l\"]\n",
     "n:8:37: trusted_lists.urls.1 must begin with https://"},
    {"unknown setting", kHead + kGood + "    default_site: {answr: drop}\n",
     "n:7:27: default_site.answr is not a setting"},
    {"not this engine",
     kHead + kGood.substr(0, kGood.size() - 6) + "traefik\n    default_site: {answer: drop}\n",
     "n:7:28: default_site.answer: Traefik always answers"},
    {"bad host key", kHead + kGood + "    host_key: ssh-ed25519 AAAA\n", "n:7:15: host_key: "},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nodes_file)

BOOST_AUTO_TEST_CASE(settings_are_read_by_the_model) {
    const auto file = read(kHead + kGood +
                           "    default_site: {answer: redirect, redirect: {to: \"https://www.example.com\", "
                           "status: 302, keep_path: true}}\n"
                           "    trusted_lists: {presets: [cloudflare]}\n");
    BOOST_REQUIRE(file.problems.empty());
    BOOST_REQUIRE(file.nodes.at(0).settings.has_value());
    const NodeSettings& settings = *file.nodes.at(0).settings;
    BOOST_TEST(settings.default_site.redirect.to == "https://www.example.com");
    BOOST_TEST(settings.default_site.redirect.status == 302U);
    BOOST_TEST(settings.default_site.redirect.keep_path);
    BOOST_TEST(settings.trusted_lists.presets.size() == 1U);
    BOOST_TEST(!read(kHead + kGood).nodes.at(0).settings.has_value());
}

BOOST_AUTO_TEST_CASE(a_node_has_sensible_defaults) {
    const auto file = read(kHead + kGood);
    BOOST_TEST(problems(kHead + kGood) == "");
    BOOST_REQUIRE(file.nodes.size() == 1U);
    const auto& node = file.nodes[0];
    BOOST_TEST(node.name == "edge-1");
    BOOST_TEST(node.ip_address == "192.0.2.1");
    BOOST_TEST(node.ssh_port == 22U);
    BOOST_TEST(node.http_port == 80U);
    BOOST_TEST(node.https_port == 443U);
    BOOST_TEST(node.active);
    BOOST_TEST(!node.host_key);
    BOOST_TEST(!node.listen_address);
    BOOST_TEST(node.key_fingerprint == keys().fingerprint);
    BOOST_TEST(node.key_public_line.starts_with("ssh-ed25519 "));
    BOOST_TEST(node.private_key.size() > 100U);
}

BOOST_AUTO_TEST_CASE(every_key_is_read) {
    const auto file =
        read(kHead + kGood + "    ssh_port: 2222\n    status: inactive\n    host_key: \"" + keys().host_key +
             "\"\n    listen_address: \"2001:DB8::1\"\n    resolvers: [192.0.2.53, \"2001:DB8::53\"]\n    "
             "http_port: 8080\n    https_port: 8443\n"
             "    proof_port: 9000\n    proxy_protocol: [192.0.2.1, 10.0.0.0/8]\n");
    BOOST_REQUIRE(file.problems.empty());
    const auto& node = file.nodes.at(0);
    BOOST_TEST(node.ssh_port == 2222U);
    BOOST_TEST(!node.active);
    BOOST_TEST(node.host_key.value().fingerprint == keys().fingerprint);
    BOOST_TEST(node.host_key.value().type == "ssh-ed25519");
    BOOST_TEST(node.listen_address.value() == "2001:db8::1");
    BOOST_REQUIRE(node.resolvers.size() == 2);
    BOOST_TEST(node.resolvers[1].text() == "2001:db8::53");
    BOOST_TEST(words_of(node.proxy_protocol) == "192.0.2.1/32 10.0.0.0/8");
    BOOST_TEST(node.http_port == 8080U);
    BOOST_TEST(node.https_port == 8443U);
    BOOST_TEST(node.proof_port == 9000U);
}

BOOST_AUTO_TEST_CASE(no_nodes_at_all_is_fine) {
    BOOST_TEST(problems("nodes: []\n") == "");
    BOOST_TEST(problems("nodes:\n# - name: later\n") == "");
}

BOOST_DATA_TEST_CASE(a_bad_file_is_told_with_its_place, kBad, bad) {
    const std::string found = problems(bad.text);
    BOOST_TEST(found.starts_with(bad.problem), "got: " << found);
}

BOOST_AUTO_TEST_CASE(all_problems_are_told_at_once_in_order) {
    const auto file =
        read(kHead + kGood + "    ssh_port: x\n    status: y\n  - name: edge-1\n    proxy_type: z\n");
    std::vector<unsigned> lines;
    for (const auto& problem : file.problems) lines.push_back(problem.line);
    const std::vector<unsigned> expected = {7, 8, 9, 9, 9, 9, 10};
    BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(key_files_are_named_with_what_is_wrong) {
    const auto with_key = [](const std::string& path) {
        std::string text = kHead + kGood;
        return problems(text.replace(text.find("ssh_key_path: key"), 17, "ssh_key_path: " + path));
    };
    const std::string folder = keys().folder.string();
    BOOST_TEST(with_key("nowhere").starts_with("n:5:19: ssh_key_path '" + folder + "/nowhere': cannot read"));
    BOOST_TEST(with_key("text").starts_with("n:5:19: ssh_key_path '" + folder + "/text': "));
    BOOST_TEST(with_key(folder).find("is a folder") != std::string::npos);
    BOOST_TEST(with_key("text").find("not a key") ==
               std::string::npos);  // contents of key files are not quoted
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_unavailable) {
    BOOST_CHECK_THROW(discover::read_nodes_file(keys().folder / "nodes.yaml"), Unavailable);
}

BOOST_AUTO_TEST_CASE(nothing_is_changed_when_there_is_a_problem) {
    BOOST_CHECK_NO_THROW(discover::demand_no_problems(read("nodes: []"), "n"));
    BOOST_CHECK_EXCEPTION(discover::demand_no_problems(read("nodes: x"), "n"), Invalid, [](const Invalid& e) {
        return std::string(e.what()) == "n: 1 problem; nothing was changed";
    });
}

BOOST_AUTO_TEST_SUITE_END()
