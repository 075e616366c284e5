// SPDX-License-Identifier: MIT
// Outgoing HTTP through libcurl: the only home of it.
//
//     HttpClient client({.total = 10s});
//     const auto answer = client.get("https://id.example.com/.well-known/openid-configuration");
//     if (answer.status == 200) Json::parse(answer.body)…
//
// Every call has a deadline and a limit of what it reads. TLS certificates and names are verified. No proxy,
// whatever the environment says; no cookies; no other scheme than https, also after a redirect, unless
// `allow_http`; GET follows three redirects, POST none. Throws Unavailable with host and reason, never with
// the query or the body, which may hold secrets. Not for more than one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/secret.h"

namespace rpm::net {

struct HttpRules {
    std::chrono::milliseconds connect{5000};
    std::chrono::milliseconds total{10000};
    std::size_t most_bytes = std::size_t{1} << 20U;  ///< of a body
    bool allow_http = false;                         ///< for a server on this machine itself
    std::filesystem::path ca_file{};                 ///< instead of the system's certificates
};

struct HttpAnswer {
    int status = 0;
    std::string content_type;
    std::string body;
};

class HttpClient {
  public:
    explicit HttpClient(HttpRules rules = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    using Headers = std::vector<std::pair<std::string, Secret>>;
    HttpAnswer get(const std::string& url, const Headers& headers = {});
    /// The fields urlencoded, as a body.
    using Form = std::vector<std::pair<std::string, Secret>>;
    HttpAnswer post_form(const std::string& url, const Form& form, const Headers& headers = {});
    HttpAnswer post(const std::string& url, const std::string& content_type, const Secret& body,
                    const Headers& headers = {});

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rpm::net
