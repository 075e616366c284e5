// SPDX-License-Identifier: MIT
// Proofs of names against a real DNS server (dnsmasq) and a real web server (nginx).
#include "workers/domains/checker.h"

#define BOOST_TEST_DYN_LINK
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "shared/ops/domains.h"
#include "shared/ops/sites.h"
#include "shared/store/audit.h"
#include "tests/support/folder.h"
#include "tests/support/process.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;
using domains::DnsResult;

namespace {

// A port that nobody listens on at this moment, neither TCP nor UDP.
unsigned free_port() {
    for (;;) {
        const int tcp = ::socket(AF_INET, SOCK_STREAM, 0);
        const int udp = ::socket(AF_INET, SOCK_DGRAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        const bool bound = ::bind(tcp, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           ::getsockname(tcp, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                           ::bind(udp, reinterpret_cast<sockaddr*>(&address), size) == 0;
        ::close(tcp);
        ::close(udp);
        if (bound) return ntohs(address.sin_port);
    }
}

bool listens(unsigned port) {
    const int tcp = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool connected = ::connect(tcp, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    ::close(tcp);
    return connected;
}

std::vector<std::string> dnsmasq(unsigned port, const std::vector<std::string>& records) {
    std::vector<std::string> argv{
        "dnsmasq",     "--keep-in-foreground", "--conf-file=/dev/null",         "--no-resolv",
        "--no-hosts",  "--bind-interfaces",    "--listen-address=127.0.0.1",    "--pid-file=",
        "--user=root", "--local=/test/",       "--port=" + std::to_string(port)};
    argv.insert(argv.end(), records.begin(), records.end());
    return argv;
}

struct Peers : test::World {
    Peers() {
        set(Setting::domains_proof, "required");
        node = add_node("edge-1");
        settings.resolver = "127.0.0.1:" + std::to_string(dns_port);
        settings.http_port = http_port;
        settings.private_addresses = true;
        settings.dns_timeout = 1s;
        settings.http_timeout = 3s;
    }
    void serve_dns(const std::vector<std::string>& records) {
        dns.reset();
        dns = std::make_unique<test::Process>(dnsmasq(dns_port, records));
        dns->await([&] { return listens(dns_port); });
    }
    void serve_http(const std::string& locations) {
        std::ofstream(folder.path() / "nginx.conf")
            << "pid " << (folder.path() / "pid").string()
            << ";\nerror_log stderr;\ndaemon off;\nevents {}\nhttp {\n"
            << "access_log off; default_type text/plain;\nserver { listen 127.0.0.1:" << http_port << ";\n"
            << locations << "\n} }\n";
        http = std::make_unique<test::Process>(
            std::vector<std::string>{"nginx", "-e", "stderr", "-p", folder.path().string(), "-c",
                                     (folder.path() / "nginx.conf").string()});
        http->await([&] { return listens(http_port); });
    }
    store::DomainProof proof() { return store::list_proofs(db, alice.id).at(0); }
    domains::Look look(const std::string& name, bool record_only = false) {
        domains::Dns resolver(settings.dns());
        return domains::look(resolver, settings.fetch(), name, "the-token", record_only);
    }
    unsigned check() {
        domains::Checker checker(db, clock, keys.sealing, settings, "test:1");
        return checker.run([] { return false; });
    }
    /// Of the mails that the owner is to get.
    std::uint64_t mails() { return number("SELECT COUNT(*) FROM notifications WHERE kind = 'name'"); }
    /// A site of alice that is deployed since its record was found.
    SiteId shown_and_served() {
        set(Setting::mail_enabled, "on");
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("UPDATE users SET email = 'alice@example.com' WHERE id = ?", alice.id);
        });
        const auto site = add_site(alice, "shop.example.test");
        serve_dns({"--txt-record=_rpmgr-challenge.shop.example.test," + proof().token});
        BOOST_TEST(check() == 1U);
        deploy(alice, {site});
        return site;
    }

    NodeId node;
    test::Folder folder;
    const unsigned dns_port = free_port();
    const unsigned http_port = free_port();
    domains::Settings settings;
    std::unique_ptr<test::Process> dns, http;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(domain_proofs, Peers)

BOOST_AUTO_TEST_CASE(the_resolver_tells_what_there_is) {
    serve_dns({"--txt-record=two.example.test,first,second",
               "--txt-record=long.example.test," + std::string(200, 'x'),
               "--host-record=shop.example.test,127.0.0.1", "--cname=alias.example.test,two.example.test"});
    domains::Dns resolver(settings.dns());
    BOOST_TEST(resolver.txt("two.example.test").values.at(0) == "firstsecond");
    BOOST_TEST(resolver.txt("long.example.test").values.at(0) == std::string(200, 'x'));
    BOOST_TEST((resolver.txt("shop.example.test").result == DnsResult::no_record));
    BOOST_TEST((resolver.txt("nothing.example.test").result == DnsResult::no_name));
    BOOST_TEST(resolver.addresses("shop.example.test").values.at(0) == "127.0.0.1");
    BOOST_TEST((resolver.addresses("nothing.example.test").result == DnsResult::no_name));
    dns.reset();
    BOOST_TEST((resolver.txt("two.example.test").result == DnsResult::unavailable));
}

BOOST_AUTO_TEST_CASE(where_the_resolver_is) {
    for (const auto& [text, port] :
         {std::pair{"127.0.0.1", 53U}, {"127.0.0.1:5353", 5353U}, {"::1", 53U}, {"[::1]:5353", 5353U}}) {
        domains::Settings some;
        some.resolver = text;
        BOOST_TEST(some.dns().port == port, text);
        BOOST_TEST(some.dns().server.has_value(), text);
    }
    for (const char* text : {"resolver.example", "127.0.0.1:0", "127.0.0.1:", "[::1", ":53"}) {
        domains::Settings some;
        some.resolver = text;
        BOOST_CHECK_THROW(some.dns(), Invalid);
    }
    BOOST_TEST(!domains::Settings().dns().server);
}

BOOST_AUTO_TEST_CASE(a_record_or_a_file_shows_it) {
    serve_dns({"--txt-record=_rpmgr-challenge.record.example.test,other",
               "--txt-record=_rpmgr-challenge.record.example.test,the-token",
               "--host-record=file.example.test,127.0.0.1",
               "--txt-record=_rpmgr-challenge.wrong.example.test,something else"});
    serve_http("location = /.well-known/rpmgr-proof/the-token { return 200 \"the-token\\n\"; }");
    BOOST_TEST((look("record.example.test").shown == ProofMethod::txt));
    BOOST_TEST((look("file.example.test").shown == ProofMethod::http));
    BOOST_TEST(!look("file.example.test", true).shown);
    const auto wrong = look("wrong.example.test");
    BOOST_TEST(!wrong.shown);
    BOOST_TEST(wrong.found ==
               "_rpmgr-challenge.wrong.example.test holds 'something else' instead of the token; by file: "
               "wrong.example.test has no address");
    BOOST_TEST(look("nowhere.example.test")
                   .found.starts_with("no TXT record _rpmgr-challenge.nowhere.example.test"));
}

BOOST_AUTO_TEST_CASE(no_stranger_makes_us_ask_inside) {
    serve_dns({"--host-record=in.example.test,127.0.0.1", "--host-record=meta.example.test,169.254.169.254",
               "--host-record=both.example.test,93.184.216.34", "--host-record=both.example.test,10.0.0.1",
               "--host-record=six.example.test,::ffff:127.0.0.1"});
    serve_http("location / { return 200 \"the-token\"; }");
    BOOST_TEST((look("in.example.test").shown == ProofMethod::http));
    settings.private_addresses = false;
    for (const char* name :
         {"in.example.test", "meta.example.test", "both.example.test", "six.example.test"}) {
        const auto found = look(name);
        BOOST_TEST(!found.shown, name);
        BOOST_TEST(found.found.find("is not a public address") != std::string::npos, found.found);
    }
}

BOOST_AUTO_TEST_CASE(redirects_other_answers_and_long_ones_show_nothing) {
    serve_dns({"--address=/example.test/127.0.0.1"});
    serve_http(
        "if ($host = moved.example.test) { return 302 http://file.example.test/.well-known/"
        "rpmgr-proof/the-token; }\nif ($host = gone.example.test) { return 404; }\n"
        "if ($host = long.example.test) { return 200 \"" +
        std::string(3000, 'x') + "\"; }\nlocation / { return 200 \"the-token\"; }");
    BOOST_TEST((look("file.example.test").shown == ProofMethod::http));
    const auto moved = look("moved.example.test");
    BOOST_TEST(!moved.shown);
    BOOST_TEST(moved.found.ends_with("the server answered 302"));
    BOOST_TEST(look("gone.example.test").found.ends_with("the server answered 404"));
    BOOST_TEST(look("long.example.test").found.ends_with("the answer is longer than 1 KiB"));
    http.reset();
    BOOST_TEST(look("file.example.test").found.ends_with("nobody answers there"));
}

BOOST_AUTO_TEST_CASE(the_worker_proves_what_a_client_set) {
    const auto site = add_site(alice, "shop.example.test");
    serve_dns({"--local=/example.test/"});
    BOOST_TEST(check() == 1U);
    BOOST_TEST(!proof().proven());
    BOOST_TEST(proof().error.starts_with("no TXT record _rpmgr-challenge.shop.example.test"));
    BOOST_TEST(text("SELECT state FROM jobs WHERE kind = 'domain.check'") == "queued");
    BOOST_TEST(number("SELECT attempts FROM jobs WHERE kind = 'domain.check'") == 0U);
    BOOST_CHECK_THROW(deploy(alice, {site}), Invalid);
    BOOST_TEST(check() == 0U);  // not yet again
    serve_dns({"--txt-record=_rpmgr-challenge.shop.example.test," + proof().token});
    clock.advance(61s);
    BOOST_TEST(check() == 1U);
    BOOST_TEST((proof().method == ProofMethod::txt));
    BOOST_TEST(text("SELECT state FROM jobs WHERE kind = 'domain.check'") == "succeeded");
    BOOST_TEST(store::list_audit(db, Scope::of(alice), {.action_prefix = "domain.prove"}).size() == 1U);
    deploy(alice, {site});
}

BOOST_AUTO_TEST_CASE(a_wildcard_asks_for_the_record_also_when_a_file_showed_the_base) {
    serve_dns({"--address=/example.test/127.0.0.1", "--local=/_rpmgr-challenge.example.test/"});
    const auto site = add_site(alice, "example.test");
    serve_http("location / { return 200 \"" + proof().token + "\"; }");
    BOOST_TEST(check() == 1U);
    BOOST_TEST((proof().method == ProofMethod::http));
    auto more = definition("example.test");
    more.domains.push_back(*DomainName::parse("*.example.test"));
    ops::update_site(context, alice, site, 1,
                     {.definition = more, .owner = {}, .targets = std::nullopt, .reason = {}});
    clock.advance(11s);
    BOOST_TEST(check() == 1U);
    BOOST_TEST((proof().method == ProofMethod::http));  // still good for the base
    BOOST_CHECK_THROW(deploy(alice, {site}), Invalid);
    serve_dns({"--txt-record=_rpmgr-challenge.example.test," + proof().token});
    BOOST_TEST(ops::check_names(context, alice, site) == 1U);
    clock.advance(11s);
    BOOST_TEST(check() == 1U);
    BOOST_TEST((proof().method == ProofMethod::txt));
    deploy(alice, {site});
}

BOOST_AUTO_TEST_CASE(it_asks_for_a_week_and_ever_less_often) {
    add_site(alice, "shop.example.test");
    serve_dns({});
    unsigned looks = 0;
    for (int minute = 0; minute < 8 * 24 * 60; ++minute) {
        if (number("SELECT COUNT(*) FROM jobs WHERE state = 'queued'") == 0) break;
        const Time due =
            from_sql(text("SELECT CAST(run_after AS CHAR) FROM jobs WHERE kind = 'domain.check'"));
        if (due > clock.now()) clock.advance(due - clock.now());
        looks += check();
    }
    BOOST_TEST(looks > 150U);
    BOOST_TEST(looks < 200U);
    BOOST_TEST(text("SELECT state FROM jobs WHERE kind = 'domain.check'") == "succeeded");
    BOOST_TEST(
        text("SELECT result FROM jobs WHERE kind = 'domain.check'").starts_with("not shown within a week"));
    BOOST_TEST((clock.now() - from_sql("2026-11-22 12:00:00") >= 7 * 24h));
    BOOST_TEST((domains::pause_after(0s) == 1min));
    BOOST_TEST((domains::pause_after(20min) == 20min));
    BOOST_TEST((domains::pause_after(30h) == 60min));
}

BOOST_AUTO_TEST_CASE(what_was_shown_is_looked_for_again) {
    shown_and_served();
    clock.advance(89 * 24h);
    BOOST_TEST(check() == 0U);
    clock.advance(25h);
    const Time before = *proof().proven_at;
    BOOST_TEST(check() == 1U);
    BOOST_TEST((*proof().proven_at > before));
    BOOST_TEST(check() == 0U);
    set(Setting::domains_recheck, "0");
    clock.advance(900 * 24h);
    BOOST_TEST(check() == 0U);
}

BOOST_AUTO_TEST_CASE(a_word_is_not_looked_for) {
    ops::vouch_name(context, admin, alice.id, *DomainName::parse("word.example.test"));
    clock.advance(900 * 24h);
    BOOST_TEST(check() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_gone_is_told_and_withdrawn_only_after_the_grace) {
    const auto site = shown_and_served();
    serve_dns({"--local=/example.test/"});
    clock.advance(91 * 24h);
    BOOST_TEST(check() == 1U);
    BOOST_TEST(proof().proven());
    BOOST_TEST((proof().failing_since == clock.now()));
    BOOST_TEST(mails() == 1U);
    BOOST_TEST(check() == 0U);  // twice a day
    deploy(alice, {site});      // it still counts
    for (int day = 0; day < 13; ++day) {
        clock.advance(24h);
        BOOST_TEST(check() == 1U);
    }
    BOOST_TEST(proof().proven());
    BOOST_TEST(mails() == 1U);
    clock.advance(24h);
    BOOST_TEST(check() == 1U);
    BOOST_TEST(!proof().proven());
    BOOST_TEST(mails() == 2U);
    BOOST_TEST(store::list_audit(db, Scope::of(alice), {.action_prefix = "domain.withdraw"}).size() == 1U);
    // What is served stays, and is the client's; another deployment needs the record again.
    BOOST_TEST(the_site(site).released_number == 1U);
    BOOST_TEST(number("SELECT COUNT(*) FROM site_domains") == 1U);
    BOOST_CHECK_THROW(deploy(alice, {site}), Invalid);
    serve_dns({"--txt-record=_rpmgr-challenge.shop.example.test," + proof().token});
    BOOST_TEST(ops::check_names(context, alice, site) == 1U);
    clock.advance(11s);
    BOOST_TEST(check() == 1U);
    deploy(alice, {site});
}

BOOST_AUTO_TEST_CASE(what_comes_back_in_time_is_as_before) {
    shown_and_served();
    const std::string record = "--txt-record=_rpmgr-challenge.shop.example.test," + proof().token;
    serve_dns({"--local=/example.test/"});
    clock.advance(91 * 24h);
    BOOST_TEST(check() == 1U);
    serve_dns({record});
    clock.advance(13h);
    BOOST_TEST(check() == 1U);
    BOOST_TEST(!proof().failing_since);
    BOOST_TEST(proof().failed_looks == 0U);
    BOOST_TEST(proof().error.empty());
}

BOOST_AUTO_TEST_CASE(silence_takes_nothing_away) {
    shown_and_served();
    dns.reset();
    clock.advance(91 * 24h);
    for (int day = 0; day < 20; ++day) {
        BOOST_TEST(check() == 1U);
        clock.advance(24h);
    }
    BOOST_TEST(proof().proven());
    BOOST_TEST(!proof().failing_since);
    BOOST_TEST(mails() == 0U);
}

BOOST_AUTO_TEST_CASE(a_few_looks_are_not_enough_however_long_they_take) {
    shown_and_served();
    serve_dns({"--local=/example.test/"});
    clock.advance(91 * 24h);
    for (unsigned look = 1; look < domains::kFailedLooks; ++look) {
        BOOST_TEST(check() == 1U);
        clock.advance(60 * 24h);  // the worker did not run for so long
    }
    BOOST_TEST(proof().proven());
    BOOST_TEST(check() == 1U);
    BOOST_TEST(!proof().proven());
}

BOOST_AUTO_TEST_CASE(a_proof_that_is_gone_ends_its_job) {
    add_site(alice, "shop.example.test");
    db::transact(db, [&](db::Transaction& tx) { tx.execute("DELETE FROM domain_proofs"); });
    BOOST_TEST(check() == 1U);
    BOOST_TEST(text("SELECT state FROM jobs WHERE kind = 'domain.check'") == "succeeded");
}

BOOST_AUTO_TEST_SUITE_END()
