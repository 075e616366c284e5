// SPDX-License-Identifier: MIT
#include "shared/ops/oidc_provider.h"

#include <algorithm>
#include <map>

#include "shared/base/error.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kEndpointsLife = 1h;
constexpr std::chrono::seconds kKeysLife = 24h;
constexpr std::chrono::seconds kKeysPause = 60s;
constexpr std::size_t kLongestAddress = 2000;

net::HttpRules rules_of(const std::string& issuer) {
    return {.allow_http = issuer.starts_with("http://")};  // the setting allows that only on this machine
}

std::string fetch(const std::string& issuer, const std::string& url) {
    net::HttpClient client(rules_of(issuer));
    auto answer = client.get(url);
    if (answer.status != 200)
        throw Unavailable("the provider answers " + std::to_string(answer.status) + " at " +
                          url.substr(0, url.find('?')));
    return std::move(answer.body);
}

// It goes into headers of redirects and to libcurl: visible ASCII only (RFC 3986), with a host, without what
// has no place in an endpoint (RFC 6749 sections 3.1 and 3.2).
bool is_address(std::string_view url, bool allow_http) {
    if (!url.starts_with("https://") && !(allow_http && url.starts_with("http://"))) return false;
    if (url.size() > kLongestAddress) return false;
    const std::string_view rest = url.substr(url.find("//") + 2);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    return !authority.empty() && authority.find('@') == std::string_view::npos &&
           std::ranges::all_of(rest, [](char c) { return c > ' ' && c <= '~'; }) &&
           rest.find_first_of("\"<>\\#") == std::string_view::npos;
}

std::string endpoint(const Json& document, const std::string& issuer, const char* name) {
    const Json* found = document.find(name);
    const std::string url = found != nullptr && found->is_text() ? found->text() : "";
    if (!is_address(url, issuer.starts_with("http://")))
        throw Invalid("oidc", std::string("the provider's configuration has no ") + name + " by https");
    return url;
}

bool lists(const Json& document, const char* name, std::string_view word, bool otherwise) {
    const Json* found = document.find(name);
    if (found == nullptr || !found->is_array()) return otherwise;
    for (const Json& item : found->items())
        if (item.is_text() && item.text() == word) return true;
    return false;
}

OidcEndpoints discover(const std::string& issuer) {
    std::string base = issuer;
    while (base.ends_with('/')) base.pop_back();  // Discovery 4.1
    return read_oidc_configuration(issuer, fetch(issuer, base + "/.well-known/openid-configuration"));
}

}  // namespace

OidcEndpoints read_oidc_configuration(const std::string& issuer, std::string_view text) {
    Json document;
    try {
        document = Json::parse(text);
    } catch (const Invalid&) {
        throw Invalid("oidc", "the provider's configuration is no JSON: is the issuer right?");
    }
    const Json* said = document.find("issuer");
    if (said == nullptr || *said != Json(issuer))
        throw Invalid("oidc",
                      "the provider calls itself otherwise than the setting oidc.issuer, to the letter");
    if (!lists(document, "code_challenge_methods_supported", "S256", true))
        throw Invalid("oidc", "the provider does not speak PKCE with S256");
    const Json* tells = document.find("authorization_response_iss_parameter_supported");
    const bool basic = lists(document, "token_endpoint_auth_methods_supported", "client_secret_basic", true);
    return {.authorization = endpoint(document, issuer, "authorization_endpoint"),
            .token = endpoint(document, issuer, "token_endpoint"),
            .keys = endpoint(document, issuer, "jwks_uri"),
            .basic_authentication = basic,
            .tells_issuer = tells != nullptr && *tells == Json(true)};
}

std::shared_ptr<OidcProvider> OidcProvider::of(const std::string& issuer, Time now) {
    static std::mutex mutex;
    static std::map<std::string, std::shared_ptr<OidcProvider>> kept;
    {
        const std::lock_guard lock(mutex);
        const auto found = kept.find(issuer);
        if (found != kept.end() && now - found->second->made_at_ < kEndpointsLife) return found->second;
    }
    auto fresh = std::make_shared<OidcProvider>(issuer, discover(issuer), now);
    const std::lock_guard lock(mutex);
    kept.clear();  // one provider at a time: the setting names one
    kept[issuer] = fresh;
    return fresh;
}

OidcProvider::OidcProvider(std::string issuer, OidcEndpoints endpoints, Time now)
    : issuer_(std::move(issuer)), endpoints_(std::move(endpoints)), made_at_(now) {}

net::HttpRules OidcProvider::rules() const {
    return rules_of(issuer_);
}

crypto::jwt::KeySet OidcProvider::keys(Time now, bool again) {
    const std::lock_guard lock(mutex_);
    const bool wanted_again = again && now - again_at_ >= kKeysPause;
    if (keys_.size() != 0 && now - keys_at_ < kKeysLife && !wanted_again) return keys_;
    if (wanted_again) again_at_ = now;
    try {
        keys_ = crypto::jwt::KeySet::parse(fetch(issuer_, endpoints_.keys));
    } catch (const Invalid&) {
        throw Invalid("oidc", "the provider's keys are no key set");
    }
    keys_at_ = now;
    return keys_;
}

Json OidcProvider::verify(const std::string& token, const crypto::jwt::Expected& expected, Time now) {
    try {
        return crypto::jwt::verify_id_token(token, keys(now, false), expected, now);
    } catch (const crypto::jwt::UnknownKey&) {  // it may have changed its keys meanwhile
        return crypto::jwt::verify_id_token(token, keys(now, true), expected, now);
    }
}

}  // namespace rpm::ops
