// SPDX-License-Identifier: MIT
#include "shared/crypto/signing.h"

#include <sys/stat.h>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/sealing.h"
#include "tests/support/folder.h"

using rpm::crypto::SigningKey;
using rpm::crypto::VerifyingKeys;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(signing)

// RFC 8032 section 7.1, test 2.
BOOST_AUTO_TEST_CASE(signs_as_the_standard_says) {
    const rpm::test::Folder folder;
    const std::string seed =
        *rpm::text::unhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
    const fs::path file = folder.write("audit.key", "rpmgr-sign " + rpm::text::base64(seed) + "\n");
    BOOST_REQUIRE(chmod(file.c_str(), 0600) == 0);
    const SigningKey key = SigningKey::load(file);
    BOOST_TEST(rpm::text::hex(key.raw_public()) ==
               "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    BOOST_TEST(rpm::text::hex(key.sign("\x72")) ==
               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
               "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

BOOST_AUTO_TEST_CASE(only_the_right_key_text_and_signature_verify) {
    const SigningKey key = SigningKey::generate();
    const SigningKey other = SigningKey::generate();
    VerifyingKeys keys;
    keys.add(key.raw_public());
    std::string signature = key.sign("text");
    BOOST_TEST(keys.verify(key.id(), "text", signature));
    BOOST_TEST(!keys.verify(key.id(), "Text", signature));
    BOOST_TEST(!keys.verify(other.id(), "text", other.sign("text")));
    BOOST_TEST(!keys.verify(key.id(), "text", other.sign("text")));
    BOOST_TEST(!keys.verify(key.id(), "text", ""));
    signature[10] = static_cast<char>(signature[10] ^ 1);
    BOOST_TEST(!keys.verify(key.id(), "text", signature));
}

BOOST_AUTO_TEST_CASE(after_a_rotation_old_signatures_still_verify) {
    const rpm::test::Folder folder;
    const fs::path priv = folder.path() / "keys" / "audit.key", publ = folder.path() / "audit.pub";
    const SigningKey first = SigningKey::generate(), second = SigningKey::generate();
    first.save(priv, publ);
    second.save(priv, publ);
    BOOST_TEST(SigningKey::load(priv).id() == second.id());
    const VerifyingKeys keys = VerifyingKeys::load(publ);
    BOOST_TEST(keys.verify(first.id(), "a", first.sign("a")));
    BOOST_TEST(keys.verify(second.id(), "b", second.sign("b")));
    BOOST_CHECK((fs::status(priv).permissions() & fs::perms::mask) == fs::perms(0600));
}

BOOST_AUTO_TEST_CASE(files_of_the_wrong_kind_are_refused) {
    const rpm::test::Folder folder;
    const fs::path priv = folder.path() / "audit.key", publ = folder.path() / "audit.pub";
    SigningKey::generate().save(priv, publ);
    BOOST_CHECK_THROW(VerifyingKeys::load(priv), rpm::Invalid);
    BOOST_CHECK_THROW(VerifyingKeys::load(folder.write("empty", "\n")), rpm::Invalid);
    BOOST_CHECK_THROW(VerifyingKeys::load(folder.path() / "absent"), rpm::Unavailable);
    BOOST_CHECK_THROW(SigningKey::load(folder.path() / "absent"), rpm::Unavailable);
    BOOST_REQUIRE(chmod(priv.c_str(), 0640) == 0);
    BOOST_CHECK_THROW(SigningKey::load(priv), rpm::Invalid);
}

BOOST_AUTO_TEST_CASE(it_lies_beside_the_keys_that_open_secrets) {
    const rpm::test::Folder folder;
    const auto pair = rpm::crypto::KeyPair::generate();
    pair.save(folder.path() / "sealing.pub", folder.path());
    SigningKey::generate().save(folder.path() / "audit.key", folder.path() / "audit.pub");
    BOOST_TEST(rpm::crypto::UnsealingKeys::load(folder.path()).ids().size() == 1U);
    BOOST_CHECK_THROW(rpm::crypto::UnsealingKeys::load(folder.path() / "audit.key"), rpm::Invalid);
}

BOOST_AUTO_TEST_SUITE_END()
