// SPDX-License-Identifier: MIT
// Real nodes (sshd, an engine, the node script) and a backend, by tests/lab, in a temporary folder.
//
//     Lab lab(3);                          // node-1 … node-3, started; several labs may stand side by side
//     lab.node(0).http_port; lab.command("break", "node-1", "engine-down");
//     lab.fetch(0, "shop.example.test", "/") -> what the node answers
#pragma once

#include <string>
#include <vector>

#include "shared/ops/nodes.h"
#include "tests/support/folder.h"

namespace rpm::test {

class Lab {
  public:
    /// `program` is the engine's; the one in PATH when empty. Throws Error when something does not start;
    /// then nothing is left running.
    explicit Lab(unsigned nodes, Engine engine = Engine::nginx, const std::string& program = {});
    ~Lab();
    Lab(const Lab&) = delete;
    Lab& operator=(const Lab&) = delete;

    struct Node {
        std::string name;
        std::string address;
        unsigned ssh_port;
        unsigned http_port;
        unsigned https_port;
        unsigned proof_port;
        std::string user;
        std::string host_key_line;
    };
    const Node& node(std::size_t index) const { return nodes_.at(index); }
    const std::filesystem::path& folder() const { return folder_.path(); }
    std::size_t size() const { return nodes_.size(); }
    unsigned backend_port() const { return backend_port_; }
    /// All nodes as discovery would give them.
    std::vector<ops::DiscoveredNode> discovered() const;

    /// tests/lab/node VERB FOLDER ARGUMENTS…; throws Error with its output when it fails.
    void command(const std::string& verb, const std::string& arguments);
    /// Status code and body of a request to the node, as "200 body"; "000 " when it does not answer.
    std::string fetch(std::size_t index, const std::string& host, const std::string& path = "/",
                      bool tls = false) const;
    /// The release that the engine on the node says it runs.
    std::string release(std::size_t index) const;

  private:
    explicit Lab(Engine engine) : engine_(engine) {}

    Folder folder_;
    Engine engine_;
    std::vector<Node> nodes_;
    unsigned backend_port_ = 0;
};

/// A program that tests/tools builds (caddy, traefik, pebble), built now if need be; empty where that cannot
/// be, and then the reason was printed: such tests are skipped.
std::string tool(const std::string& name);

/// Runs a shell command and gives its standard output; throws Error when it fails.
std::string shell(const std::string& command);

}  // namespace rpm::test
