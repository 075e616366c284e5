// SPDX-License-Identifier: MIT
// The two halves of explain(): until a site has the request, and what the site does with it. Each adds its
// steps and endings to the explanation.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "shared/model/network.h"
#include "shared/plan/explain.h"
#include "shared/plan/explain_route.h"
#include "shared/plan/explain_ways.h"

namespace rpm::plan {

/// The status of a redirect to what the request says, or to elsewhere.
unsigned redirect_status_of(const Redirect& redirect, const Ways& ways, std::string_view method);

/// Port, handshake and name.
class Connection {
  public:
    Connection(const NodeProfile& node, std::span<const DeployableSite> sites, const Request& request,
               Explanation& out)
        : node_(node), sites_(sites), request_(request), ways_(ways_of(node.engine)), out_(out) {}
    /// Whether a site has the request; else the endings are there.
    bool run();

  private:
    void step(std::string says, std::string field = "");
    void end(Ending ending);
    void refuse(std::string why, std::string field = "");
    bool reach_port();
    bool shake_hands();
    bool show_certificate(const SiteDefinition& site);
    bool find_by_host();
    void answer_unknown();

    const NodeProfile& node_;
    std::span<const DeployableSite> sites_;
    const Request& request_;
    Ways ways_;
    Explanation& out_;
};

/// One pass through a site for one spelling of the path.
class Walk {
  public:
    Walk(const NodeProfile& node, const Request& request, const IpAddress& visitor, std::string path,
         Explanation& out);
    void run();

  private:
    // Each answers whether the request has ended.
    bool state();
    bool to_https();
    bool without_tls();
    bool own_answers();
    bool preflight();
    bool maintenance();
    bool text_file();
    void find_text_file();
    bool body();
    bool redirect();
    bool certificate();
    bool gates();
    bool addresses(const Access& access, bool& needs_sign_in);
    bool sign_in(const Access& access);
    bool password(const Access& access);
    void ask_elsewhere(const ForwardAuth& forward);
    void rates();
    void own_directives();
    void pass();

    void choose_route();
    void headers_of(Passed& passed, const Upstream& upstream);
    void answer_headers();

    void step(std::string says, std::string field = "");
    /// The expected ending. Always true.
    bool end(Ending ending);
    bool answer(unsigned status, std::string why, std::string field, std::string location = "");
    /// Instead of the expected one, under a condition.
    void may(Ending ending, std::string when);
    std::string access_field() const;

    const NodeProfile& node_;
    const Request& request_;
    const IpAddress& visitor_;
    std::string path_;
    Explanation& out_;
    Ways ways_;
    const DeployableSite& deployable_;
    const SiteDefinition& site_;
    FoundRoute found_;
    const Route* route_ = nullptr;
    std::string route_field_;  // "routes.2"
    std::string file_field_;   // of a text that the engine shows at this path
    std::vector<Ending> others_;
};

}  // namespace rpm::plan
