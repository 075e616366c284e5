// SPDX-License-Identifier: MIT
// The site editor's form: what was typed, as typed, on its way to a definition and back.
//
//     SiteForm form = SiteForm::of(head.definition);            // to show a saved version
//     SiteForm typed = SiteForm::of(request.form);              // to show again what was typed, with its
//     faults SiteDefinition wanted = typed.definition(before);         // throws Invalid; fields are paths of
//     the model
#pragma once

#include <set>
#include <string>
#include <vector>

#include "shared/model/site.h"
#include "web/http/request.h"

namespace rpm::web {

struct SiteForm {
    struct Server {
        std::string host, port, weight = "1";
        bool backup = false;
        bool blank() const { return host.empty() && port.empty(); }
        bool operator==(const Server&) const = default;
    };
    std::string domains;  ///< one per line
    std::string note;
    std::string owner;            ///< id; administrators
    std::set<std::string> nodes;  ///< ids; administrators
    std::string scheme = "http";
    std::vector<Server> servers;
    std::string balancing = "round_robin";
    std::string connect_timeout = "5", read_timeout = "60", send_timeout = "60";
    std::string tls = "none";
    bool force_https = false;
    bool hsts = false;
    std::string max_body = "16";
    std::string directives;  ///< administrators

    static SiteForm of(const SiteDefinition& definition);
    static SiteForm of(const http::Values& posted);

    /// What the form cannot say is taken from `before`, as are the directives unless `raw`. Rows that are
    /// wholly blank are left out unless all are.
    SiteDefinition definition(const SiteDefinition* before, bool raw) const;
    /// From the model's path to the form's field: "upstream.servers.0.port" -> "upstream_2_port".
    std::string field_of(const std::string& path) const;
    /// Everything that definition() reads, as it is posted; for hidden fields.
    std::vector<std::pair<std::string, std::string>> posted() const;

  private:
    std::vector<std::size_t> used_rows() const;
};

/// The parts of the form that can collide when two people save, in the order of the page.
struct FormPart {
    const char* name;
    const char* label;
    std::string (*show)(const SiteForm&);
    void (*copy)(const SiteForm& from, SiteForm& to);
};
const std::vector<FormPart>& form_parts();

}  // namespace rpm::web
