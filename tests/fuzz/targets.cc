// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "tests/fuzz/fuzz.h"
#include "web/http/error.h"

namespace rpm::fuzz {
namespace {

constexpr std::size_t kLongestMessage = 1000;

constexpr Target kTargets[] = {
    {"caddy_directives", &caddy_directives, 4096},
    {"config", &config},
    {"cookies", &cookies},
    {"csp_reports", &csp_reports},
    {"csv", &csv_value, 512},
    {"diff", &diff, 2048},
    {"dns_answer", &dns_answer, 1024},
    {"domain_proof", &domain_proof, 600},
    {"encodings", &encodings, 512},
    {"engine_messages", &engine_messages},
    {"fastcgi", &fastcgi},
    {"form", &form},
    {"host_key", &host_key, 1024},
    {"id_token", &id_token},
    {"json", &json},
    {"manifest", &manifest},
    {"multipart", &multipart},
    {"networks", &networks, 600},
    {"nginx_directives", &nginx_directives, 2048},
    {"node_answers", &node_answers},
    {"node_output", &node_output, 2048},
    {"nodes_file", &nodes_file},
    {"oidc_configuration", &oidc_configuration},
    {"params", &params},
    {"passkey_assertion", &passkey_assertion},
    {"passkey_registration", &passkey_registration},
    {"permission_words", &permission_words, 400},
    {"private_key", &private_key},
    {"quoting", &quoting, 512},
    {"settings", &settings, 1024},
    {"site_definition", &site_definition},
    {"site_form", &site_form},
    {"sql_script", &sql_script},
    {"traefik_directives", &traefik_directives, 4096},
    {"urlencoded", &urlencoded},
    {"values", &values, 300},
    {"x509", &x509},
};

void demand_sound(const Problems& problems) {
    demand(!problems.empty(), "a refusal without a problem");
    for (const auto& [field, message] : problems.entries()) {
        demand(!field.empty(), "a problem without a field: " + message);
        demand_clean(message, "the message for " + field);
        demand(!message.empty() && message.size() <= kLongestMessage,
               "the message for " + field + " is too long");
    }
}

}  // namespace

std::span<const Target> targets() {
    return kTargets;
}

const Target* find_target(std::string_view name) {
    const auto found = std::ranges::find(kTargets, name, &Target::name);
    return found == std::end(kTargets) ? nullptr : &*found;
}

void demand(bool holds, const std::string& what) {
    if (!holds) throw Violated(what);
}

void demand_clean(std::string_view text, const std::string& what) {
    demand(text::is_utf8(text), what + " is not UTF-8");
    demand(!text::has_control(text), what + " has a control character");
}

bool refused(const std::function<void()>& parse) {
    try {
        parse();
        return false;
    } catch (const Invalid& error) {
        demand_sound(error.problems);
    } catch (const http::HttpError& error) {
        demand(error.status >= 400 && error.status < 500, "refused with a status that is no client's fault");
        demand_clean(error.what(), "the message of a refusal");
    }
    return true;
}

std::uint8_t Pieces::byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
}

std::string_view Pieces::line() {
    const auto end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
}

}  // namespace rpm::fuzz
