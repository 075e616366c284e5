// SPDX-License-Identifier: MIT
#include "shared/model/domain_proof.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

using namespace rpm;

namespace {

DomainName name(const char* text) {
    return DomainName::parse(text).value();
}
using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(domain_proofs)

BOOST_AUTO_TEST_CASE(a_record_covers_what_is_below_a_file_one_name) {
    for (const ProofMethod method : {ProofMethod::txt, ProofMethod::admin})
        for (const char* below : {"example.com", "a.example.com", "*.example.com", "*.a.example.com"})
            BOOST_TEST(covers("example.com", method, name(below)), below);
    BOOST_TEST(covers("example.com", ProofMethod::http, name("example.com")));
    for (const char* below : {"a.example.com", "*.example.com"})
        BOOST_TEST(!covers("example.com", ProofMethod::http, name(below)), below);
}

BOOST_AUTO_TEST_CASE(nothing_covers_its_parent_or_its_neighbour) {
    for (const char* other :
         {"example.com", "*.example.com", "b.example.com", "notexample.com", "example.org"})
        BOOST_TEST(!covers("a.example.com", ProofMethod::txt, name(other)), other);
    BOOST_TEST(!covers("com", ProofMethod::admin, name("example.com")));
}

BOOST_AUTO_TEST_CASE(names_around_a_name) {
    BOOST_TEST(covering_names(name("*.a.b.example.com")) ==
                   (Names{"a.b.example.com", "b.example.com", "example.com"}),
               boost::test_tools::per_element());
    BOOST_TEST(covering_names(name("localhost")) == Names{"localhost"}, boost::test_tools::per_element());
    BOOST_TEST(
        wildcards_above(name("a.b.example.com")) == (Names{"*.b.example.com", "*.example.com", "*.com"}),
        boost::test_tools::per_element());
    BOOST_TEST(wildcards_above(name("*.example.com")) == Names{"*.com"}, boost::test_tools::per_element());
    for (const char* text : {"example.com", "*.example.com", "a.b.c.example.com", "*.c.example.com"})
        BOOST_TEST(zone_of(name(text)) == "example.com", text);
    BOOST_TEST(zone_of(name("localhost")) == "localhost");
    for (const char* text : {"*.localhost", "a.localhost"})
        BOOST_TEST(zone_of(name(text)) == "localhost", text);
}

BOOST_AUTO_TEST_CASE(words) {
    BOOST_TEST(proof_record("example.com") == "_rpmgr-challenge.example.com");
    BOOST_TEST(proof_path("abc") == "/.well-known/rpmgr-proof/abc");
    for (const ProofMethod method : {ProofMethod::txt, ProofMethod::http, ProofMethod::admin})
        BOOST_TEST((proof_method(to_word(method)) == method));
    BOOST_TEST(!proof_method("mail"));
}

BOOST_AUTO_TEST_SUITE_END()
