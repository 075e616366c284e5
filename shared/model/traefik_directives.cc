// SPDX-License-Identifier: MIT
#include "shared/model/traefik_directives.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/model/double_line.h"
#include "shared/model/http_text.h"
#include "shared/model/network.h"
#include "shared/model/raw_shape.h"

namespace rpm {
namespace {

// ---- Texts ---------------------------------------------------------------------------------------------

std::string why_not_line(std::string_view text) {
    if (text::has_control(text)) return "has a control character";
    if (text.find("{{") != std::string_view::npos) return "has '{{', which Traefik takes for a template";
    return has_double_line(text) ? "has U+2551, which Traefik cannot read" : "";
}
std::string why_not_value(std::string_view text) {
    if (std::string why = why_not_line(text); !why.empty()) return why;
    return text.empty() ? "" : why_not_header_value(text);  // empty: the header is taken away
}
std::string why_not_expression(std::string_view text) {
    if (std::string why = why_not_line(text); !why.empty()) return why;
    return why_not_regex(text);
}
std::string why_not_url_path(std::string_view text) {
    if (!text.starts_with('/')) return "must start with '/'";
    return why_not_line(text);
}
// With what a path or URL is replaced; names of groups are numbers, because expressions here name none.
std::string why_not_replacement(std::string_view text) {
    if (text.find_first_of(" \"\\<>^`|") != std::string_view::npos)
        return "has a character that a URL must encode";
    return why_not_line(text);
}
std::string why_not_name(std::string_view text) {
    constexpr std::string_view kSigns = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const bool good =
        !text.empty() && text.size() <= 40 && text.find_first_not_of(kSigns) == std::string::npos;
    return good ? "" : "has other signs than a-z 0-9 -, or more than 40";
}
std::string why_not_range(std::string_view text) {
    return IpNetwork::parse(text) ? "" : "is no address or network";
}
std::string why_not_duration(std::string_view text) {
    for (const std::string_view unit : {"ms", "s", "m", "h"})
        if (text.ends_with(unit)) {
            const std::string_view digits = text.substr(0, text.size() - unit.size());
            if (!digits.empty() && digits.size() < 7 &&
                digits.find_first_not_of("0123456789") == std::string_view::npos)
                return "";
        }
    return "is no time, such as 10s";
}
std::string why_not_scheme(std::string_view text) {
    return text == "http" || text == "https" ? "" : "must be http or https";
}
std::string why_not_port(std::string_view text) {
    return Port::parse(text) ? "" : "is no port";
}
std::string why_not_encoding(std::string_view text) {
    return text == "gzip" || text == "br" || text == "zstd" ? "" : "must be gzip, br or zstd";
}
// Words of a condition such as "NetworkErrorRatio() > 0.30".
std::string why_not_condition(std::string_view text) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view(" ()<>=!&|.,").find(c) != std::string_view::npos;
    };
    return !text.empty() && std::ranges::all_of(text, good) ? "" : "has a sign that no condition has";
}

// ---- Shapes --------------------------------------------------------------------------------------------

constexpr Shape kFlag;
constexpr Shape kLine = Shape::text(&why_not_line), kValue = Shape::text(&why_not_value),
                kRegex = Shape::text(&why_not_expression), kPath = Shape::text(&why_not_url_path),
                kReplacement = Shape::text(&why_not_replacement), kDuration = Shape::text(&why_not_duration),
                kHeader = Shape::text(&why_not_header_name), kMethod = Shape::text(&why_not_method),
                kRange = Shape::text(&why_not_range), kEncoding = Shape::text(&why_not_encoding),
                kScheme = Shape::text(&why_not_scheme), kPort = Shape::text(&why_not_port),
                kCondition = Shape::text(&why_not_condition);
constexpr Shape kLines = Shape::list(kLine), kRegexes = Shape::list(kRegex), kPaths = Shape::list(kPath),
                kHeaders = Shape::list(kHeader), kMethods = Shape::list(kMethod),
                kRanges = Shape::list(kRange), kEncodings = Shape::list(kEncoding);
constexpr Shape kHeaderValues = Shape::map(&why_not_header_name, kValue);
constexpr Shape kCount = Shape::whole(0, 1'000'000), kBytes = Shape::whole(-1, std::int64_t{1} << 40),
                kDepth = Shape::whole(0, 20), kSeconds = Shape::whole(0, 315'360'000),
                kStatus = Shape::whole(400, 599);

constexpr Shape::Member kStrategyOf[] = {{"depth", &kDepth}, {"excludedIPs", &kRanges}};
constexpr Shape kStrategy = Shape::object(kStrategyOf);
constexpr Shape::Member kCriterionOf[] = {
    {"ipStrategy", &kStrategy}, {"requestHeaderName", &kHeader}, {"requestHost", &kFlag}};
constexpr Shape kCriterion = Shape::object(kCriterionOf);

constexpr Shape::Member kAddPrefixOf[] = {{"prefix", &kPath}};
constexpr Shape::Member kBufferingOf[] = {{"maxRequestBodyBytes", &kBytes},
                                          {"maxResponseBodyBytes", &kBytes},
                                          {"memRequestBodyBytes", &kBytes},
                                          {"memResponseBodyBytes", &kBytes}};
constexpr Shape::Member kCircuitBreakerOf[] = {{"checkPeriod", &kDuration},
                                               {"expression", &kCondition},
                                               {"fallbackDuration", &kDuration},
                                               {"recoveryDuration", &kDuration},
                                               {"responseCode", &kStatus}};
constexpr Shape::Member kCompressOf[] = {{"defaultEncoding", &kEncoding},
                                         {"encodings", &kEncodings},
                                         {"excludedContentTypes", &kLines},
                                         {"includedContentTypes", &kLines},
                                         {"minResponseBodyBytes", &kCount}};
constexpr Shape::Member kGrpcWebOf[] = {{"allowOrigins", &kLines}};
constexpr Shape::Member kHeadersOf[] = {
    {"accessControlAllowCredentials", &kFlag},
    {"accessControlAllowHeaders", &kHeaders},
    {"accessControlAllowMethods", &kMethods},
    {"accessControlAllowOriginList", &kLines},
    {"accessControlAllowOriginListRegex", &kRegexes},
    {"accessControlExposeHeaders", &kHeaders},
    {"accessControlMaxAge", &kSeconds},
    {"addVaryHeader", &kFlag},
    {"browserXssFilter", &kFlag},
    {"contentSecurityPolicy", &kValue},
    {"contentSecurityPolicyReportOnly", &kValue},
    {"contentTypeNosniff", &kFlag},
    {"customBrowserXSSValue", &kValue},
    {"customFrameOptionsValue", &kValue},
    {"customRequestHeaders", &kHeaderValues},
    {"customResponseHeaders", &kHeaderValues},
    {"forceSTSHeader", &kFlag},
    {"frameDeny", &kFlag},
    {"permissionsPolicy", &kValue},
    {"referrerPolicy", &kValue},
    {"stsIncludeSubdomains", &kFlag},
    {"stsPreload", &kFlag},
    {"stsSeconds", &kSeconds},
};
constexpr Shape::Member kInFlightReqOf[] = {{"amount", &kCount}, {"sourceCriterion", &kCriterion}};
constexpr Shape::Member kIpAllowListOf[] = {
    {"ipStrategy", &kStrategy}, {"rejectStatusCode", &kStatus}, {"sourceRange", &kRanges}};
constexpr Shape::Member kRateLimitOf[] = {
    {"average", &kCount}, {"burst", &kCount}, {"period", &kDuration}, {"sourceCriterion", &kCriterion}};
constexpr Shape::Member kRedirectRegexOf[] = {
    {"permanent", &kFlag}, {"regex", &kRegex}, {"replacement", &kReplacement}};
constexpr Shape::Member kRedirectSchemeOf[] = {{"permanent", &kFlag}, {"port", &kPort}, {"scheme", &kScheme}};
constexpr Shape::Member kReplacePathOf[] = {{"path", &kPath}};
constexpr Shape::Member kReplacePathRegexOf[] = {{"regex", &kRegex}, {"replacement", &kReplacement}};
constexpr Shape::Member kRetryOf[] = {{"attempts", &kDepth}, {"initialInterval", &kDuration}};
constexpr Shape::Member kStripPrefixOf[] = {{"prefixes", &kPaths}};
constexpr Shape::Member kStripPrefixRegexOf[] = {{"regex", &kRegexes}};

constexpr Shape kAddPrefix = Shape::object(kAddPrefixOf), kBuffering = Shape::object(kBufferingOf),
                kCircuitBreaker = Shape::object(kCircuitBreakerOf), kCompress = Shape::object(kCompressOf),
                kContentType = Shape::object({}), kGrpcWeb = Shape::object(kGrpcWebOf),
                kHeaderChanges = Shape::object(kHeadersOf), kInFlightReq = Shape::object(kInFlightReqOf),
                kIpAllowList = Shape::object(kIpAllowListOf), kRateLimit = Shape::object(kRateLimitOf),
                kRedirectRegex = Shape::object(kRedirectRegexOf),
                kRedirectScheme = Shape::object(kRedirectSchemeOf),
                kReplacePath = Shape::object(kReplacePathOf),
                kReplacePathRegex = Shape::object(kReplacePathRegexOf), kRetry = Shape::object(kRetryOf),
                kStripPrefix = Shape::object(kStripPrefixOf),
                kStripPrefixRegex = Shape::object(kStripPrefixRegexOf);
constexpr Shape::Member kMiddlewareOf[] = {
    {"addPrefix", &kAddPrefix},
    {"buffering", &kBuffering},
    {"circuitBreaker", &kCircuitBreaker},
    {"compress", &kCompress},
    {"contentType", &kContentType},
    {"grpcWeb", &kGrpcWeb},
    {"headers", &kHeaderChanges},
    {"inFlightReq", &kInFlightReq},
    {"ipAllowList", &kIpAllowList},
    {"rateLimit", &kRateLimit},
    {"redirectRegex", &kRedirectRegex},
    {"redirectScheme", &kRedirectScheme},
    {"replacePath", &kReplacePath},
    {"replacePathRegex", &kReplacePathRegex},
    {"retry", &kRetry},
    {"stripPrefix", &kStripPrefix},
    {"stripPrefixRegex", &kStripPrefixRegex},
};
constexpr Shape kMiddleware = Shape::single(kMiddlewareOf);
constexpr Shape kMiddlewares = Shape::map(&why_not_name, kMiddleware);

}  // namespace

std::string problem_in_traefik_directives(std::string_view text) {
    return problem_in_text(text, kMiddlewares);
}

}  // namespace rpm
