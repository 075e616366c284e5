// SPDX-License-Identifier: MIT
#include "shared/crypto/vault.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "tests/support/folder.h"

using rpm::Secret;
using rpm::crypto::Vault;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(vault)

BOOST_AUTO_TEST_CASE(what_was_encrypted_opens) {
    const Vault vault = Vault::generate();
    for (const std::string& text : {std::string(), std::string("s3cret"), std::string("\0\xff\n", 3)}) {
        const std::string row = vault.encrypt(Secret(text), "totp:7");
        BOOST_TEST(row.starts_with("v1:" + vault.id() + ":"));
        BOOST_CHECK(vault.decrypt(row, "totp:7").reveal() == text);
    }
    BOOST_TEST(vault.encrypt(Secret("a"), "x") != vault.encrypt(Secret("a"), "x"));
}

BOOST_AUTO_TEST_CASE(another_purpose_or_key_or_byte_does_not_open) {
    const Vault vault = Vault::generate();
    const std::string row = vault.encrypt(Secret("s3cret"), "totp:7");
    BOOST_CHECK_THROW(vault.decrypt(row, "totp:8"), rpm::Error);
    BOOST_CHECK_THROW(Vault::generate().decrypt(row, "totp:7"), rpm::Error);
    for (std::size_t i = 0; i < row.size(); ++i) {
        std::string changed = row;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        BOOST_CHECK_THROW(vault.decrypt(changed, "totp:7"), rpm::Error);
        BOOST_CHECK_THROW(vault.decrypt(row.substr(0, i), "totp:7"), rpm::Error);
    }
}

BOOST_AUTO_TEST_CASE(the_file_is_for_the_panels_only) {
    const rpm::test::Folder folder;
    const fs::path file = folder.path() / "web.key";
    const Vault vault = Vault::generate();
    vault.save(file);
    BOOST_CHECK((fs::status(file).permissions() & fs::perms::mask) == fs::perms(0640));
    BOOST_CHECK(Vault::load(file).decrypt(vault.encrypt(Secret("a"), "p"), "p").reveal() == "a");
    BOOST_CHECK_THROW(vault.save(file), rpm::Conflict);
    fs::permissions(file, fs::perms(0644));
    BOOST_CHECK_THROW(Vault::load(file), rpm::Invalid);
    fs::permissions(file, fs::perms(0660));
    BOOST_CHECK_THROW(Vault::load(file), rpm::Invalid);
    BOOST_CHECK_THROW(Vault::load(folder.path() / "none"), rpm::Unavailable);
}

BOOST_AUTO_TEST_CASE(a_new_first_line_encrypts_and_the_old_still_opens) {
    const rpm::test::Folder folder;
    const Vault before = Vault::generate();
    const Vault after = Vault::generate();
    before.save(folder.path() / "old");
    after.save(folder.path() / "new");
    const fs::path both = folder.path() / "both";
    std::ofstream(both) << rpm::read_file(folder.path() / "new") << rpm::read_file(folder.path() / "old");
    fs::permissions(both, fs::perms(0600));
    const Vault vault = Vault::load(both);
    BOOST_TEST(vault.id() == after.id());
    BOOST_CHECK(vault.decrypt(before.encrypt(Secret("a"), "p"), "p").reveal() == "a");
}

BOOST_AUTO_TEST_CASE(a_file_that_holds_no_key_is_told) {
    const rpm::test::Folder folder;
    for (const char* content : {"", "\n", "rpmgr-vault AAAA\n", "rpmgr-unseal x\n"}) {
        std::ofstream(folder.path() / "f") << content;
        fs::permissions(folder.path() / "f", fs::perms(0600));
        BOOST_CHECK_THROW(Vault::load(folder.path() / "f"), rpm::Invalid);
    }
}

BOOST_AUTO_TEST_SUITE_END()
