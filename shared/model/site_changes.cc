// SPDX-License-Identifier: MIT
// What changed between two definitions, in words.
#include <algorithm>
#include <map>

#include "shared/model/site.h"

namespace rpm {
namespace {

class Lines {
  public:
    void add(std::string line) { lines_.push_back(std::move(line)); }
    /// "tls: mode none -> self_signed", when they differ.
    void compare(std::string_view what, const std::string& from, const std::string& to) {
        if (from != to) add(std::string(what) + " " + from + " -> " + to);
    }
    std::vector<std::string> take() { return std::move(lines_); }

  private:
    std::vector<std::string> lines_;
};

std::string text(bool value) {
    return value ? "yes" : "no";
}
std::string text(std::chrono::seconds value) {
    return std::to_string(value.count()) + " s";
}
std::string text(const Limits& limits) {
    return limits.max_body_mib == 0 ? "no limit" : std::to_string(limits.max_body_mib) + " MiB";
}
template <class E>
std::string word(E value) {
    return std::string(to_word(value));
}

void compare_domains(Lines& lines, const std::vector<DomainName>& from, const std::vector<DomainName>& to) {
    if (from == to) return;
    const auto missing_in = [](const std::vector<DomainName>& all) {
        return [&all](const DomainName& name) { return std::ranges::find(all, name) == all.end(); };
    };
    std::size_t named = 0;
    for (const DomainName& name : to)
        if (missing_in(from)(name)) lines.add("domains: adds " + name.text()), ++named;
    for (const DomainName& name : from)
        if (missing_in(to)(name)) lines.add("domains: removes " + name.text()), ++named;
    if (!from.empty() && !to.empty() && from.front() != to.front())
        lines.compare("domains: primary name", from.front().text(), to.front().text());
    else if (named == 0)
        lines.add("domains: order changed");
}

void compare_servers(Lines& lines, const Upstream& from, const Upstream& to) {
    const auto by_address = [](const Upstream& upstream) {
        std::map<std::string, const UpstreamServer*> out;
        for (const UpstreamServer& server : upstream.servers)
            out.emplace(server.host.bracketed() + ":" + server.port.text(), &server);
        return out;
    };
    const auto before = by_address(from);
    const auto after = by_address(to);
    bool same = true;
    for (const auto& [address, server] : after) {
        const auto old = before.find(address);
        if (old == before.end()) {
            lines.add("upstream: adds " + address + (server->backup ? " as backup" : ""));
            same = false;
            continue;
        }
        lines.compare("upstream: weight of " + address, std::to_string(old->second->weight),
                      std::to_string(server->weight));
        lines.compare("upstream: backup " + address, text(old->second->backup), text(server->backup));
        same = same && *old->second == *server;
    }
    for (const auto& [address, server] : before) {
        if (after.contains(address)) continue;
        lines.add("upstream: removes " + address);
        same = false;
    }
    if (same && from.servers != to.servers) lines.add("upstream: order of servers changed");
}

}  // namespace

std::vector<std::string> describe_changes(const SiteDefinition& from, const SiteDefinition& to) {
    Lines lines;
    compare_domains(lines, from.domains, to.domains);
    lines.compare("upstream: scheme", word(from.upstream.scheme), word(to.upstream.scheme));
    lines.compare("upstream: balancing", word(from.upstream.balancing), word(to.upstream.balancing));
    compare_servers(lines, from.upstream, to.upstream);
    lines.compare("upstream: connect timeout", text(from.upstream.connect_timeout),
                  text(to.upstream.connect_timeout));
    lines.compare("upstream: read timeout", text(from.upstream.read_timeout), text(to.upstream.read_timeout));
    lines.compare("upstream: send timeout", text(from.upstream.send_timeout), text(to.upstream.send_timeout));
    lines.compare("upstream: verify certificate", text(from.upstream.verify_tls),
                  text(to.upstream.verify_tls));
    lines.compare("tls: mode", word(from.tls.mode), word(to.tls.mode));
    lines.compare("tls: redirect http", text(from.tls.redirect_http), text(to.tls.redirect_http));
    lines.compare("tls: hsts", text(from.tls.hsts_seconds), text(to.tls.hsts_seconds));
    lines.compare("limits: body", text(from.limits), text(to.limits));
    if (from.raw != to.raw) lines.add("raw: nginx directives changed");
    if (from.note != to.note) lines.add("note: changed");
    return lines.take();
}

}  // namespace rpm
