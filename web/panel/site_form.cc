// SPDX-License-Identifier: MIT
#include "web/panel/site_form.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::web {
namespace {

constexpr std::size_t kMaxServers = 64;
constexpr std::int64_t kHstsYear = 31536000;

std::string trimmed(const http::Values& values, std::string_view name) {
    return std::string(text::trim(values.text(name)));
}

// Browsers send "\r\n" in text areas.
std::string plain_lines(std::string_view given) {
    std::string out;
    for (const char c : given)
        if (c != '\r') out += c;
    return out;
}

// A number if it is one; else the text itself, which the model refuses with the range it wants.
Json number(const std::string& typed) {
    if (const auto value = text::number<std::int64_t>(typed)) return *value;
    return typed;
}

std::string count(std::chrono::seconds seconds) {
    return std::to_string(seconds.count());
}

Json servers_json(const SiteForm& form, const std::vector<std::size_t>& rows) {
    Json servers = Json::array();
    for (const std::size_t row : rows) {
        const SiteForm::Server& server = form.servers[row];
        servers.push(Json::object({{"host", server.host},
                                   {"port", number(server.port)},
                                   {"weight", number(server.weight.empty() ? "1" : server.weight)},
                                   {"backup", server.backup}}));
    }
    return servers;
}

std::int64_t hsts_seconds(bool wanted, const SiteDefinition* before) {
    if (!wanted) return 0;
    const std::int64_t kept = before != nullptr ? before->tls.hsts_seconds.count() : 0;
    return kept != 0 ? kept : kHstsYear;
}

}  // namespace

SiteForm SiteForm::of(const SiteDefinition& definition) {
    SiteForm form;
    for (const DomainName& name : definition.domains) form.domains += name.text() + '\n';
    if (!form.domains.empty()) form.domains.pop_back();
    form.note = definition.note;
    form.scheme = to_word(definition.upstream.scheme);
    for (const UpstreamServer& server : definition.upstream.servers)
        form.servers.push_back(
            {server.host.text(), server.port.text(), std::to_string(server.weight), server.backup});
    form.balancing = to_word(definition.upstream.balancing);
    form.connect_timeout = count(definition.upstream.connect_timeout);
    form.read_timeout = count(definition.upstream.read_timeout);
    form.send_timeout = count(definition.upstream.send_timeout);
    form.tls = to_word(definition.tls.mode);
    form.force_https = definition.tls.redirect_http;
    form.hsts = definition.tls.hsts_seconds.count() != 0;
    form.max_body = std::to_string(definition.limits.max_body_mib);
    form.directives = definition.raw.nginx;
    return form;
}

SiteForm SiteForm::of(const http::Values& posted) {
    SiteForm form;
    form.domains = plain_lines(posted.text("domains"));
    form.note = trimmed(posted, "note");
    form.owner = trimmed(posted, "owner");
    for (const std::string_view node : posted.all("node")) form.nodes.emplace(node);
    form.scheme = trimmed(posted, "scheme");
    for (std::size_t i = 0; i < kMaxServers + 1; ++i) {
        const std::string prefix = "upstream_" + std::to_string(i) + '_';
        if (!posted.has(prefix + "host")) break;
        form.servers.push_back({trimmed(posted, prefix + "host"), trimmed(posted, prefix + "port"),
                                trimmed(posted, prefix + "weight"), posted.has(prefix + "backup")});
    }
    form.balancing = trimmed(posted, "balancing");
    form.connect_timeout = trimmed(posted, "connect_timeout");
    form.read_timeout = trimmed(posted, "read_timeout");
    form.send_timeout = trimmed(posted, "send_timeout");
    form.tls = trimmed(posted, "tls");
    form.force_https = posted.has("force_https");
    form.hsts = posted.has("hsts");
    form.max_body = trimmed(posted, "max_body");
    form.directives = plain_lines(posted.text("directives"));
    return form;
}

std::vector<std::size_t> SiteForm::used_rows() const {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < servers.size(); ++i)
        if (!servers[i].blank()) rows.push_back(i);
    if (rows.empty() && !servers.empty()) rows.push_back(0);
    return rows;
}

SiteDefinition SiteForm::definition(const SiteDefinition* before, bool raw) const {
    Json names = Json::array();
    for (const std::string_view name : text::words(domains)) names.push(std::string(name));
    const std::string lines = raw ? directives : before != nullptr ? before->raw.nginx : "";
    Json site = before != nullptr ? before->to_json() : Json::object();
    site["domains"] = names;
    Json& upstream = site["upstream"];
    upstream["scheme"] = scheme;
    upstream["balancing"] = balancing;
    upstream["servers"] = servers_json(*this, used_rows());
    upstream["connect_timeout"] = number(connect_timeout);
    upstream["read_timeout"] = number(read_timeout);
    upstream["send_timeout"] = number(send_timeout);
    site["tls"]["mode"] = tls;
    site["tls"]["redirect_http"] = force_https;
    site["tls"]["hsts_seconds"] = hsts_seconds(hsts, before);
    site["limits"]["max_body_mib"] = number(max_body);
    site["raw"]["nginx"] = lines;
    site["note"] = note;
    return SiteDefinition::parse(site);
}

std::string SiteForm::field_of(const std::string& path) const {
    constexpr std::string_view kServer = "upstream.servers.";
    if (path.starts_with(kServer)) {
        const std::string_view rest = std::string_view(path).substr(kServer.size());
        const auto dot = rest.find('.');
        const auto index = text::number<std::size_t>(rest.substr(0, dot));
        const auto rows = used_rows();
        if (!index || *index >= rows.size()) return "upstreams";
        const std::string part(dot == std::string_view::npos ? "host" : rest.substr(dot + 1));
        return "upstream_" + std::to_string(rows[*index]) + '_' + part;
    }
    if (path.starts_with("domains")) return "domains";
    if (path == "targets") return "nodes";
    if (path.starts_with("raw")) return "directives";
    if (path == "limits.max_body_mib") return "max_body";
    if (path == "upstream.servers") return "upstreams";
    if (path.starts_with("upstream.")) return path.substr(9);
    if (path.starts_with("tls")) return "tls";
    return path;
}

std::vector<std::pair<std::string, std::string>> SiteForm::posted() const {
    std::vector<std::pair<std::string, std::string>> out = {
        {"domains", domains},
        {"note", note},
        {"owner", owner},
        {"scheme", scheme},
        {"balancing", balancing},
        {"connect_timeout", connect_timeout},
        {"read_timeout", read_timeout},
        {"send_timeout", send_timeout},
        {"tls", tls},
        {"max_body", max_body},
        {"directives", directives},
    };
    for (const std::string& node : nodes) out.emplace_back("node", node);
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const std::string prefix = "upstream_" + std::to_string(i) + '_';
        out.emplace_back(prefix + "host", servers[i].host);
        out.emplace_back(prefix + "port", servers[i].port);
        out.emplace_back(prefix + "weight", servers[i].weight);
        if (servers[i].backup) out.emplace_back(prefix + "backup", "1");
    }
    if (force_https) out.emplace_back("force_https", "1");
    if (hsts) out.emplace_back("hsts", "1");
    return out;
}

namespace {

std::string show_servers(const SiteForm& form) {
    std::string out;
    for (const SiteForm::Server& server : form.servers) {
        if (server.blank()) continue;
        out += (out.empty() ? "" : "\n") + server.host + ':' + server.port;
        if (server.weight != "1") out += " weight " + server.weight;
        if (server.backup) out += " backup";
    }
    return out;
}

template <auto Member>
std::string show_text(const SiteForm& form) {
    return form.*Member;
}
template <auto Member>
std::string show_flag(const SiteForm& form) {
    return form.*Member ? "on" : "off";
}
template <auto Member>
void copy(const SiteForm& from, SiteForm& to) {
    to.*Member = from.*Member;
}
template <auto Member>
FormPart text_part(const char* name, const char* label) {
    return {name, label, show_text<Member>, copy<Member>};
}

}  // namespace

const std::vector<FormPart>& form_parts() {
    using F = SiteForm;
    static const std::vector<FormPart> parts = {
        text_part<&F::domains>("domains", "Domain names"),
        text_part<&F::note>("note", "Note"),
        text_part<&F::scheme>("scheme", "The servers speak"),
        {"servers", "Servers", show_servers, copy<&F::servers>},
        text_part<&F::balancing>("balancing", "Balancing"),
        text_part<&F::connect_timeout>("connect_timeout", "Connect within"),
        text_part<&F::read_timeout>("read_timeout", "Wait for data"),
        text_part<&F::send_timeout>("send_timeout", "Send within"),
        text_part<&F::tls>("tls", "Certificate"),
        {"force_https", "Send all HTTP to HTTPS", show_flag<&F::force_https>, copy<&F::force_https>},
        {"hsts", "HSTS", show_flag<&F::hsts>, copy<&F::hsts>},
        text_part<&F::max_body>("max_body", "Largest upload"),
        text_part<&F::directives>("directives", "Raw directives"),
    };
    return parts;
}

}  // namespace rpm::web
