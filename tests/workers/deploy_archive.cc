// SPDX-License-Identifier: MIT
// The archive is read back by the machine's own tar.
#include "workers/deploy/archive.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "shared/base/config.h"
#include "shared/base/error.h"
#include "tests/support/folder.h"

using rpm::deploy::Archive;
using rpm::test::Folder;

namespace {

void unpack(const Folder& folder, const std::string& bytes) {
    std::ofstream(folder.path() / "a.tar", std::ios::binary) << bytes;
    const std::string command =
        "tar -xf " + (folder.path() / "a.tar").string() + " -C " + folder.path().string();
    BOOST_REQUIRE(std::system(command.c_str()) == 0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deploy_archive)

BOOST_AUTO_TEST_CASE(tar_reads_contents_of_every_length) {
    const Folder folder;
    Archive archive;
    for (const std::size_t length : {0U, 1U, 511U, 512U, 513U, 70000U})
        archive.add("d/" + std::to_string(length), std::string(length, 'x'));
    unpack(folder, archive.finish());
    for (const std::size_t length : {0U, 1U, 511U, 512U, 513U, 70000U})
        BOOST_TEST(rpm::read_file(folder.path() / "d" / std::to_string(length)) == std::string(length, 'x'));
}

BOOST_AUTO_TEST_CASE(long_paths_are_split_and_longer_ones_refused) {
    const Folder folder;
    const std::string path = std::string(120, 'd') + "/" + std::string(90, 'f');
    Archive archive;
    archive.add(path, "content", 0600);
    BOOST_CHECK_THROW(archive.add(std::string(101, 'f'), ""), rpm::Invalid);
    BOOST_CHECK_THROW(archive.add(std::string(160, 'd') + "/f", ""), rpm::Invalid);
    unpack(folder, archive.finish());
    BOOST_TEST(rpm::read_file(folder.path() / path) == "content");
    const auto permissions = std::filesystem::status(folder.path() / path).permissions();
    BOOST_TEST(((permissions & std::filesystem::perms::all) == std::filesystem::perms(0600)));
}

BOOST_AUTO_TEST_CASE(equal_content_gives_equal_bytes) {
    const auto make = [] {
        Archive archive;
        archive.add("a", "1");
        return archive.finish();
    };
    BOOST_TEST(make() == make());
}

BOOST_AUTO_TEST_SUITE_END()
