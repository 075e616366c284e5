// SPDX-License-Identifier: MIT
// A FastCGI 1.0 client that makes its records by hand, so that tests can also send what no front server
// would.
//
//     FcgiClient client(socket_path);
//     client.send(FcgiClient::request({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}}));
//     FcgiAnswer answer = client.receive();
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/handle.h"

namespace rpm::test {

struct FcgiAnswer {
    bool complete = false;  ///< an END_REQUEST record came
    int status = 0;
    std::string head;
    std::string body;

    /// The value of a header, "" when absent.
    std::string header(std::string_view name) const;
};

class FcgiClient {
  public:
    using Params = std::vector<std::pair<std::string, std::string>>;

    explicit FcgiClient(const std::string& socket_path);
    /// False when the server has closed the connection.
    bool send(std::string_view bytes);
    /// Until END_REQUEST, the end of the connection, or the time limit.
    FcgiAnswer receive(std::chrono::milliseconds limit = std::chrono::seconds(8));
    /// Whether the server closes the connection within the limit.
    bool closed(std::chrono::milliseconds limit = std::chrono::seconds(8));
    /// A raw exchange over a stream socket: sends, then reads to the end.
    static std::string exchange(const std::string& socket_path, std::string_view bytes);

    static std::string record(unsigned type, std::string_view content);
    static std::string begin(bool keep = false);
    static std::string params(const Params& params);
    static std::string stream(unsigned type, std::string_view content);  ///< in records, with the empty last
    static std::string request(const Params& params, std::string_view body = {}, bool keep = false);
    /// A request for a path, with what a front server adds; CONTENT_LENGTH from the body.
    static std::string request(std::string method, std::string target, Params more = {},
                               std::string_view body = {}, bool keep = false);

  private:
    Fd fd_;
};

}  // namespace rpm::test
