// SPDX-License-Identifier: MIT
// Requests through a real Traefik that runs a rendered release, to nginx as backends that tell what they were
// asked.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "tests/render/support.h"
#include "tests/support/traefik.h"

using namespace rpm;
using namespace rpm::test;
namespace data = boost::unit_test::data;

namespace {

boost::test_tools::assertion_result have_programs(boost::unit_test::test_unit_id) {
    if (have_program("nginx") && have_program("openssl") && have_program("curl") && !traefik().empty())
        return true;
    boost::test_tools::assertion_result no(false);
    no.message() << "nginx, openssl, curl or Traefik is missing";
    return no;
}

// bcrypt of "pw"
constexpr const char* kHash = "$2b$04$cxe8oc/7DU33q40xSSz7nesv9V62Mp4vDpNsK3Ni6XHrn1P7oJ7fi";

class Backends {
  public:
    Backends() {
        const auto [certificate, key] = a_certificate({"upstream.test"});
        write_file(folder_.path() / "current/crt", certificate);
        write_file(folder_.path() / "current/key", key);
        const auto echo = [](const std::string& name, const std::string& listen, const std::string& more) {
            return "server { listen 127.0.0.1:" + listen + "; " + more + R"( location / {
add_header X-Up 1 always; add_header X-Frame-Options FROM-UPSTREAM always; return 200
"server=)" + name + R"( method=$request_method uri=$request_uri version=$server_protocol
host=$http_host real=$http_x_real_ip for=$http_x_forwarded_for proto=$http_x_forwarded_proto port=$http_x_forwarded_port
fserver=$http_x_forwarded_server prefix=$http_x_forwarded_prefix replaced=$http_x_replaced_path
forwarded=$http_forwarded proxy=$http_proxy upgrade=$http_upgrade a=$http_x_a agent=$http_user_agent user=$http_remote_user \n"; } }
)";
        };
        write_file(
            folder_.path() / "current/nginx.conf",
            R"(pid run/nginx.pid; error_log logs/error.log; events {} http { access_log off; default_type text/plain;
client_body_temp_path run/body; proxy_temp_path run/proxy; fastcgi_temp_path run/f; uwsgi_temp_path run/u; scgi_temp_path run/s;
client_max_body_size 0; underscores_in_headers on;
map $http_cookie $in { default 401; "ok=1" 200; }
)" + echo("a", a.text(), "") +
                echo("b", b.text(), "") + echo("h2c", h2c.text() + " http2", "") +
                echo("tls", tls.text() + " ssl", "ssl_certificate crt; ssl_certificate_key key;") +
                "server { listen 127.0.0.1:" + auth.text() +
                R"(; location / { add_header Remote-User bob always;
add_header X-Asked "$http_x_forwarded_method $http_x_forwarded_proto $http_x_forwarded_host $http_x_forwarded_uri $http_x_forwarded_for" always;
if ($in = 200) { return 200; } return 401 "sign in\n"; } } })");
        for (const char* folder : {"run", "logs"})
            std::filesystem::create_directories(folder_.path() / folder);
        engine_ = std::make_unique<RunningEngine>(folder_.path(), a);
    }
    // What definitions call the ports.
    std::string filled(std::string text) const {
        const std::pair<const char*, Port> ports[] = {{"<A>", a},     {"<B>", b},       {"<H2C>", h2c},
                                                      {"<TLS>", tls}, {"<AUTH>", auth}, {"<DEAD>", dead}};
        for (const auto& [name, port] : ports)
            for (std::size_t at; (at = text.find(name)) != std::string::npos;)
                text.replace(at, std::string_view(name).size(), port.text());
        return text;
    }

    Port a = free_port(), b = free_port(), h2c = free_port(), tls = free_port(), auth = free_port(),
         dead = free_port();

  private:
    TemporaryFolder folder_;
    std::unique_ptr<RunningEngine> engine_;
};

// A site to server A, and what else the text of an object says.
Json a_definition_with(const Backends& backends, const std::string& domain, const std::string& more) {
    Json json = Json::parse(backends.filled(more));
    json["version"] = 2;
    if (json.find("domains") == nullptr) json["domains"].push(domain);
    const Json* kind = json.find("kind");
    if ((kind == nullptr || kind->text() != "redirect") &&
        (json.find("upstream") == nullptr || json.at("upstream").find("servers") == nullptr))
        json["upstream"]["servers"].push(
            Json::object({{"host", "127.0.0.1"}, {"port", static_cast<int>(backends.a.value())}}));
    return json;
}

std::string users() {
    return R"("basic": {"realm": "R", "users": [{"name": "u", "hash": ")" + std::string(kHash) + R"("}]})";
}

// Name and what is special about it.
std::vector<std::pair<std::string, std::string>> definitions() {
    return {
        {"plain.test", "{}"},
        {"tls.test", R"({"domains": ["tls.test", "*.tls.test"],
            "tls": {"mode": "self_signed", "redirect_http": true, "hsts_seconds": 300, "hsts_subdomains": true}})"},
        {"exact.tls.test", R"({"upstream": {"servers": [{"host": "127.0.0.1", "port": <B>}]}})"},
        {"new.test", R"({"tls": {"mode": "self_signed", "minimum": "1.3"}})"},
        {"required.test",
         R"({"tls": {"mode": "self_signed", "clients": {"mode": "required", "ca": "<CA>"}}})"},
        {"optional.test",
         R"({"tls": {"mode": "self_signed", "clients": {"mode": "optional", "ca": "<CA>"}}})"},
        {"routes.test", R"({"routes": [
            {"path": "/api", "strip_prefix": true, "upstream": {"servers": [{"host": "127.0.0.1", "port": <B>}]}},
            {"path": "/api/deep", "rewrite": "/fixed"},
            {"match": "exact", "path": "/api/deep/one", "rewrite": "/ex%20act"},
            {"match": "regex", "path": "^/u/([0-9]{1,3})/(.*)$", "rewrite": "/user/$1x/$2"},
            {"match": "regex", "path": "^/u/1", "rewrite": "/never"},
            {"match": "exact", "path": "/old", "action": "redirect", "redirect": {"to": "https://n.test/p?q", "status": 307}},
            {"match": "regex", "path": "^/go/(.*)$", "action": "redirect", "redirect": {"to": "/went/$1", "status": 301}},
            {"path": "/keep", "action": "redirect", "redirect": {"to": "https://n.test/", "status": 302, "keep_path": true}},
            {"path": "/a@b{{`\"", "rewrite": "/hostile"}]})"},
        {"redirect.test", R"({"kind": "redirect", "redirect": {"to": "https://n.test/", "status": 308}})"},
        {"keep.test",
         R"({"kind": "redirect", "redirect": {"to": "https://n.test/base", "status": 301, "keep_path": true}})"},
        {"deny.test", R"({"access": {"deny": ["127.0.0.5", "127.0.1.0/24"]}})"},
        {"allow.test", R"({"access": {"allow": ["127.0.0.0/29"], "deny": ["127.0.0.5"]},
            "routes": [{"path": "/open", "access": {}}]})"},
        {"basic.test", R"({"access": {)" + users() + R"(, "no_sign_in_from": ["127.0.0.5"]}})"},
        {"any.test", R"({"access": {"allow": ["127.0.0.4/30"], "deny": ["127.0.0.6"], "satisfy": "any", )" +
                         users() + "}}"},
        {"all.test", R"({"access": {"allow": ["127.0.0.5"], )" + users() + "}}"},
        {"browser.test",
         R"({"access": {"forward": {"url": "http://127.0.0.1:<AUTH>/verify",
            "copy_headers": ["Remote-User", "X-Asked"]}}})"},
        {"api.test", R"({"access": {"forward": {"url": "http://127.0.0.1:<AUTH>/verify", "mode": "api"}}})"},
        {"rate.test", R"({"limits": {"rates": [{"requests": 1, "per": "minute", "burst": 2}]}, "routes": [
            {"path": "/own", "rates": [{"requests": 1, "per": "minute", "burst": 0}]}, {"path": "/own/not"}]})"},
        {"keyed.test",
         R"({"limits": {"rates": [{"key": "header", "header": "X-Key", "requests": 1, "per": "minute", "burst": 0}]}})"},
        {"body.test", R"({"limits": {"max_body_mib": 1}})"},
        {"large.test", R"({"limits": {"max_body_mib": 0}})"},
        {"stream.test",
         R"({"limits": {"max_body_mib": 0, "buffer_requests": false, "buffer_responses": false}})"},
        {"headers.test",
         R"({"headers": {"request": [{"name": "X-A", "value": "1"}, {"action": "remove", "name": "User-Agent"}],
            "response": [{"name": "X-R", "value": "{{ env \"HOME\" }} 'q' \\"}, {"action": "remove", "name": "x-up"}],
            "security": {"no_sniff": true, "frame": "deny", "content_policy": "default-src 'self'"},
            "cors": {"origins": ["https://app.test"], "credentials": true, "headers": ["X-Z"]}}})"},
        {"host.test", R"({"upstream": {"host_header": "inner.test"}})"},
        {"pool.test", R"({"upstream": {"servers": [{"host": "127.0.0.1", "port": <DEAD>},
            {"host": "127.0.0.1", "port": <A>, "weight": 3}, {"host": "127.0.0.1", "port": <B>}]}})"},
        {"sticky.test",
         R"({"upstream": {"balancing": "sticky_cookie", "servers": [{"host": "127.0.0.1", "port": <A>},
            {"host": "127.0.0.1", "port": <B>}]}})"},
        {"hash.test", R"({"upstream": {"balancing": "ip_hash", "servers": [{"host": "127.0.0.1", "port": <A>},
            {"host": "127.0.0.1", "port": <B>}]}})"},
        {"backup.test", R"({"upstream": {"health": {"path": "/", "interval": 1, "timeout": 1}, "servers": [
            {"host": "127.0.0.1", "port": <DEAD>}, {"host": "127.0.0.1", "port": <B>, "backup": true}]}})"},
        {"unverified.test", R"({"upstream": {"scheme": "https", "tls": {"verify": false},
            "servers": [{"host": "127.0.0.1", "port": <TLS>}]}})"},
        {"refused.test",
         R"({"upstream": {"scheme": "https", "servers": [{"host": "127.0.0.1", "port": <TLS>}]}})"},
        {"verified.test",
         R"({"upstream": {"scheme": "https", "tls": {"server_name": "upstream.test", "ca": "<UPSTREAM>"},
            "servers": [{"host": "127.0.0.1", "port": <TLS>}]}})"},
        {"h2c.test", R"({"upstream": {"scheme": "h2c", "servers": [{"host": "127.0.0.1", "port": <H2C>}]}})"},
        {"grpc.test",
         R"({"limits": {"max_body_mib": 0}, "upstream": {"scheme": "grpc", "servers": [{"host": "127.0.0.1", "port": <H2C>}]}})"},
        {"down.test",
         R"({"pages": {"maintenance": {"on": true, "bypass": ["127.0.0.5"], "retry_after": 60}}})"},
        {"all-down.test", R"({"pages": {"maintenance": {"on": true}}})"},
        {"few.test", R"({"limits": {"connections": 5}})"},
    };
}

void replace(Json& json, const char* outer, const char* inner, const std::string& text) {
    json[outer][inner]["ca"] = text;
}

class World {
  public:
    explicit World(std::vector<IpNetwork> trusted = {}) {
        node_.engine = Engine::traefik;
        node_.trusted_proxies = std::move(trusted);
        const std::string upstream = a_certificate({"upstream.test"}).first;
        const std::string client = a_certificate({"client.test"}).first;
        std::vector<DeployableSite> sites;
        std::vector<std::string> names;
        for (const auto& [name, more] : definitions()) {
            // Not sayable behind trusted proxies.
            if (!node_.trusted_proxies.empty() && (name == "basic.test" || name == "any.test")) continue;
            Json json = a_definition_with(backends_, name, more);
            if (more.find("<CA>") != std::string::npos) replace(json, "tls", "clients", client);
            if (more.find("<UPSTREAM>") != std::string::npos) replace(json, "upstream", "tls", upstream);
            sites.push_back(a_site(sites.size() + 1, json));
            for (const DomainName& domain : sites.back().definition->domains) names.push_back(domain.text());
        }
        for (const auto& [name, state] :
             {std::pair{"paused.test", SiteState::paused}, {"blocked.test", SiteState::blocked}}) {
            sites.push_back(
                a_site(sites.size() + 1, a_definition_with(backends_, name, R"({"tls": {"mode": "self_signed",
                "redirect_http": true, "hsts_seconds": 5}})")));
            sites.back().state = state;
            sites.back().block_status = 451;
            names.emplace_back(name);
        }
        const auto [certificate, key] = a_certificate(names);
        for (DeployableSite& site : sites) site = with_certificate(site, certificate);
        const render::Renderer& renderer = render::renderer(Engine::traefik);
        write_release(folder_.path(), renderer.render(templates(), node_, sites),
                      renderer.marker(templates(), node_, "feedfacecafebeef"), key);
        engine_ = std::make_unique<RunningTraefik>(folder_.path(), node_);
    }

    const NodeProfile& node() const { return node_; }
    const RunningTraefik& engine() const { return *engine_; }

    /// curl's output: headers and body. `url`: "http://name/path" without port.
    Finished ask(const std::string& url, const std::vector<std::string>& more = {}) const {
        const bool secure = url.starts_with("https://");
        const auto start = url.find("//") + 2;
        const auto slash = url.find('/', start);
        const std::string name = url.substr(start, slash - start);
        const std::string port = (secure ? node_.listen.https : node_.listen.http).text();
        std::vector<std::string> argv = {"curl",
                                         "-sik",
                                         "--noproxy",
                                         "*",
                                         "--max-time",
                                         "20",
                                         "--path-as-is",
                                         "--resolve",
                                         name + ":" + port + ":127.0.0.1"};
        argv.insert(argv.end(), more.begin(), more.end());
        argv.push_back(url.substr(0, start) + name + ":" + port + url.substr(slash));
        return run(argv);
    }
    std::string get(const std::string& url, const std::vector<std::string>& more = {}) const {
        return ask(url, more).output;
    }

  private:
    Backends backends_;
    TemporaryFolder folder_;
    NodeProfile node_ = a_node(private_ports());
    std::unique_ptr<RunningTraefik> engine_;
};

World& world() {
    static auto* made = new World;  // ended by the fixture below, before main() ends
    return *made;
}
struct EndOfWorld {
    ~EndOfWorld() { delete &world(); }
};

using Words = std::vector<std::string>;

void expect(const std::string& answer, const Words& parts) {
    for (const std::string& part : parts)
        BOOST_TEST(answer.find(part) != std::string::npos, part + " in " + answer);
}
void expect_none(const std::string& answer, const Words& parts) {
    for (const std::string& part : parts)
        BOOST_TEST(answer.find(part) == std::string::npos, part + " not in " + answer);
}
Words from(const char* address) {
    return {"--interface", address};
}

struct Case {
    std::string url;
    Words options;
    Words expected;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
    out << c.url;
    for (const std::string& option : c.options) out << " " << option;
    return out;
}

const std::vector<Case> cases = {
    // names
    {"http://nobody.test/", {}, {"HTTP/1.1 404"}},
    {"http://x.tls.test/q", {}, {"HTTP/1.1 301", "//x.tls.test:"}},
    {"http://exact.tls.test/", {}, {"HTTP/1.1 200", "server=b "}},
    {"http://a.b.tls.test/", {}, {"HTTP/1.1 404"}},
    {"https://x.tls.test/", {}, {"HTTP/2 200", "proto=https ", "max-age=300; includeSubDomains"}},
    {"http://tls.test/a?b", {"-d", "x"}, {"HTTP/1.1 308", "/a?b\r\n"}},
    {"http://new.test/", {}, {"HTTP/1.1 200", "proto=http "}},
    {"https://new.test/", {}, {"HTTP/2 200", "proto=https "}},
    // routes
    {"http://routes.test/", {}, {"server=a ", "uri=/ "}},
    {"http://routes.test/api", {}, {"server=b ", "uri=/ "}},
    {"http://routes.test/api/x?y=1", {}, {"server=b ", "uri=/x?y=1 ", "prefix= "}},
    {"http://routes.test/apis", {}, {"server=a ", "uri=/apis "}},
    {"http://routes.test/api%2Fx", {}, {"server=b ", "uri=/x "}},
    {"http://routes.test/api%2fx", {}, {"server=b ", "uri=/x "}},
    {"http://routes.test/%61pi/x", {}, {"server=b ", "uri=/x "}},
    {"http://routes.test/x/../api/z", {}, {"server=b ", "uri=/z "}},
    {"http://routes.test/x/%2e%2e/api/z", {}, {"server=b ", "uri=/z "}},
    {"http://routes.test//api/z", {}, {"server=b ", "uri=/z "}},
    {"http://routes.test/api/deep", {}, {"server=a ", "uri=/fixed ", "replaced=\n"}},
    {"http://routes.test/api/deep/one", {}, {"server=a ", "uri=/ex%20act "}},
    {"http://routes.test/api/deep/one/", {}, {"uri=/fixed "}},
    {"http://routes.test/u/12/ab/c?d=e", {}, {"uri=/user/12x/ab/c?d=e "}},
    {"http://routes.test/u/1234/x", {}, {"uri=/never "}},
    {"http://routes.test/u/2345/x", {}, {"uri=/u/2345/x "}},
    {"http://routes.test/old", {}, {"HTTP/1.1 307", "Location: https://n.test/p?q\r\n"}},
    {"http://routes.test/old", {"-X", "POST"}, {"HTTP/1.1 307"}},
    {"http://routes.test/go/x/y?z=1", {}, {"HTTP/1.1 301", "Location: /went/x/y\r\n"}},
    {"http://routes.test/keep/x?y", {}, {"HTTP/1.1 302", "Location: https://n.test/keep/x?y\r\n"}},
    {"http://routes.test/keep/x?y", {"-X", "POST"}, {"HTTP/1.1 307", "https://n.test/keep/x?y\r\n"}},
    {"http://routes.test/a@b%7B%7B%60%22/c", {}, {"uri=/hostile "}},
    {"http://routes.test/a%40b%7B%7B%60%22", {}, {"uri=/hostile "}},
    {"http://routes.test/a@b", {}, {"uri=/a@b "}},
    {"http://redirect.test/x", {}, {"HTTP/1.1 308", "Location: https://n.test/\r\n"}},
    {"http://keep.test/x?y=1", {}, {"HTTP/1.1 301", "Location: https://n.test/base/x?y=1\r\n"}},
    // access
    {"http://deny.test/", {}, {"HTTP/1.1 200"}},
    {"http://deny.test/", from("127.0.0.5"), {"HTTP/1.1 403"}},
    {"http://deny.test/", from("127.0.0.4"), {"HTTP/1.1 200"}},
    {"http://deny.test/", from("127.0.1.7"), {"HTTP/1.1 403"}},
    {"http://deny.test/", {"-H", "X-Forwarded-For: 127.0.0.5"}, {"HTTP/1.1 200"}},
    {"http://allow.test/", {}, {"HTTP/1.1 200"}},
    {"http://allow.test/", from("127.0.0.5"), {"HTTP/1.1 403"}},
    {"http://allow.test/", from("127.0.0.8"), {"HTTP/1.1 403"}},
    {"http://allow.test/open", from("127.0.0.8"), {"HTTP/1.1 200"}},
    {"http://allow.test/opening", from("127.0.0.8"), {"HTTP/1.1 403"}},
    {"http://basic.test/", {}, {"HTTP/1.1 401", "Basic realm=\"R\""}},
    {"http://basic.test/", {"-u", "u:pw"}, {"HTTP/1.1 200"}},
    {"http://basic.test/", {"-u", "u:no"}, {"HTTP/1.1 401"}},
    {"http://basic.test/", from("127.0.0.5"), {"HTTP/1.1 200"}},
    {"http://any.test/", {}, {"HTTP/1.1 401"}},
    {"http://any.test/", {"-u", "u:pw"}, {"HTTP/1.1 200"}},
    {"http://any.test/", from("127.0.0.5"), {"HTTP/1.1 200"}},
    {"http://any.test/", from("127.0.0.6"), {"HTTP/1.1 401"}},
    {"http://all.test/", {"-u", "u:pw"}, {"HTTP/1.1 403"}},
    {"http://all.test/", from("127.0.0.5"), {"HTTP/1.1 401"}},
    {"http://all.test/", {"-u", "u:pw", "--interface", "127.0.0.5"}, {"HTTP/1.1 200"}},
    {"http://browser.test/x", {}, {"HTTP/1.1 401", "sign in"}},
    {"http://browser.test/x", {"-b", "ok=1", "-H", "Remote-User: evil"}, {"HTTP/1.1 200", "user=bob "}},
    {"http://api.test/x", {}, {"HTTP/1.1 401", "sign in"}},
    // limits
    {"http://few.test/", {}, {"HTTP/1.1 200"}},
    // upstreams
    {"http://host.test/", {}, {"host=inner.test "}},
    {"http://unverified.test/", {}, {"server=tls "}},
    {"http://refused.test/", {}, {"HTTP/1.1 50"}},
    {"http://verified.test/", {}, {"server=tls "}},
    {"http://h2c.test/", {}, {"server=h2c ", "version=HTTP/2.0"}},
    {"http://grpc.test/a.B/C",
     {"--http2-prior-knowledge", "-d", "x"},
     {"HTTP/2 200", "server=h2c ", "uri=/a.B/C "}},
    {"http://plain.test/", {"-H", "Connection: Upgrade", "-H", "Upgrade: websocket"}, {"upgrade=websocket "}},
    // states
    {"http://down.test/", {}, {"HTTP/1.1 503", "Retry-After: 60"}},
    {"http://down.test/", from("127.0.0.5"), {"HTTP/1.1 200"}},
    {"http://all-down.test/", {}, {"HTTP/1.1 503"}},
    {"http://paused.test/", {}, {"HTTP/1.1 503"}},
    {"https://paused.test/", {}, {"HTTP/2 503"}},
    {"http://blocked.test/", {}, {"HTTP/1.1 451"}},
    {"https://blocked.test/", {}, {"HTTP/2 451"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(traefik_serving, *boost::unit_test::precondition(have_programs) *
                                           boost::unit_test::fixture<EndOfWorld>())

BOOST_AUTO_TEST_CASE(it_has_nothing_to_complain_about) {
    BOOST_TEST(world().engine().complaints() == "");
}

BOOST_DATA_TEST_CASE(requests_are_answered_as_the_definition_says, data::make(cases), c) {
    expect(world().get(c.url, c.options), c.expected);
}

BOOST_AUTO_TEST_CASE(proxy_headers_tell_the_truth) {
    const std::string port = world().node().listen.http.text();
    const std::string answer = world().get("http://plain.test/a%20b?c=d", {"-H", "X-Forwarded-For: 6.6.6.6",
                                                                           "-H", "X_Forwarded_For: 6.6.6.6",
                                                                           "-H", "X-Real-IP: 6.6.6.6",
                                                                           "-H", "X-Forwarded-Proto: https",
                                                                           "-H", "X-Forwarded-Port: 1",
                                                                           "-H", "X-Forwarded-Host: evil",
                                                                           "-H", "X-Forwarded-Server: evil",
                                                                           "-H", "X-Forwarded-Prefix: evil",
                                                                           "-H", "X-Replaced-Path: evil",
                                                                           "-H", "Forwarded: for=6.6.6.6",
                                                                           "-H", "Proxy: evil"});
    expect(answer, {"HTTP/1.1 200", "host=plain.test:" + port + " ", "real=127.0.0.1 ", "for=127.0.0.1 ",
                    "proto=http ", "port=" + port + "\n", "fserver= prefix= replaced=\n",
                    "forwarded= proxy= upgrade= ", "uri=/a%20b?c=d "});
    expect(world().get("http://browser.test/x", {"-b", "ok=1", "-H", "X-Forwarded-Uri: /evil"}),
           {"user=bob "});
}

BOOST_AUTO_TEST_CASE(handshakes_are_refused) {
    BOOST_TEST(world().ask("https://nobody.test/").status == 35);
    BOOST_TEST(world().ask("https://new.test/", {"--tls-max", "1.2"}).status == 35);
    expect(world().get("https://tls.test/", {"--tls-max", "1.2"}), {"HTTP/2 200"});
    // Another site's name inside a connection that was made for this one.
    expect(world().get("https://tls.test/", {"--http1.1", "-H", "Host: new.test"}), {"HTTP/1.1 421"});
}

BOOST_AUTO_TEST_CASE(client_certificates_are_asked_for) {
    const TemporaryFolder folder;
    const auto write = [&](const std::string& name) {
        const auto [certificate, key] = a_certificate({name});
        write_file(folder.path() / name, certificate + key);
        return (folder.path() / name).string();
    };
    const std::string good = write("client.test");
    const std::string bad = write("stranger.test");
    BOOST_TEST(world().ask("https://required.test/").status != 0);
    BOOST_TEST(world().ask("https://required.test/", {"--cert", bad}).status != 0);
    expect(world().get("https://required.test/", {"--cert", good}), {"HTTP/2 200"});
    expect(world().get("https://optional.test/"), {"HTTP/2 200"});
    expect(world().get("https://optional.test/", {"--cert", good}), {"HTTP/2 200"});
    BOOST_TEST(world().ask("https://optional.test/", {"--cert", bad}).status != 0);
}

BOOST_AUTO_TEST_CASE(rates_count_the_site_and_its_own_routes_apart) {
    const auto status = [](const std::string& url, const Words& more = {}) {
        return world().get(url, more).substr(9, 3);
    };
    for (const char* path : {"/", "/x", "/own/not"})
        BOOST_TEST(status(std::string("http://rate.test") + path) == "200");
    for (const char* path : {"/", "/x", "/own/not"})
        BOOST_TEST(status(std::string("http://rate.test") + path) == "429");
    BOOST_TEST(status("http://rate.test/", from("127.0.0.5")) == "200");
    BOOST_TEST(status("http://rate.test/own") == "200");
    BOOST_TEST(status("http://rate.test/own/x") == "429");
    for (const char* key : {"X-Key: a", "X-Key: b"})
        BOOST_TEST(status("http://keyed.test/", {"-H", key}) == "200");
    BOOST_TEST(status("http://keyed.test/", {"-H", "X-Key: a"}) == "429");
}

BOOST_AUTO_TEST_CASE(large_bodies_are_refused) {
    const TemporaryFolder folder;
    write_file(folder.path() / "fits", std::string(1024 * 1024, 'x'));
    write_file(folder.path() / "large", std::string(1024 * 1024 + 1, 'x'));
    const auto send = [&](const char* url, const char* file, const char* header = "X-None: 1") {
        return world().get(
            url, {"-H", "Expect:", "-H", header, "--data-binary", "@" + (folder.path() / file).string()});
    };
    expect(send("http://body.test/", "large"), {"HTTP/1.1 413"});
    expect(send("http://body.test/", "large", "Transfer-Encoding: chunked"), {"HTTP/1.1 413"});
    expect(send("http://body.test/", "fits"), {"HTTP/1.1 200", "method=POST"});
    expect(send("http://large.test/", "large"), {"HTTP/1.1 200"});
    expect(send("http://stream.test/", "large"), {"HTTP/1.1 200"});
}

BOOST_AUTO_TEST_CASE(headers_are_set_and_removed) {
    const std::string answer =
        world().get("http://headers.test/", {"-H", "X-A: 2", "-H", "Origin: https://app.test"});
    expect(answer,
           {"X-R: {{ env \"HOME\" }} 'q' \\\r\n", "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY",
            "Content-Security-Policy: default-src 'self'", "Access-Control-Allow-Origin: https://app.test",
            "Access-Control-Allow-Credentials: true", "Vary: Origin", " a=1 agent= "});
    expect_none(answer, {"X-Up", "FROM-UPSTREAM"});
    expect(world().get("http://headers.test/", {"-X", "OPTIONS", "-H", "Origin: https://app.test", "-H",
                                                "Access-Control-Request-Method: PUT"}),
           {"HTTP/1.1 200", "Access-Control-Allow-Methods: GET,HEAD,POST",
            "Access-Control-Allow-Headers: X-Z", "Access-Control-Max-Age: 600", "Content-Length: 0"});
    expect_none(world().get("http://headers.test/", {"-H", "Origin: https://evil.test"}), {"Allow-Origin"});
    expect_none(world().get("http://tls.test/"), {"Strict-Transport"});
}

BOOST_AUTO_TEST_CASE(pools_share_requests) {
    std::map<char, int> served;
    for (int i = 0; i < 12; ++i) {
        const std::string answer = world().get("http://pool.test/");
        const auto at = answer.find("server=");
        BOOST_REQUIRE_MESSAGE(at != std::string::npos, answer);
        ++served[answer[at + 7]];
    }
    BOOST_TEST(served['a'] > served['b']);
    BOOST_TEST(served['b'] > 0);
    const std::string first = world().get("http://sticky.test/");
    expect(first, {"Set-Cookie: rpm_backend=", "HttpOnly"});
    const auto cookie = first.substr(first.find("rpm_backend="), 28);
    const std::string server = first.substr(first.find("server="), 8);
    for (int i = 0; i < 4; ++i) expect(world().get("http://sticky.test/", {"-b", cookie}), {server});
    std::set<std::string> servers;
    for (int i = 1; i <= 30; ++i) {
        const std::string address = "127.0.7." + std::to_string(i);
        const std::string one = world().get("http://hash.test/", {"--interface", address});
        servers.insert(one.substr(one.find("server="), 8));
        if (i < 4)
            expect(world().get("http://hash.test/", {"--interface", address}),
                   {one.substr(one.find("server="), 8)});
    }
    BOOST_TEST(servers.size() == 2U);
}

BOOST_AUTO_TEST_CASE(backups_stand_in_once_a_health_check_fails) {
    std::string answer;
    for (int i = 0; i < 50; ++i) {
        answer = world().get("http://backup.test/");
        if (answer.find("server=b ") != std::string::npos) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    expect(answer, {"HTTP/1.1 200", "server=b "});
}

BOOST_AUTO_TEST_CASE(the_marker_tells_the_release) {
    expect(run({"curl", "-si", "--noproxy", "*",
                "http://127.0.0.1:" + world().node().listen.proof.text() + "/release"})
               .output,
           {"HTTP/1.1 200", "Release: feedfacecafebeef"});
}

BOOST_AUTO_TEST_CASE(behind_trusted_proxies_their_word_counts) {
    const World behind({*IpNetwork::parse("127.0.0.9")});
    BOOST_TEST(behind.engine().complaints() == "");
    const auto as = [&](const char* url, const std::string& visitor) {
        return behind.get(url, {"--interface", "127.0.0.9", "-H", "X-Forwarded-For: " + visitor});
    };
    expect(as("http://allow.test/", "127.0.0.4"), {"HTTP/1.1 200", "for=127.0.0.4, 127.0.0.9 "});
    expect(as("http://allow.test/", "127.0.0.5"), {"HTTP/1.1 403"});
    expect(as("http://allow.test/", "127.0.0.4, 127.0.0.5"), {"HTTP/1.1 403"});  // the first one is hearsay
    expect(as("http://deny.test/", "127.0.0.5"), {"HTTP/1.1 403"});
    expect(as("http://deny.test/", "127.0.0.6"), {"HTTP/1.1 200"});
    // Who does not come through them is not believed, and not on any list.
    expect(behind.get("http://allow.test/", {"-H", "X-Forwarded-For: 127.0.0.4"}), {"HTTP/1.1 403"});
    for (const char* visitor : {"192.0.2.1", "192.0.2.2"})
        for (int i = 0; i < 3; ++i) expect(as("http://rate.test/", visitor), {"HTTP/1.1 200"});
    expect(as("http://rate.test/", "192.0.2.1"), {"HTTP/1.1 429"});
}

BOOST_AUTO_TEST_SUITE_END()
