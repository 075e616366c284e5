// SPDX-License-Identifier: MIT
// Hands one message to a mail server (RFC 5321) by libcurl.
//
//     const Sent sent = send_mail(settings, password, message.to, to_wire(message));
//     if (sent.outcome == Sent::later) … // try again: sent.words say why
//
// Every step has a deadline. TLS is demanded unless settings say none, with the server's name verified; the
// password never goes over a connection without it.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "shared/base/secret.h"

namespace rpm {
class Options;
}

namespace rpm::notify {

struct MailServer {
    std::string host;  ///< empty: mail stays in the queue
    unsigned port = 587;
    std::string tls = "starttls";  ///< starttls | tls (from the first byte, port 465) | none
    std::string user{};            ///< empty: no authentication
    std::filesystem::path password_file{};
    std::string from{};                ///< address that mail comes from
    std::filesystem::path ca_file{};   ///< empty: the system's
    std::chrono::seconds timeout{60};  ///< for all of one message
    void declare(Options& options);    ///< mail.host, mail.port, …
    /// Throws Invalid naming the option.
    void check() const;
};

struct Sent {
    enum Outcome {
        accepted,  ///< the server has it
        later,     ///< not reachable, or refused for now (4xx): worth another try
        never      ///< refused for good (5xx): a repeat would be refused again
    };
    Outcome outcome = later;
    std::string words;  ///< what the server said, or what went wrong; at most 400 bytes, printable
};
/// `wire` as to_wire() makes it; its recipient must be `to`.
Sent send_mail(const MailServer& server, const Secret& password, const std::string& to,
               std::string_view wire);

}  // namespace rpm::notify
