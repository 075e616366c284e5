// SPDX-License-Identifier: MIT
// New keys for everything that is sealed, while others read and write.
#include "shared/ops/key_rotation.h"

#define BOOST_TEST_DYN_LINK
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <set>
#include <thread>

#include "shared/base/error.h"
#include "shared/store/certificates.h"
#include "tests/support/folder.h"
#include "tests/support/world.h"

using namespace rpm;
using namespace std::chrono_literals;

namespace {

struct Rotation : test::World {
    Rotation() { unsealing.add(keys.private_key); }

    void add_credential(const crypto::SealingKey& key, int n) {
        const std::string fingerprint = "SHA256:" + std::to_string(n);
        const std::string sealed =
            key.seal(Secret("secret " + std::to_string(n)), "credential:" + fingerprint);
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute(
                "INSERT INTO credentials (kind, fingerprint, public_line, sealed, created_at) "
                "VALUES ('ssh_key', ?, '', ?, ?)",
                fingerprint, sealed, clock.now());
        });
    }
    void add_setting(const std::string& name, const std::string& value) {
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("INSERT INTO settings (name, value, updated_at) VALUES (?, ?, ?)", name, value,
                       clock.now());
        });
    }
    std::string credential(int n) {
        const std::string fingerprint = "SHA256:" + std::to_string(n);
        auto row = db.query_once("SELECT sealed FROM credentials WHERE fingerprint = '" + fingerprint + "'");
        row.first();
        return std::string(unsealing.open(row.text("sealed"), "credential:" + fingerprint).reveal());
    }
    std::map<std::string, std::uint64_t> held() {
        std::map<std::string, std::uint64_t> out;
        for (const auto& count : ops::count_sealed(db, Viewer::system())) out[count.key_id] += count.values;
        return out;
    }
    ops::Resealed reseal(const crypto::SealingKey& key, unsigned values = 50) {
        return ops::reseal_all(db, Viewer::system(), unsealing, key, {.values = values});
    }

    crypto::UnsealingKeys unsealing;
    crypto::KeyPair next = crypto::KeyPair::generate();
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(key_rotation, Rotation)

BOOST_AUTO_TEST_CASE(every_sealed_value_gets_the_new_key_and_opens) {
    for (int i = 0; i < 23; ++i) add_credential(keys.sealing, i);
    add_site(alice, "shop.example", TlsMode::self_signed);
    add_setting("mail.password", keys.sealing.seal(Secret("pass"), "setting:mail.password"));
    add_setting("mail.host", "s1 is our host");
    BOOST_TEST(held()[keys.sealing.id()] == 25U);
    unsealing.add(next.private_key);
    const auto done = reseal(next.sealing, 7);
    BOOST_TEST(done.values == 25U);
    BOOST_TEST(done.unreadable.empty());
    BOOST_TEST(held()[next.sealing.id()] == 25U);
    BOOST_TEST(held().size() == 1U);
    for (int i = 0; i < 23; ++i) BOOST_TEST(credential(i) == "secret " + std::to_string(i));
    const auto sealed = store::get_sealed_key(db, CertificateId(number("SELECT id AS n FROM certificates")));
    BOOST_TEST(unsealing.open(sealed.sealed_key, "certificate:" + sealed.fingerprint)
                   .reveal()
                   .starts_with("-----BEGIN"));
    BOOST_TEST(text("SELECT value AS n FROM settings WHERE name = 'mail.host'") == "s1 is our host");
    BOOST_TEST(reseal(next.sealing).values == 0U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_is_named_and_left) {
    add_credential(crypto::KeyPair::generate().sealing, 1);
    add_credential(keys.sealing, 2);
    unsealing.add(next.private_key);
    const auto done = reseal(next.sealing);
    BOOST_TEST(done.values == 1U);
    BOOST_REQUIRE(done.unreadable.size() == 1U);
    BOOST_TEST(done.unreadable[0].starts_with("credentials "));
    BOOST_TEST(credential(2) == "secret 2");
}

// Writers insert with the old key or the new one and replace values while the rotation runs: nothing is lost,
// and what they wrote last stays.
BOOST_AUTO_TEST_CASE(writers_are_not_disturbed) {
    const test::Folder folder;
    keys.save(folder.path() / "sealing.pub", folder.path() / "keys");
    const auto panel = crypto::SealingKey::load(folder.path() / "sealing.pub");
    const auto worker = crypto::UnsealingKeys::load(folder.path() / "keys");
    for (int i = 0; i < 200; ++i) add_credential(keys.sealing, i);
    std::atomic<bool> stop = false;
    std::atomic<int> written = 0, read = 0;
    std::thread writer([&] {
        db::Connection own(test::database_settings());
        for (int n = 1000; !stop || n < 1050; ++n) {
            const std::string fingerprint = "SHA256:" + std::to_string(n);
            const std::string fresh =
                panel.seal(Secret("secret " + std::to_string(n)), "credential:" + fingerprint);
            const std::string other = "SHA256:" + std::to_string(n % 200);
            const std::string again = panel.seal(Secret("changed"), "credential:" + other);
            db::transact(own, [&](db::Transaction& tx) {
                tx.execute(
                    "INSERT INTO credentials (kind, fingerprint, public_line, sealed, created_at) "
                    "VALUES ('ssh_key', ?, '', ?, ?)",
                    fingerprint, fresh, clock.now());
                tx.execute("UPDATE credentials SET sealed = ? WHERE fingerprint = ?", again, other);
            });
            ++written;
        }
    });
    std::thread reader([&] {
        db::Connection own(test::database_settings());
        while (!stop)
            for (auto row = own.query("SELECT fingerprint, sealed FROM credentials ORDER BY RAND() LIMIT 20");
                 row.next(); ++read)
                if (worker.open(row.text("sealed"), "credential:" + row.text("fingerprint")).empty())
                    stop = true;
    });
    while (written < 20) std::this_thread::sleep_for(1ms);
    next.save_private(folder.path() / "keys");
    next.sealing.replace(folder.path() / "sealing.pub");
    const auto done = ops::reseal_all(db, Viewer::system(), worker, next.sealing, {.values = 5});
    BOOST_TEST(done.unreadable.empty());
    stop = true;
    writer.join();
    reader.join();
    BOOST_TEST(read > 0);
    ops::reseal_all(db, Viewer::system(), worker, next.sealing);
    const auto counts = held();
    BOOST_TEST(counts.size() == 1U);
    BOOST_TEST(counts.at(next.sealing.id()) == 200U + static_cast<unsigned>(written));
    unsealing.add(next.private_key);
    std::set<std::string> contents;
    for (int i = 0; i < 200; ++i) contents.insert(credential(i));
    BOOST_TEST(contents.contains("changed"));
    for (int i = 1000; i < 1000 + written; ++i) BOOST_TEST(credential(i) == "secret " + std::to_string(i));
}

BOOST_AUTO_TEST_CASE(only_who_manages_the_settings_may) {
    BOOST_CHECK_THROW(ops::reseal_all(db, alice, unsealing, next.sealing), Forbidden);
    BOOST_CHECK_THROW(ops::note_key_change(db, alice, "keys.rotate", "a", "b", clock.now()), Forbidden);
}

// A new column with sealed values must not be forgotten here: the schema says of each what it holds.
BOOST_AUTO_TEST_CASE(the_list_has_every_sealed_column_of_the_schema) {
    std::set<std::string> described, listed;
    for (auto row =
             db.query_once("SELECT CONCAT(table_name, '.', column_name) AS n FROM information_schema.columns "
                           "WHERE table_schema = DATABASE() AND data_type LIKE '%text' AND "
                           "column_comment REGEXP '[[:<:]]sealed[[:>:]]'");
         row.next();)
        described.insert(row.text("n"));
    for (const auto& column : store::sealed_columns())
        listed.insert(std::string(column.table) + "." + std::string(column.column));
    BOOST_TEST(described == listed, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
