// SPDX-License-Identifier: MIT
#include "shared/net/http_client.h"

#include <curl/curl.h>

#include <array>

#include "shared/base/error.h"
#include "shared/base/handle.h"

#ifndef RPMGR_VERSION
#define RPMGR_VERSION "0"
#endif

namespace rpm::net {
namespace {

using Easy = Handle<CURL, &curl_easy_cleanup>;
using List = Handle<curl_slist, &curl_slist_free_all>;
using Text = Handle<char, &curl_free>;

constexpr long kMostRedirects = 3;

void start_curl() {
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) throw Error("libcurl does not start");
}

struct Sink {
    std::string body;
    std::size_t most = 0;
    bool full = false;
};

std::size_t take(char* data, std::size_t, std::size_t count, void* sink) {
    auto& into = *static_cast<Sink*>(sink);
    if (into.body.size() + count > into.most) {
        into.full = true;
        return 0;  // ends the transfer
    }
    into.body.append(data, count);
    return count;
}

// Scheme, host and port of it: what may be told.
std::string place_of(const std::string& url) {
    const auto start = url.find("//");
    return start == std::string::npos ? url : url.substr(0, url.find_first_of("/?#", start + 2));
}

List header_list(const HttpClient::Headers& headers) {
    List list;
    for (const auto& [name, value] : headers) {
        const Secret line(name + ": " + std::string(value.reveal()));
        if (line.reveal().find_first_of("\r\n") != std::string_view::npos)
            throw Error("a header with a line end: " + name);
        curl_slist* longer = curl_slist_append(list.get(), std::string(line.reveal()).c_str());
        if (longer == nullptr) throw Error("no memory for headers");
        static_cast<void>(list.release());
        list.reset(longer);
    }
    return list;
}

}  // namespace

struct HttpClient::Impl {
    HttpRules rules;
    Easy easy;

    // The options of a call last only for it.
    void prepare(const std::string& url, Sink& sink, const List& headers,
                 std::array<char, CURL_ERROR_SIZE>& why) {
        CURL* const curl = easy.get();
        curl_easy_reset(curl);
        const char* const schemes = rules.allow_http ? "http,https" : "https";
        curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, schemes);
        curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, schemes);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(rules.connect.count()));
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(rules.total.count()));
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!rules.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, rules.ca_file.c_str());
        curl_easy_setopt(curl, CURLOPT_USERAGENT, "rpmgr/" RPMGR_VERSION);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &sink);
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why.data());
    }

    HttpAnswer send(const std::string& url, const Secret* body, const HttpClient::Headers& headers) {
        Sink sink{.body = {}, .most = rules.most_bytes};
        std::array<char, CURL_ERROR_SIZE> why{};
        const List list = header_list(headers);
        prepare(url, sink, list, why);
        CURL* const curl = easy.get();
        if (body != nullptr) {
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->reveal().data());
        } else {
            curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
            curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kMostRedirects);
        }
        const CURLcode result = curl_easy_perform(curl);
        if (sink.full) throw Unavailable(place_of(url) + " answered too much");
        if (result != CURLE_OK)
            throw Unavailable(place_of(url) + " does not answer: " +
                              (why[0] != '\0' ? why.data() : curl_easy_strerror(result)));
        long status = 0;
        const char* type = nullptr;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        return {.status = static_cast<int>(status),
                .content_type = type == nullptr ? "" : type,
                .body = std::move(sink.body)};
    }
};

HttpClient::HttpClient(HttpRules rules) : impl_(std::make_unique<Impl>()) {
    start_curl();
    impl_->rules = std::move(rules);
    impl_->easy.reset(curl_easy_init());
    if (!impl_->easy) throw Error("libcurl makes no handle");
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::get(const std::string& url, const Headers& headers) {
    return impl_->send(url, nullptr, headers);
}

HttpAnswer HttpClient::post(const std::string& url, const std::string& content_type, const Secret& body,
                            const Headers& headers) {
    Headers all = headers;
    all.emplace_back("Content-Type", Secret(content_type));
    return impl_->send(url, &body, all);
}

HttpAnswer HttpClient::post_form(const std::string& url, const Form& form, const Headers& headers) {
    const auto escaped = [](std::string_view text) {
        const Text out(curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size())));
        if (!out) throw Error("no memory for a form");
        return std::string(out.get());
    };
    std::string body;
    for (const auto& [name, value] : form)
        body += (body.empty() ? "" : "&") + escaped(name) + "=" + escaped(value.reveal());
    return post(url, "application/x-www-form-urlencoded", Secret(std::move(body)), headers);
}

}  // namespace rpm::net
