// SPDX-License-Identifier: MIT
// What administrators may write in the words of Caddy and Traefik.
#define BOOST_TEST_DYN_LINK
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "shared/base/text.h"
#include "shared/model/caddy_directives.h"
#include "shared/model/traefik_directives.h"

using namespace rpm;
namespace data = boost::unit_test::data;

namespace {

struct Refused {
    std::string text, problem;
};
std::ostream& operator<<(std::ostream& out, const Refused& each) {
    return out << each.text;
}

const std::string good_for_caddy[] = {
    "[]",
    R"j([{"handler": "headers", "request": {"set": {"X-A": ["{http.request.uri.path}"]}, "delete": ["X-*"]},
        "response": {"deferred": true, "add": {"Vary": ["X-A"]}, "require": {"status_code": [200]}}}])j",
    R"j([{"handler": "subroute", "routes": [{"match": [{"path": ["/a/*"], "not": [{"method": ["GET"]}]}],
        "terminal": true, "handle": [{"handler": "static_response", "status_code": 418, "body": "a\n\"b\""}]}]}])j",
    R"j([{"handler": "rewrite", "uri": "/x?{http.request.uri.query}"}])j",
    R"j([{"handler": "rewrite", "path_regexp": [{"find": "^/a{2}/(.*)$", "replace": "/b/$1"}]}])j",
    R"j([{"handler": "vars", "team": "{http.request.header.X-Team}"}])j",
    R"j([{"handler": "encode", "encodings": {"gzip": {"level": 9}, "zstd": {"level": "best"}}, "prefer": ["gzip"]}])j",
    R"j([{"handler": "request_body", "max_size": 1000}, {"handler": "error", "status_code": 403}])j",
    R"j([{"handler": "subroute", "routes": [{"match": [{"header_regexp": {"X-A": {"name": "a", "pattern": "^(x)$"}},
        "remote_ip": {"ranges": ["10.0.0.0/8"]}, "vars": {"{http.request.host}": ["a"]}}],
        "handle": [{"handler": "headers", "request": {"set": {"X-B": ["{http.regexp.a.1}"]}}}]}]}])j",
};

const Refused bad_for_caddy[] = {
    {"", "is no JSON"},
    {"{}", "must be a list"},
    {"[1]", "0: must be an object"},
    {"[{}]", "0: needs 'handler', a name"},
    {"[{\"handler\": \"file_server\"}]", "0: 'file_server' is not allowed here"},
    {"[{\"handler\": \"templates\"}]", "'templates'"},
    {"[{\"handler\": \"reverse_proxy\", \"upstreams\": [{\"dial\": \"unix/run/admin.sock\"}]}]",
     "'reverse_proxy'"},
    {"[{\"handler\": \"exec\"}]", "'exec'"},
    {"[{\"handler\": \"metrics\"}]", "'metrics'"},
    {"[{\"handler\": \"Headers\"}]", "'Headers'"},
    {"[{\"Handler\": \"file_server\", \"handler\": \"headers\"}]", "0: 'Handler' is not allowed here"},
    {"[{\"handler\": \"headers\", \"handler\": \"file_server\"}]", "duplicate name"},
    {"[{\"handler\": \"headers\", \"@id\": \"site-1\"}]", "'@id' is not allowed here"},
    {"[{\"handler\": \"headers\", \"request\": {\"SET\": {}}}]", "0.request: 'SET' is not allowed here"},
    {"[{\"handler\": \"headers\", \"request\": {\"set\": {\"X A\": [\"a\"]}}}]", "the name 'X A'"},
    {"[{\"handler\": \"headers\", \"request\": {\"set\": {\"{env.HOME}\": [\"a\"]}}}]",
     "the name '{env.HOME}'"},
    {"[{\"handler\": \"headers\", \"request\": {\"set\": {\"X-A\": \"a\"}}}]",
     "0.request.set.X-A: must be a list"},
    {"[{\"handler\": \"headers\", \"request\": {\"set\": {\"X-A\": [\"a\\r\\nX-B: b\"]}}}]",
     "0.request.set.X-A.0: "},
    {"[{\"handler\": \"static_response\", \"body\": \"{env.HOME}\"}]", "placeholder 'env.HOME'"},
    {"[{\"handler\": \"static_response\", \"body\": \"{file./etc/passwd}\"}]",
     "placeholder 'file./etc/passwd'"},
    {"[{\"handler\": \"static_response\", \"body\": \"{system.hostname}\"}]", "placeholder"},
    {"[{\"handler\": \"static_response\", \"body\": \"{http.request.tls.client.subject}\"}]", "placeholder"},
    {"[{\"handler\": \"static_response\", \"body\": \"{http.request.header.{env.HOME}}\"}]", "placeholder"},
    {"[{\"handler\": \"static_response\", \"body\": \"{{env.HOME}}\"}]", "placeholder '{env.HOME'"},
    {"[{\"handler\": \"static_response\", \"body\": \"\\\\{env.HOME}\"}]", "a backslash before a brace"},
    {"[{\"handler\": \"static_response\", \"body\": \"\\u007benv.HOME\\u007d\"}]", "placeholder 'env.HOME'"},
    {"[{\"handler\": \"static_response\", \"body\": \"{http.vars.a\"}]",
     "a brace that is not of a placeholder"},
    {"[{\"handler\": \"static_response\", \"body\": \"a}\"}]", "a brace that is not of a placeholder"},
    {"[{\"handler\": \"static_response\", \"body\": \"\\u0000\"}]", "0.body: "},
    {"[{\"handler\": \"static_response\", \"status_code\": \"{env.X}\"}]", "must be a whole number"},
    {"[{\"handler\": \"rewrite\", \"uri\": \"/{http.request.header.X-A}\"}]", "placeholder in its path"},
    {"[{\"handler\": \"rewrite\", \"uri\": \"http://localhost:2019/\"}]", "must start with '/' or '?'"},
    {"[{\"handler\": \"rewrite\", \"strip_path_prefix\": \"{env.X}\"}]", "brace or backslash"},
    {"[{\"handler\": \"vars\", \"rpmgr_client\": \"1.2.3.4\"}]", "is one that the manager gives"},
    {"[{\"handler\": \"vars\", \"{http.vars.x}\": \"a\"}]", "the name '{http.vars.x}'"},
    {"[{\"handler\": \"vars\", \"http.auth.user.id\": \"a\"}]", "the name 'http.auth.user.id'"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"group\": \"routes\"}]}]",
     "0.routes.0: 'group' is not allowed"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"match\": [{\"expression\": \"true\"}]}]}]",
     "'expression'"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"match\": [{\"file\": {}}]}]}]", "'file' is not allowed"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"match\": [{\"not\": [{\"file\": {}}]}]}]}]",
     "match.0.not.0: 'file'"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"match\": [{\"path_regexp\": {\"name\": \"r\"}}]}]}]",
     "manager gives"},
    {"[{\"handler\": \"subroute\", \"routes\": [{\"handle\": [{\"handler\": \"subroute\", \"errors\": "
     "{}}]}]}]",
     "'errors'"},
    {"[{\"handler\": \"error\", \"status_code\": 200}]", "must be a whole number from 400 to 599"},
};

const std::string good_for_traefik[] = {
    "{}",
    R"j({"team": {"headers": {"customRequestHeaders": {"X-Team": "a", "X-Old": ""}, "frameDeny": true}}})j",
    R"j({"old": {"redirectRegex": {"regex": "^(https?://[^/]+)/old/(.*)", "replacement": "${1}/new/${2}", "permanent": true}}})j",
    R"j({"a": {"rateLimit": {"average": 10, "period": "1m", "sourceCriterion": {"requestHeaderName": "X-A"}}}, "b": {"contentType": {}}})j",
    R"j({"cut": {"circuitBreaker": {"expression": "NetworkErrorRatio() > 0.30 || ResponseCodeRatio(500, 600, 0, 600) > 0.25"}}})j",
};

const Refused bad_for_traefik[] = {
    {"[]", "must be an object"},
    {"a: {headers: {}}", "is no JSON"},
    {R"j({"a": {"plugin": {"x": {}}}})j", "a: 'plugin' is not allowed here"},
    {R"j({"a": {"errors": {"service": "site2-pool"}}})j", "'errors'"},
    {R"j({"a": {"chain": {"middlewares": ["site2-all@file"]}}})j", "'chain'"},
    {R"j({"a": {"forwardAuth": {"address": "http://127.0.0.1:8081/api"}}})j", "'forwardAuth'"},
    {R"j({"a": {"basicAuth": {"usersFile": "/etc/passwd"}}})j", "'basicAuth'"},
    {R"j({"a": {"snippet": {}}})j", "'snippet'"},
    {R"j({"a": {}})j", "a: must have exactly one member"},
    {R"j({"a": {"headers": {}, "compress": {}}})j", "a: must have exactly one member"},
    {R"j({"a": {"Headers": {}}})j", "'Headers'"},
    {R"j({"a": null})j", "a: must be an object"},
    {R"j({"a@file": {"compress": {}}})j", "the name 'a@file'"},
    {R"j({"a.b": {"compress": {}}})j", "the name 'a.b'"},
    {"{\"a\\n  b\": {\"compress\": {}}}", "the name '"},
    {R"j({"{{env \"HOME\"}}": {"compress": {}}})j", "the name '{{env"},
    {R"j({"a": {"headers": {"customRequestHeaders": {"X-A": "{{ env \"HOME\" }}"}}}})j", "'{{'"},
    {R"j({"a": {"headers": {"customRequestHeaders": {"X-A": "\u007b\u007benv"}}}})j", "'{{'"},
    {R"j({"a": {"headers": {"customRequestHeaders": {"X-A": "a\nX-B: b"}}}})j", "control"},
    {R"j({"a": {"headers": {"customRequestHeaders": {"X-A": "a\u2551b"}}}})j", "U+2551"},
    {R"j({"a": {"headers": {"customRequestHeaders": {"{{.}}": "a"}}}})j", "the name '{{.}}'"},
    {R"j({"a": {"replacePathRegex": {"regex": "^/(?P<x>.*)", "replacement": "/$x"}}})j",
     "a.replacePathRegex.regex"},
    {R"j({"a": {"replacePath": {"path": "x"}}})j", "must start with '/'"},
    {R"j({"a": {"rateLimit": {"average": -1}}})j", "must be a whole number"},
    {R"j({"a": {"rateLimit": {"redis": {"endpoints": ["127.0.0.1:6379"]}}}})j", "'redis'"},
    {R"j({"a": {"circuitBreaker": {"expression": "x\"y"}}})j", "a.circuitBreaker.expression"},
};

std::string nested(std::size_t levels) {
    std::string text = "[";
    for (std::size_t i = 0; i < levels; ++i) text += R"({"handler": "subroute", "routes": [{"handle": [)";
    for (std::size_t i = 0; i < levels; ++i) text += "]}]}";
    return text + "]";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(raw_directives)

BOOST_DATA_TEST_CASE(caddy_handlers_that_are_accepted, data::make(good_for_caddy), text) {
    BOOST_TEST(problem_in_caddy_directives(text) == "");
}

BOOST_DATA_TEST_CASE(caddy_handlers_that_are_refused, data::make(bad_for_caddy), each) {
    const std::string problem = problem_in_caddy_directives(each.text);
    BOOST_TEST(problem.find(each.problem) != std::string::npos, "'" + problem + "'");
    BOOST_TEST(!text::has_control(problem));
}

BOOST_DATA_TEST_CASE(traefik_middlewares_that_are_accepted, data::make(good_for_traefik), text) {
    BOOST_TEST(problem_in_traefik_directives(text) == "");
}

BOOST_DATA_TEST_CASE(traefik_middlewares_that_are_refused, data::make(bad_for_traefik), each) {
    const std::string problem = problem_in_traefik_directives(each.text);
    BOOST_TEST(problem.find(each.problem) != std::string::npos, "'" + problem + "'");
    BOOST_TEST(!text::has_control(problem));
}

BOOST_AUTO_TEST_CASE(depth_and_size_have_an_end) {
    BOOST_TEST(problem_in_caddy_directives(nested(5)) == "");
    BOOST_TEST(problem_in_caddy_directives(nested(40)).find("is no JSON") != std::string::npos);
    BOOST_TEST(problem_in_caddy_directives("[" + std::string(17000, ' ') + "]") == "is longer than 16 KiB");
}

BOOST_AUTO_TEST_SUITE_END()
