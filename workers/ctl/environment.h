// SPDX-License-Identifier: MIT
// What the commands of `rpmgr` work with: settings, the database, who acts, and where the answer goes.
//
// Nothing is opened before a command asks for it, so that `keys init` needs no database and `migrate` no
// keys. With --json each command prints exactly one JSON document.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/json.h"
#include "shared/crypto/sealing.h"
#include "shared/crypto/vault.h"
#include "shared/db/connection.h"
#include "shared/model/viewer.h"
#include "shared/ops/context.h"
#include "workers/ctl/table.h"

namespace rpm {
class Options;
}

namespace rpm::ctl {

struct Settings {
    db::Settings database;
    std::filesystem::path public_key = RPMGR_SYSCONFDIR "/sealing.pub";
    std::filesystem::path private_keys = RPMGR_SYSCONFDIR "/keys";
    std::filesystem::path vault = RPMGR_SYSCONFDIR "/web.key";
    std::filesystem::path sql = RPMGR_DATADIR "/sql";
    std::filesystem::path templates = RPMGR_DATADIR "/proxy_templates";
    std::filesystem::path nodes = RPMGR_SYSCONFDIR "/nodes.yaml";
    bool json = false;
    /// The keys of the audit log lie beside the others.
    std::filesystem::path audit_private() const { return private_keys / "audit.key"; }
    std::filesystem::path audit_public() const { return public_key.parent_path() / "audit.pub"; }
    void declare(Options& options);
};

class Environment {
  public:
    explicit Environment(Settings settings);

    const Settings& settings() const { return settings_; }
    /// Connected to a database of the right schema; throws Unavailable.
    db::Connection& db();
    /// The same connection whatever its schema: for migrations.
    db::Connection& raw_db() { return db_; }
    /// For verbs; throws Unavailable with the way out when there is no sealing key.
    ops::Context& context();
    /// The system, in the audit log under the name of the person at the keyboard.
    const Viewer& viewer() const { return viewer_; }
    Time now() const { return clock_.now(); }

    bool json() const { return settings_.json; }
    void print(const Json& document) const;
    /// Fitted to the terminal; as wide as need be when standard output is none.
    void print(const Table& table) const;
    void print(const std::string& line) const;
    void print(const char* line) const { print(std::string(line)); }
    /// The line for people, or the document with --json.
    void print(const std::string& line, const Json& document) const;

  private:
    Settings settings_;
    SystemClock clock_;
    db::Connection db_;
    bool schema_checked_ = false;
    Viewer viewer_;
    std::unique_ptr<crypto::SealingKey> sealing_;
    std::unique_ptr<crypto::Vault> vault_;
    std::unique_ptr<ops::Context> context_;
};

/// "2026-11-22 20:34:00" (UTC), for tables.
std::string show(Time time);
std::string show(const std::optional<Time>& time);
/// RFC 3339, or null.
Json to_json(const std::optional<Time>& time);

}  // namespace rpm::ctl
