// SPDX-License-Identifier: MIT
// Reads nodes.yaml. All problems of a file are found at once, each with its line and column.
//
//     nodes:
//       - name: edge-1
//         ip_address: 192.0.2.10            # or a host name
//         ssh_port: 22
//         ssh_user: rpmgr-node
//         ssh_key_path: keys/edge-1         # relative to this file
//         proxy_type: nginx                 # nginx, caddy, traefik
//         status: active                    # or inactive
//         host_key: "ssh-ed25519 AAAA…"     # as ssh-keyscan prints it, without the name
//         listen_address: 192.0.2.10        # of the engine; absent: all addresses
//         http_port: 80
//         https_port: 443
//         proof_port: 8081
//         resolvers: [192.0.2.53]           # for upstreams given by name; absent: the node's own
//         trusted_proxies: [192.0.2.0/24]   # CDNs in front, whose X-Forwarded-For tells the visitor
//         default_site: {answer: redirect, redirect: {to: "https://www.example.com"}}
//         trusted_lists: {presets: [cloudflare]}   # both as in docs/nodes.md; absent: as the panel says
//
// Needed are name, ip_address, ssh_user, ssh_key_path and proxy_type.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "shared/ops/nodes.h"

namespace rpm::discover {

struct FileProblem {
    unsigned line = 0;  ///< from 1
    unsigned column = 0;
    std::string message;
    /// "nodes.yaml:14:5: unknown key 'ip_adress'; did you mean 'ip_address'?"
    std::string text(const std::filesystem::path& file) const;
};

struct NodesFile {
    std::vector<ops::DiscoveredNode> nodes;  ///< complete only without problems
    std::vector<FileProblem> problems;       ///< by line and column
};

/// Throws Unavailable when the file itself cannot be read.
NodesFile read_nodes_file(const std::filesystem::path& file);
/// The same for text; key files are sought relative to the folder.
NodesFile read_nodes(std::string_view text, const std::filesystem::path& folder);

/// Throws Invalid when there are any: nothing is to be changed then.
void demand_no_problems(const NodesFile& content, const std::filesystem::path& file);

}  // namespace rpm::discover
