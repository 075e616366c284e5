// SPDX-License-Identifier: MIT
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

// A path part of a release has at most 100 characters (the name field of a ustar archive).
constexpr std::size_t kMostNameCharacters = 72;
constexpr std::string_view kFolder = "sites/";

}  // namespace

std::string site_path(const DeployableSite& site, std::string_view suffix, std::string_view group) {
    const DomainName& primary = site.definition->primary();
    std::string name = primary.is_wildcard() ? "_wild." + primary.text().substr(2) : primary.text();
    if (name.size() > kMostNameCharacters) name.resize(kMostNameCharacters);
    std::string path(kFolder);
    if (!group.empty()) path.append(group).append("/");
    return path + site.id.text() + "-" + name + std::string(suffix);
}

SiteId site_of_path(std::string_view path) {
    if (!path.starts_with(kFolder)) return {};
    path.remove_prefix(path.rfind('/') + 1);
    const auto dash = path.find('-');
    if (dash == std::string_view::npos) return {};
    return SiteId::parse(path.substr(0, dash)).value_or(SiteId());
}

std::string stream_address(const UpstreamServer& server, unsigned offset) {
    const std::string host = server.host.text() == "localhost" ? "127.0.0.1" : server.host.bracketed();
    return host + ":" + std::to_string(server.port.value() + offset);
}

std::string name_of_servers(const Upstream& upstream) {
    return upstream.tls.server_name.empty() ? upstream.servers.front().host.text() : upstream.tls.server_name;
}

std::string certificate_name(const CertificateFiles& certificate) {
    return certificate.fingerprint.substr(0, 16);
}

std::string certificate_path(const CertificateFiles& certificate) {
    return "current/certs/" + certificate_name(certificate);
}

void add_certificate(Bundle& bundle, const CertificateFiles& certificate) {
    const std::string path = "certs/" + certificate_name(certificate);
    bundle.files.try_emplace(path + ".crt", BundleFile{certificate.chain_pem, {}, {}});
    bundle.files.try_emplace(path + ".key", BundleFile{nullptr, certificate.id, {}});
}

const CertificateFiles* shown_certificate(const DeployableSite& site, const Upstream& upstream) {
    if (!encrypts_to(*site.definition, upstream) || upstream.tls.certificate.empty()) return nullptr;
    const auto found = site.upstream_certificates.find(fingerprint_of_key(upstream.tls.key));
    return found == site.upstream_certificates.end() ? nullptr : &found->second;
}

void add_upstream_certificates(Bundle& bundle, const DeployableSite& site) {
    if (site.state != SiteState::active) return;
    for (const auto& [path, upstream] : upstreams_of(*site.definition))
        if (const CertificateFiles* shown = shown_certificate(site, *upstream))
            add_certificate(bundle, *shown);
}

std::string proof_address(const ListenOn& listen) {
    return (listen.address ? listen.address->bracketed() : "127.0.0.1") + ":" + listen.proof.text();
}

std::string without_final_slash(std::string_view path) {
    if (path.ends_with('/')) path.remove_suffix(1);
    return std::string(path);
}

std::string quoted_regex(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

void check_deployable(const DeployableSite& site) {
    const auto refuse = [&](const char* field, const char* why) {
        Problems problems;
        problems.add(field, why);
        throw InvalidSite(site.id, std::move(problems));
    };
    if (site.state == SiteState::blocked && site.block_status != 403 && site.block_status != 451 &&
        site.block_status != 503)
        refuse("block_status", "must be 403, 451 or 503");
    for (const auto& [path, upstream] : upstreams_of(*site.definition))
        if (encrypts_to(*site.definition, *upstream) && !upstream->tls.certificate.empty() &&
            shown_certificate(site, *upstream) == nullptr)
            refuse((path + ".tls.key").c_str(), "is not stored: save it again");
    if (site.definition->tls.mode == TlsMode::none) return;
    if (!site.certificate || !site.certificate->chain_pem || site.certificate->fingerprint.size() != 64)
        refuse("tls.mode", "has no certificate yet");
}

}  // namespace rpm::render
