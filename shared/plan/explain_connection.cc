// SPDX-License-Identifier: MIT
#include "shared/model/capabilities.h"
#include "shared/plan/explain_walk.h"

namespace rpm::plan {
namespace {

std::string domain_field(const FoundSite& found) {
    return "domains." + std::to_string(found.domain);
}

}  // namespace

void Connection::step(std::string says, std::string field) {
    out_.steps.push_back({std::move(says), std::move(field)});
}

void Connection::end(Ending ending) {
    out_.endings.push_back(std::move(ending));
}

void Connection::refuse(std::string why, std::string field) {
    step(why, field);
    Ending ending{.kind = EndKind::refused};
    ending.why = std::move(why);
    ending.field = std::move(field);
    end(std::move(ending));
}

bool Connection::run() {
    return reach_port() && (!request_.encrypted || shake_hands()) && find_by_host();
}

bool Connection::reach_port() {
    const Port own = request_.encrypted ? node_.listen.https : node_.listen.http;
    const Port usual = *Port::from(request_.encrypted ? 443 : 80);
    const char* scheme = request_.encrypted ? "https" : "http";
    if (request_.port && *request_.port != own && *request_.port != usual) {
        refuse("Nothing listens on port " + request_.port->text() + " for " + scheme + ": it is on port " +
               own.text());
        return false;
    }
    step(std::string("The node takes ") + scheme + " on port " + own.text());
    return true;
}

bool Connection::shake_hands() {
    const std::string name = request_.handshake_name.empty() ? request_.name() : request_.handshake_name;
    const FoundSite found = find_site(sites_, name, true, ways_.deep_handshakes);
    if (found.site == nullptr) {
        refuse("No site with TLS has the name '" + name + "': the handshake is refused");
        return false;
    }
    const SiteDefinition& site = *found.site->definition;
    if (request_.oldest_tls_only && site.tls.minimum == TlsVersion::v1_3) {
        out_.site = found.site;
        refuse("The site speaks TLS 1.3 only", "tls.minimum");
        return false;
    }
    step("The handshake is for " + site.domains[found.domain].text(), "tls.mode");
    if (show_certificate(site)) return true;
    out_.site = found.site;
    return false;
}

bool Connection::show_certificate(const SiteDefinition& site) {
    const ClientCertificates& clients = site.tls.clients;
    if (clients.mode == ClientCertificate::off) return true;
    const bool required = clients.mode == ClientCertificate::required;
    step(required ? "The site demands a client certificate of its authorities"
                  : "The site asks for a client certificate and does without one",
         "tls.clients.mode");
    const bool good = request_.certificate == Shown::good;
    if (good || (!required && request_.certificate == Shown::none)) return true;
    const char* why = request_.certificate == Shown::none ? "The visitor shows no client certificate"
                                                          : "The visitor's certificate is not accepted";
    if (!ways_.certificate_400) {
        refuse(std::string(why) + ": the handshake fails", "tls.clients.mode");
        return false;
    }
    Ending ending{.kind = EndKind::answered, .statuses = {400}};
    ending.why = why;
    ending.field = "tls.clients.mode";
    step(why, ending.field);
    end(std::move(ending));
    return false;
}

void Connection::answer_unknown() {
    Ending unknown{.kind = EndKind::answered, .statuses = {404}};
    unknown.why =
        "No site has the name '" + request_.name() + "'" + (request_.encrypted ? "" : " over plain HTTP");
    const DefaultSite& site = node_.default_site;
    const bool deep =
        ways_.deep_handshakes && find_site(sites_, request_.name(), request_.encrypted, true).site != nullptr;
    if (deep) {
        unknown.why += ": a wildcard stands for one label";
    } else if (site.answer == DefaultAnswer::redirect) {
        unknown.statuses = {redirect_status_of(site.redirect, ways_, request_.method)};
        unknown.location = location_of(site.redirect, {}, request_.target);
        unknown.why += ", and the node redirects such requests";
    } else if (site.answer == DefaultAnswer::drop) {
        unknown.kind = EndKind::refused;
        unknown.statuses.clear();
        unknown.why += ", and the node closes such connections";
    } else if (site.answer == DefaultAnswer::page) {
        unknown.why += ", and the node has a page for them";
    }
    step(unknown.why);
    end(std::move(unknown));
    if (!request_.encrypted) return;
    Ending misdirected{.kind = EndKind::answered, .statuses = {421}};
    misdirected.why = "The handshake was for another name (RFC 9110 section 15.5.20)";
    misdirected.when = "a site of the node demands client certificates";
    end(std::move(misdirected));
}

bool Connection::find_by_host() {
    const FoundSite found = find_site(sites_, request_.name(), request_.encrypted);
    if (found.site == nullptr) {
        answer_unknown();
        return false;
    }
    out_.site = found.site;
    const SiteDefinition& site = *found.site->definition;
    const DomainName& domain = site.domains[found.domain];
    step("The site " + site.primary().text() + " has the name " + domain.text() +
             (domain.is_wildcard() ? ", and no site has '" + request_.name() + "' itself" : ""),
         domain_field(found));
    const bool another =
        request_.encrypted && !request_.handshake_name.empty() && request_.handshake_name != request_.name();
    if (!another) return true;
    Ending misdirected{.kind = EndKind::answered, .statuses = {421}};
    misdirected.why =
        "The handshake was for another name, '" + request_.handshake_name + "' (RFC 9110 section 15.5.20)";
    misdirected.field = "tls.clients.mode";
    if (site.tls.clients.mode == ClientCertificate::off) {
        misdirected.when = "another site of the node demands client certificates";
        misdirected.field.clear();
        end(std::move(misdirected));
        return true;
    }
    step(misdirected.why, misdirected.field);
    end(std::move(misdirected));
    return false;
}

}  // namespace rpm::plan
