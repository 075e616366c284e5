// SPDX-License-Identifier: MIT
// The tracked seeds and former findings through every target, in the normal build.
#include <filesystem>
#include <set>

#include "shared/base/config.h"
#include "tests/fuzz/fuzz.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace {

const std::filesystem::path kCorpus = "tests/fuzz/corpus";

std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& target : rpm::fuzz::targets()) out.emplace_back(target.name);
    return out;
}

std::set<std::filesystem::path> seeds_of(const std::string& name) {
    std::set<std::filesystem::path> out;
    if (!std::filesystem::is_directory(kCorpus / name)) return out;
    for (const auto& file : std::filesystem::directory_iterator(kCorpus / name)) out.insert(file.path());
    return out;
}

void run(const rpm::fuzz::Target& target, const std::string& input, const std::string& what) {
    try {
        target.run(input);
    } catch (const std::exception& error) {
        BOOST_ERROR(what << ": " << error.what());
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fuzz)

BOOST_DATA_TEST_CASE(seeds_break_no_demand, boost::unit_test::data::make(names()), name) {
    const auto* target = rpm::fuzz::find_target(name);
    const auto seeds = seeds_of(name);
    BOOST_TEST(seeds.size() >= 2U, "corpus/" << name << " has too few seeds");
    for (const auto& seed : seeds) run(*target, rpm::read_file(seed), seed.string());
}

// Not fuzzing, but each seed reaches the parser whole, cut anywhere and with any one byte wrong.
BOOST_DATA_TEST_CASE(damaged_seeds_break_no_demand, boost::unit_test::data::make(names()), name) {
    const auto* target = rpm::fuzz::find_target(name);
    for (const auto& seed : seeds_of(name)) {
        const std::string whole = rpm::read_file(seed);
        const std::size_t step = 1 + whole.size() / 40;
        for (std::size_t at = 0; at < whole.size(); at += step) {
            run(*target, whole.substr(0, at), seed.string() + " cut at " + std::to_string(at));
            std::string damaged = whole;
            damaged[at] = static_cast<char>(damaged[at] ^ 0x15);
            run(*target, damaged, seed.string() + " damaged at " + std::to_string(at));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_corpus_belongs_to_a_target) {
    for (const auto& folder : std::filesystem::directory_iterator(kCorpus))
        BOOST_TEST((rpm::fuzz::find_target(folder.path().filename().string()) != nullptr),
                   folder.path().string() << " is nobody's");
}

BOOST_AUTO_TEST_SUITE_END()
