// SPDX-License-Identifier: MIT
// What the releases of all engines have in common: how files are called, and what a site must have.
#pragma once

#include <string>
#include <string_view>

#include "shared/render/renderer.h"

namespace rpm::render {

/// "sites/12-shop.example.com" and the suffix; "*." of the primary name becomes "_wild.".
std::string site_path(const DeployableSite& site, std::string_view suffix);
/// The site of such a path, or none.
SiteId site_of_path(std::string_view path);

/// The name of a certificate's files below certs/, without suffix.
std::string certificate_name(const CertificateFiles& certificate);
void add_certificate(Bundle& bundle, const CertificateFiles& certificate);

/// What no engine can serve: a certificate that is missing, an impossible status. Throws InvalidSite.
void check_deployable(const DeployableSite& site);

}  // namespace rpm::render
