// SPDX-License-Identifier: MIT
#include "shared/base/template_set.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>
#include <functional>

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

// One of each kind of what fields hold, to change one at a time.
Fields of_all_kinds(const TemplateSet& set) {
    Fields fields;
    fields.set("A", "1").set("B", "").set_global("G", "g").show("SHOWN");
    fields.set("PART_HTML", set.expand_kept("part.html", Fields().set("A", "p")));
    fields.row("ROW").set("A", "r1");
    fields.row("ROW").set("A", "r2").show("SHOWN");
    fields.include("PART", "part.html").set("A", "i");
    return fields;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_kept_depends_on_every_field) {
    const test::Folder folder;
    folder.write("page.html",
                 "{{%AUTOESCAPE context=\"HTML\"}}{{A}}|{{B}}|{{PART_HTML:x-html}}|{{#SHOWN}}s{{/SHOWN}}|"
                 "{{#ROW}}[{{A}}{{B}}{{#SHOWN}}s{{/SHOWN}}]{{/ROW}}{{#OTHER}}[{{A}}]{{/OTHER}}|{{>PART}}");
    folder.write("part.html", "{{%AUTOESCAPE context=\"HTML\"}}({{A}}{{G}})");
    folder.write("other.html", "{{%AUTOESCAPE context=\"HTML\"}}<{{A}}>");
    const TemplateSet set(folder.path(), {".html"});
    const std::vector<std::function<void(Fields&)>> changes{
        [](Fields&) {},
        [](Fields& f) { f.set("A", "2"); },
        [](Fields& f) { f.set("B", "1"); },
        [](Fields& f) { f.set("A", "").set("B", "1"); },
        [](Fields& f) { f.set_global("G", "h"); },
        [](Fields& f) { f.show("OTHER"); },
        [](Fields& f) { f.row("ROW").set("A", "r3"); },
        [](Fields& f) { f.row("ROW").set("B", "r3"); },
        [](Fields& f) { f.row("ROW").set("A", "r3").show("SHOWN"); },
        [](Fields& f) { f.row("OTHER").set("A", "r3"); },
        [](Fields& f) { f.include("PART", "part.html").set("A", "j"); },
        [](Fields& f) { f.include("PART", "other.html").set("A", "j"); },
        [&](Fields& f) { f.set("PART_HTML", set.expand_kept("part.html", Fields().set("A", "q"))); },
        [&](Fields& f) { f.set("PART_HTML", set.expand_kept("other.html", Fields().set("A", "q"))); },
    };
    // Twice: first all are made, then all are found.
    for (int round = 0; round < 2; ++round)
        for (const auto& change : changes) {
            Fields fields = of_all_kinds(set);
            change(fields);
            BOOST_TEST(set.expand_kept("page.html", fields).text() == set.expand("page.html", fields));
        }
}

BOOST_AUTO_TEST_CASE(html_is_inserted_as_it_is_and_all_else_is_escaped) {
    const test::Folder folder;
    folder.write("page.html", "{{%AUTOESCAPE context=\"HTML\"}}{{ROWS_HTML:x-html}}");
    folder.write("rows.html", "{{%AUTOESCAPE context=\"HTML\"}}<b>{{A}}</b>");
    const TemplateSet set(folder.path(), {".html"});
    Fields page;
    page.set("ROWS_HTML", set.expand_kept("rows.html", Fields().set("A", "<i>")));
    BOOST_TEST(set.expand("page.html", page) == "<b>&lt;i&gt;</b>");
}

BOOST_AUTO_TEST_CASE(more_than_is_kept_is_expanded_all_the_same) {
    const test::Folder folder;
    folder.write("page.html", "{{%AUTOESCAPE context=\"HTML\"}}{{A}}");
    const TemplateSet set(folder.path(), {".html"});
    for (const std::size_t size : {100'000U, 3'000'000U})
        for (char c = 'a'; c <= 'z'; ++c) {
            const std::string text(size, c);
            BOOST_TEST((set.expand_kept("page.html", Fields().set("A", text)).text() == text));
        }
}

BOOST_AUTO_TEST_SUITE_END()
