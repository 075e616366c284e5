// SPDX-License-Identifier: MIT
// The socket on which a program waits for the front server. Used inside web/http.
#pragma once

#include <sys/types.h>

#include <string>

#include "shared/base/handle.h"

namespace rpm::http {

/// Opens "/run/rpmgr/admin.sock", "127.0.0.1:9000", "[::1]:9000", or takes over "fd:3". Non-blocking.
///
/// A Unix socket appears under its name only when it is complete (mode 0660, group set), and replaces one
/// that nobody answers any more; it is removed at the end unless another process has replaced it meanwhile.
/// Throws Invalid for an address that cannot be, Unavailable when the system refuses or the socket is in use.
class Listener {
  public:
    Listener(const std::string& address, const std::string& group);
    ~Listener();
    Listener(Listener&&) = delete;

    int fd() const { return fd_.get(); }
    /// No new connection can come in any more, but those waiting can still be accepted: an own Unix socket
    /// after withdraw(). Sockets that others may hold too are left alone.
    bool withdraw();

  private:
    void open_unix(const std::string& path, const std::string& group);
    void open_tcp(const std::string& address);
    void inherit(const std::string& number);

    Fd fd_;
    std::string path_;  // of the own Unix socket, else empty
    ino_t inode_ = 0;
};

}  // namespace rpm::http
