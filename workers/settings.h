// SPDX-License-Identifier: MIT
// What all workers may be told, so that one file, worker.conf, serves them all.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/config.h"
#include "shared/db/connection.h"
#include "workers/notify/smtp.h"

namespace rpm {

struct WorkerSettings {
    db::Settings database;
    std::filesystem::path public_key = RPMGR_SYSCONFDIR "/sealing.pub";
    std::filesystem::path private_keys = RPMGR_SYSCONFDIR "/keys";
    std::filesystem::path templates = RPMGR_DATADIR "/proxy_templates";
    std::filesystem::path sql = RPMGR_DATADIR "/sql";
    std::filesystem::path nodes = RPMGR_SYSCONFDIR "/nodes.yaml";
    std::filesystem::path syslog;  ///< of the audit log; empty: none
    // Of rpmgr-domains; here, because the file is one for all.
    std::string resolver;
    unsigned proof_http_port = 80;
    bool private_addresses = false;
    std::filesystem::path pages = RPMGR_DATADIR "/templates";
    notify::MailServer mail;
    std::string log_level = "info";

    /// What seals of the audit log are signed with; it lies beside the other private keys.
    std::filesystem::path audit_key() const {
        return (std::filesystem::is_directory(private_keys) ? private_keys : private_keys.parent_path()) /
               "audit.key";
    }

    void declare(Options& options) {
        database.declare(options);
        options.add("keys.public", public_key, "public half of the sealing key");
        options.add("keys.private", private_keys, "file or folder of the private halves");
        options.add("paths.proxy_templates", templates, "folder of the engines' templates");
        options.add("paths.sql", sql, "folder of the migrations, to check the schema");
        options.add("paths.nodes", nodes, "list of nodes for discovery");
        options.add("audit.syslog", syslog, "socket of syslog (/dev/log) that gets the audit log, too");
        options.add("domains.resolver", resolver,
                    "DNS resolver for proofs of names, ADDRESS or ADDRESS:PORT; empty: /etc/resolv.conf");
        options.add("domains.http_port", proof_http_port,
                    "port at which files that prove a name are asked for");
        options.add("domains.private_addresses", private_addresses,
                    "ask for files also at addresses that are not on the public Internet");
        options.add("paths.templates", pages, "folder of the pages and of the mails");
        mail.declare(options);
        options.add("log.level", log_level, "debug, info, warning or error");
    }
};

}  // namespace rpm
