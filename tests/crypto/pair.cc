// SPDX-License-Identifier: MIT
#include "shared/crypto/pair.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/crypto/x509.h"

using namespace rpm::crypto;

namespace {

const rpm::Time kStart = rpm::from_sql("2026-01-02 03:04:05");
const rpm::Time kEnd = rpm::from_sql("2055-01-02 03:04:05");

NewCertificate made() {
    return self_signed({"example.org"}, kStart, kEnd);
}

std::string fault_of(std::string_view chain, const rpm::Secret& key) {
    try {
        check_pair(chain, key);
        return "";
    } catch (const rpm::Invalid& error) {
        return error.problems.text();
    }
}

std::string damaged(std::string pem) {
    pem.replace(pem.size() / 2, 8, "????????");
    return pem;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pairs)

BOOST_AUTO_TEST_CASE(a_pair_and_a_chain_are_taken) {
    const auto leaf = made();
    BOOST_TEST(fault_of(leaf.chain_pem, leaf.private_key_pem) == "");
    BOOST_TEST(fault_of(leaf.chain_pem + made().chain_pem, leaf.private_key_pem) == "");
    BOOST_TEST(fault_of(leaf.chain_pem + "\n\n", leaf.private_key_pem) == "");
}

BOOST_AUTO_TEST_CASE(the_key_of_another_certificate_is_refused) {
    const auto fault = fault_of(made().chain_pem, made().private_key_pem);
    BOOST_TEST(fault.find("not the one of the certificate") != std::string::npos, fault);
    // In a chain the key is that of the leaf, which comes first.
    const auto leaf = made();
    BOOST_TEST(fault_of(made().chain_pem + leaf.chain_pem, leaf.private_key_pem) != "");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_refused) {
    const auto leaf = made();
    const std::string key(leaf.private_key_pem.reveal());
    for (const std::string& chain :
         {std::string(), std::string("no certificate\n"), damaged(leaf.chain_pem), key})
        BOOST_TEST(fault_of(chain, leaf.private_key_pem) != "", chain);
    const auto next = fault_of(leaf.chain_pem + damaged(made().chain_pem), leaf.private_key_pem);
    BOOST_TEST(next.find("chain is damaged") != std::string::npos, next);
    for (const std::string& bad : {std::string(), damaged(key), leaf.chain_pem})
        BOOST_TEST(fault_of(leaf.chain_pem, rpm::Secret(bad)).find("cannot be read") != std::string::npos,
                   bad);
}

BOOST_AUTO_TEST_SUITE_END()
