// SPDX-License-Identifier: MIT
#include "workers/ssh/resolver.h"

#include <netdb.h>
#include <sys/eventfd.h>

#include <array>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "shared/base/error.h"
#include "shared/base/handle.h"

namespace rpm::ssh {
namespace {

using AddressList = Handle<addrinfo, &freeaddrinfo>;

Resolver::Answer look_up(std::uint64_t tag, const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    Resolver::Answer answer;
    answer.tag = tag;
    if (const int code = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
        answer.error = code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code);
        return answer;
    }
    const AddressList list(found);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
        Address& address = answer.addresses.emplace_back();
        std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
        address.length = at->ai_addrlen;
    }
    return answer;
}

}  // namespace

struct Resolver::Shared {
    std::mutex mutex;
    std::vector<Answer> answers;
    Fd ready{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

std::string Address::text() const {
    std::array<char, 128> host{};
    std::array<char, 16> port{};
    if (getnameinfo(reinterpret_cast<const sockaddr*>(&storage), length, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    const std::string numeric(host.data());
    return (storage.ss_family == AF_INET6 ? "[" + numeric + "]" : numeric) + ":" + port.data();
}

std::optional<Address> parse_address(const std::string& host, std::uint16_t port) {
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
    Resolver::Answer answer = look_up(0, bare, port, AI_NUMERICHOST | AI_NUMERICSERV);
    if (answer.addresses.empty()) return std::nullopt;
    return answer.addresses.front();
}

Resolver::Resolver() : shared_(std::make_shared<Shared>()) {
    if (!shared_->ready) throw Error("cannot make an eventfd");
}

void Resolver::start(std::uint64_t tag, std::string host, std::uint16_t port) {
    try {
        std::thread([shared = shared_, tag, host = std::move(host), port] {
            Answer answer = look_up(tag, host, port, AI_ADDRCONFIG | AI_NUMERICSERV);
            const std::scoped_lock lock(shared->mutex);
            shared->answers.push_back(std::move(answer));
            eventfd_write(shared->ready.get(), 1);
        }).detach();
    } catch (const std::system_error& error) {
        throw Error(std::string("cannot start a thread for a name lookup: ") + error.what());
    }
}

std::vector<Resolver::Answer> Resolver::take() {
    const std::scoped_lock lock(shared_->mutex);
    eventfd_t ignored = 0;
    eventfd_read(shared_->ready.get(), &ignored);
    return std::exchange(shared_->answers, {});
}

int Resolver::fd() const {
    return shared_->ready.get();
}

}  // namespace rpm::ssh
