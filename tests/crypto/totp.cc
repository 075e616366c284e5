// SPDX-License-Identifier: MIT
#include "shared/crypto/totp.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/crypto/recovery_code.h"

using namespace rpm;
namespace totp = rpm::crypto::totp;
using std::chrono::seconds;

namespace {

const Secret kSeed("12345678901234567890");  // RFC 6238 appendix B

Time at(std::int64_t unix_seconds) {
    return Time(seconds(unix_seconds));
}
bool takes(std::string_view code, std::int64_t when, std::uint64_t last = 0) {
    return totp::verify(kSeed, code, at(when), last).has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(one_time_passwords)

BOOST_AUTO_TEST_CASE(the_vectors_of_rfc_6238_are_taken) {
    // The appendix has eight digits; six are their end (RFC 4226 section 5.3).
    const std::pair<std::int64_t, const char*> vectors[] = {{59, "287082"},         {1111111109, "081804"},
                                                            {1111111111, "050471"}, {1234567890, "005924"},
                                                            {2000000000, "279037"}, {20000000000, "353130"}};
    for (const auto& [when, code] : vectors) {
        BOOST_TEST(totp::verify(kSeed, code, at(when), 0).value() == static_cast<std::uint64_t>(when / 30));
        BOOST_CHECK(totp::code(kSeed, at(when)).reveal() == code);
    }
}

BOOST_AUTO_TEST_CASE(one_step_to_each_side_is_taken_and_no_more) {
    const std::int64_t when = 1234567890;  // the first second of its step
    for (const std::int64_t off : {-30, 0, 29, 30, 59}) BOOST_TEST(takes("005924", when + off), off);
    for (const std::int64_t off : {-60, -31, 60, 90}) BOOST_TEST(!takes("005924", when + off), off);
}

BOOST_AUTO_TEST_CASE(a_step_that_was_used_is_refused) {
    const std::int64_t when = 1234567890;
    const std::uint64_t step = 1234567890 / 30;
    BOOST_TEST(takes("005924", when, step - 1));
    BOOST_TEST(!takes("005924", when, step));
    BOOST_TEST(!takes("005924", when, step + 1));
}

BOOST_AUTO_TEST_CASE(only_six_digits_are_a_code) {
    BOOST_TEST(takes("287 082", 59));
    for (const char* bad : {"", "28708", "2870820", "94287082", "28708a", "-87082", "287082\n"})
        BOOST_TEST(!takes(bad, 59), bad);
}

BOOST_AUTO_TEST_CASE(the_address_for_applications_is_escaped) {
    BOOST_CHECK(totp::uri(kSeed, "Proxy Manager", "a&b@x").reveal() ==
                "otpauth://totp/Proxy%20Manager:a%26b%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                "&issuer=Proxy%20Manager&algorithm=SHA1&digits=6&period=30");
    BOOST_CHECK(totp::shown(kSeed).reveal() == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    BOOST_TEST(totp::new_seed().size() == 20U);
}

BOOST_AUTO_TEST_CASE(recovery_codes_have_80_bits_and_are_read_as_people_type) {
    const auto codes = crypto::new_recovery_codes();
    BOOST_TEST(codes.size() == 10U);
    BOOST_TEST(codes[0].size() == 19U);
    BOOST_CHECK(codes[0].reveal() != codes[1].reveal());
    const std::string hash = crypto::recovery_code_hash(7, "ABOI-BCDE-FGHI-JKLM");
    BOOST_CHECK(crypto::recovery_code_hash(7, " ab01 8cde fghijklm") == hash);
    BOOST_CHECK(crypto::recovery_code_hash(8, "ABOI-BCDE-FGHI-JKLM") != hash);
    BOOST_CHECK(crypto::recovery_code_hash(7, "ABOI-BCDE-FGHI-JKLN") != hash);
}

BOOST_AUTO_TEST_SUITE_END()
