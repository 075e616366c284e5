// SPDX-License-Identifier: MIT
#include "workers/housekeep/fetch_list.h"

#include "shared/base/error.h"
#include "shared/model/address_list.h"
#include "shared/net/http_client.h"

namespace rpm::housekeep {

std::string fetch_list(const std::string& url) {
    using namespace std::chrono_literals;
    // Plain http is of this machine itself (why_not_list_url()).
    net::HttpClient client(
        {.total = 10s, .most_bytes = kMostListBytes, .allow_http = url.starts_with("http:")});
    net::HttpAnswer answer = client.get(url);
    if (answer.status != 200) throw Unavailable("answers with status " + std::to_string(answer.status));
    return std::move(answer.body);
}

}  // namespace rpm::housekeep
