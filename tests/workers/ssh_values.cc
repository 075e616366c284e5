// SPDX-License-Identifier: MIT
// The values of workers/ssh that need no connection: keys, quoting, lists of algorithms, bounded output.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/secret.h"
#include "shared/base/text.h"
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

// Keys in each form, made by the programs that people make theirs with.
class Keys {
  public:
    Keys() {
        std::string name = (std::filesystem::temp_directory_path() / "rpmgr-keys-XXXXXX").string();
        BOOST_REQUIRE(mkdtemp(name.data()) != nullptr);
        folder_ = name;
        const std::string keygen = "ssh-keygen -q -C '' ";
        make(keygen + "-t ed25519 -N '' -f ed25519");
        make(keygen + "-t ecdsa -b 256 -N '' -f ecdsa");
        make(keygen + "-t rsa -b 2048 -N '' -f rsa");
        make(keygen + "-t ed25519 -N secret -a 1 -f encrypted");
        make("openssl genpkey -algorithm ed25519 -out pkcs8");
        make("openssl pkcs8 -topk8 -in pkcs8 -passout pass:secret -iter 1 -out pkcs8-encrypted");
        make("ssh-keygen -l -f ed25519.pub >fingerprint");
    }
    ~Keys() { std::filesystem::remove_all(folder_); }
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    std::string text(const std::string& file) const { return rpm::read_file(folder_ / file); }
    std::string line(const std::string& file) const {
        return std::string(rpm::text::trim(text(file + ".pub")));
    }

  private:
    void make(const std::string& command) const {
        BOOST_REQUIRE(std::system(("cd " + folder_.string() + " && " + command).c_str()) == 0);
    }
    std::filesystem::path folder_;
};

auto says(const std::string& words) {
    return
        [words](const Invalid& error) { return std::string(error.what()).find(words) != std::string::npos; };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ssh_keys, Keys)

BOOST_AUTO_TEST_CASE(host_key_line_and_fingerprint_are_those_of_ssh_keygen) {
    const HostKey key = HostKey::from_line(line("ed25519") + " node 7");
    BOOST_TEST(key.type == "ssh-ed25519");
    BOOST_TEST(key.line() == line("ed25519"));
    BOOST_TEST(text("fingerprint").find(key.fingerprint() + " ") != std::string::npos);
    BOOST_CHECK(HostKey::from_blob(key.blob) == key);
    BOOST_CHECK(!(HostKey::from_line(line("ecdsa")) == key));
}

BOOST_AUTO_TEST_CASE(wrong_host_key_lines_are_refused) {
    const std::string ed25519 = line("ed25519");
    for (const std::string& wrong :
         {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 !!!!"),
          std::string("ssh-ed25519 AAAA"), "ssh-rsa" + ed25519.substr(11)})
        BOOST_CHECK_THROW(HostKey::from_line(wrong), Invalid);
}

BOOST_AUTO_TEST_CASE(a_host_key_type_is_printable_or_refused) {
    for (const std::string& type : {std::string("ssh-\xff"), std::string("a b"), std::string(65, 'a')}) {
        std::string blob;
        put_text(blob, type);
        BOOST_CHECK_THROW(HostKey::from_blob(blob + "key"), Invalid);
    }
}

BOOST_AUTO_TEST_CASE(private_keys_are_read_in_each_form) {
    BOOST_TEST(PrivateKey::parse(Secret(text("ed25519"))).public_line("") == line("ed25519"));
    BOOST_TEST(PrivateKey::parse(Secret(text("ecdsa"))).public_line("") == line("ecdsa"));
    BOOST_TEST(PrivateKey::parse(Secret(text("pkcs8"))).type() == "ssh-ed25519");
    BOOST_TEST(PrivateKey::parse(Secret(text("pkcs8-encrypted")), Secret("secret")).public_line("") ==
               PrivateKey::parse(Secret(text("pkcs8"))).public_line(""));
}

BOOST_AUTO_TEST_CASE(unusable_private_keys_say_what_to_do) {
    const auto parse = [](const std::string& pem, const std::string& passphrase = "") {
        return PrivateKey::parse(Secret(pem), Secret(passphrase));
    };
    BOOST_CHECK_EXCEPTION(parse(text("encrypted")), Invalid, says("ssh-keygen -p"));
    BOOST_CHECK_EXCEPTION(parse(text("pkcs8-encrypted")), Invalid, says("give its passphrase"));
    BOOST_CHECK_EXCEPTION(parse(text("pkcs8-encrypted"), "wrong"), Invalid, says("wrong passphrase"));
    BOOST_CHECK_EXCEPTION(parse(text("rsa")), Invalid, says("use an Ed25519 key"));
    BOOST_CHECK_EXCEPTION(parse(line("ed25519")), Invalid, says("public half"));
    BOOST_CHECK_EXCEPTION(parse("hello"), Invalid, says("not a private key"));
    BOOST_CHECK_EXCEPTION(parse(""), Invalid, says("not a private key"));
}

BOOST_AUTO_TEST_CASE(damaged_private_keys_are_refused_wherever_the_damage_is) {
    const std::string whole = text("ed25519");
    for (std::size_t cut = 0; cut < whole.size() - 2; cut += 7)
        BOOST_CHECK_THROW(PrivateKey::parse(Secret(whole.substr(0, cut))), Invalid);
    for (std::size_t at = whole.find('\n') + 1; at < whole.size() - 40; at += 5) {
        std::string damaged = whole;
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

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(ssh_values)

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

BOOST_AUTO_TEST_CASE(nothing_weaker_than_128_bits_is_offered) {
    const Algorithms ours = preferred("");
    for (const char* weak :
         {"sha1", "md5", "cbc", "rsa", "dss", "group1-", "group14", "group-exchange", "arcfour", "3des"})
        for (const auto& list : {ours.key_exchange, ours.host_key, ours.cipher, ours.mac})
            BOOST_TEST(list.find(weak) == std::string::npos, weak << " in " << list);
    BOOST_TEST(preferred("ssh-ed25519").host_key == "ssh-ed25519");
    BOOST_TEST(preferred("ssh-rsa").host_key == "");
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
