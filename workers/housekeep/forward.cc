// SPDX-License-Identifier: MIT
#include "workers/housekeep/forward.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "shared/base/error.h"
#include "shared/base/log.h"
#include "shared/base/text.h"

namespace rpm::housekeep {
namespace {

constexpr std::string_view kReceiver = "syslog";
constexpr int kAuthprivNotice = 10 * 8 + 5;  // RFC 5424 section 6.2.1
constexpr std::size_t kShownJson = 1000;
constexpr timeval kSendTimeout{5, 0};

std::string column(const store::RawAuditRow& row, std::string_view name) {
    const auto found = std::ranges::find(store::kAuditColumns, name);
    return row.columns[static_cast<std::size_t>(found - store::kAuditColumns.begin())].value_or("");
}

// RFC 3164 section 4.1.2: the day is padded with a blank. The receiver takes it for local time, as all that
// comes from this machine.
std::string timestamp(Time at) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[32];
    const std::size_t size = std::strftime(text, sizeof text, "%b %e %H:%M:%S", &local);
    return {text, size};
}

void add_unless_empty(std::string& line, std::string_view key, const std::string& value) {
    if (!value.empty()) log::append(line, {key, value});
}

void add_object(std::string& line, const store::RawAuditRow& row) {
    const std::string id = column(row, "object_id");
    log::append(line, {"object", column(row, "object_type") + (id.empty() ? "" : "/" + id)});
    add_unless_empty(line, "name", column(row, "object_name"));
}

}  // namespace

Syslog::Syslog(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof address.sun_path)
        throw Invalid("audit.syslog", "is too long for a socket: " + path.string());
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &kSendTimeout, sizeof kSendTimeout);
    if (!fd_ || ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw Unavailable("cannot reach syslog at " + path.string() + ": " + std::strerror(errno));
}

void Syslog::send(const std::string& line) {
    if (::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0)
        throw Unavailable(std::string("cannot write to syslog: ") + std::strerror(errno));
}

std::string syslog_line(const store::RawAuditRow& row) {
    const Time at = from_sql(column(row, "at"));
    std::string line = "<" + std::to_string(kAuthprivNotice) + ">" + timestamp(at) + " rpmgr-audit:";
    log::append(line, {"id", row.id.value()});
    log::append(line, {"at", to_rfc3339(at)});
    log::append(line, {"user", column(row, "username")});
    add_unless_empty(line, "impersonator", column(row, "impersonator"));
    add_unless_empty(line, "from", column(row, "address"));
    log::append(line, {"action", column(row, "action")});
    add_object(line, row);
    add_unless_empty(line, "before", text::ellipsis(column(row, "before_json"), kShownJson));
    add_unless_empty(line, "after", text::ellipsis(column(row, "after_json"), kShownJson));
    add_unless_empty(line, "request", column(row, "request_id"));
    return line;
}

namespace {

// One transaction; nothing when there is nothing to send any more.
std::optional<std::uint64_t> forward_some(db::Transaction& tx, Syslog& syslog, Time now,
                                          const ForwardOptions& options) {
    db::Connection& db = tx.connection();
    const auto position = store::lock_forwarded(tx, kReceiver);
    if (!position) {
        store::put_forwarded(tx, kReceiver, store::newest_audit_id(db), now);
        return std::nullopt;
    }
    const AuditId last = store::find_audit_chunk_end(db, *position, now - options.age, options.rows);
    if (!last) return std::nullopt;
    const AuditId first(position->value() + 1);
    store::await_audit_rows(tx, first, last);
    std::uint64_t sent = 0;
    store::each_raw_audit_row(db, first, last, [&](const store::RawAuditRow& row) {
        syslog.send(syslog_line(row));
        ++sent;
    });
    store::put_forwarded(tx, kReceiver, last, now);
    return sent;
}

}  // namespace

std::uint64_t forward_audit(db::Connection& db, Syslog& syslog, Time now, const ForwardOptions& options) {
    std::uint64_t all = 0;
    while (!options.stop()) {
        const auto sent =
            db::transact(db, [&](db::Transaction& tx) { return forward_some(tx, syslog, now, options); });
        if (!sent) break;
        all += *sent;
    }
    return all;
}

}  // namespace rpm::housekeep
