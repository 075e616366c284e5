// SPDX-License-Identifier: MIT
// The values of workers/ssh that need no connection: keys, quoting, lists of algorithms, bounded output.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "workers/ssh/algorithms.h"
#include "workers/ssh/command.h"
#include "workers/ssh/host_key.h"
#include "workers/ssh/output.h"
#include "workers/ssh/private_key.h"
#include "workers/ssh/resolver.h"
#include "workers/ssh/wire.h"

using namespace rpm::ssh;
using rpm::Invalid;
using rpm::Secret;

namespace {

// Made for this test by ssh-keygen and openssl; used nowhere else.
constexpr char kEd25519Line[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDa41irE4fkhrXDQgy4tF619ZETouz4MaARbiyChF0mg";
constexpr char kEd25519Fingerprint[] = "SHA256:AWdJBdlHOG8ADYhOKUehAEI5ToWZ9jcdi1VECz6zW9g";
constexpr char kEd25519[] = R"(-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACA2uNYqxOH5Ia1w0IMuLRetfWRE6Ls+DGgEW4sgoRdJoAAAAIjNMbrBzTG6
wQAAAAtzc2gtZWQyNTUxOQAAACA2uNYqxOH5Ia1w0IMuLRetfWRE6Ls+DGgEW4sgoRdJoA
AAAEDDtlbv+1/C6X35dSokqiW/u59c5jWYioNOVHqhkTfzXDa41irE4fkhrXDQgy4tF619
ZETouz4MaARbiyChF0mgAAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
)";
constexpr char kEcdsaLine[] =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLGJZkQW+GS3i1ETRqYeD0TZN/ka/"
    "K7lHpfbYf0M0PDQqcUevFb9b49YxdU0LoaS2iwhvn9qXkBePWBUOnrmUfs=";
constexpr char kEcdsa[] = R"(-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAaAAAABNlY2RzYS
1zaGEyLW5pc3RwMjU2AAAACG5pc3RwMjU2AAAAQQSxiWZEFvhkt4tRE0amHg9E2Tf5Gvyu
5R6X22H9DNDw0KnFHrxW/W+PWMXVNC6GktosIb5/al5AXj1gVDp65lH7AAAAmAn6iC0J+o
gtAAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLGJZkQW+GS3i1ET
RqYeD0TZN/ka/K7lHpfbYf0M0PDQqcUevFb9b49YxdU0LoaS2iwhvn9qXkBePWBUOnrmUf
sAAAAgPRGDuLpFnaUeRBX9aLEG/v5vcVBDUbloWDGHjNpNJ6QAAAAA
-----END OPENSSH PRIVATE KEY-----
)";
constexpr char kEncrypted[] = R"(-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAsn1Desm
TKrN9ETs3eWAVaAAAAAQAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIK0Oo7GSlfnTKZYb
c8EoJQq/2JedtBgPXuaiYhXVXtVPAAAAkM1N73IO/C2Pb1eP7i/AAaIjtxdvore4Cig4ml
qquPFAuygQsTBgAymoW+EOJ1q78nrgEqs6nvnlAjcVta2of1RzHdQ48s93uycBj9lRHEoa
vIRhxjeXnCosRX1D0l+Up+0OzF2LDBNG9EYPwo1funenJ/AeNXXA8DRsy7SAiZqvYfNr35
WRgOaQzam1bfZb/A==
-----END OPENSSH PRIVATE KEY-----
)";
constexpr char kPkcs8[] = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEHJLSTJDX2MxetNX5/NqlfKyFWzJ/slJMqN5HLMHAP8
-----END PRIVATE KEY-----
)";
constexpr char kPkcs8Encrypted[] = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGaMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAg3DTcuL6pR2AIBATAM
BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQHf+2QokJRNKlEDc682i+LwRA/mY7
ifVXT0785jhegnbvAUOCWK1iy+D1ZtzwCTgdM6QJamqP9CVkqosecQQHdF/jYxOA
fCVbsYXkpwXPOHHoKA==
-----END ENCRYPTED PRIVATE KEY-----
)";
constexpr char kRsa[] = R"(-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAABFwAAAAdzc2gtcn
NhAAAAAwEAAQAAAQEAy70YaMFdqozbCQxzGP3haKTNakjFsb3jRDUJ9Eqdc1TWhU2+EmV8
+4jWas6VWEh6eYyD45NEWGmriJK0rZNpMWzA5lW9By/uJo8vOHg/s2ek8zFn87LbeKuA6E
IlYppWz+pZcCaeSWk8GtDVAGlNlRzWeI1mqQ5KEWzilU2nlVVoX0OTpnAiZ0vZf8+dzjBy
A4V7l3RF+ZXA/HoGAoQITmdU9BpeRzMufBWjDtg/wGbbzQBYWA62rbyVli/ZwCvTKBSFnI
jUjgyZ3vmYEKQCbe/wzxFShIw8ivyKTnQ726OQmZzt33pi9gBOIxmEzaXjT7ZRUKZMIq9L
9QqwGP0EZQAAA7hqkaDoapGg6AAAAAdzc2gtcnNhAAABAQDLvRhowV2qjNsJDHMY/eFopM
1qSMWxveNENQn0Sp1zVNaFTb4SZXz7iNZqzpVYSHp5jIPjk0RYaauIkrStk2kxbMDmVb0H
L+4mjy84eD+zZ6TzMWfzstt4q4DoQiVimlbP6llwJp5JaTwa0NUAaU2VHNZ4jWapDkoRbO
KVTaeVVWhfQ5OmcCJnS9l/z53OMHIDhXuXdEX5lcD8egYChAhOZ1T0Gl5HMy58FaMO2D/A
ZtvNAFhYDratvJWWL9nAK9MoFIWciNSODJne+ZgQpAJt7/DPEVKEjDyK/IpOdDvbo5CZnO
3femL2AE4jGYTNpeNPtlFQpkwir0v1CrAY/QRlAAAAAwEAAQAAAQAS1wBWFYVwEzjg+BP/
nGB28QBmwuZ3FnBY2w+51ZmEM/TnXEZGhLh/OQrc0xAX2xHqQf5jMbfI9jKMvUY0Y9R/I8
edtRF3A+1hhu2Oqv32/M9RxsCOVjx5xuAzegRjfxKmhMzy9DtAXhkXALclo9cvAfzqJmc3
HFFolZlJRaZIxnP8LiQ20cu2geeGHlVUGhNDwVBd6cp53D8GWiDa1elTIljCoMXfjPkksR
deHhc9zrxtMt8fbrYrwr1LYL1VTCWTD26fYusxZqolWeuUwDzrMnPxKmXfq2B44kRhOwVR
DAM8cDTSktFhQnvdrovrcTwYoafj1LuONQgAEu7y9oxZAAAAgQCoEvQ8YDtzysy34X6rLm
wNZvVGKkTcAGZMr/EHD5bhAMQ/v4i+7wsGCnVPPEA/UmLXS3U97RMaBpKh5nD0KbqFdqef
FisohapvHfjsOSKtZl0wRUIJL9wJB7CVgG6N24JXV4CmSu+oGCtGA1weE1aJkf/udyE8iv
UrxdHPSEjz0AAAAIEA9FI/xVKwFrLNIwB00tjfW/w7AEJOI6tOkim3pJoDc9+Oqr4Rc9z9
hKpbdjNz5lM1DkOOJf1c/RY2jBIwDF//LvU1Q9VOuZZ3CP3IRg1nmAB2nvUvnJHEY2nxbh
xIr2Y6r5/hg4OnWVtQSuoHKmGoSqUj1T5SEvUwkkW614bqBJ0AAACBANV6PO7NfhqVLYLN
Ye8cKas8cHEp6DjFuvwmNqI1rxJK5AhWxXcGxElyVXTBZLxHOuVwNvg/WWbyFa4usxzXwM
0/6ggX3bpt9tkwA6tuyE4bVr0GnNfgdTysS9M2LUHrPeKX5qO+bEYqh2mJrI4bIck1ZDe5
TDvXbs/xMR0U66BpAAAAAAEC
-----END OPENSSH PRIVATE KEY-----
)";

auto says(const std::string& words) {
    return
        [words](const Invalid& error) { return std::string(error.what()).find(words) != std::string::npos; };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ssh_values)

BOOST_AUTO_TEST_CASE(host_key_line_and_fingerprint_are_those_of_ssh_keygen) {
    const HostKey key = HostKey::from_line(std::string(kEd25519Line) + " node 7");
    BOOST_TEST(key.type == "ssh-ed25519");
    BOOST_TEST(key.line() == kEd25519Line);
    BOOST_TEST(key.fingerprint() == kEd25519Fingerprint);
    BOOST_CHECK(HostKey::from_blob(key.blob) == key);
    BOOST_CHECK(!(HostKey::from_line(kEcdsaLine) == key));
}

BOOST_AUTO_TEST_CASE(wrong_host_key_lines_are_refused) {
    const std::string ed25519(kEd25519Line);
    for (const std::string& line :
         {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 !!!!"),
          std::string("ssh-ed25519 AAAA"), "ssh-rsa" + ed25519.substr(11)})
        BOOST_CHECK_THROW(HostKey::from_line(line), Invalid);
}

BOOST_AUTO_TEST_CASE(private_keys_are_read_in_each_form) {
    BOOST_TEST(PrivateKey::parse(Secret(kEd25519)).public_line("") == kEd25519Line);
    BOOST_TEST(PrivateKey::parse(Secret(kEcdsa)).public_line("") == kEcdsaLine);
    BOOST_TEST(PrivateKey::parse(Secret(kPkcs8)).type() == "ssh-ed25519");
    BOOST_TEST(PrivateKey::parse(Secret(kPkcs8Encrypted), Secret("geheim")).public_line("") ==
               PrivateKey::parse(Secret(kPkcs8)).public_line(""));
}

BOOST_AUTO_TEST_CASE(unusable_private_keys_say_what_to_do) {
    const auto parse = [](const std::string& text, const std::string& passphrase = "") {
        return PrivateKey::parse(Secret(text), Secret(passphrase));
    };
    BOOST_CHECK_EXCEPTION(parse(kEncrypted), Invalid, says("ssh-keygen -p"));
    BOOST_CHECK_EXCEPTION(parse(kPkcs8Encrypted), Invalid, says("give its passphrase"));
    BOOST_CHECK_EXCEPTION(parse(kPkcs8Encrypted, "wrong"), Invalid, says("wrong passphrase"));
    BOOST_CHECK_EXCEPTION(parse(kRsa), Invalid, says("use an Ed25519 key"));
    BOOST_CHECK_EXCEPTION(parse(kEd25519Line), Invalid, says("public half"));
    BOOST_CHECK_EXCEPTION(parse("hello"), Invalid, says("not a private key"));
    BOOST_CHECK_EXCEPTION(parse(""), Invalid, says("not a private key"));
}

BOOST_AUTO_TEST_CASE(damaged_private_keys_are_refused_wherever_the_damage_is) {
    const std::string text(kEd25519);
    for (std::size_t cut = 0; cut < text.size() - 2; cut += 7)
        BOOST_CHECK_THROW(PrivateKey::parse(Secret(text.substr(0, cut))), Invalid);
    for (std::size_t at = text.find('\n') + 1; at < text.size() - 40; at += 5) {
        std::string damaged = text;
        damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
        try {
            PrivateKey::parse(Secret(damaged));  // damage in the comment goes unnoticed, and may
        } catch (const Invalid&) {
        }
    }
}

BOOST_AUTO_TEST_CASE(generated_keys_can_be_stored_and_read_again) {
    const PrivateKey key = PrivateKey::generate();
    const Secret text = key.openssh_text("rpmgr");
    const PrivateKey again = PrivateKey::parse(text);
    BOOST_TEST(again.public_blob() == key.public_blob());
    BOOST_TEST(again.sign("message") == key.sign("message"));  // Ed25519 signs without chance
    BOOST_TEST(key.public_blob() != PrivateKey::generate().public_blob());
}

BOOST_AUTO_TEST_CASE(multiple_precision_numbers_are_positive_and_shortest) {
    std::string out;
    put_mpint(out, std::string_view("\0\0\x7f", 3));
    put_mpint(out, "\x80");
    put_mpint(out, std::string_view("\0", 1));
    BOOST_TEST(out == std::string("\0\0\0\1\x7f\0\0\0\2\0\x80\0\0\0\0", 15));
}

BOOST_AUTO_TEST_CASE(readers_stop_at_the_end_of_the_buffer) {
    WireReader reader(
        std::string_view("\0\0\0\x05"
                         "abc",
                         7));
    BOOST_TEST(reader.text().empty());
    BOOST_TEST(!reader.ok());
    BOOST_TEST(reader.u32() == 0U);
}

BOOST_AUTO_TEST_CASE(quoting_leaves_plain_words_alone) {
    BOOST_TEST(command_line({"/usr/bin/env", "x-1.2", "a b", "it's", "", "A=b", "~"}) ==
               R"(/usr/bin/env x-1.2 'a b' 'it'\''s' '' 'A=b' '~')");
    BOOST_CHECK_THROW(command_line({}), Invalid);
    BOOST_CHECK_THROW(shell_quote(std::string_view("a\0b", 3)), Invalid);
}

BOOST_AUTO_TEST_CASE(mismatch_names_the_setting_and_what_is_needed) {
    Algorithms ours = preferred("");
    Algorithms nodes = ours;
    BOOST_TEST(explain_mismatch(ours, nodes, "") == "");
    nodes.mac = "hmac-sha2-256-etm@openssh.com";
    const std::string text = explain_mismatch(ours, nodes, "");
    BOOST_TEST(text.find("MACs are hmac-sha2-256-etm@openssh.com") != std::string::npos);
    BOOST_TEST(text.find("hmac-sha2-256, hmac-sha2-512 is needed (MACs in") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(offers_that_are_cut_or_foreign_give_nothing) {
    std::string packet(
        "\0\0\0\0\0\x14"
        "0123456789abcdef",
        22);
    for (const char* list : {"kex", "host", "cipher", "cipher", "mac"}) put_text(packet, list);
    const std::string greeting = "welcome\r\nSSH-2.0-x\r\n" + packet;
    BOOST_REQUIRE(read_offer(greeting));
    BOOST_TEST(read_offer(greeting)->mac == "mac");
    for (std::size_t cut = 0; cut < greeting.size(); ++cut) BOOST_TEST(!read_offer(greeting.substr(0, cut)));
    BOOST_TEST(!read_offer("HTTP/1.1 400 Bad Request\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(captured_output_keeps_head_and_end) {
    Captured captured(16);
    for (int i = 0; i < 1000; ++i) captured.add("0123456789");
    captured.add("END");
    BOOST_TEST(captured.total() == 10003U);
    BOOST_TEST(captured.text() == "012345678901\n[… 9987 bytes left out …]\n9END");
    Captured exact(16);
    exact.add("0123456789abcdef");
    BOOST_TEST(exact.text() == "0123456789abcdef");
    Captured none(0);
    none.add("x");
    BOOST_TEST(none.total() == 1U);
}

BOOST_AUTO_TEST_CASE(lines_are_cut_whatever_the_pieces) {
    LineCutter cutter(4);
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    for (const char* piece : {"a", "b\nc", "\n\n", "longer than four", "\nrest"}) cutter.add(piece, take);
    BOOST_TEST(lines == (std::vector<std::string>{"ab", "c", "", "long"}), boost::test_tools::per_element());
    BOOST_TEST(cutter.rest() == "rest");
}

BOOST_AUTO_TEST_CASE(numeric_addresses_need_no_lookup) {
    BOOST_TEST(parse_address("127.0.0.1", 22)->text() == "127.0.0.1:22");
    BOOST_TEST(parse_address("2001:db8::1", 22)->text() == "[2001:db8::1]:22");
    BOOST_TEST(parse_address("[::1]", 2222)->text() == "[::1]:2222");
    for (const char* name : {"localhost", "example.org", "", "127.0.0.1 ", "1.2.3.4.5"})
        BOOST_TEST(!parse_address(name, 22));
}

BOOST_AUTO_TEST_SUITE_END()
