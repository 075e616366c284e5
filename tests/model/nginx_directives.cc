// SPDX-License-Identifier: MIT
#include "shared/model/nginx_directives.h"

#include "shared/base/text.h"

#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

using rpm::problem_in_nginx_directives;
namespace data = boost::unit_test::data;

namespace {

const std::string accepted[] = {
    "",
    "\n\n# only a comment",
    "gzip off;",
    "add_header X-Frame-Options \"SAMEORIGIN; {}\" always;",
    "location /a { return 200 \"} server {\"; }",
    "location ~ \"^/x{2}$\" { deny all; }",
    "if ($http_cookie ~* \"id=([^;]+)\") { set $id $1; }",
    "set $a \"${host}x\";",
    "set $a ${host}x;",
    "rewrite ^/a\\;b$ /c last;",
    "proxy_pass http://10.0.0.1$request_uri;",
    "location /b { proxy_pass http://10.0.0.1:80/x; }",
    "types { text/html html; }",
    "log_not_found off;",
    "gzip\noff\n;",
};

struct Refused {
    std::string text;
    std::string problem;
};
std::ostream& operator<<(std::ostream& out, const Refused& r) {
    return out << r.text;
}

const Refused refused[] = {
    {"}", "line 1: '}' closes a block that was not opened here"},
    {"gzip off;\n} server { listen 81; ", "line 2: '}' closes"},
    {"gzip off; } location / {", "'}' closes"},
    {"location / { return 200;", "a '{' is not closed"},
    {"gzip off", "'gzip' is not terminated by ';'"},
    {"gzip off;\n\ngzip off }", "line 3: unexpected '}'"},
    {"gzip off # comment ;", "is not terminated"},
    {"gzip off\\;", "is not terminated"},
    {"gzip off\\", "is not terminated"},
    {";", "unexpected ';'"},
    {"{", "unexpected '{'"},
    {"proxy_pass http://u$a;", "without variables"},
    {"proxy_pass $a;", "without variables"},
    {"set $a \"b;", "a \" is not closed"},
    {"set $a 'b\\';", "a ' is not closed"},
    {"set $a \"b\"c;", "unexpected 'c' after a closing quote"},
    {"gzip off;\nlisten 81;", "line 2: 'listen' is not allowed here"},
    {"\"include\" /etc/passwd;", "'include' is not allowed here"},
    // nginx ends an unquoted word at any brace.
    {"location ~ ^/x{2}$ { deny all; }", "'2}$' is not allowed here"},
    {"text/html html;", "'text/html' is not allowed here"},
    {"types { text/html html; } /x y;", "'/x' is not allowed here"},
    {"'inc'lude x;", "after a closing quote"},
    {"INCLUDE x;", "'INCLUDE' is not allowed here"},
    {"location / { root /; }", "'root' is not allowed here"},
    {"location / {\n alias /etc/;\n}", "line 2: 'alias' is not allowed"},
    {"access_log /tmp/x;", "'access_log' is not allowed"},
    {"load_module x.so;", "'load_module' is not allowed"},
    {"content_by_lua_block { x }", "not allowed"},
    {"perl_set $a x;", "not allowed"},
    {"js_content x;", "not allowed"},
    {"ssl_certificate_key /x;", "not allowed"},
    {"proxy_ssl_certificate /x;", "not allowed"},
    {"proxy_ssl_trusted_certificate /x;", "not allowed"},
    {"proxy_store on;", "not allowed"},
    {"proxy_temp_path /x;", "not allowed"},
    {"auth_basic_user_file /etc/passwd;", "not allowed"},
    {"try_files /../x =404;", "not allowed"},
    {"server { }", "'server' is not allowed"},
    {"map $a $b { }", "'map' is not allowed here"},
    {"proxy_pass http://unix:/run/x.sock;", "must not use a unix socket"},
    {"fastcgi_pass unix:/run/php.sock;", "must not use a unix socket"},
    {"proxy_pass http://$a$b/;", "must name its target without variables"},
    {"ssi on;", "'ssi' is not allowed"},
    {"index /etc/passwd;", "not allowed"},
    {"autoindex on;", "not allowed"},
    {"no_such_directive x;", "not allowed"},
    {"limit_req zone=site13_rate0;", "names that the manager gives"},
    {"proxy_set_header X $site13_backend;", "names that the manager gives"},
    {"set $site7_closed 0;", "names that the manager gives"},
    {"set $a \"\x01\";", "line 1: has a control character"},
    {"gzip off;\r", "control character"},
    {"set $a \"\xc0\xaf\";", "not valid UTF-8"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nginx_directives)

BOOST_DATA_TEST_CASE(accepted_text, data::make(accepted), text) {
    BOOST_TEST(problem_in_nginx_directives(text) == "");
}

BOOST_DATA_TEST_CASE(refused_text, data::make(refused), r) {
    const std::string problem = problem_in_nginx_directives(r.text);
    BOOST_TEST(problem.find(r.problem) != std::string::npos, problem);
}

BOOST_AUTO_TEST_CASE(messages_are_one_line_of_text) {
    for (const char* odd : {"if \"\n\" x", "\"two\nlines\" {", "\"a\"\xc3\xa9;", "\"in\nclude\" {}"}) {
        const std::string problem = rpm::problem_in_nginx_directives(odd);
        BOOST_TEST(problem != "");
        BOOST_TEST(rpm::text::is_utf8(problem), problem);
        BOOST_TEST(!rpm::text::has_control(problem), problem);
    }
}

BOOST_AUTO_TEST_SUITE_END()
