// SPDX-License-Identifier: MIT
#include "shared/model/site.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include "shared/base/text.h"
#include "shared/model/nginx_directives.h"

namespace rpm {
namespace {

constexpr std::size_t kMostDomains = 100;
constexpr std::size_t kMostServers = 64;
constexpr std::size_t kMostRawBytes = 16 * 1024;
constexpr std::size_t kMostNoteCharacters = 500;
constexpr std::int64_t kLongestHsts = 315'360'000;  // ten years
constexpr std::int64_t kMostBodyMib = 1'048'576;    // 1 TiB

constexpr std::array kSchemes = {UpstreamScheme::http, UpstreamScheme::https};
constexpr std::array kBalancings = {Balancing::round_robin, Balancing::least_connections, Balancing::ip_hash};
constexpr std::array kTlsModes = {TlsMode::none, TlsMode::self_signed};

std::string quoted(std::string_view text) {
    return "'" + text::shown(text, 80) + "'";
}

// One object of the definition: reads members by type and remembers what is wrong, under their full path.
class Members {
  public:
    Members(const Json* json, std::string path, Problems& problems,
            std::initializer_list<std::string_view> known)
        : json_(json), path_(std::move(path)), problems_(problems) {
        if (json_ == nullptr) return;
        if (!json_->is_object()) {
            problems_.add(path_.empty() ? "json" : path_, "must be an object");
            json_ = nullptr;
            return;
        }
        for (const auto& [name, value] : json_->members())
            if (std::ranges::find(known, name) == known.end())
                problems_.add(field(text::shown(name, 80)), "is not a setting that this version knows");
    }

    const Json* find(std::string_view name) const { return json_ == nullptr ? nullptr : json_->find(name); }
    std::string field(std::string_view name) const {
        return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
    }
    void problem(std::string_view name, std::string message) const {
        problems_.add(field(name), std::move(message));
    }
    Problems& problems() const { return problems_; }

    void boolean(std::string_view name, bool& target) const {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_bool())
            target = value->boolean();
        else
            problem(name, "must be true or false");
    }
    template <class T>
    void whole(std::string_view name, std::int64_t least, std::int64_t most, T& target) const {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_integer() && value->integer() >= least && value->integer() <= most)
            target = static_cast<T>(value->integer());
        else
            problem(name,
                    "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    void seconds(std::string_view name, std::int64_t least, std::int64_t most,
                 std::chrono::seconds& target) const {
        std::int64_t count = target.count();
        whole(name, least, most, count);
        target = std::chrono::seconds(count);
    }
    template <class E, std::size_t N>
    void word(std::string_view name, const std::array<E, N>& all, E& target) const {
        const Json* value = find(name);
        if (value == nullptr) return;
        std::string words;
        for (const E each : all) {
            if (value->is_text() && value->text() == to_word(each)) {
                target = each;
                return;
            }
            words.append(words.empty() ? "" : ", ").append(to_word(each));
        }
        problem(name, "must be one of: " + words);
    }
    void text(std::string_view name, std::string& target) const {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_text() && text::is_utf8(value->text()))
            target = value->text();
        else
            problem(name, "must be text");
    }
    /// The items of a list; none when absent or wrong.
    const Json::Array& list(std::string_view name, std::size_t most) const {
        static const Json::Array none;
        const Json* value = find(name);
        if (value == nullptr) return none;
        if (!value->is_array())
            problem(name, "must be a list");
        else if (value->items().size() > most)
            problem(name, "has more than " + std::to_string(most) + " entries");
        else
            return value->items();
        return none;
    }

  private:
    const Json* json_;
    std::string path_;
    Problems& problems_;
};

std::vector<DomainName> read_domains(const Members& site) {
    std::vector<DomainName> out;
    std::set<DomainName> seen;
    std::size_t index = 0;
    for (const Json& item : site.list("domains", kMostDomains)) {
        const std::string field = "domains." + std::to_string(index++);
        const std::string why = item.is_text() ? DomainName::why_not(item.text()) : "";
        if (!item.is_text())
            site.problem(field, "must be text");
        else if (!why.empty())
            site.problem(field, quoted(item.text()) + " " + why);
        else if (const auto name = DomainName::parse(item.text()); !seen.insert(*name).second)
            site.problem(field, name->text() + " is listed twice");
        else
            out.push_back(*name);
    }
    if (index == 0 && !site.problems().has("domains"))
        site.problem("domains", "needs at least one domain name");
    return out;
}

std::optional<HostAddress> read_host(const Members& server) {
    const Json* value = server.find("host");
    if (value == nullptr || (value->is_text() && value->text().empty())) {
        server.problem("host", "is missing");
        return std::nullopt;
    }
    auto host = value->is_text() ? HostAddress::parse(value->text()) : std::nullopt;
    if (!host)
        server.problem("host", value->is_text()
                                   ? quoted(value->text()) + " is neither an IP address nor a host name"
                                   : "must be text");
    return host;
}

std::optional<Port> read_port(const Members& server) {
    const Json* value = server.find("port");
    if (value == nullptr) {
        server.problem("port", "is missing");
        return std::nullopt;
    }
    const auto port = value->is_integer() ? Port::from(value->integer()) : std::nullopt;
    if (!port) server.problem("port", "must be a whole number from 1 to 65535");
    return port;
}

void read_servers(const Members& upstream, Upstream& out) {
    std::set<std::string> seen;
    std::size_t index = 0;
    for (const Json& item : upstream.list("servers", kMostServers)) {
        const std::string path = upstream.field("servers." + std::to_string(index++));
        const Members server(&item, path, upstream.problems(), {"host", "port", "weight", "backup"});
        if (!item.is_object()) continue;
        const auto host = read_host(server);
        const auto port = read_port(server);
        unsigned weight = 1;
        bool backup = false;
        server.whole("weight", 1, 1000, weight);
        server.boolean("backup", backup);
        if (backup && out.balancing == Balancing::ip_hash)
            server.problem("backup", "cannot be combined with balancing by address (ip_hash)");
        if (!host || !port) continue;
        if (!seen.insert(host->bracketed() + ":" + port->text()).second)
            server.problem("host",
                           host->bracketed() + ":" + port->text() + " is listed twice (use a weight)");
        out.servers.push_back({*host, *port, weight, backup});
    }
    if (index == 0 && !upstream.problems().has(upstream.field("servers")))
        upstream.problem("servers", "needs at least one server");
    else if (index > 0 && std::ranges::all_of(out.servers, &UpstreamServer::backup) &&
             out.servers.size() == index)
        upstream.problem("servers", "needs at least one server that is not a backup");
}

void read_upstream(const Members& upstream, Upstream& out) {
    upstream.word("scheme", kSchemes, out.scheme);
    upstream.word("balancing", kBalancings, out.balancing);
    read_servers(upstream, out);
    upstream.seconds("connect_timeout", 1, 75, out.connect_timeout);
    upstream.seconds("read_timeout", 1, 86400, out.read_timeout);
    upstream.seconds("send_timeout", 1, 86400, out.send_timeout);
    upstream.boolean("verify_tls", out.verify_tls);
}

void read_tls(const Members& tls, Tls& out) {
    tls.word("mode", kTlsModes, out.mode);
    tls.boolean("redirect_http", out.redirect_http);
    tls.seconds("hsts_seconds", 0, kLongestHsts, out.hsts_seconds);
    if (out.mode != TlsMode::none) return;
    if (out.redirect_http)
        tls.problem("redirect_http", "needs a TLS mode other than none: https would not answer");
    if (out.hsts_seconds.count() > 0)
        tls.problem("hsts_seconds", "needs a TLS mode other than none: browsers would insist on https");
}

void read_raw(const Members& raw, RawDirectives& out) {
    raw.text("nginx", out.nginx);
    std::erase(out.nginx, '\r');  // forms send CRLF; a lone CR means nothing to nginx
    if (out.nginx.size() > kMostRawBytes) {
        raw.problem("nginx", "is longer than 16 KiB");
        return;
    }
    if (std::string problem = problem_in_nginx_directives(out.nginx); !problem.empty())
        raw.problem("nginx", std::move(problem));
}

void read_note(const Members& site, std::string& out) {
    site.text("note", out);
    std::erase(out, '\r');
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; };
    const auto control = [](char c) { return c != '\n' && c != '\t' && text::has_control({&c, 1}); };
    if (out.size() - static_cast<std::size_t>(std::ranges::count_if(out, continues)) > kMostNoteCharacters)
        site.problem("note", "is longer than 500 characters");
    else if (std::ranges::any_of(out, control))
        site.problem("note", "has a control character");
}

Json to_json(const Upstream& upstream) {
    Json servers = Json::array();
    for (const UpstreamServer& server : upstream.servers)
        servers.push(Json::object({{"host", server.host.text()},
                                   {"port", int{server.port.value()}},
                                   {"weight", server.weight},
                                   {"backup", server.backup}}));
    return Json::object({{"scheme", to_word(upstream.scheme)},
                         {"balancing", to_word(upstream.balancing)},
                         {"servers", std::move(servers)},
                         {"connect_timeout", std::int64_t{upstream.connect_timeout.count()}},
                         {"read_timeout", std::int64_t{upstream.read_timeout.count()}},
                         {"send_timeout", std::int64_t{upstream.send_timeout.count()}},
                         {"verify_tls", upstream.verify_tls}});
}

}  // namespace

std::string_view to_word(UpstreamScheme scheme) {
    return scheme == UpstreamScheme::https ? "https" : "http";
}

std::string_view to_word(Balancing balancing) {
    switch (balancing) {
        case Balancing::round_robin:
            return "round_robin";
        case Balancing::least_connections:
            return "least_connections";
        case Balancing::ip_hash:
            return "ip_hash";
    }
    return "";
}

std::string_view to_word(TlsMode mode) {
    return mode == TlsMode::self_signed ? "self_signed" : "none";
}

std::string_view to_word(SiteState state) {
    switch (state) {
        case SiteState::active:
            return "active";
        case SiteState::paused:
            return "paused";
        case SiteState::blocked:
            return "blocked";
    }
    return "";
}

SiteState site_state(std::string_view word) {
    for (const SiteState each : {SiteState::active, SiteState::paused, SiteState::blocked})
        if (word == to_word(each)) return each;
    throw Error("unknown site state: " + std::string(word));
}

Json SiteDefinition::to_json() const {
    Json names = Json::array();
    for (const DomainName& domain : domains) names.push(domain.text());
    return Json::object({{"version", 1},
                         {"domains", std::move(names)},
                         {"upstream", rpm::to_json(upstream)},
                         {"tls", Json::object({{"mode", to_word(tls.mode)},
                                               {"redirect_http", tls.redirect_http},
                                               {"hsts_seconds", std::int64_t{tls.hsts_seconds.count()}}})},
                         {"limits", Json::object({{"max_body_mib", limits.max_body_mib}})},
                         {"raw", Json::object({{"nginx", raw.nginx}})},
                         {"note", note}});
}

SiteDefinition SiteDefinition::parse(const Json& json) {
    Problems problems;
    SiteDefinition out;
    const Members site(&json, "", problems,
                       {"version", "domains", "upstream", "tls", "limits", "raw", "note"});
    if (const Json* version = site.find("version"); version != nullptr && *version != Json(1))
        site.problem("version", "is not one that this program reads (1)");
    out.domains = read_domains(site);
    read_upstream(
        {site.find("upstream"),
         "upstream",
         problems,
         {"scheme", "balancing", "servers", "connect_timeout", "read_timeout", "send_timeout", "verify_tls"}},
        out.upstream);
    read_tls({site.find("tls"), "tls", problems, {"mode", "redirect_http", "hsts_seconds"}}, out.tls);
    Members(site.find("limits"), "limits", problems, {"max_body_mib"})
        .whole("max_body_mib", 0, kMostBodyMib, out.limits.max_body_mib);
    read_raw({site.find("raw"), "raw", problems, {"nginx"}}, out.raw);
    read_note(site, out.note);
    if (!problems.empty()) throw Invalid(std::move(problems));
    return out;
}

}  // namespace rpm
