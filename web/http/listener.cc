// SPDX-License-Identifier: MIT
#include "web/http/listener.h"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::http {
namespace {

constexpr int kBacklog = 1024;
constexpr mode_t kMode = 0660;

[[noreturn]] void fail(const std::string& what) {
    const int error = errno;
    throw Unavailable(what + ": " + std::strerror(error));
}

sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw Invalid("listen", "path of the socket is longer than " +
                                    std::to_string(sizeof address.sun_path - 1) + " bytes: " + path);
    path.copy(address.sun_path, path.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

bool answers(const std::string& path) {
    const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = unix_address(path);
    // EAGAIN: somebody listens, with a full queue.
    return ::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN;
}

void check_replaceable(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return;
    if (!S_ISSOCK(status.st_mode)) throw Invalid("listen", "exists and is not a socket: " + path);
    if (answers(path)) throw Unavailable("another process listens on " + path);
}

void give_to_group(const std::string& path, const std::string& group) {
    if (group.empty()) return;
    const struct group* entry = ::getgrnam(group.c_str());
    if (!entry) throw Invalid("group", "no such group: " + group);
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
        fail("cannot give " + path + " to group " + group);
}

}  // namespace

Listener::Listener(const std::string& address, const std::string& group) {
    if (address.starts_with("/"))
        open_unix(address, group);
    else if (address.starts_with("fd:"))
        inherit(address.substr(3));
    else
        open_tcp(address);
}

Listener::~Listener() {
    withdraw();
}

void Listener::open_unix(const std::string& path, const std::string& group) {
    check_replaceable(path);
    const std::string fresh = path + ".new";
    const sockaddr_un address = unix_address(fresh);
    fd_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd_) fail("cannot make a socket");
    ::unlink(fresh.c_str());
    if (::bind(fd_.get(), generic(address), sizeof address) != 0) fail("cannot make " + fresh);
    struct stat status {};
    try {
        if (::chmod(fresh.c_str(), kMode) != 0) fail("cannot set the mode of " + fresh);
        give_to_group(fresh, group);
        if (::stat(fresh.c_str(), &status) != 0 || ::listen(fd_.get(), kBacklog) != 0)
            fail("cannot listen on " + fresh);
        if (::rename(fresh.c_str(), path.c_str()) != 0) fail("cannot put the socket at " + path);
    } catch (const Error&) {
        ::unlink(fresh.c_str());
        throw;
    }
    path_ = path;
    inode_ = status.st_ino;
}

void Listener::open_tcp(const std::string& address) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos || colon == 0 || !text::number<std::uint16_t>(address.substr(colon + 1)))
        throw Invalid("listen", "must be a path, host:port or fd:number, not '" + address + "'");
    std::string host = address.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &list); error != 0)
        throw Invalid("listen", "cannot resolve " + host + ": " + ::gai_strerror(error));
    const Handle<addrinfo, &::freeaddrinfo> first(list);
    fd_ = Fd(::socket(first->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd_) fail("cannot make a socket");
    const int yes = 1;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd_.get(), first->ai_addr, first->ai_addrlen) != 0 || ::listen(fd_.get(), kBacklog) != 0)
        fail("cannot listen on " + address);
}

void Listener::inherit(const std::string& number) {
    const auto fd = text::number<int>(number);
    int listening = 0;
    socklen_t size = sizeof listening;
    if (!fd || *fd < 3 || ::getsockopt(*fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || !listening)
        throw Invalid("listen", "fd:" + number + " is not a listening socket");
    fd_ = Fd(*fd);
    ::fcntl(fd_.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd_.get(), F_SETFL, ::fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
}

bool Listener::withdraw() {
    if (path_.empty()) return false;
    struct stat status {};
    if (::lstat(path_.c_str(), &status) == 0 && status.st_ino == inode_) ::unlink(path_.c_str());
    path_.clear();
    return true;
}

}  // namespace rpm::http
