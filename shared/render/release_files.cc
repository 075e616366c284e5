// SPDX-License-Identifier: MIT
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

constexpr std::string_view kFolder = "sites/";
constexpr std::size_t kMostNameCharacters = 72;

}  // namespace

std::string site_path(const DeployableSite& site, std::string_view suffix) {
    const DomainName& primary = site.definition->primary();
    std::string name = primary.is_wildcard() ? "_wild." + primary.text().substr(2) : primary.text();
    if (name.size() > kMostNameCharacters) name.resize(kMostNameCharacters);
    return std::string(kFolder) + site.id.text() + "-" + name + std::string(suffix);
}

SiteId site_of_path(std::string_view path) {
    const auto dash = path.find('-');
    if (!path.starts_with(kFolder) || dash == std::string_view::npos) return {};
    return SiteId::parse(path.substr(kFolder.size(), dash - kFolder.size())).value_or(SiteId());
}

std::string certificate_path(const CertificateFiles& certificate) {
    return "certs/" + certificate.fingerprint.substr(0, 16);
}

void add_certificate(Bundle& bundle, const CertificateFiles& certificate) {
    const std::string path = certificate_path(certificate);
    bundle.files.try_emplace(path + ".crt", BundleFile{certificate.chain_pem, {}, {}});
    bundle.files.try_emplace(path + ".key", BundleFile{nullptr, certificate.id, {}});
}

}  // namespace rpm::render
