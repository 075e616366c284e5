// SPDX-License-Identifier: MIT
#include "shared/model/mail.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/base/text.h"

using namespace rpm;

namespace {

MailMessage a_message() {
    return {.from = "panel@example.com",
            .to = "anna@example.org",
            .subject = "Hello",
            .text = "one\ntwo\n",
            .id = "7.abc",
            .date = from_sql("2026-11-22 12:00:00")};
}
bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(mail)

BOOST_AUTO_TEST_CASE(addresses_are_told_from_what_is_none) {
    for (const char* fine : {"a@example.com", "first.last+tag@mail.example.co.uk", "o'neil@example.com",
                             "x_y-z@xn--mnchen-3ya.example"})
        BOOST_TEST(is_mail_address(fine), fine);
    for (const std::string& wrong :
         {std::string(""), std::string("a"), std::string("@example.com"), std::string("a@"),
          std::string("a@b@example.com"), std::string("a b@example.com"), std::string("a@exa mple.com"),
          std::string(".a@example.com"), std::string("a.@example.com"), std::string("a..b@example.com"),
          std::string("a@example.com\r\nBcc: b@example.com"), std::string("<a@example.com>"),
          std::string("a@*.example.com"), std::string("ä@example.com"), std::string("a@exämple.com"),
          std::string("\"a\"@example.com"), std::string("a,b@example.com"),
          std::string(65, 'a') + "@example.com", "a@" + std::string(260, 'b') + ".com"})
        BOOST_TEST(!is_mail_address(wrong), wrong);
}

BOOST_AUTO_TEST_CASE(a_message_has_what_mail_servers_expect) {
    const std::string wire = to_wire(a_message());
    for (const char* line :
         {"Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n", "From: Reverse Proxy Manager <panel@example.com>\r\n",
          "To: <anna@example.org>\r\n", "Subject: Hello\r\n", "Message-ID: <7.abc@example.com>\r\n",
          "Auto-Submitted: auto-generated\r\n", "MIME-Version: 1.0\r\n", "\r\n\r\none\r\ntwo\r\n"})
        BOOST_TEST(holds(wire, line), line);
    for (std::size_t at = wire.find('\n'); at != std::string::npos; at = wire.find('\n', at + 1))
        BOOST_TEST(wire[at - 1] == '\r');
}

BOOST_AUTO_TEST_CASE(nothing_gets_into_the_headers) {
    auto message = a_message();
    message.subject = "Hello\r\nBcc: everybody@example.com";
    BOOST_CHECK_THROW(to_wire(message), Error);
    message = a_message();
    message.to = "anna@example.org>\r\nBcc: x@example.com";
    BOOST_CHECK_THROW(to_wire(message), Error);
    message = a_message();
    message.id = "7 8";
    BOOST_CHECK_THROW(to_wire(message), Error);
    message = a_message();
    message.text = "\r\n.\r\nRCPT TO:<x@example.com>\r\n";
    BOOST_TEST(!holds(to_wire(message).substr(0, to_wire(message).find("\r\n\r\n")), "RCPT"));
}

BOOST_AUTO_TEST_CASE(subjects_of_any_script_are_encoded) {
    BOOST_TEST(encode_header("Plain words, 100 %") == "Plain words, 100 %");
    BOOST_TEST(encode_header("Grüße") == "=?UTF-8?B?R3LDvMOfZQ==?=");
    std::string long_text;
    for (int i = 0; i < 60; ++i) long_text += "ü€";
    std::string decoded;
    const std::string encoded = encode_header(long_text);
    for (const auto line : text::lines(encoded)) {
        const auto word = text::trim(line);
        BOOST_TEST(word.size() <= 75U);
        const auto part = text::unbase64(word.substr(10, word.size() - 12));
        BOOST_REQUIRE(part);
        BOOST_TEST(text::is_utf8(*part));
        decoded += *part;
    }
    BOOST_TEST(decoded == long_text);
}

BOOST_AUTO_TEST_CASE(texts_are_quoted_within_76_columns) {
    BOOST_TEST(quoted_printable("a=b\nü \n x") == "a=3Db\r\n=C3=BC=20\r\n x");
    const std::string quoted = quoted_printable(std::string(200, 'x') + "é" + std::string(100, '='));
    for (const auto line : text::lines(quoted)) BOOST_TEST(line.size() <= 76U);
}

BOOST_AUTO_TEST_SUITE_END()
