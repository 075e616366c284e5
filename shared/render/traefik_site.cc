// SPDX-License-Identifier: MIT
// The text of one site: its tree of routers, as traefik.h draws it.
#include <algorithm>

#include "shared/render/quoting.h"
#include "shared/render/release_files.h"
#include "shared/render/traefik.h"
#include "shared/render/traefik_middlewares.h"
#include "shared/render/traefik_rules.h"
#include "shared/render/yaml.h"

namespace rpm::render::traefik {
namespace {

constexpr const char* kEverything = "PathPrefix(`/`)";
// A root takes away what a visitor sends of that; the trunk writes the certificate of the handshake there.
constexpr const char* kCertified = "HeaderRegexp(`X-Forwarded-Tls-Client-Cert`, `.`)";
constexpr const char* kNoService = "noop@internal";  // where a middleware answers before

Json names(const std::vector<std::string>& all) {
    Json out = Json::array();
    for (const std::string& each : all) out.push(each);
    return out;
}

// A branch of the tree below site<id>-all; rank says which one wins. Two ranks each: the even one for
// everybody, the odd one for addresses that need no sign-in.
struct Branch {
    const Route* route = nullptr;  // none: the rest
    std::string name;              // "r0", "rest"
    std::string field;             // "routes.0."; for messages
    std::string rule;
    int rank = 0;
    bool own_rates() const { return route != nullptr && !route->rates.empty(); }
    bool certified() const {
        return route != nullptr && route->client_certificate == RouteCertificate::required;
    }
};

constexpr int kExact = 4'000'000, kRegex = 2'000'000;

std::vector<Branch> branches(const SiteDefinition& site) {
    std::vector<Branch> out;
    bool rest = true;
    for (std::size_t i = 0; i < site.routes.size(); ++i) {
        const Route& route = site.routes[i];
        Branch branch{&route, "r" + std::to_string(i), "routes." + std::to_string(i) + ".", path_rule(route)};
        if (route.match == PathMatch::exact)
            branch.rank = kExact;
        else if (route.match == PathMatch::regex)
            branch.rank = kRegex - 2 * static_cast<int>(i);
        else
            branch.rank = 2 * static_cast<int>(route.path.size()) + 2;
        if (route.match == PathMatch::prefix && route.path == "/") rest = false;
        out.push_back(std::move(branch));
    }
    if (rest) out.push_back({nullptr, "rest", "", kEverything, 2});
    return out;
}

// Whether a request can be for both; `better` is of a higher rank.
bool may_overlap(const Route& route, const Route& better) {
    if (route.match == PathMatch::regex || better.match == PathMatch::regex) return true;
    return route.match == PathMatch::prefix && better.path.starts_with(route.path);
}

std::string header(const DeployableSite& site) {
    std::string line = "site " + site.id.text() + " " + site.definition->primary().text() + ", owner " +
                       site.owner + ", revision " + std::to_string(site.revision_number);
    std::string out = "# ";
    quote_comment(line, out);
    if (out.find("{{") != std::string::npos) throw Invalid("value", "a comment cannot hold '{{'");
    return out + "\n";
}

class SiteFile {
  public:
    SiteFile(const NodeProfile& node, const DeployableSite& site)
        : site_(site),
          definition_(*site.definition),
          prefix_("site" + site.id.text() + "-"),
          middlewares_(out_, prefix_, node) {}

    std::string text() {
        roots();
        if (site_.state == SiteState::active) trunk();
        Json root;
        root["http"]["routers"] = out_.routers;
        const auto add = [&root](const char* name, const Json& section) {
            if (!section.members().empty()) root["http"][name] = section;
        };
        add("services", out_.services);
        add("middlewares", out_.middlewares);
        add("serversTransports", out_.transports);
        if (definition_.tls.mode != TlsMode::none) root["tls"] = tls();
        return header(site_) + yaml(root);
    }

  private:
    // ---- TLS ----
    bool own_tls_options() const {
        return definition_.tls.minimum != TlsVersion::v1_2 ||
               definition_.tls.clients.mode != ClientCertificate::off;
    }
    Json tls() const {
        Json out;
        out["certificates"].push(certificate_files(*site_.certificate));
        if (own_tls_options()) out["options"][prefix_ + "tls"] = traefik::own_tls_options(definition_.tls);
        return out;
    }

    // ---- Roots: names on entry points ----
    void roots() {
        std::vector<DomainName> exact, any;
        for (const DomainName& domain : definition_.domains)
            (domain.is_wildcard() ? any : exact).push_back(domain);
        for (const bool secure : {false, true}) {
            if (secure && definition_.tls.mode == TlsMode::none) continue;
            if (!exact.empty()) root(secure, "", exact, 2);
            if (!any.empty()) root(secure, "-any", any, 1);
        }
    }
    void root(bool secure, const char* suffix, const std::vector<DomainName>& domains, int priority) {
        const std::string entry = secure ? "websecure" : "web";
        const Tls& tls = definition_.tls;
        const bool active = site_.state == SiteState::active;
        std::vector<std::string> chain = {secure ? kWebSecure : kWeb};
        if (active && secure && tls.hsts_seconds.count() > 0) chain.push_back(middlewares_.hsts(tls));
        Json router = Json::object(
            {{"entryPoints", Json::array({entry})}, {"rule", host_rule(domains)}, {"priority", priority}});
        bool leaf = true;
        if (site_.state == SiteState::paused)
            chain.push_back(answer(503));
        else if (site_.state == SiteState::blocked)
            chain.push_back(answer(site_.block_status));
        else if (!secure && tls.redirect_http)
            chain.emplace_back(kToHttps);
        else if (!secure && tls.clients.mode == ClientCertificate::required)
            chain.push_back(answer(403));
        else
            leaf = false;
        router["middlewares"] = names(chain);
        if (leaf) router["service"] = kNoService;
        if (secure) {
            router["tls"] = Json::object();
            if (own_tls_options()) router["tls"]["options"] = prefix_ + "tls";
        }
        std::string name = prefix_ + entry + suffix;
        if (!leaf) roots_.push_back(name);
        out_.routers[name] = std::move(router);
    }

    // ---- The trunk: what holds for the whole site ----
    void trunk() {
        const auto all = branches(definition_);
        std::vector<std::string> chain = middlewares_.of_site(definition_);
        if (std::ranges::any_of(all, &Branch::certified)) chain.push_back(middlewares_.certificate());
        const auto rates = middlewares_.rates(definition_.limits.rates, "");
        const bool split = !rates.empty() && std::ranges::any_of(all, &Branch::own_rates);
        if (!split) chain.insert(chain.end(), rates.begin(), rates.end());
        const std::string name = prefix_ + "all";
        Json trunk = Json::object({{"parentRefs", names(roots_)}, {"rule", kEverything}, {"priority", 1}});
        if (!chain.empty()) trunk["middlewares"] = names(chain);
        out_.routers[name] = std::move(trunk);
        if (split) {
            limited_ = prefix_ + "limited";
            out_.routers[limited_] = Json::object({{"parentRefs", Json::array({name})},
                                                   {"rule", kEverything},
                                                   {"priority", 1},
                                                   {"middlewares", names(rates)}});
        }
        for (const Branch& branch : all) add(branch, all);
    }

    // ---- Branches ----
    void add(const Branch& branch, const std::vector<Branch>& all) {
        const Access& access =
            branch.route != nullptr && branch.route->access ? *branch.route->access : definition_.access;
        const bool own_access = &access != &definition_.access;
        const std::string field = own_access ? branch.field + "access." : "access.";
        const std::string own = own_access ? branch.name + "-" : "";
        std::vector<std::string> before;
        if (branch.own_rates()) before = middlewares_.rates(branch.route->rates, branch.name + "-");
        if (access.by_address() && !(access.by_sign_in() && access.satisfy == Satisfy::any))
            before.push_back(middlewares_.addresses(access, own));
        const std::string service = target(branch);
        const auto after = work(branch);
        std::vector<std::string> chain = before;
        if (access.by_sign_in()) chain.push_back(middlewares_.sign_in(access, own));
        chain.insert(chain.end(), after.begin(), after.end());
        std::string rule = exclusive(branch, all);
        if (branch.certified()) {
            router(branch, branch.name + "-stranger", "(" + rule + ") && !" + kCertified, branch.rank,
                   {answer(403)}, kNoService);
            rule = "(" + rule + ") && " + kCertified;
        }
        router(branch, branch.name, rule, branch.rank, chain, service);
        const std::string free = middlewares_.free_of_sign_in(access, field);
        if (free.empty()) return;
        before.insert(before.end(), after.begin(), after.end());
        router(branch, branch.name + "-free", rule == kEverything ? free : "(" + rule + ") && (" + free + ")",
               branch.rank + 1, before, service);
    }
    void router(const Branch& branch, const std::string& name, const std::string& rule, int priority,
                const std::vector<std::string>& chain, const std::string& service) {
        const bool limited = !limited_.empty() && !branch.own_rates();
        Json& out = out_.routers[prefix_ + name] =
            Json::object({{"parentRefs", Json::array({limited ? limited_ : prefix_ + "all"})},
                          {"rule", rule},
                          {"priority", priority}});
        if (!chain.empty()) out["middlewares"] = names(chain);
        out["service"] = service;
    }
    // Routes with rates of their own stand beside the router that all others share, so that those are counted
    // together; they must leave to it what a better route of it takes.
    std::string exclusive(const Branch& branch, const std::vector<Branch>& all) const {
        if (limited_.empty() || !branch.own_rates()) return branch.rule;
        std::string better;
        for (const Branch& other : all)
            if (!other.own_rates() && other.rank > branch.rank && may_overlap(*branch.route, *other.route))
                better.append(better.empty() ? "" : " || ").append(other.rule);
        return better.empty() ? branch.rule : branch.rule + " && !(" + better + ")";
    }

    bool redirects(const Branch& branch) const {
        if (branch.route == nullptr) return definition_.kind == SiteKind::redirect;
        if (branch.route->action == RouteAction::redirect) return true;
        return definition_.kind == SiteKind::redirect && !branch.route->upstream;
    }
    std::string target(const Branch& branch) {
        if (redirects(branch)) return kNoService;
        const bool own = branch.route != nullptr && branch.route->upstream;
        if (!own && !site_service_.empty()) return site_service_;
        ServiceOptions options;
        options.prefix = prefix_ + (own ? branch.name + "-" : "");
        const auto exact = std::ranges::find_if_not(definition_.domains, &DomainName::is_wildcard);
        if (exact != definition_.domains.end()) options.host = exact->text();
        options.secure = definition_.tls.redirect_http;
        options.buffered = definition_.limits.buffer_responses;
        options.shown = shown_certificate(site_, own ? *branch.route->upstream : definition_.upstream);
        std::string name = add_service(out_, own ? *branch.route->upstream : definition_.upstream, options);
        if (!own) site_service_ = name;
        return name;
    }
    // What a branch does once somebody is let in.
    std::vector<std::string> work(const Branch& branch) {
        const bool own = branch.route != nullptr && branch.route->upstream;
        if (redirects(branch)) {
            const bool route = branch.route != nullptr && branch.route->action == RouteAction::redirect;
            const bool regex = route && branch.route->match == PathMatch::regex;
            auto out = route ? Middlewares::Names() : middlewares_.raw(definition_);
            std::ranges::move(middlewares_.redirect(route ? branch.route->redirect : definition_.redirect,
                                                    regex ? branch.route->path : "",
                                                    route ? branch.name + "-" : "", branch.field),
                              std::back_inserter(out));
            return out;
        }
        std::vector<std::string> out;
        if (std::ranges::any_of(definition_.routes, [](const Route& each) {
                return each.client_certificate == RouteCertificate::required;
            }))
            out.push_back(middlewares_.no_certificate());
        if (branch.route != nullptr) {
            const auto path = middlewares_.path(*branch.route, branch.name + "-");
            out.insert(out.end(), path.begin(), path.end());
        }
        const auto more = middlewares_.of_upstream(own ? *branch.route->upstream : definition_.upstream,
                                                   definition_, own ? branch.name + "-" : "");
        out.insert(out.end(), more.begin(), more.end());
        return out;
    }

    const DeployableSite& site_;
    const SiteDefinition& definition_;
    std::string prefix_;
    Sections out_;
    Middlewares middlewares_;
    std::vector<std::string> roots_;
    std::string limited_, site_service_;
};

}  // namespace

Json certificate_files(const CertificateFiles& certificate) {
    const std::string path = certificate_path(certificate);
    return Json::object({{"certFile", path + ".crt"}, {"keyFile", path + ".key"}});
}

Json own_tls_options(const Tls& tls) {
    Json options = tls_options(tls.minimum);
    const ClientCertificates& clients = tls.clients;
    if (clients.mode != ClientCertificate::off)
        options["clientAuth"] = Json::object(
            {{"caFiles", Json::array({clients.ca})},
             {"clientAuthType", clients.mode == ClientCertificate::required ? "RequireAndVerifyClientCert"
                                                                            : "VerifyClientCertIfGiven"}});
    return options;
}

std::string site_text(const NodeProfile& node, const DeployableSite& site) {
    check_deployable(site);
    try {
        if (is_stream(site)) return header(site) + yaml(stream_root(site));
        return SiteFile(node, site).text();
    } catch (const InvalidSite&) {
        throw;
    } catch (const Invalid& error) {
        throw InvalidSite(site.id, error.problems);
    }
}

}  // namespace rpm::render::traefik
