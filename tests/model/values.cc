// SPDX-License-Identifier: MIT
#include "shared/model/values.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/model/node.h"

using namespace rpm;
namespace data = boost::unit_test::data;

namespace {

struct Case {
    std::string given;
    std::string expected;  // canonical text, or empty when refused
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << "'" << c.given << "'";
}

template <class T>
std::string canonical(const std::string& given) {
    const auto value = T::parse(given);
    return value ? value->text() : "";
}

const std::string label63(63, 'a');
const std::string long_name = label63 + "." + label63 + "." + label63 + "." + std::string(57, 'b') + ".com";

const Case domains[] = {
    {"shop.example.com", "shop.example.com"},
    {"SHOP.Example.COM.", "shop.example.com"},
    {"*.example.com", "*.example.com"},
    {"xn--bcher-kva.example", "xn--bcher-kva.example"},
    {"1st.example.com", "1st.example.com"},
    {"localhost", "localhost"},
    {label63 + ".com", label63 + ".com"},
    {long_name, long_name},  // 253 characters
    {"", ""},
    {".", ""},
    {"example", ""},
    {"*", ""},
    {"*.com", ""},
    {"a.*.example.com", ""},
    {"*a.example.com", ""},
    {"**.example.com", ""},
    {"a..example.com", ""},
    {".example.com", ""},
    {"example.com..", ""},
    {"-a.example.com", ""},
    {"a-.example.com", ""},
    {"a_b.example.com", ""},
    {label63 + "a.com", ""},
    {"a" + long_name, ""},
    {"192.0.2.1", ""},
    {"1.2.3", ""},
    {"0x7f.1", ""},
    {"example.0x1f", ""},
    {"[::1]", ""},
    {"::1", ""},
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example"},
    {"*.M\xc3\x9cnchen.Example", "*.xn--mnchen-3ya.example"},
    {"stra\xc3\x9f"
     "e.example",
     "xn--strae-oqa.example"},                      // no transition to "ss"
    {"\xef\xbd\x81.example.com", "a.example.com"},  // full-width a (UTS #46 maps it)
    {"e\xe3\x80\x82xample.com", "e.xample.com"},    // ideographic full stop
    {"\xd0\xb0\xd8\xa7.example.com", ""},           // left-to-right and right-to-left (RFC 5893)
    {"a.\xef\xbc\x8a.example.com", ""},             // full-width asterisk
    {"a\xef\xbc\x8f"
     "b.example.com",
     ""},                             // full-width slash
    {"exa\xe2\x80\xaemple.com", ""},  // right-to-left override
    {"example.com\n", ""},
    {"example.com ", ""},
    {std::string("example.com\0", 12), ""},
    {"exa$mple.com", ""},
    {"example.com; listen 81", ""},
    {"a\"b.example.com", ""},
    {"a{b}.example.com", ""},
    {"example.com/", ""},
    {"example.com:80", ""},
};

const Case addresses[] = {
    {"192.0.2.1", "192.0.2.1"},
    {"2001:DB8::0001", "2001:db8::1"},
    {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},     // the first of two equal runs
    {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},           // the longest run
    {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},  // one group is not shortened
    {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
    {"0:0:0:0:0:0:0:0", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"::1:2", "::1:2"},
    {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    {"::FFFF:c000:201", "::ffff:192.0.2.1"},
    {"fe80::1%eth0", ""},
    {"::1/128", ""},
    {"1:2:3:4:5:6:7:8:9", ""},
    {"12345::", ""},
    {"1::2::3", ""},
    {"192.0.2.1.", ""},
    {"192.0.2.01", ""},
    {"192.0.2.256", ""},
    {"192.0.2", ""},
    {"0x7f000001", ""},
    {" 192.0.2.1", ""},
    {std::string("192.0.2.1\0x", 11), ""},
    {"", ""},
};

const Case hosts[] = {
    {"10.0.0.1", "10.0.0.1"},
    {"[2001:DB8::1]", "2001:db8::1"},
    {"2001:db8::1", "2001:db8::1"},
    {"app", "app"},
    {"My_App-1.internal.", "my_app-1.internal"},
    {"localhost", "localhost"},
    {"[10.0.0.1]", ""},
    {"[app]", ""},
    {"256.0.0.1", ""},
    {"127.1", ""},
    {"0x7f000001", ""},
    {"*.example.com", ""},
    {"unix:/run/app.sock", ""},
    {"127.0.0.1; return 418; #", ""},
    {"$host", ""},
    {"a b", ""},
    {"a/b", ""},
    {"a:80", ""},
    {"-a", ""},
    {"", ""},
};

const Case ports[] = {{"1", "1"},
                      {"80", "80"},
                      {"65535", "65535"},
                      {"0", ""},
                      {"65536", ""},
                      {"+80", ""},
                      {"-80", ""},
                      {"0x50", ""},
                      {"080", ""},
                      {"80 ", ""},
                      {"80.0", ""},
                      {"", ""},
                      {"99999999999999999999", ""},
                      {"8e1", ""}};

const Case names[] = {{"edge-1.fra_2", "edge-1.fra_2"},
                      {std::string(64, 'n'), std::string(64, 'n')},
                      {std::string(65, 'n'), ""},
                      {"-edge", ""},
                      {"edge 1", ""},
                      {"../x", ""},
                      {"", ""},
                      {"\xc3\xa9", ""}};

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_DATA_TEST_CASE(domain_names, data::make(domains), c) {
    BOOST_TEST(canonical<DomainName>(c.given) == c.expected);
    BOOST_TEST(DomainName::why_not(c.given).empty() == !c.expected.empty());
}
BOOST_DATA_TEST_CASE(ip_addresses, data::make(addresses), c) {
    BOOST_TEST(canonical<IpAddress>(c.given) == c.expected);
}
BOOST_DATA_TEST_CASE(host_addresses, data::make(hosts), c) {
    BOOST_TEST(canonical<HostAddress>(c.given) == c.expected);
}
BOOST_DATA_TEST_CASE(port_numbers, data::make(ports), c) {
    BOOST_TEST(canonical<Port>(c.given) == c.expected);
}
BOOST_DATA_TEST_CASE(names_of_things, data::make(names), c) {
    BOOST_TEST(canonical<Name>(c.given) == c.expected);
}

BOOST_AUTO_TEST_CASE(international_names_are_shown_as_written) {
    BOOST_TEST(DomainName::parse("*.xn--bcher-kva.example")->shown() ==
               "*.b\xc3\xbc"
               "cher.example");
    BOOST_TEST(DomainName::parse("shop.example.com")->shown() == "shop.example.com");
    BOOST_TEST(DomainName::parse("xn--0.example.com")->shown() == "xn--0.example.com");  // no punycode
}
BOOST_AUTO_TEST_CASE(reasons_say_what_to_do) {
    BOOST_TEST(DomainName::why_not("a..example.com") == "has an empty label");
    BOOST_TEST(DomainName::why_not("\xff.example.com") == "is not UTF-8");
    BOOST_TEST(DomainName::why_not("192.0.2.1").find("IP address") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(addresses_before_a_port_are_bracketed) {
    BOOST_TEST(HostAddress::parse("::1")->bracketed() == "[::1]");
    BOOST_TEST(HostAddress::parse("app")->bracketed() == "app");
    BOOST_TEST(IpAddress::parse("10.0.0.1")->bracketed() == "10.0.0.1");
}

BOOST_AUTO_TEST_CASE(ranges_of_ports_have_one_spelling) {
    const auto text = [](std::string_view given) {
        const auto range = PortRange::parse(given);
        return range ? range->text() + " " + std::to_string(range->count()) : std::string("none");
    };
    BOOST_TEST(text("5432") == "5432 1");
    BOOST_TEST(text("6000-6010") == "6000-6010 11");
    BOOST_TEST(text("6000-6000") == "6000 1");
    BOOST_TEST(text("1-65535") == "1-65535 65535");
    for (const char* bad : {"", "0", "65536", "-", "5-", "-5", "6-5", "1-2-3", "1 - 2", "+5", "0x10", "a"})
        BOOST_TEST(text(bad) == "none", bad);
}

BOOST_AUTO_TEST_CASE(engines_are_known_by_word) {
    BOOST_CHECK(engine("nginx") == Engine::nginx);
    BOOST_CHECK(engine(to_word(Engine::traefik)) == Engine::traefik);
    BOOST_CHECK(!engine("apache"));
}

BOOST_AUTO_TEST_SUITE_END()
