// SPDX-License-Identifier: MIT
// Files that operators write or that nodes send.
#include "shared/base/text.h"
#include "shared/crypto/x509.h"
#include "shared/db/script.h"
#include "shared/model/values.h"
#include "shared/plan/diff.h"
#include "shared/plan/release.h"
#include "tests/fuzz/fuzz.h"
#include "workers/discover/nodes_file.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/private_key.h"

namespace rpm::fuzz {
namespace {

void demand_node(const ops::DiscoveredNode& node) {
    demand(Name::parse(node.name).has_value(), "a node without a valid name");
    demand(HostAddress::parse(node.ip_address).has_value(), "a node without a valid address");
    demand(node.ssh_port >= 1 && node.ssh_port <= 65535, "a node with a port out of range");
    demand(!node.ssh_user.empty() && node.ssh_user.front() != '-', "a node with a user that is an option");
    demand(!node.private_key.empty(), "a node without a key");
}

}  // namespace

void manifest(std::string_view input) {
    plan::Manifest manifest;
    if (refused([&] { manifest = plan::parse_manifest(input); })) return;
    demand(plan::parse_manifest(plan::to_text(manifest)) == manifest, "printed, it reads as another");
    demand(plan::compare(manifest, manifest).empty(), "it differs from itself");
    for (const auto& [path, digest] : manifest)
        demand(!path.starts_with('/') && path != ".." && !path.starts_with("../") &&
                   path.find("/../") == std::string::npos,
               "a path leaves the release");
}

void sql_script(std::string_view input) {
    const auto statements = db::split_script(input);
    unsigned line = 0;
    std::string joined;
    for (const auto& statement : statements) {
        demand(!statement.sql.empty() && statement.sql == text::trim(statement.sql), "an empty statement");
        demand(statement.line >= line, "statements out of order");
        line = statement.line;
        joined += statement.sql + "\n;\n";
    }
    for (const auto& statement : statements)
        if (statement.sql.ends_with("--") || statement.sql.ends_with(';') ||
            (statement.sql.ends_with("*/") && statement.sql.find(';') != std::string::npos))
            return;  // a line end after it makes another end of a statement
    // The last one may end in an open quote or comment, which then holds the ';' as well.
    const auto again = db::split_script(joined);
    demand(again.size() == statements.size(), "joined again, there are more or fewer statements");
    for (std::size_t i = 0; i + 1 < again.size(); ++i)
        demand(again[i].sql == statements[i].sql, "joined again, a statement differs");
}

void nodes_file(std::string_view input) {
    const discover::NodesFile file = discover::read_nodes(input, "/nonexistent");
    unsigned line = 0;
    for (const discover::FileProblem& problem : file.problems) {
        demand(problem.line >= 1 && problem.column >= 1, "a problem without a place");
        demand(problem.line >= line, "problems out of order");
        line = problem.line;
        demand_clean(problem.message, "a problem");
    }
    if (file.problems.empty())
        for (const auto& node : file.nodes) demand_node(node);
    demand(refused([&] { discover::demand_no_problems(file, "nodes.yaml"); }) == !file.problems.empty(),
           "problems that nobody hears of");
}

void x509(std::string_view input) {
    crypto::CertificateFacts facts;
    if (refused([&] { facts = crypto::read_certificate(input); })) return;
    demand(facts.fingerprint.size() == 64 && text::unhex(facts.fingerprint), "the fingerprint");
    demand_clean(facts.subject, "the subject");
    demand_clean(facts.issuer, "the issuer");
    for (const std::string& name : facts.names) demand_clean(name, "a name");
}

void private_key(std::string_view input) {
    try {
        const auto key = ssh::PrivateKey::parse(Secret(std::string(input)), Secret("passphrase"));
        const auto line = ssh::HostKey::from_line(key.public_line("fuzz"));
        demand(line.blob == key.public_blob() && line.type == key.type(), "the public line is another key's");
        demand(!key.sign("message").empty(), "a key that was accepted does not sign");
    } catch (const Invalid& error) {
        demand(refused([&] { throw Invalid(error); }) && error.problems.has("private_key"),
               "names another field");
    }
}

void host_key(std::string_view input) {
    ssh::HostKey key;
    if (refused([&] { key = ssh::HostKey::from_line(input); })) return;
    demand_clean(key.type, "the type");
    demand(ssh::HostKey::from_line(key.line()) == key, "its line reads as another key");
    demand(ssh::HostKey::from_blob(key.blob) == key, "its blob reads as another key");
    demand(key.fingerprint().starts_with("SHA256:"), "the fingerprint");
}

void diff(std::string_view input) {
    const auto half = std::min(input.find('\0'), input.size());
    const std::string from(input.substr(0, half));
    const std::string to(input.substr(std::min(half + 1, input.size())));
    const auto hunks = plan::diff(from, to, 100'000);
    demand(hunks.empty() == (from == to), "equal texts differ, or different ones do not");
    if (hunks.empty()) return;
    demand(hunks.size() == 1, "all lines are context, yet there are gaps");
    unsigned old_lines = 0, new_lines = 0;
    for (const plan::DiffLine& line : hunks.front().lines) {
        if (line.kind != plan::LineKind::added) demand(line.old_number == ++old_lines, "lines are lost");
        if (line.kind != plan::LineKind::removed) demand(line.new_number == ++new_lines, "lines are lost");
    }
}

}  // namespace rpm::fuzz
