// SPDX-License-Identifier: MIT
// The middlewares of one site. Each function adds what it needs to the file, once, and returns the names in
// the order in which a request meets them. `own` is "" for what the whole site shares, "r3-" for what belongs
// to one route.
#pragma once

#include <string>
#include <vector>

#include "shared/render/traefik.h"

namespace rpm::render::traefik {

class Middlewares {
  public:
    using Names = std::vector<std::string>;

    Middlewares(Sections& out, std::string prefix, const NodeProfile& node)
        : out_(out), prefix_(std::move(prefix)), trusted_(node.trusted_proxies) {}

    std::string hsts(const Tls& tls);
    /// Compression, headers of answers, CORS, maintenance, connections.
    Names of_site(const SiteDefinition& site);
    Names rates(const std::vector<RateLimit>& rates, const std::string& own);
    std::string addresses(const Access& access, const std::string& own);
    /// Writes the visitor's certificate into X-Forwarded-Tls-Client-Cert; and takes it away again.
    std::string certificate();
    std::string no_certificate();
    std::string sign_in(const Access& access, const std::string& own);
    /// The rule of those who need no sign-in; empty when there are none. Throws Invalid, naming a member
    /// below `field`, where rules do not know the visitor's address.
    std::string free_of_sign_in(const Access& access, const std::string& field) const;
    /// `regex`: of the route, for groups. Throws Invalid for one that cannot be said.
    Names redirect(const Redirect& redirect, const std::string& regex, const std::string& own,
                   const std::string& field);
    /// The path that the servers see.
    Names path(const Route& route, const std::string& own);
    /// Those that an administrator has written.
    Names raw(const SiteDefinition& site);
    /// These, request headers, buffering, the next server.
    Names of_upstream(const Upstream& upstream, const SiteDefinition& site, const std::string& own);

  private:
    std::string add(const std::string& name, const char* type, Json options);
    Json by_address(Json options, bool needed) const;

    Sections& out_;
    std::string prefix_;
    const std::vector<IpNetwork>& trusted_;
};

}  // namespace rpm::render::traefik
