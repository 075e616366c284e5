// SPDX-License-Identifier: MIT
#include "shared/model/caddy_directives.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/http_text.h"
#include "shared/model/network.h"
#include "shared/model/raw_shape.h"

namespace rpm {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kWordSigns = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

bool consists_of(std::string_view text, std::string_view signs) {
    return !text.empty() && text.find_first_not_of(signs) == std::string_view::npos;
}

// ---- Placeholders (modules/caddyhttp/replacer.go) ------------------------------------------------------

constexpr std::string_view kPlaceholders[] = {
    "http.error.status_code",
    "http.error.status_text",
    "http.request.host",
    "http.request.hostport",
    "http.request.method",
    "http.request.orig_method",
    "http.request.orig_uri",
    "http.request.port",
    "http.request.orig_uri.path",
    "http.request.proto",
    "http.request.remote",
    "http.request.orig_uri.query",
    "http.request.remote.host",
    "http.request.scheme",
    "http.request.uri",
    "http.request.uri.path",
    "http.request.uri.query",
    "http.request.uri.path.dir",
    "http.request.uri.path.file",
    "http.request.uuid",
    "time.now.http",
    "time.now.unix",
    "time.now.unix_ms",
    "time.now.year",
};
// What follows is a name.
constexpr std::string_view kFamilies[] = {"http.request.header.", "http.request.cookie.",
                                          "http.request.uri.query.", "http.vars."};

bool is_group(std::string_view name) {
    constexpr std::string_view kPrefix = "http.regexp.";
    if (!name.starts_with(kPrefix)) return false;
    name.remove_prefix(kPrefix.size());
    const auto dot = name.find('.');
    return dot != std::string_view::npos && consists_of(name.substr(0, dot), kWordSigns) &&
           consists_of(name.substr(dot + 1), kDigits);
}
bool is_known(std::string_view name) {
    return std::ranges::find(kPlaceholders, name) != std::end(kPlaceholders) || is_group(name) ||
           std::ranges::any_of(kFamilies, [&](std::string_view family) {
               return name.starts_with(family) && consists_of(name.substr(family.size()), kWordSigns);
           });
}

// Every brace belongs to a placeholder; a backslash before one would take its meaning away (replacer.go).
std::string why_not_braces(std::string_view text) {
    for (std::size_t at = text.find_first_of("{}"); at != std::string_view::npos;
         at = text.find_first_of("{}", at)) {
        if (at > 0 && text[at - 1] == '\\') return "has a backslash before a brace";
        const auto end = text.find('}', at);
        if (text[at] == '}' || end == std::string_view::npos)
            return "has a brace that is not of a placeholder";
        const std::string_view name = text.substr(at + 1, end - at - 1);
        if (!is_known(name)) return "must not use the placeholder '" + text::shown(name, 40) + "'";
        at = end + 1;
    }
    return "";
}

// ---- Texts ---------------------------------------------------------------------------------------------

std::string why_not_line(std::string_view text) {
    if (text::has_control(text)) return "has a control character";
    return why_not_braces(text);
}
std::string why_not_lines(std::string_view text) {
    if (std::string why = why_not_page(text); !why.empty()) return why;
    return why_not_braces(text);
}
std::string why_not_value(std::string_view text) {
    if (std::string why = why_not_header_value(text); !why.empty()) return why;
    return why_not_braces(text);
}
std::string why_not_plain(std::string_view text) {
    if (text::has_control(text)) return "has a control character";
    return text.find_first_of("{}\\") == std::string_view::npos ? "" : "has a brace or backslash";
}
// Before Caddy 2.11, what a placeholder puts behind a '?' of its own would be replaced once more.
std::string why_not_uri(std::string_view text) {
    if (text.substr(0, text.find('?')).find_first_of("{}") != std::string_view::npos)
        return "must not have a placeholder in its path; use path_regexp";
    if (!text.starts_with('/') && !text.starts_with('?')) return "must start with '/' or '?'";
    return why_not_line(text);
}
// Header operations take "*" at the beginning and the end of a name.
std::string why_not_removed(std::string_view text) {
    if (text.starts_with('*')) text.remove_prefix(1);
    if (text.ends_with('*')) text.remove_suffix(1);
    return text.empty() ? "" : why_not_header_name(text);
}
std::string why_not_variable(std::string_view text) {
    if (!consists_of(text, kWordSigns) || text.size() > 64) return "has other signs than A-Z a-z 0-9 _ -";
    // Caddy's own (caddyhttp/server.go): it expects what it put there itself, and panics.
    for (const std::string_view own : {"client_ip", "trusted_proxy", "access_logger_names"})
        if (text == own) return "is one of Caddy's own";
    return text::lower(text).starts_with("rpmgr") ? "is one that the manager gives" : "";
}
std::string why_not_compared(std::string_view text) {
    if (!text.starts_with('{')) return why_not_variable(text);
    return text.find('}') == text.size() - 1 ? why_not_braces(text) : "is no placeholder";
}
std::string why_not_expression_name(std::string_view text) {
    if (!consists_of(text, kWordSigns) || text.size() > 64) return "has other signs than A-Z a-z 0-9 _ -";
    return text == "r" ? "is one that the manager gives" : "";
}
std::string why_not_parameter(std::string_view text) {
    return consists_of(text, kWordSigns) ? "" : "has other signs than A-Z a-z 0-9 _ -";
}
std::string why_not_range(std::string_view text) {
    return IpNetwork::parse(text) ? "" : "is no address or network";
}
template <std::string_view const&... Words>
std::string why_not_one_of(std::string_view text) {
    return ((text == Words) || ...) ? "" : "is not allowed here";
}
constexpr std::string_view kGzip = "gzip", kZstd = "zstd", kHttp = "http", kHttps = "https", kGrpc = "grpc",
                           kFastest = "fastest", kDefault = "default", kBetter = "better", kBest = "best";

// ---- Shapes --------------------------------------------------------------------------------------------

constexpr Shape kFlag;
constexpr Shape kLine = Shape::text(&why_not_line), kPlain = Shape::text(&why_not_plain),
                kValue = Shape::text(&why_not_value), kRegex = Shape::text(&why_not_regex),
                kExpressionName = Shape::text(&why_not_expression_name);
constexpr Shape kLines = Shape::list(kLine), kValues = Shape::list(kValue);
constexpr Shape kStatus = Shape::whole(200, 599), kErrorStatus = Shape::whole(400, 599);
constexpr Shape kStatuses = Shape::list(kStatus);
constexpr Shape kHeaderValues = Shape::map(&why_not_header_name, kValues);

// Handlers and matchers hold each other.
extern const Shape kHandlers, kMatchers;

constexpr Shape::Member kRegexpOf[] = {{"name", &kExpressionName}, {"pattern", &kRegex}};
constexpr Shape kRegexp = Shape::object(kRegexpOf),
                kHeaderRegexps = Shape::map(&why_not_header_name, kRegexp);
constexpr Shape kMethod = Shape::text(&why_not_method), kMethods = Shape::list(kMethod);
constexpr Shape kProtocol = Shape::text(&why_not_one_of<kHttp, kHttps, kGrpc>);
constexpr Shape kParameters = Shape::map(&why_not_parameter, kLines);
constexpr Shape kCompared = Shape::map(&why_not_compared, kLines);
constexpr Shape kRange = Shape::text(&why_not_range), kRanges = Shape::list(kRange);
constexpr Shape::Member kAddressOf[] = {{"ranges", &kRanges}};
constexpr Shape kAddress = Shape::object(kAddressOf);
constexpr Shape::Member kMatcherOf[] = {
    {"client_ip", &kAddress},  {"header", &kHeaderValues}, {"header_regexp", &kHeaderRegexps},
    {"method", &kMethods},     {"not", &kMatchers},        {"path", &kLines},
    {"path_regexp", &kRegexp}, {"protocol", &kProtocol},   {"query", &kParameters},
    {"remote_ip", &kAddress},  {"vars", &kCompared},
};
constexpr Shape kMatcher = Shape::object(kMatcherOf);

constexpr Shape kRemoved = Shape::text(&why_not_removed), kRemovals = Shape::list(kRemoved);
constexpr Shape::Member kReplacementOf[] = {
    {"search", &kLine}, {"search_regexp", &kRegex}, {"replace", &kLine}};
constexpr Shape kReplacement = Shape::object(kReplacementOf), kReplacementList = Shape::list(kReplacement),
                kReplacements = Shape::map(&why_not_header_name, kReplacementList);
constexpr Shape::Member kAnswerOf[] = {{"headers", &kHeaderValues}, {"status_code", &kStatuses}};
constexpr Shape kAnswer = Shape::object(kAnswerOf);
constexpr Shape::Member kRequestOpsOf[] = {
    {"add", &kHeaderValues}, {"delete", &kRemovals}, {"replace", &kReplacements}, {"set", &kHeaderValues}};
constexpr Shape::Member kResponseOpsOf[] = {{"add", &kHeaderValues}, {"deferred", &kFlag},
                                            {"delete", &kRemovals},  {"replace", &kReplacements},
                                            {"require", &kAnswer},   {"set", &kHeaderValues}};
constexpr Shape kRequestOps = Shape::object(kRequestOpsOf), kResponseOps = Shape::object(kResponseOpsOf);
constexpr Shape::Member kHeadersOf[] = {{"request", &kRequestOps}, {"response", &kResponseOps}};

constexpr Shape kGzipLevel = Shape::whole(1, 9),
                kZstdLevel = Shape::text(&why_not_one_of<kFastest, kDefault, kBetter, kBest>);
constexpr Shape::Member kGzipOf[] = {{"level", &kGzipLevel}}, kZstdOf[] = {{"level", &kZstdLevel}};
constexpr Shape kGzipOptions = Shape::object(kGzipOf), kZstdOptions = Shape::object(kZstdOf);
constexpr Shape::Member kEncodingsOf[] = {{"gzip", &kGzipOptions}, {"zstd", &kZstdOptions}};
constexpr Shape kEncodings = Shape::object(kEncodingsOf), kSize = Shape::whole(0, std::int64_t{1} << 40);
constexpr Shape kEncoding = Shape::text(&why_not_one_of<kGzip, kZstd>), kPreferred = Shape::list(kEncoding);
constexpr Shape::Member kEncodeOf[] = {
    {"encodings", &kEncodings}, {"match", &kAnswer}, {"minimum_length", &kSize}, {"prefer", &kPreferred}};

constexpr Shape::Member kErrorOf[] = {{"error", &kLine}, {"status_code", &kErrorStatus}};
constexpr Shape::Member kRequestBodyOf[] = {{"max_size", &kSize}};

constexpr Shape kUri = Shape::text(&why_not_uri), kLimit = Shape::whole(0, 100);
constexpr Shape::Member kSubstringOf[] = {{"find", &kPlain}, {"limit", &kLimit}, {"replace", &kLine}};
constexpr Shape::Member kPathRegexpOf[] = {{"find", &kRegex}, {"replace", &kLine}};
constexpr Shape kSubstring = Shape::object(kSubstringOf), kSubstrings = Shape::list(kSubstring);
constexpr Shape kPathRegexp = Shape::object(kPathRegexpOf), kPathRegexps = Shape::list(kPathRegexp);
constexpr Shape::Member kRewriteOf[] = {{"method", &kMethod},
                                        {"path_regexp", &kPathRegexps},
                                        {"strip_path_prefix", &kPlain},
                                        {"strip_path_suffix", &kPlain},
                                        {"uri", &kUri},
                                        {"uri_substring", &kSubstrings}};

constexpr Shape kBody = Shape::text(&why_not_lines);
constexpr Shape::Member kStaticResponseOf[] = {{"abort", &kFlag},
                                               {"body", &kBody},
                                               {"close", &kFlag},
                                               {"headers", &kHeaderValues},
                                               {"status_code", &kStatus}};

constexpr Shape::Member kRouteOf[] = {{"handle", &kHandlers}, {"match", &kMatchers}, {"terminal", &kFlag}};
constexpr Shape kRoute = Shape::object(kRouteOf), kRoutes = Shape::list(kRoute);
constexpr Shape::Member kSubrouteOf[] = {{"routes", &kRoutes}};

constexpr Shape kEncode = Shape::object(kEncodeOf), kError = Shape::object(kErrorOf),
                kHeaders = Shape::object(kHeadersOf), kRequestBody = Shape::object(kRequestBodyOf),
                kRewrite = Shape::object(kRewriteOf), kStaticResponse = Shape::object(kStaticResponseOf),
                kSubroute = Shape::object(kSubrouteOf), kVars = Shape::map(&why_not_variable, kLine);
constexpr Shape::Member kHandlerOf[] = {
    {"encode", &kEncode},     {"error", &kError},
    {"headers", &kHeaders},   {"request_body", &kRequestBody},
    {"rewrite", &kRewrite},   {"static_response", &kStaticResponse},
    {"subroute", &kSubroute}, {"vars", &kVars},
};
constexpr Shape kHandler = Shape::tagged("handler", kHandlerOf);
const Shape kHandlers = Shape::list(kHandler);
const Shape kMatchers = Shape::list(kMatcher);

}  // namespace

std::string problem_in_caddy_directives(std::string_view text) {
    return problem_in_text(text, kHandlers);
}

}  // namespace rpm
