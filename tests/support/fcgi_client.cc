// SPDX-License-Identifier: MIT
#include "tests/support/fcgi_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <stdexcept>

#include "shared/base/text.h"

namespace rpm::test {
namespace {

enum Type : unsigned { kBegin = 1, kEnd = 3, kParams = 4, kStdin = 5, kStdout = 6 };

std::string length_of(std::size_t n) {
    if (n < 128) return std::string(1, static_cast<char>(n));
    std::string out;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>((n >> shift) & 0xffU);
    out[0] = static_cast<char>(static_cast<unsigned char>(out[0]) | 0x80U);
    return out;
}

Fd connected(const std::string& path) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("cannot connect to " + path);
    return fd;
}

std::size_t byte(std::string_view s, std::size_t at) {
    return static_cast<unsigned char>(s[at]);
}

// Takes complete records off the buffer; true when one of them ends the request.
bool take_records(std::string& buffer, std::string& out) {
    while (buffer.size() >= 8) {
        const std::size_t length = byte(buffer, 4) * 256 + byte(buffer, 5), padding = byte(buffer, 6);
        if (buffer.size() < 8 + length + padding) return false;
        const auto type = byte(buffer, 1);
        if (type == kStdout) out.append(buffer, 8, length);
        buffer.erase(0, 8 + length + padding);
        if (type == kEnd) return true;
    }
    return false;
}

}  // namespace

std::string FcgiAnswer::header(std::string_view name) const {
    for (const std::string_view line : text::lines(head)) {
        const auto colon = line.find(':');
        if (text::iequals(line.substr(0, colon), name))
            return std::string(text::trim(line.substr(colon + 1)));
    }
    return {};
}

FcgiClient::FcgiClient(const std::string& socket_path) : fd_(connected(socket_path)) {}

bool FcgiClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

FcgiAnswer FcgiClient::receive(std::chrono::milliseconds limit) {
    FcgiAnswer answer;
    std::string buffer, out;
    char chunk[65536];
    pollfd ready{fd_.get(), POLLIN, 0};
    while (!answer.complete && ::poll(&ready, 1, static_cast<int>(limit.count())) == 1) {
        const auto n = ::recv(fd_.get(), chunk, sizeof chunk, 0);
        if (n <= 0) break;
        buffer.append(chunk, static_cast<std::size_t>(n));
        answer.complete = take_records(buffer, out);
    }
    const auto end = out.find("\r\n\r\n");
    answer.head = out.substr(0, end);
    if (end != std::string::npos) answer.body = out.substr(end + 4);
    const std::string status = answer.header("Status");
    if (status.size() >= 3) answer.status = text::number<int>(status.substr(0, 3)).value_or(0);
    return answer;
}

bool FcgiClient::closed(std::chrono::milliseconds limit) {
    pollfd ready{fd_.get(), POLLIN, 0};
    char chunk[4096];
    while (::poll(&ready, 1, static_cast<int>(limit.count())) == 1)
        if (::recv(fd_.get(), chunk, sizeof chunk, 0) <= 0) return true;
    return false;
}

std::string FcgiClient::exchange(const std::string& socket_path, std::string_view bytes) {
    FcgiClient client(socket_path);
    client.send(bytes);
    std::string out;
    char chunk[65536];
    pollfd ready{client.fd_.get(), POLLIN, 0};
    while (::poll(&ready, 1, 8000) == 1) {
        const auto n = ::recv(client.fd_.get(), chunk, sizeof chunk, 0);
        if (n <= 0) break;
        out.append(chunk, static_cast<std::size_t>(n));
    }
    return out;
}

std::string FcgiClient::record(unsigned type, std::string_view content) {
    std::string out{'\1', static_cast<char>(type), '\0', '\1'};
    out += static_cast<char>(content.size() >> 8U);
    out += static_cast<char>(content.size() & 0xffU);
    out += std::string(2, '\0');
    return out.append(content);
}

std::string FcgiClient::begin(bool keep) {
    return record(kBegin, std::string{'\0', '\1', keep ? '\1' : '\0', '\0', '\0', '\0', '\0', '\0'});
}

std::string FcgiClient::params(const Params& params) {
    std::string out;
    for (const auto& [name, value] : params)
        out += length_of(name.size()) + length_of(value.size()) + name + value;
    return stream(kParams, out);
}

std::string FcgiClient::stream(unsigned type, std::string_view content) {
    std::string out;
    for (; !content.empty(); content.remove_prefix(std::min<std::size_t>(content.size(), 32768)))
        out += record(type, content.substr(0, 32768));
    return out + record(type, {});
}

std::string FcgiClient::request(const Params& given, std::string_view body, bool keep) {
    return begin(keep) + params(given) + stream(kStdin, body);
}

std::string FcgiClient::request(std::string method, std::string target, Params more, std::string_view body,
                                bool keep) {
    Params all{{"REQUEST_METHOD", std::move(method)},
               {"REQUEST_URI", std::move(target)},
               {"HTTP_HOST", "panel.example"},
               {"HTTPS", "on"},
               {"REMOTE_ADDR", "192.0.2.1"},
               {"CONTENT_LENGTH", body.empty() ? "" : std::to_string(body.size())}};
    all.insert(all.end(), more.begin(), more.end());
    return request(all, body, keep);
}

}  // namespace rpm::test
