// SPDX-License-Identifier: MIT
// A real database for tests. One schema per process, migrated once from sql/, dropped at the end.
//
//     BOOST_FIXTURE_TEST_SUITE(sites, rpm::test::Database)      // each case starts with empty tables
//     BOOST_AUTO_TEST_CASE(…) { db.query(…); }
//
// The server is the one at the socket in RPMGR_TEST_DB_SOCKET (root, no password); without it the process
// starts a private one in a temporary folder, which ends with the process, however that ends. Programs must
// run from the root of the tree. A missing mariadbd is an error, not a skip.
#pragma once

#include <string>
#include <vector>

#include "shared/db/connection.h"
#include "tests/support/folder.h"

namespace rpm::test {

/// For connections of the test's own, also from other threads. Starts the server on first use.
const db::Settings& database_settings();

/// A server of its own, which a test may stop or start with further options ("--port=…").
class Server {
  public:
    explicit Server(std::vector<std::string> options = {"--skip-networking"});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    void stop();
    void start();
    db::Settings settings() const;  ///< without a database

  private:
    Folder folder_;
    std::vector<std::string> options_;
    int pid_ = 0;
};

struct Database {
    Database();
    /// On a server of the test's own, whose schema is made anew.
    explicit Database(const db::Settings& empty_schema);
    db::Connection db;
};

}  // namespace rpm::test
