// SPDX-License-Identifier: MIT
#include "workers/notify/smtp.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/base/text.h"
#include "shared/model/mail.h"

namespace rpm::notify {
namespace {

using Curl = Handle<CURL, &curl_easy_cleanup>;
using List = Handle<curl_slist, &curl_slist_free_all>;

constexpr long kConnectTime = 15;  // s
constexpr std::size_t kMostWords = 400;

struct Transfer {
    std::string_view rest;  ///< of the message
    std::string said{};     ///< the server's last line
    std::string refused{};  ///< its last line that refuses something: a farewell may follow
};

std::size_t read_message(char* out, std::size_t size, std::size_t count, void* data) {
    auto& transfer = *static_cast<Transfer*>(data);
    const std::size_t n = std::min(size * count, transfer.rest.size());
    std::memcpy(out, transfer.rest.data(), n);
    transfer.rest.remove_prefix(n);
    return n;
}

// libcurl gives each line of the server here.
std::size_t keep_line(char* line, std::size_t size, std::size_t count, void* data) {
    auto& transfer = *static_cast<Transfer*>(data);
    transfer.said.assign(line, std::min(size * count, kMostWords));
    if (transfer.said.starts_with('4') || transfer.said.starts_with('5')) transfer.refused = transfer.said;
    return size * count;
}

// Foreign text: goes into the database and onto pages.
std::string printable(std::string_view text) {
    std::string out(text::trim(text).substr(0, kMostWords));
    std::ranges::replace_if(
        out, [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

// NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): the C interface has no other
template <class T>
void set(CURL* curl, CURLoption option, T value) {
    if (curl_easy_setopt(curl, option, value) != CURLE_OK)
        throw Error("libcurl refuses option " + std::to_string(option));
}

void set_tls(CURL* curl, const MailServer& server) {
    set(curl, CURLOPT_USE_SSL, static_cast<long>(server.tls == "none" ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!server.ca_file.empty()) {
        set(curl, CURLOPT_CAINFO, server.ca_file.c_str());
        set(curl, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
}

void set_times(CURL* curl, const MailServer& server) {
    set(curl, CURLOPT_NOSIGNAL, 1L);
    set(curl, CURLOPT_CONNECTTIMEOUT, kConnectTime);
    set(curl, CURLOPT_TIMEOUT, static_cast<long>(server.timeout.count()));
}

void set_server(CURL* curl, const MailServer& server, const Secret& password) {
    const bool bare_v6 = server.host.find(':') != std::string::npos && !server.host.starts_with('[');
    const std::string host = bare_v6 ? "[" + server.host + "]" : server.host;
    const std::string url =
        (server.tls == "tls" ? "smtps://" : "smtp://") + host + ":" + std::to_string(server.port);
    set(curl, CURLOPT_URL, url.c_str());
    set(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(curl, CURLOPT_PROXY, "");  // the environment's proxies are for the web
    if (server.user.empty()) return;
    set(curl, CURLOPT_USERNAME, server.user.c_str());
    set(curl, CURLOPT_PASSWORD, password.reveal().data());  // of a std::string: it ends with NUL
}

Sent outcome_of(CURL* curl, CURLcode code, const Transfer& transfer, const char* error) {
    if (code == CURLE_OK) return {Sent::accepted, printable(transfer.said)};
    long reply = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    const bool servers_word = reply >= 400 && reply < 600;
    const std::string words = servers_word && !transfer.refused.empty()
                                  ? transfer.refused
                                  : (*error != '\0' ? error : curl_easy_strerror(code));
    // A refused sign-in is a fault of our settings, not of this message.
    const bool final =
        servers_word && reply >= 500 &&
        (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY);
    return {final ? Sent::never : Sent::later, printable(words)};
}
// NOLINTEND(cppcoreguidelines-pro-type-vararg)

}  // namespace

void MailServer::declare(Options& options) {
    options.add("mail.host", host, "mail server (SMTP); empty: mail waits in the queue");
    options.add("mail.port", port, "587 for starttls, 465 for tls");
    options.add("mail.tls", tls, "starttls, tls (from the first byte) or none");
    options.add("mail.user", user, "account there; empty: none");
    options.add("mail.password_file", password_file, "file with its password");
    options.add("mail.from", from, "address that mail comes from");
    options.add("mail.ca_file", ca_file, "certificates that are trusted; empty: the system's");
    options.add("mail.timeout", timeout, "seconds for one message");
}

void MailServer::check() const {
    if (host.find_first_of("/@?# \t") != std::string::npos) throw Invalid("mail.host", "is not a host");
    if (port == 0 || port > 65535) throw Invalid("mail.port", "must be 1 to 65535");
    if (tls != "starttls" && tls != "tls" && tls != "none")
        throw Invalid("mail.tls", "must be starttls, tls or none");
    if (!user.empty() && password_file.empty()) throw Invalid("mail.password_file", "is missing");
    if (!user.empty() && tls == "none")
        throw Invalid("mail.tls",
                      "must not be none with mail.user: the password would be readable on the way");
    if (!is_mail_address(from)) throw Invalid("mail.from", "is not a mail address");
}

Sent send_mail(const MailServer& server, const Secret& password, const std::string& to,
               std::string_view wire) {
    const Curl curl(curl_easy_init());
    if (!curl) throw Unavailable("not enough memory for libcurl");
    const List recipients(curl_slist_append(nullptr, ("<" + to + ">").c_str()));
    Transfer transfer{.rest = wire};
    char error[CURL_ERROR_SIZE] = "";
    set_server(curl.get(), server, password);
    set_tls(curl.get(), server);
    set_times(curl.get(), server);
    set(curl.get(), CURLOPT_ERRORBUFFER, &error[0]);
    set(curl.get(), CURLOPT_MAIL_FROM, ("<" + server.from + ">").c_str());
    set(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
    set(curl.get(), CURLOPT_UPLOAD, 1L);
    set(curl.get(), CURLOPT_READFUNCTION, &read_message);
    set(curl.get(), CURLOPT_READDATA, static_cast<void*>(&transfer));
    set(curl.get(), CURLOPT_HEADERFUNCTION, &keep_line);
    set(curl.get(), CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
    const CURLcode code = curl_easy_perform(curl.get());
    return outcome_of(curl.get(), code, transfer, &error[0]);
}

}  // namespace rpm::notify
