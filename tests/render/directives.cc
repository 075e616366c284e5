// SPDX-License-Identifier: MIT
#include "shared/render/directives.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "tests/render/support.h"

using namespace rpm;

namespace {

std::string file_of(const std::string& directives) {
    Json json = test::everything("shop.example");
    json["raw"]["nginx"] = directives;
    const auto site = test::with_certificate(test::a_site(12, json));
    const auto bundle = test::rendered(test::a_node(), std::span(&site, 1));
    for (const auto& [path, file] : bundle.files)
        if (path.starts_with("sites/12-")) return *file.content;
    return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(directives)

BOOST_AUTO_TEST_CASE(they_are_hidden_and_the_rest_is_not) {
    const std::string mine = "location /metrics {\n    deny all;\n}\nadd_header X-Secret \"1\"; # last\n\n";
    const std::string file = file_of(mine);
    BOOST_REQUIRE(file.find("X-Secret") != std::string::npos);
    const std::string shown = render::without_directives(file, {"", "location /metrics {", mine});
    BOOST_TEST(shown.find("metrics") == std::string::npos);
    BOOST_TEST(shown.find("X-Secret") == std::string::npos);
    BOOST_TEST(shown.find("(set by the operator)") != std::string::npos);
    BOOST_TEST(shown.ends_with("}\n"));
    // Another text there changes nothing that is shown.
    BOOST_TEST(render::without_directives(file_of("gzip off;"), {"gzip off;"}) == shown);
    const std::string without = file_of("");
    BOOST_TEST(render::without_directives(without, {mine}) == without);
}

BOOST_AUTO_TEST_CASE(unknown_ones_are_hidden_too) {
    const std::string file = file_of("set $x 1;\nset $secret 2;");
    for (const std::vector<std::string>& known :
         {std::vector<std::string>{}, {"gzip off;"}, {"set $x 1;\nset $secret 2;\nset $z 3;"}, {"set $x"}}) {
        const std::string shown = render::without_directives(file, known);
        BOOST_TEST(shown.find("secret") == std::string::npos);
        BOOST_TEST(file.starts_with(shown.substr(0, shown.find("    # (set by the operator)"))));
    }
}

BOOST_AUTO_TEST_SUITE_END()
