// SPDX-License-Identifier: MIT
// One SSH connection as the executor sees it: a few calls that never block. The SSH library is behind it and
// nowhere else, so it can be replaced without a change outside its one source.
//
// Each call is made again, with the same arguments, while it gives `again`; before that the caller waits
// until the socket is ready for what wants() says. The calls come in the order of their declaration; after a
// channel was closed, open_channel() may start the next one. After `failed`, failure() tells why, and only
// destruction is allowed.
//
// While mid_packet() is true, a packet is half on its way: no other call than the one that gave `again` may
// be made, or the stream is damaged.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/handle.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/outcome.h"
#include "workers/ssh/private_key.h"

namespace rpm::ssh {

enum class Progress { done, again, failed };

struct Wants {
    bool read = false;
    bool write = false;
};

struct Failure {
    Kind kind = Kind::lost;
    std::string detail;  ///< the cause, to follow "NODE: "
};

struct Exit {
    int status = 0;
    std::string signal;
};

class Transport {
  public:
    virtual ~Transport() = default;

    /// Up to proven possession of the host key, which is asked for in the given type unless that is empty.
    virtual Progress handshake(std::string_view host_key_type) = 0;
    virtual HostKey host_key() const = 0;
    virtual Progress authenticate(const std::string& user, const PrivateKey& key) = 0;
    virtual Progress open_channel() = 0;
    virtual Progress execute(const std::string& command) = 0;

    enum class Stream { out, err };
    /// `done` with 0 bytes: the end of this stream.
    virtual Progress read(Stream stream, char* buffer, std::size_t size, std::size_t& got) = 0;
    virtual Progress write(std::string_view bytes, std::size_t& taken) = 0;
    virtual Progress send_eof() = 0;
    // What reading one stream or writing brought in beside: no socket will announce it again.
    virtual bool output_waits() const = 0;  ///< read() would give bytes
    virtual bool input_fits() const = 0;    ///< the node's window is open
    /// `done` once the node has closed the channel, after which it reads no more input.
    virtual Progress wait_closed() = 0;
    /// How the command ended, as far as the node said so before it closed the channel.
    virtual Exit exit() const = 0;
    virtual Progress close_channel() = 0;

    virtual bool mid_packet() const = 0;
    virtual Wants wants() const = 0;
    virtual const Failure& failure() const = 0;
    virtual int socket() const = 0;
};

/// Over a connected, non-blocking socket; by libssh2 1.10 or later. Throws Error when memory is short.
std::unique_ptr<Transport> make_libssh2_transport(Fd socket);

}  // namespace rpm::ssh
