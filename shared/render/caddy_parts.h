// SPDX-License-Identifier: MIT
// What the parts of a site and of a stream have in common. Included by caddy_*.cc only.
#pragma once

#include <string>

#include "shared/render/caddy_json.h"

namespace rpm::render::caddy {

/// The text of a file sites/….part.
class Part {
  public:
    /// JSON of an array's items, with commas between.
    void add(const std::string& section, const Json& elements);
    /// JSON of an object's members, each on lines of its own.
    void add_members(const std::string& section, const Json& members);
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

/// The site, its revision and owner, which stand in an @id. Throws Invalid for an owner that cannot.
std::string id_of(const DeployableSite& site);
/// Certificate, oldest version and clients' certificates of a connection policy.
Json::Object tls_terms(const Context& context);
/// The element of section certificates.
Json certificate(const CertificateFiles& files);

/// The text of a stream's file.
std::string stream_part(const Context& context);

}  // namespace rpm::render::caddy
