// SPDX-License-Identifier: MIT
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/render/support.h"

using namespace rpm;
namespace data = boost::unit_test::data;

namespace {

struct Case {
    std::string output;
    std::string expected;  // "site|file|line|message", or empty for nobody
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.output;
}

const Case cases[] = {
    {"nginx: [emerg] unknown directive \"foo\" in /x/releases/.in.ab/sites/12-shop.example.com.conf:41\n"
     "nginx: configuration file /x/releases/.in.ab/nginx.conf test failed\n",
     "12|sites/12-shop.example.com.conf|41|unknown directive \"foo\""},
    {"nginx: [warn] conflicting server name \"a.b\" on 0.0.0.0:80, ignored\n", ""},
    {"nginx: [warn] conflicting server name \"a.b\" on 0.0.0.0:80, ignored\n"
     "nginx: [emerg] duplicate location \"/\" in /r/sites/7-_wild.example.com.conf:12",
     "7|sites/7-_wild.example.com.conf|12|duplicate location \"/\""},
    {"2026/11/22 20:34:00 [emerg] 77#77: host not found in upstream \"app.internal:80\" in "
     "/r/current/sites/3-a.b.conf:2",
     "3|sites/3-a.b.conf|2|host not found in upstream \"app.internal:80\""},
    {"nginx: [emerg] invalid parameter \"x\" in /r/sites/3-a.b.conf:2\r\n",
     "3|sites/3-a.b.conf|2|invalid parameter \"x\""},
    {"nginx: [emerg] unexpected end of file, expecting \"}\" in /home/sites/9/releases/a/sites/4-a.b.conf:5",
     "4|sites/4-a.b.conf|5|unexpected end of file, expecting \"}\""},
    {"nginx: [emerg] cannot load certificate \"/r/current/certs/0123456789abcdef.crt\": "
     "PEM_read_bio_X509_AUX() failed "
     "(SSL: error:0909006C:PEM routines:get_name:no start line)",
     "0|certs/0123456789abcdef.crt|0|cannot load certificate \"certs/0123456789abcdef.crt\": "
     "PEM_read_bio_X509_AUX() failed "
     "(SSL: error:0909006C:PEM routines:get_name:no start line)"},
    {"nginx: [emerg] unknown directive \"x\" in /r/current/nginx.conf:3",
     "0|nginx.conf|3|unknown directive \"x\""},
    {"nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", ""},
    {"nginx: [emerg] open() \"/r/logs/access.log\" failed (13: Permission denied)",
     "0|access.log|0|open() \"access.log\" failed (13: Permission denied)"},
    {"nginx: [emerg] x in /r/sites/x-a.conf:1", "0|sites/x-a.conf|1|x"},
    {"nginx: [emerg] in /r/sites/1-a.conf:99999999999", ""},
    {"", ""},
    {"[emerg] ", ""},
    {"[emerg] \"/", ""},
    {"sh: nginx: not found", ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(culprit)

BOOST_DATA_TEST_CASE(messages_name_site_file_and_line, data::make(cases), c) {
    const auto found = render::renderer(Engine::nginx).culprit(c.output);
    const std::string text = found ? found->site.text() + "|" + found->file + "|" +
                                         std::to_string(found->line) + "|" + found->message
                                   : "";
    BOOST_TEST(text == c.expected);
}

BOOST_AUTO_TEST_SUITE_END()
