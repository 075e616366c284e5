// SPDX-License-Identifier: MIT
#include "shared/crypto/sealing.h"

#include <sys/stat.h>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "tests/support/folder.h"

using rpm::Secret;
using rpm::crypto::KeyPair;
using rpm::crypto::SealingKey;
using rpm::crypto::UnsealingKeys;
namespace fs = std::filesystem;

namespace {

struct Pair {
    KeyPair pair = KeyPair::generate();
    UnsealingKeys keys;
    Pair() { keys.add(pair.private_key); }
};

unsigned mode_of(const fs::path& file) {
    return static_cast<unsigned>(fs::status(file).permissions() & fs::perms::mask);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sealing, Pair)

BOOST_AUTO_TEST_CASE(what_was_sealed_opens) {
    for (const std::string& text :
         {std::string(), std::string("s3cret"), std::string("\0\xff\n", 3), std::string(100'000, 'x')}) {
        const std::string sealed = pair.sealing.seal(Secret(text), "credential:7");
        BOOST_TEST(sealed.starts_with("s1:" + pair.sealing.id() + ":"));
        BOOST_CHECK(keys.open(sealed, "credential:7").reveal() == text);
    }
}

BOOST_AUTO_TEST_CASE(sealing_twice_gives_two_texts) {
    BOOST_TEST(pair.sealing.seal(Secret("a"), "x") != pair.sealing.seal(Secret("a"), "x"));
}

BOOST_AUTO_TEST_CASE(another_purpose_does_not_open) {
    const std::string sealed = pair.sealing.seal(Secret("s3cret"), "credential:7");
    BOOST_CHECK_THROW(keys.open(sealed, "credential:8"), rpm::Error);
    BOOST_CHECK_THROW(keys.open(sealed, ""), rpm::Error);
}

BOOST_AUTO_TEST_CASE(a_changed_byte_anywhere_does_not_open) {
    const std::string sealed = pair.sealing.seal(Secret("s3cret"), "p");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        BOOST_CHECK_THROW(keys.open(changed, "p"), rpm::Error);
        BOOST_CHECK_THROW(keys.open(sealed.substr(0, i), "p"), rpm::Error);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_key_does_not_open_and_says_no_more) {
    const std::string foreign = KeyPair::generate().sealing.seal(Secret("s3cret"), "p");
    BOOST_CHECK_EXCEPTION(keys.open(foreign, "p"), rpm::Error, [](const rpm::Error& error) {
        return std::string(error.what()) == "sealed value does not open";
    });
}

BOOST_AUTO_TEST_CASE(old_values_open_after_a_rotation) {
    const std::string old_value = pair.sealing.seal(Secret("old"), "p");
    const KeyPair next = KeyPair::generate();
    keys.add(next.private_key);
    BOOST_TEST(keys.open(old_value, "p").reveal() == "old");
    BOOST_TEST(keys.open(next.sealing.seal(Secret("new"), "p"), "p").reveal() == "new");
}

BOOST_AUTO_TEST_CASE(saved_keys_load_again) {
    const rpm::test::Folder folder;
    const fs::path publ = folder.path() / "sealing.pub";
    pair.save(publ, folder.path());
    const fs::path priv = folder.path() / (pair.sealing.id() + ".key");
    BOOST_TEST(mode_of(publ) == 0644U);
    BOOST_TEST(mode_of(priv) == 0600U);
    const std::string sealed = SealingKey::load(publ).seal(Secret("s3cret"), "p");
    BOOST_TEST(UnsealingKeys::load(priv).open(sealed, "p").reveal() == "s3cret");
    BOOST_TEST(UnsealingKeys::load(folder.path()).open(sealed, "p").reveal() == "s3cret");
}

BOOST_AUTO_TEST_CASE(a_missing_folder_is_made_for_its_owner_only) {
    const rpm::test::Folder folder;
    const fs::path made = folder.path() / "keys";
    pair.save(folder.path() / "sealing.pub", made);
    BOOST_TEST(mode_of(made) == 0700U);
    BOOST_CHECK_NO_THROW(UnsealingKeys::load(made));
    const KeyPair next = KeyPair::generate();
    fs::create_directory(folder.path() / "open");
    BOOST_REQUIRE(chmod((folder.path() / "open").c_str(), 0755) == 0);
    next.save(folder.path() / "next.pub", folder.path() / "open");
    BOOST_TEST(mode_of(folder.path() / "open") == 0755U);
}

BOOST_AUTO_TEST_CASE(a_folder_may_hold_several_keys) {
    const rpm::test::Folder folder;
    const KeyPair next = KeyPair::generate();
    pair.save(folder.path() / "old.pub", folder.path());
    next.save(folder.path() / "sealing.pub", folder.path());
    const UnsealingKeys loaded = UnsealingKeys::load(folder.path());
    BOOST_TEST(loaded.open(pair.sealing.seal(Secret("a"), "p"), "p").reveal() == "a");
    BOOST_TEST(loaded.open(next.sealing.seal(Secret("b"), "p"), "p").reveal() == "b");
}

BOOST_AUTO_TEST_CASE(keys_are_never_overwritten) {
    const rpm::test::Folder folder;
    pair.save(folder.path() / "sealing.pub", folder.path());
    const KeyPair next = KeyPair::generate();
    BOOST_CHECK_THROW(next.save(folder.path() / "sealing.pub", folder.path()), rpm::Conflict);
    BOOST_CHECK(!fs::exists(folder.path() / (next.sealing.id() + ".key")));
    BOOST_CHECK_THROW(pair.save(folder.path() / "other.pub", folder.path()), rpm::Conflict);
}

BOOST_AUTO_TEST_CASE(a_private_key_that_others_may_read_is_refused) {
    const rpm::test::Folder folder;
    pair.save(folder.path() / "sealing.pub", folder.path());
    const fs::path priv = folder.path() / (pair.sealing.id() + ".key");
    for (const mode_t mode : {0640U, 0604U, 0620U}) {
        BOOST_REQUIRE(chmod(priv.c_str(), mode) == 0);
        BOOST_CHECK_THROW(UnsealingKeys::load(priv), rpm::Invalid);
        BOOST_CHECK_THROW(UnsealingKeys::load(folder.path()), rpm::Invalid);
    }
    BOOST_REQUIRE(chmod(priv.c_str(), 0400) == 0);
    BOOST_CHECK_NO_THROW(UnsealingKeys::load(priv));
}

BOOST_AUTO_TEST_CASE(files_of_the_wrong_kind_are_refused) {
    const rpm::test::Folder folder;
    const fs::path publ = folder.path() / "sealing.pub";
    pair.save(publ, folder.path());
    const fs::path priv = folder.path() / (pair.sealing.id() + ".key");
    BOOST_CHECK_THROW(SealingKey::load(priv), rpm::Invalid);
    BOOST_REQUIRE(chmod(publ.c_str(), 0600) == 0);
    BOOST_CHECK_THROW(UnsealingKeys::load(publ), rpm::Invalid);
    std::ofstream(folder.path() / "short.pub") << "rpmgr-seal " << rpm::text::base64("short") << "\n";
    BOOST_CHECK_THROW(SealingKey::load(folder.path() / "short.pub"), rpm::Invalid);
    BOOST_CHECK_THROW(SealingKey::load(folder.path() / "absent"), rpm::Unavailable);
    BOOST_CHECK_THROW(UnsealingKeys::load(folder.path() / "absent"), rpm::Unavailable);
    const rpm::test::Folder empty;
    BOOST_CHECK_THROW(UnsealingKeys::load(empty.path()), rpm::Invalid);
}

// ---- Rotation -------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_running_program_seals_with_the_new_key) {
    const rpm::test::Folder folder;
    const fs::path publ = folder.path() / "sealing.pub";
    pair.save(publ, folder.path());
    const SealingKey running = SealingKey::load(publ);
    const SealingKey copy = running;
    const KeyPair next = KeyPair::generate();
    next.sealing.replace(publ);
    BOOST_TEST(running.seal(Secret("a"), "p").starts_with("s1:" + next.sealing.id() + ":"));
    BOOST_TEST(copy.id() == next.sealing.id());
    BOOST_TEST(mode_of(publ) == 0644U);
}

BOOST_AUTO_TEST_CASE(a_file_that_became_wrong_changes_nothing) {
    const rpm::test::Folder folder;
    const fs::path publ = folder.path() / "sealing.pub";
    pair.save(publ, folder.path());
    const SealingKey running = SealingKey::load(publ);
    folder.write("sealing.pub", "nonsense\n");
    BOOST_TEST(running.id() == pair.sealing.id());
    fs::remove(publ);
    BOOST_TEST(running.id() == pair.sealing.id());
    const KeyPair next = KeyPair::generate();
    next.sealing.replace(publ);
    BOOST_TEST(running.id() == next.sealing.id());
}

BOOST_AUTO_TEST_CASE(a_running_worker_finds_a_new_private_key) {
    const rpm::test::Folder folder;
    pair.save(folder.path() / "sealing.pub", folder.path());
    const UnsealingKeys running = UnsealingKeys::load(folder.path());
    const KeyPair next = KeyPair::generate();
    const std::string sealed = next.sealing.seal(Secret("s3cret"), "p");
    BOOST_CHECK_THROW(running.open(sealed, "p"), rpm::Error);
    next.save_private(folder.path());
    BOOST_TEST(running.open(sealed, "p").reveal() == "s3cret");
}

BOOST_AUTO_TEST_CASE(sealed_again_it_keeps_secret_and_purpose) {
    const KeyPair next = KeyPair::generate();
    const std::string old_value = pair.sealing.seal(Secret("s3cret"), "credential:7");
    const std::string new_value = keys.reseal(old_value, next.sealing);
    BOOST_TEST(*rpm::crypto::sealed_key_id(new_value) == next.sealing.id());
    BOOST_CHECK_THROW(keys.open(new_value, "credential:7"), rpm::Error);
    keys.add(next.private_key);
    BOOST_TEST(keys.open(new_value, "credential:7").reveal() == "s3cret");
    BOOST_CHECK_THROW(keys.open(new_value, "credential:8"), rpm::Error);
}

BOOST_AUTO_TEST_CASE(what_is_no_sealed_value_has_no_key) {
    for (const char* text : {"", "s1:", "s1:01234567", "s2:01234567:AAAA", "plain text that is long"})
        BOOST_CHECK(!rpm::crypto::sealed_key_id(text));
}

BOOST_AUTO_TEST_SUITE_END()
