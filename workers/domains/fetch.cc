// SPDX-License-Identifier: MIT
#include "workers/domains/fetch.h"

#include <curl/curl.h>

#include <memory>

#include "shared/base/error.h"
#include "shared/model/network.h"

namespace rpm::domains {
namespace {

constexpr std::size_t kMostBody = 1024;

using Easy = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

std::size_t keep(char* bytes, std::size_t size, std::size_t count, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (body.size() + size * count > kMostBody) return 0;  // ends the transfer
    body.append(bytes, size * count);
    return size * count;
}

// "a.example:80:192.0.2.1,[2001:db8::1]", all or none: half an answer is somebody's trick.
std::string fixed_addresses(const FetchSettings& settings, const std::string& name,
                            const std::vector<std::string>& addresses, std::string& error) {
    std::string out;
    for (const std::string& text : addresses) {
        const auto address = IpAddress::parse(text);
        if (!address) continue;
        if (!settings.private_addresses && !is_public(*address)) {
            error = address->text() + " is not a public address";
            return {};
        }
        out += (out.empty() ? "" : ",") + address->bracketed();
    }
    if (out.empty()) error = name + " has no address";
    return out.empty() ? out : name + ":" + std::to_string(settings.port) + ":" + out;
}

std::string words_of(CURLcode code) {
    if (code == CURLE_WRITE_ERROR) return "the answer is longer than 1 KiB";
    if (code == CURLE_OPERATION_TIMEDOUT) return "no answer in time";
    if (code == CURLE_COULDNT_CONNECT) return "nobody answers there";
    return curl_easy_strerror(code);
}

}  // namespace

Fetched fetch(const FetchSettings& settings, const std::string& name, const std::string& path,
              const std::vector<std::string>& addresses) {
    Fetched out;
    const std::string fixed = fixed_addresses(settings, name, addresses, out.error);
    if (fixed.empty()) return out;
    const Easy easy(curl_easy_init(), &curl_easy_cleanup);
    const List resolve(curl_slist_append(nullptr, fixed.c_str()), &curl_slist_free_all);
    if (!easy || !resolve) throw Unavailable("no memory for an HTTP request");
    const std::string url = "http://" + name + ":" + std::to_string(settings.port) + path;
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_RESOLVE, resolve.get());
    set(CURLOPT_PROTOCOLS_STR, "http");
    set(CURLOPT_PROXY, "");  // whatever the environment says
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, static_cast<long>(settings.deadline.count()));
    set(CURLOPT_USERAGENT, "rpmgr-domains");
    set(CURLOPT_WRITEFUNCTION, &keep);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&out.body));
    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK)
        out.status = static_cast<int>(status);
    else
        out.error = words_of(code);
    return out;
}

}  // namespace rpm::domains
