// SPDX-License-Identifier: MIT
#include "shared/base/config.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "tests/support/folder.h"

using namespace rpm;

namespace {

struct Read {
    std::string name = "default";
    unsigned threads = 8;
    bool quiet = false;
    std::chrono::seconds wait{5};
    void from(const std::filesystem::path& file, std::vector<const char*> words = {}) {
        Options options("program", "a test");
        options.add("a.name", name, "a name");
        options.add("a.threads", threads, "a number");
        options.add("a.quiet", quiet, "a flag");
        options.add("a.wait", wait, "a time");
        words.insert(words.begin(), "program");
        BOOST_TEST((options.read(static_cast<int>(words.size()), words.data(), file) == Options::Next::run));
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(config)

BOOST_AUTO_TEST_CASE(the_command_line_wins_over_the_file_and_the_file_over_the_default) {
    const test::Folder folder;
    const auto file = folder.write("conf", "[a]\nname = from the file\nthreads = 2\nquiet = yes\n");
    Read read;
    read.from(file, {"--a.threads=3"});
    BOOST_TEST(read.name == "from the file");
    BOOST_TEST(read.threads == 3U);
    BOOST_TEST(read.quiet);
    BOOST_TEST(read.wait.count() == 5);
    BOOST_CHECK_NO_THROW(Read().from(folder.path() / "absent"));
}

BOOST_AUTO_TEST_CASE(unknown_names_and_bad_values_are_refused) {
    const test::Folder folder;
    for (const char* text : {"[a]\nnmae = x\n", "[a]\nthreads = many\n", "[a]\nthreads = -1\n",
                             "[a]\nquiet = perhaps\n", "[a]\nwait = 1.5\n"})
        BOOST_CHECK_THROW(Read().from(folder.write("conf", text)), Invalid);
    BOOST_CHECK_THROW(Read().from(folder.path() / "absent", {"--a.threads=x"}), Invalid);
}

BOOST_AUTO_TEST_CASE(a_secret_is_the_first_line_of_its_file) {
    const test::Folder folder;
    BOOST_TEST(read_secret(folder.write("secret", "horse\nrest\n")).reveal() == "horse");
    BOOST_CHECK_THROW(read_secret(folder.write("empty", "\n")), Invalid);
    BOOST_CHECK_THROW(read_file(folder.path() / "absent"), Unavailable);
    BOOST_CHECK_THROW(read_file(folder.path()), Unavailable);
    BOOST_CHECK_THROW(read_file("/dev/zero"), Unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
