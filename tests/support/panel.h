// SPDX-License-Identifier: MIT
// The real panels over a real database, asked with requests made by hand.
//
//     PanelFixture panel;
//     Browser anna = panel.sign_in(PanelKind::admin, "anna");
//     auto answer = anna.post("/sites/new", {{"domains", "a.example"}, …});     // with its cookies and token
//     BOOST_TEST(answer.status == 303);
#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/model/node.h"
#include "shared/model/settings.h"
#include "tests/support/database.h"
#include "web/http/response.h"
#include "web/panel/panel.h"
#include "web/view/badges.h"

namespace rpm::test {

struct PanelFixture;

/// One browser at one panel: keeps its cookies, reads the token of the last form.
class Browser {
  public:
    Browser(PanelFixture& fixture, web::PanelKind kind) : fixture_(fixture), kind_(kind) {}
    http::Response get(const std::string& target, const http::Values& headers = {});
    /// With the token that this browser's forms carry.
    http::Response post(const std::string& path, http::Values form, const http::Values& headers = {});
    http::Response post_without_token(const std::string& path, const http::Values& form,
                                      const http::Values& headers = {});
    /// Follows one redirect.
    http::Response follow(const http::Response& response) { return get(*response.find("Location")); }
    const std::string& token() const { return token_; }

  private:
    http::Response send(http::Request request);
    PanelFixture& fixture_;
    web::PanelKind kind_;
    std::map<std::string, std::string> cookies_;
    std::string token_;
};

struct PanelFixture : Database {
    PanelFixture();
    void set(Setting setting, std::string_view value);  ///< what an administrator decided
    /// Answers the id; the password is kPassword.
    UserId add_user(const std::string& name, Role role);
    NodeId add_node(const std::string& name, Engine engine = Engine::nginx);
    SiteId add_site(UserId owner, const std::string& domain);
    /// A browser of that user, created when missing.
    Browser sign_in(web::PanelKind kind, const std::string& name);
    http::Handler& handler(web::PanelKind kind);
    Viewer viewer(UserId id, Role role) const;

    static constexpr const char* kPassword = "correct horse battery";
    ManualClock clock;
    crypto::SealingKey sealing;
    crypto::Vault vault = crypto::Vault::generate();
    rpm::ops::Context ops;
    web::Badges badges;
    store::KnownSites known_sites;

  private:
    std::unique_ptr<web::Panel> admin_, client_;
};

/// The value of the first input of that name on the page; "" when there is none.
std::string input_value(const std::string& html, const std::string& name);

}  // namespace rpm::test
