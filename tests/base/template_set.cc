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

BOOST_AUTO_TEST_SUITE_END()
