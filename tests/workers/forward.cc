// SPDX-License-Identifier: MIT
// The audit log on its way to syslog, read by a real socket as a syslog daemon reads it.
#include "workers/housekeep/forward.h"

#include <sys/socket.h>
#include <sys/un.h>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <thread>

#include "shared/base/error.h"
#include "shared/store/audit.h"
#include "tests/support/database.h"
#include "tests/support/folder.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

const Time kNow = from_sql("2026-11-22 20:00:00");

// Like /dev/log.
class Daemon {
  public:
    Daemon() : path_(folder_.path() / "log"), fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw Error("cannot bind");
    }
    std::vector<std::string> lines() {
        std::vector<std::string> out;
        char buffer[65536];
        for (ssize_t got = 0; (got = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
            out.emplace_back(buffer, static_cast<std::size_t>(got));
        return out;
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    test::Folder folder_;
    std::filesystem::path path_;
    Fd fd_;
};

struct Fixture : test::Database {
    void write(int rows, Time at = kNow - 1min, const std::string& name = "shop.example") {
        Viewer anna;
        anna.id = UserId(7);
        anna.username = "anna";
        anna.address = "192.0.2.1";
        anna.request_id = "req-1";
        db::transact(db, [&](db::Transaction& tx) {
            for (int i = 0; i < rows; ++i)
                store::insert_audit(tx, anna, "site.update", {.type = "site", .id = 3, .name = name},
                                    Json::object({{"n", i}}), Json(), at);
        });
    }
    std::uint64_t forward(unsigned rows = 500) {
        housekeep::Syslog syslog(daemon.path());
        return housekeep::forward_audit(db, syslog, kNow, {.rows = rows});
    }
    Daemon daemon;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(forwarding, Fixture)

BOOST_AUTO_TEST_CASE(new_rows_go_out_once_and_in_order) {
    write(3);
    BOOST_TEST(forward() == 0U);  // begins after what is there
    write(7);
    BOOST_TEST(forward(2) == 7U);
    const auto lines = daemon.lines();
    BOOST_REQUIRE(lines.size() == 7U);
    std::uint64_t before = 0;
    for (const std::string& line : lines) {
        const auto at = line.find(" id=");
        BOOST_REQUIRE(at != std::string::npos);
        const std::uint64_t id = std::stoull(line.substr(at + 4));
        BOOST_TEST(id > before);
        before = id;
    }
    BOOST_TEST(forward() == 0U);
    write(1);
    BOOST_TEST(forward() == 1U);
    BOOST_TEST(daemon.lines().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_line_reads_as_syslog_does) {
    forward();
    write(1, kNow - 1min, "a \"b\"\n<0>forged");
    forward();
    const auto lines = daemon.lines();
    BOOST_REQUIRE(lines.size() == 1U);
    BOOST_TEST(lines[0].starts_with("<85>Nov 22 "));
    BOOST_TEST(lines[0].find(" rpmgr-audit: id=") != std::string::npos);
    BOOST_TEST(lines[0].find(
                   " at=2026-11-22T19:59:00Z user=anna from=192.0.2.1 action=site.update object=site/3 ") !=
               std::string::npos);
    BOOST_TEST(lines[0].find("name=\"a \\\"b\\\"\\x0a<0>forged\"") != std::string::npos);
    BOOST_TEST(lines[0].find("before=\"{\\\"n\\\":0}\"") != std::string::npos);
    BOOST_TEST(lines[0].find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(too_young_rows_wait) {
    forward();
    write(2, kNow - 10s);
    write(2, kNow - 1s);
    BOOST_TEST(forward() == 2U);
}

BOOST_AUTO_TEST_CASE(without_a_daemon_nothing_is_lost) {
    forward();
    write(4);
    BOOST_CHECK_THROW(housekeep::Syslog("/nonexistent/log"), Unavailable);
    housekeep::Syslog gone(daemon.path());
    std::filesystem::remove(daemon.path());
    Daemon other;
    BOOST_CHECK_NO_THROW(housekeep::forward_audit(db, gone, kNow));  // still connected to the old one
    BOOST_TEST(daemon.lines().size() == 4U);
    write(2);
    {
        auto dying = std::make_unique<Daemon>();
        housekeep::Syslog syslog(dying->path());
        dying.reset();
        BOOST_CHECK_THROW(housekeep::forward_audit(db, syslog, kNow), Unavailable);
    }
    housekeep::Syslog back(other.path());
    BOOST_TEST(housekeep::forward_audit(db, back, kNow) == 2U);
    BOOST_TEST(other.lines().size() == 2U);
}

BOOST_AUTO_TEST_CASE(two_at_once_send_each_row_once) {
    forward();
    write(100);
    std::atomic<std::uint64_t> sent = 0;
    std::vector<std::thread> threads;
    std::vector<std::string> lines;
    std::atomic<bool> done = false;
    std::thread reading([&] {
        do {
            for (auto& line : daemon.lines()) lines.push_back(std::move(line));
            std::this_thread::sleep_for(1ms);
        } while (!done || lines.size() < 100);
    });
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            db::Connection own(test::database_settings());
            housekeep::Syslog syslog(daemon.path());
            sent += housekeep::forward_audit(own, syslog, kNow, {.rows = 7});
        });
    for (auto& thread : threads) thread.join();
    done = true;
    reading.join();
    BOOST_TEST(sent == 100U);
    BOOST_TEST(lines.size() == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
