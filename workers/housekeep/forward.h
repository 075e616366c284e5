// SPDX-License-Identifier: MIT
// Sends the audit log on to syslog, each row once and in order.
//
// A line, as rsyslog, syslog-ng and journald read it from /dev/log (RFC 3164, facility authpriv, severity
// notice):
//
//     <85>Nov 25 19:09:11 rpmgr-audit: id=7 at=2026-11-25T19:09:11Z user=anna from=192.0.2.1
//     action=site.update
//         object=site/3 name=shop.example before="{…}" after="{…}" request=…
//
// How far it came is a row in audit_forwarding, locked while lines go out, so that two housekeepers do not
// send the same. A crash between sending and noting may send a row again: receivers know it by its id. The
// first run begins with the rows that come after it; what was there before is exported with `rpmgr audit
// export`.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/handle.h"
#include "shared/db/connection.h"
#include "shared/store/audit_seals.h"

namespace rpm::housekeep {

/// A datagram socket of the local syslog.
class Syslog {
  public:
    /// Throws Unavailable when nobody listens there.
    explicit Syslog(const std::filesystem::path& socket);
    /// Waits up to 5 s for room; throws Unavailable.
    void send(const std::string& line);

  private:
    Fd fd_;
};

/// The line of a row; before and after are cut to 1000 bytes each, because receivers cut long lines anyhow.
std::string syslog_line(const store::RawAuditRow& row);

struct ForwardOptions {
    /// Rows younger than this wait: a row with a lower id may not be inserted yet. Rows that are inserted and
    /// not committed are waited for (see ops/audit_chain.h).
    std::chrono::seconds age{5};
    unsigned rows = 500;  ///< sent in one transaction
    std::function<bool()> stop = [] { return false; };
};
/// Answers how many rows went out.
std::uint64_t forward_audit(db::Connection& db, Syslog& syslog, Time now, const ForwardOptions& options = {});

}  // namespace rpm::housekeep
