// SPDX-License-Identifier: MIT
// Where things lie in a release, for every engine.
#pragma once

#include <string>
#include <string_view>

#include "shared/model/bundle.h"
#include "shared/model/deployable_site.h"

namespace rpm::render {

/// "sites/12-shop.example.com.yml", "sites/13-_wild.example.com.yml"; at most 100 characters without the
/// folder (the name field of a ustar archive).
std::string site_path(const DeployableSite& site, std::string_view suffix);
/// The site whose file has this path; none when it is no site's.
SiteId site_of_path(std::string_view path);

/// "certs/0123456789abcdef", to which ".crt" and ".key" are added.
std::string certificate_path(const CertificateFiles& certificate);
/// Adds both files, once per certificate.
void add_certificate(Bundle& bundle, const CertificateFiles& certificate);

}  // namespace rpm::render
