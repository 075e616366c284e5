// SPDX-License-Identifier: MIT
#include "shared/base/template_set.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "shared/base/error.h"
#include "tests/support/folder.h"

using namespace rpm;

BOOST_AUTO_TEST_SUITE(template_set)

BOOST_AUTO_TEST_CASE(values_sections_and_includes_are_expanded) {
    const test::Folder folder;
    folder.write("page.html",
                 "{{%AUTOESCAPE context=\"HTML\"}}<a "
                 "title=\"{{A}}\">{{A}}</a>{{#ROW}}[{{B}}{{A}}]{{/ROW}}{{#NO}}no{{/NO}}"
                 "{{#MAY}}[{{A}}]{{/MAY}}{{>PART}}");
    folder.write("part.html",
                 "{{%AUTOESCAPE "
                 "context=\"HTML\"}}({{A}}{{G}}{{#MAY}}{{#INNER}}{{A}}{{B}}{{/INNER}}{{/"
                 "MAY}}{{#MAY_NOT}}no{{/MAY_NOT}})");
    const TemplateSet set(folder.path(), {".html"});
    Fields fields;
    fields.set("A", "<\"&>").set_global("G", "g");
    fields.row("ROW").set("B", "1");
    fields.row("ROW").set("B", "2");
    fields.show_global("MAY").show_global("MAY_NOT", false);
    fields.include("PART", "part.html").set("A", "2").row("INNER").set("B", "3");
    const std::string a = "&lt;&quot;&amp;&gt;";
    BOOST_TEST(set.expand("page.html", fields) ==
               "<a title=\"" + a + "\">" + a + "</a>[1" + a + "][2" + a + "][" + a + "](2g23)");
}

BOOST_AUTO_TEST_CASE(what_is_missing_or_broken_is_named) {
    const test::Folder folder;
    folder.write("page.html", "x");
    BOOST_CHECK_THROW(TemplateSet(folder.path(), {".html"}).expand("other.html", {}), NotFound);
    folder.write("broken.html", "{{#OPEN}}");
    BOOST_CHECK_EXCEPTION(TemplateSet(folder.path(), {".html"}), Error, [](const Error& error) {
        return std::string(error.what()).find("broken.html") != std::string::npos;
    });
}

namespace {

Fields with_a(std::string value) {
    Fields fields;
    fields.set("A", std::move(value));
    return fields;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_made_of_the_same_is_made_once) {
    const test::Folder folder;
    for (const char* name : {"page.html", "page.htm", "other.html"})
        folder.write(name, std::string("{{%AUTOESCAPE context=\"HTML\"}}") + name + " {{A}}");
    const TemplateSet set(folder.path(), {".html", ".htm"});
    int made = 0;
    const auto page = [&](const char* file, const std::string& made_of) {
        return set
            .expand_kept(file, made_of,
                         [&] {
                             ++made;
                             return with_a(made_of);
                         })
            .text();
    };
    // Twice: first all are made, then all are found.
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(page("page.html", "1") == "page.html 1");
        BOOST_TEST(page("page.html", "2") == "page.html 2");
        BOOST_TEST(page("page.html", "") == "page.html ");
        BOOST_TEST(page("page.htm", "l1") == "page.htm l1");
        BOOST_TEST(page("other.html", "1") == "other.html 1");
        BOOST_TEST(made == 5);
    }
}

BOOST_AUTO_TEST_CASE(html_is_inserted_as_it_is_and_all_else_is_escaped) {
    const test::Folder folder;
    folder.write("page.html", "{{%AUTOESCAPE context=\"HTML\"}}{{ROWS_HTML:x-html}}");
    folder.write("rows.html", "{{%AUTOESCAPE context=\"HTML\"}}<b>{{A}}</b>");
    const TemplateSet set(folder.path(), {".html"});
    Fields page;
    page.set("ROWS_HTML", set.expand_kept("rows.html", "", [] { return with_a("<i>"); }));
    BOOST_TEST(set.expand("page.html", page) == "<b>&lt;i&gt;</b>");
}

BOOST_AUTO_TEST_CASE(more_than_is_kept_is_expanded_all_the_same) {
    const test::Folder folder;
    folder.write("page.html", "{{%AUTOESCAPE context=\"HTML\"}}{{A}}");
    const TemplateSet set(folder.path(), {".html"});
    for (const std::size_t size : {100'000U, 3'000'000U})
        for (char c = 'a'; c <= 'z'; ++c) {
            const std::string text(size, c);
            const auto make = [&text] { return with_a(text); };
            BOOST_TEST((set.expand_kept("page.html", text.substr(0, size / 2), make).text() == text));
        }
}

BOOST_AUTO_TEST_SUITE_END()
