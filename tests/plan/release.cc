// SPDX-License-Identifier: MIT
#include "shared/plan/release.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"

using namespace rpm;
using namespace rpm::plan;

namespace {

BundleFile file(std::string content) {
    return {std::make_shared<const std::string>(std::move(content)), {}, {}};
}

Bundle a_bundle() {
    Bundle bundle;
    bundle.files["nginx.conf"] = file("http {}\n");
    bundle.files["sites/1-a.example.com.conf"] = file("server {}\n");
    bundle.files["certs/0123456789abcdef.key"] = {nullptr, CertificateId(5), {}};
    return bundle;
}

std::string shown(const Plan& plan) {
    std::string out;
    for (const Change& change : plan.changes)
        out += std::string(change.kind == ChangeKind::added     ? "+"
                           : change.kind == ChangeKind::changed ? "~"
                                                                : "-") +
               change.path + " ";
    return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(release)

BOOST_AUTO_TEST_CASE(sha256_is_that_of_the_standard) {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-4
    BOOST_TEST(crypto::sha256_hex("abc") == abc);
    BOOST_TEST(text::hex(crypto::Sha256().update("a").update("bc").finish()) == abc);
    BOOST_TEST(text::hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")) ==  // RFC 4231, case 2
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    BOOST_TEST(crypto::hmac_sha256("", "").size() == 32U);
    BOOST_TEST(crypto::random_bytes(300).size() == 300U);
    BOOST_CHECK(crypto::random_bytes(16) != crypto::random_bytes(16));
    BOOST_CHECK(crypto::equal("ab", "ab") && !crypto::equal("ab", "ac") && !crypto::equal("ab", "a"));
}

BOOST_AUTO_TEST_CASE(manifests_survive_their_text) {
    const Manifest manifest = seal(a_bundle()).manifest;
    BOOST_CHECK(parse_manifest(to_text(manifest)) == manifest);
    BOOST_TEST(to_text(manifest).starts_with("key  certs/0123456789abcdef.key\n"));
}

BOOST_AUTO_TEST_CASE(broken_manifests_name_the_line) {
    const std::string good(64, 'a');
    for (const std::string& line :
         {good + " x", good + "  ../x", good + "  /x", good + "  a//b", good + "  a b", good + "  ",
          std::string("abc  x"), std::string("x"), std::string(64, 'G') + "  x", good + "  ok"})
        BOOST_CHECK_EXCEPTION(parse_manifest(good + "  ok\n" + line + "\n"), Invalid,
                              [](const Invalid& error) {
                                  return error.problems.entries().at("manifest").starts_with("line 2: ");
                              });
}

BOOST_AUTO_TEST_CASE(the_id_depends_on_content_only) {
    const Release first = seal(a_bundle());
    BOOST_TEST(first.id.size() == 32U);
    Bundle other_order;
    const Bundle same = a_bundle();
    for (auto it = same.files.rbegin(); it != same.files.rend(); ++it) other_order.files.insert(*it);
    BOOST_TEST(seal(other_order).id == first.id);

    Bundle one_byte = a_bundle();
    one_byte.files["nginx.conf"] = file("http {}\n ");
    BOOST_TEST(seal(one_byte).id != first.id);
    Bundle other_name = a_bundle();
    other_name.files["x.conf"] = file("");
    BOOST_TEST(seal(other_name).id != first.id);
}

BOOST_AUTO_TEST_CASE(the_id_does_not_depend_on_private_keys) {
    Bundle other_key = a_bundle();
    other_key.files["certs/0123456789abcdef.key"] = {nullptr, CertificateId(6), {}};
    BOOST_TEST(seal(other_key).id == seal(a_bundle()).id);
}

BOOST_AUTO_TEST_CASE(plans_name_what_differs) {
    const Manifest current = {{"a", "1"}, {"b", "1"}, {"d", "1"}, {"f", "1"}};
    const Manifest next = {{"b", "2"}, {"c", "1"}, {"d", "1"}, {"e", "1"}};
    BOOST_TEST(shown(compare(next, current)) == "-a ~b +c +e -f ");
    BOOST_TEST(compare(current, current).empty());
    BOOST_TEST(shown(compare(current, {})) == "+a +b +d +f ");
    BOOST_TEST(shown(compare({}, current)) == "-a -b -d -f ");
}

BOOST_AUTO_TEST_SUITE_END()
