// SPDX-License-Identifier: MIT
#include "shared/db/connection.h"

#define BOOST_TEST_DYN_LINK
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "shared/base/handle.h"
#include "shared/crypto/x509.h"
#include "tests/support/database.h"

using namespace std::chrono_literals;
namespace db = rpm::db;

namespace {

// A port of this machine; it is the test's as long as the descriptor is open.
struct Port {
    Port() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        BOOST_REQUIRE(bind(fd.get(), generic, size) == 0);
        BOOST_REQUIRE(getsockname(fd.get(), generic, &size) == 0);
        number = ntohs(address.sin_port);
    }
    rpm::Fd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unsigned number = 0;
};

unsigned free_port() {
    return Port().number;
}

db::Settings over_tcp(rpm::test::Server& server, unsigned port) {
    db::Connection(server.settings()).run_script("CREATE USER tcp@'%';\nGRANT ALL ON *.* TO tcp@'%'");
    db::Settings settings = server.settings();
    settings.socket.clear();
    settings.host = "localhost";
    settings.port = port;
    settings.user = "tcp";
    return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(server)

BOOST_AUTO_TEST_CASE(a_server_that_is_down_is_unavailable_and_welcome_back) {
    rpm::test::Server server;
    db::Connection db(server.settings());
    BOOST_TEST(db.ping());
    server.stop();
    BOOST_TEST(!db.ping());
    BOOST_CHECK_THROW(db.query("SELECT 1"), rpm::Unavailable);
    server.start();
    BOOST_TEST(db.ping());
}

BOOST_AUTO_TEST_CASE(tls_is_demanded_and_the_servers_name_verified) {
    const rpm::test::Folder folder;
    const auto now = rpm::SystemClock().now();
    const auto make = [&](const char* name) { return rpm::crypto::self_signed({name}, now - 1h, now + 1h); };
    const rpm::crypto::NewCertificate made = make("localhost");
    const auto cert = folder.write("cert.pem", made.chain_pem);
    const auto key = folder.write("key.pem", made.private_key_pem.reveal());
    const unsigned port = free_port();
    rpm::test::Server server({"--bind-address=127.0.0.1", "--port=" + std::to_string(port),
                              "--ssl-cert=" + cert.string(), "--ssl-key=" + key.string()});
    db::Settings settings = over_tcp(server, port);
    settings.tls_ca = cert;
    db::Connection db(settings);
    db::Rows row = db.query_once("SHOW STATUS LIKE 'Ssl_version'");
    BOOST_REQUIRE(row.next());
    BOOST_TEST(row.text("Value").starts_with("TLSv1."));

    settings.host = "127.0.0.1";  // not a name in the certificate
    BOOST_CHECK_THROW(db::Connection(settings).query("SELECT 1"), rpm::Unavailable);
    settings.host = "localhost";
    settings.tls_ca = folder.write("other.pem", make("localhost").chain_pem);
    BOOST_CHECK_THROW(db::Connection(settings).query("SELECT 1"), rpm::Unavailable);
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_refused_when_tls_is_demanded) {
    const unsigned port = free_port();
    rpm::test::Server server({"--bind-address=127.0.0.1", "--port=" + std::to_string(port), "--skip-ssl"});
    db::Settings settings = over_tcp(server, port);
    BOOST_TEST(db::Connection(settings).ping());
    const rpm::test::Folder folder;
    const auto now = rpm::SystemClock().now();
    settings.tls_ca =
        folder.write("ca.pem", rpm::crypto::self_signed({"localhost"}, now - 1h, now + 1h).chain_pem);
    BOOST_CHECK_THROW(db::Connection(settings).query("SELECT 1"), rpm::Unavailable);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_answer_is_unavailable_in_time) {
    const Port port;
    BOOST_REQUIRE(listen(port.fd.get(), 4) == 0);  // connects, then hears nothing
    db::Settings settings;
    settings.port = port.number;
    settings.connect_timeout = 1s;
    db::Connection db(settings);
    const auto started = std::chrono::steady_clock::now();
    BOOST_CHECK_THROW(db.query("SELECT 1"), rpm::Unavailable);
    BOOST_CHECK(std::chrono::steady_clock::now() - started < 3s);
}

BOOST_AUTO_TEST_SUITE_END()
