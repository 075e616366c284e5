// SPDX-License-Identifier: MIT
#include "shared/model/network.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"

using namespace rpm;

namespace {

bool contains(const char* network, const char* address) {
    return IpNetwork::parse(network).value().contains(IpAddress::parse(address).value());
}
bool reachable(const char* address) {
    return is_public(IpAddress::parse(address).value());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(networks)

BOOST_AUTO_TEST_CASE(what_is_a_network) {
    for (const char* text : {"192.0.2.0/24", "192.0.2.7/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "::1/128"})
        BOOST_TEST(IpNetwork::parse(text).has_value(), text);
    for (const char* text : {"", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/024",
                             "192.0.2.7/24", "2001:db8::1/32", "::/129", "127.1/8", "::ffff:0:0/95", "x/8"})
        BOOST_TEST(!IpNetwork::parse(text), text);
    BOOST_TEST(IpNetwork::parse("192.0.2.7")->text() == "192.0.2.7/32");
    BOOST_TEST(IpNetwork::parse("2001:DB8:0::/32")->text() == "2001:db8::/32");
    BOOST_TEST(IpNetwork::parse("::ffff:192.0.2.0/120")->text() == "192.0.2.0/24");
}

BOOST_AUTO_TEST_CASE(what_lies_in_it) {
    BOOST_TEST(contains("192.0.2.0/24", "192.0.2.255"));
    BOOST_TEST(!contains("192.0.2.0/24", "192.0.3.0"));
    BOOST_TEST(contains("10.0.0.0/9", "10.127.255.255"));
    BOOST_TEST(!contains("10.0.0.0/9", "10.128.0.0"));
    BOOST_TEST(contains("2001:db8::/33", "2001:db8:7fff::1"));
    BOOST_TEST(!contains("2001:db8::/33", "2001:db8:8000::1"));
    BOOST_TEST(contains("0.0.0.0/0", "255.255.255.255"));
    BOOST_TEST(!contains("0.0.0.0/0", "2001:db8::1"));
    BOOST_TEST(!contains("::/0", "192.0.2.1"));
}

BOOST_AUTO_TEST_CASE(an_ipv4_address_is_one_in_every_spelling) {
    for (const char* loopback : {"127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::127.0.0.1",
                                 "64:ff9b::7f00:1", "::127.0.0.1"})
        BOOST_TEST(contains("127.0.0.0/8", loopback), loopback);
    BOOST_TEST(!contains("0.0.0.0/8", "::1"));
    BOOST_TEST(contains("::1/128", "::1"));
    BOOST_TEST(contains("::/128", "::"));
}

BOOST_AUTO_TEST_CASE(what_the_public_internet_reaches) {
    for (const char* address :
         {"1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "172.32.0.1", "100.128.0.1"})
        BOOST_TEST(reachable(address), address);
    for (const char* address :
         {"0.0.0.0",         "10.1.2.3",    "100.64.0.1",    "127.0.0.1",       "169.254.169.254",
          "172.31.255.255",  "192.168.0.1", "192.0.2.1",     "198.19.0.1",      "224.0.0.1",
          "255.255.255.255", "::",          "::1",           "fe80::1",         "fd00:ec2::254",
          "ff02::1",         "2001:db8::1", "2002:7f00:1::", "::ffff:10.0.0.1", "64:ff9b::a00:1"})
        BOOST_TEST(!reachable(address), address);
}

BOOST_AUTO_TEST_CASE(lists_are_words) {
    const auto some = parse_networks("networks", "192.0.2.0/24,\n 2001:db8::/32  192.0.2.0/24 ");
    BOOST_TEST(words_of(some) == "192.0.2.0/24 2001:db8::/32");
    BOOST_TEST(parse_networks("networks", "").empty());
    BOOST_CHECK_EXCEPTION(
        parse_networks("networks", "10.0.0.0/8 nowhere"), Invalid, [](const Invalid& error) {
            return error.problems.entries().at("networks").find("'nowhere'") != std::string::npos;
        });
}

BOOST_AUTO_TEST_SUITE_END()
