// SPDX-License-Identifier: MIT
// What must hold between the members of one object; called by the reader once all of them are read. A type
// without rules of its own has no overload.
#pragma once

#include <string>

#include "shared/base/error.h"
#include "shared/model/node_settings.h"
#include "shared/model/site.h"

namespace rpm::members {

/// Where an object stands in the definition, and where its problems go.
class At {
  public:
    At(std::string path, Problems& problems) : path_(std::move(path)), problems_(problems) {}
    std::string field(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }
    void problem(std::string_view name, std::string message) const {
        problems_.add(field(name), std::move(message));
    }
    Problems& problems() const { return problems_; }

  private:
    std::string path_;
    Problems& problems_;
};

void check(const At& at, const UpstreamTls& tls);
void check(const At& at, const Upstream& upstream);
void check(const At& at, const Access& access);
void check(const At& at, const ClientCertificates& clients);
void check(const At& at, const RateLimit& rate);
void check(const At& at, const Route& route);
void check(const At& at, const HeaderRule& rule);
void check(const At& at, const Cors& cors);
void check(const At& at, const ErrorPage& page);
void check(const At& at, const Pages& pages);
void check(const At& at, const Tls& tls);
void check(const At& at, const SiteDefinition& site);
/// Of a site of any kind: what only streams have, and what streams do not have (site_stream.cc).
void check_stream(const At& at, const SiteDefinition& site);
void check(const At& at, const DefaultSite& site);

/// What holds for `redirect` of the object at `at`. `groups`: that $1… may name; `wanted`: it needs a target.
void check_redirect(const At& at, const Redirect& redirect, unsigned groups, bool wanted);

}  // namespace rpm::members
