// SPDX-License-Identifier: MIT
#include "shared/base/config.h"
#include "shared/db/connection.h"

namespace rpm::db {

void Settings::declare(Options& options) {
    options.add("database.socket", socket, "Unix socket of the server; wins over host and port");
    options.add("database.host", host, "the server's name or address");
    options.add("database.port", port, "the server's TCP port");
    options.add("database.name", name, "name of the database");
    options.add("database.user", user, "account on the server");
    options.add("database.password_file", password_file, "file with the password in its first line");
    options.add("database.tls_ca", tls_ca, "CA certificates; demands TLS and verifies the server's name");
    options.add("database.connect_timeout", connect_timeout, "seconds to wait for a connection");
    options.add("database.timeout", timeout, "seconds to wait for an answer");
}

}  // namespace rpm::db
