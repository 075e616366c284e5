// SPDX-License-Identifier: MIT
#include "shared/model/settings.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/model/network.h"
#include "shared/model/values.h"

namespace rpm {
namespace {

constexpr std::string_view kOffOn = "off on";
constexpr std::string_view kOffRequired = "off required";
constexpr std::int64_t kMostListBytes = 4000;

std::string visible_ascii(std::string_view value) {
    const bool fine = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
    return fine ? "" : "must be plain ASCII";
}
std::string scopes(std::string_view value) {
    for (const std::string_view word : text::words(value))
        if (word == "openid") return visible_ascii(value);
    return "must contain openid (OpenID Connect Core 3.1.2.1)";
}
std::string network(std::string_view value) {
    return IpNetwork::parse(value) ? "" : "must be networks like 192.0.2.0/24 or 2001:db8::/32, one per line";
}
// Where the proxies themselves and the clouds they run in answer, and what is no single host.
// 169.254.0.0/16, 100.100.100.200, fd00:ec2::254 and fd20:ce::254 hold the clouds' metadata services.
constexpr std::string_view kDeniedNetworks =
    "0.0.0.0/8\n100.100.100.200/32\n127.0.0.0/8\n169.254.0.0/16\n224.0.0.0/4\n240.0.0.0/4\n::/128\n::1/128\n"
    "fd00:ec2::254/128\nfd20:ce::254/128\nfe80::/10\nff00::/8";
// RFC 6454: an origin has no path; the panels answer at the root of their host.
std::string origin(std::string_view value) {
    const auto host = value.find("//") + 2;
    return value.find('/', host) == std::string_view::npos ? "" : "must end after the host name: no path";
}

// clang-format off
constexpr SettingRow choice(Setting setting, std::string_view name, std::string_view words, std::string_view fallback,
                            std::string_view title, std::string_view meaning) {
    return {.setting = setting, .kind = SettingKind::choice, .name = name, .title = title, .meaning = meaning,
            .fallback = fallback, .choices = words};
}
constexpr SettingRow text_of(Setting setting, SettingKind kind, std::string_view name, std::string_view fallback,
                             std::string_view title, std::string_view meaning,
                             std::string (*why_not)(std::string_view) = nullptr, std::int64_t most = 200) {
    return {.setting = setting, .kind = kind, .name = name, .title = title, .meaning = meaning, .fallback = fallback,
            .most = most, .why_not = why_not};
}
constexpr SettingRow number(Setting setting, std::string_view name, std::string_view fallback, std::int64_t least,
                            std::int64_t most, std::string_view unit, std::string_view title, std::string_view meaning) {
    return {.setting = setting, .kind = SettingKind::number, .name = name, .title = title, .meaning = meaning,
            .fallback = fallback, .least = least, .most = most, .unit = unit};
}
constexpr SettingRow groups(Setting setting, std::string_view name, std::string_view title, std::string_view meaning) {
    return text_of(setting, SettingKind::list, name, "", title, meaning, nullptr, kMostListBytes);
}

constexpr SettingSection kSections[] = {
    {"sign_in", "Signing in", "What people show besides their password, and how long they stay signed in."},
    {"mail", "Mail", "Invitations, new passwords and notices to people. The mail server itself is named in worker.conf, where only workers read its password."},
    {"panel", "Addresses", "Where people reach the panels. Links in mail, passkeys and single sign-on depend on them; the Host header of a request is never believed."},
    {"oidc", "Single sign-on", "People sign in at your OpenID Connect provider."},
    {"domains", "Names", "Which names clients may have served."},
    {"clients", "Clients", "What clients may do with the fleet, and how much."},
    {"approval", "Approval", "Whose deployments wait until somebody else looked at them."},
    {"tokens", "API tokens", "What holds for tokens of the API."},
};

constexpr SettingRow kSettings[] = {
    choice(Setting::second_factor_admin, "sign_in.second_factor.admin", kOffRequired, "required",
           "Second factor of administrators", "required: whoever has none sets one up at the next sign-in, before anything else."),
    choice(Setting::second_factor_operator, "sign_in.second_factor.operator", kOffRequired, "required",
           "Second factor of operators", "As for administrators."),
    choice(Setting::second_factor_read_only, "sign_in.second_factor.read_only", kOffRequired, "required",
           "Second factor of read-only staff", "As for administrators."),
    choice(Setting::second_factor_client, "sign_in.second_factor.client", kOffRequired, "off",
           "Second factor of clients", "As for administrators."),
    choice(Setting::second_factor_client_read_only, "sign_in.second_factor.client_read_only", kOffRequired, "off",
           "Second factor of read-only clients", "As for administrators."),
    number(Setting::session_idle, "sign_in.session_idle", "120", 5, 1440, "minutes",
           "Unused sessions end after", "A browser in which nobody did anything for so long has to sign in again."),
    number(Setting::session_life, "sign_in.session_life", "12", 1, 720, "hours",
           "Sessions end after", "However busy it is, a browser has to sign in again after this time."),
    number(Setting::confirm_after, "sign_in.confirm_after", "15", 1, 1440, "minutes",
           "Ask again after", "Before dangerous acts people show their password again when they did so longer ago than this."),

    choice(Setting::mail_enabled, "mail.enabled", kOffOn, "off",
           "Send mail", "on: rpmgr-notify has a mail server, and the address of each panel is set below."),

    text_of(Setting::panel_admin_url, SettingKind::url, "panel.admin_url", "",
            "Administrators' panel", "Its address, such as https://admin.example.com.", &origin),
    text_of(Setting::panel_client_url, SettingKind::url, "panel.client_url", "",
            "Clients' panel", "Its address, such as https://panel.example.com.", &origin),

    choice(Setting::oidc_enabled, "oidc.enabled", kOffOn, "off",
           "Single sign-on", "on: the sign-in pages have a button for it."),
    text_of(Setting::oidc_label, SettingKind::text, "oidc.label", "Single sign-on",
            "Name on the button", "What people know the provider as.", nullptr, 40),
    text_of(Setting::oidc_issuer, SettingKind::url, "oidc.issuer", "",
            "Issuer", "Address of the provider; /.well-known/openid-configuration below it tells the rest."),
    text_of(Setting::oidc_client_id, SettingKind::text, "oidc.client_id", "",
            "Client id", "As the provider calls this installation.", &visible_ascii, 255),
    text_of(Setting::oidc_client_secret, SettingKind::secret, "oidc.client_secret", "",
            "Client secret", "As the provider gave it; empty for a public client.", nullptr, 1000),
    text_of(Setting::oidc_scopes, SettingKind::text, "oidc.scopes", "openid profile email",
            "Scopes", "What is asked for, with blanks between; some providers want one for groups.", &scopes),
    choice(Setting::oidc_create, "oidc.create", kOffOn, "off",
           "Make accounts", "on: whoever signs in there for the first time and is in one of the groups below gets an account. Accounts that are there are never joined by name or mail address: their owners link them on their account page."),
    choice(Setting::oidc_second_factor, "oidc.second_factor", "never always claim", "never",
           "Counts as two factors", "never: the second factor is asked for here; always: the provider demands two; claim: when the token says so in amr (mfa) or in acr as below."),
    text_of(Setting::oidc_acr, SettingKind::list, "oidc.acr", "",
            "acr that means two factors", "One per line; also asked for as acr_values.", &visible_ascii, 1000),
    text_of(Setting::oidc_groups_claim, SettingKind::text, "oidc.groups_claim", "groups",
            "Claim with the groups", "Name of the claim in the ID token; a list of texts or one text."),
    groups(Setting::oidc_groups_admin, "oidc.groups.admin", "Groups of administrators",
           "One per line. As soon as any group is named for any role, groups decide the role at each single sign-on, the first role in this order wins, and people in none of them are refused."),
    groups(Setting::oidc_groups_operator, "oidc.groups.operator", "Groups of operators", "One per line."),
    groups(Setting::oidc_groups_read_only, "oidc.groups.read_only", "Groups of read-only staff", "One per line."),
    groups(Setting::oidc_groups_client, "oidc.groups.client", "Groups of clients", "One per line."),
    groups(Setting::oidc_groups_client_read_only, "oidc.groups.client_read_only", "Groups of read-only clients", "One per line."),

    choice(Setting::domains_proof, "domains.proof", kOffRequired, "required",
           "Proof of names", "required: a client's name is deployed once a DNS record, a file on its present server or an administrator's word shows that the client holds it."),
    number(Setting::domains_recheck, "domains.recheck", "90", 0, 3650, "days",
           "Proofs are asked for again after", "A DNS record or file that showed a name is looked for again. 0: never."),
    number(Setting::domains_grace, "domains.grace", "14", 1, 365, "days",
           "Grace when a proof is gone", "So long its owner has to show the name again before it counts as not proven. What is served stays."),
    text_of(Setting::clients_denied_networks, SettingKind::list, "clients.denied_networks", kDeniedNetworks,
            "Networks closed to clients' upstreams", "One per line. Addresses of nodes are closed too. Staff may give any address.", &network, kMostListBytes),
    number(Setting::clients_sites, "clients.sites", "100", 1, 1'000'000, "sites",
           "Sites of a client", "For clients without a limit of their own; staff may go beyond it."),
    number(Setting::clients_names, "clients.names", "500", 1, 1'000'000, "names",
           "Names of a client", "In all its sites together; for clients without a limit of their own."),
    number(Setting::clients_saves, "clients.saves", "1000", 1, 1'000'000, "a day",
           "Versions that a client saves", "Of all its sites, within 24 hours."),
    number(Setting::clients_pieces, "clients.pieces", "50", 0, 100'000, "pieces",
           "Shared pieces of a client", "Snippets, access lists and templates of its own. 0: it only uses what it is offered."),
    number(Setting::clients_plans, "clients.plans", "120", 1, 100'000, "in 15 minutes",
           "Plans that a client looks at", "Each is computed for every node concerned."),
    number(Setting::clients_stream_ports, "clients.stream_ports", "0", 0, 1'000, "ports",
           "Ports of a client's streams", "In all its sites together; 0: only administrators make streams."),

    choice(Setting::approval_clients, "approval.clients", kOffOn, "off",
           "Approve clients' deployments", "on: what a client asks for waits until staff has approved exactly that."),
    choice(Setting::approval_four_eyes, "approval.four_eyes", kOffOn, "off",
           "Four eyes for staff", "on: deployments of staff wait as well, for somebody other than who asked."),

    number(Setting::tokens_days, "tokens.days", "365", 1, 3650, "days",
           "Longest life of an API token", "Tokens made from now on; 90 days unless their maker says otherwise."),
};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < std::size(kSettings); ++i)
        if (static_cast<std::size_t>(kSettings[i].setting) != i) return false;
    return true;
}
static_assert(in_order(), "the table follows the enumeration");

std::vector<std::string> lines_of(std::string_view value) {
    std::vector<std::string> out;
    for (const std::string_view line : text::lines(value))
        if (const auto item = text::trim(line); !item.empty()) out.emplace_back(item);
    return out;
}

bool is_choice(const SettingRow& row, std::string_view value) {
    const auto words = text::words(row.choices);
    return std::ranges::find(words, value) != words.end();
}

std::string choices_words(const SettingRow& row) {
    std::string out;
    const auto words = text::words(row.choices);
    for (std::size_t i = 0; i < words.size(); ++i)
        out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + std::string(words[i]);
    return out;
}

std::string why_no_number(const SettingRow& row, std::string_view value) {
    const auto number = text::number<std::int64_t>(value);
    if (number && *number >= row.least && *number <= row.most) return "";
    return "must be a whole number from " + std::to_string(row.least) + " to " + std::to_string(row.most);
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// Only what RFC 3986 calls scheme, authority and path: a query or user information in one is a mistake.
std::string why_no_url(std::string_view value) {
    const bool plain = value.starts_with("http://");
    if (!plain && !value.starts_with("https://")) return "must begin with https://";
    std::string_view rest = value.substr(value.find("//") + 2);
    if (rest.find_first_of("?#@\\\"'<>") != std::string_view::npos || !visible_ascii(rest).empty() ||
        rest.find(' ') != std::string_view::npos)
        return "must be only host, port and path";
    const std::string_view authority = rest.substr(0, rest.find('/'));
    const auto colon = authority.ends_with(']') ? std::string_view::npos : authority.rfind(':');
    const std::string_view host = authority.substr(0, colon);
    if (colon != std::string_view::npos && !Port::parse(authority.substr(colon + 1)))
        return "has a port that is none";
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const auto address = HostAddress::parse(bracketed ? host.substr(1, host.size() - 2) : host);
    if (!address || address->is_v6() != bracketed) return "has a host that is none";
    if (plain && !is_loopback(host)) return "must begin with https://: only this machine itself may use http";
    return rest.find("//") != std::string_view::npos ? "has an empty part in its path" : "";
}

std::string why_not(const SettingRow& row, std::string_view value) {
    if (value.empty() && (row.fallback.empty() || row.kind == SettingKind::secret)) return "";
    switch (row.kind) {
        case SettingKind::choice:
            return is_choice(row, value) ? "" : "must be " + choices_words(row);
        case SettingKind::number:
            return why_no_number(row, value);
        case SettingKind::url:
            if (auto reason = why_no_url(value); !reason.empty()) return reason;
            break;
        case SettingKind::list:
        case SettingKind::text:
        case SettingKind::secret:
            break;
    }
    if (value.empty()) return "is missing";
    if (!text::is_utf8(value)) return "is not UTF-8 text";
    if (value.size() > static_cast<std::size_t>(row.most))
        return "must have at most " + std::to_string(row.most) + " characters";
    const auto parts =
        row.kind == SettingKind::list ? lines_of(value) : std::vector<std::string>{std::string(value)};
    for (const std::string& part : parts) {
        if (text::has_control(part)) return "must not hold control characters";
        if (row.why_not == nullptr) continue;
        if (auto reason = row.why_not(part); !reason.empty()) return reason;
    }
    return "";
}

std::string normal(const SettingRow& row, std::string_view value) {
    if (row.kind == SettingKind::secret) return std::string(value);
    if (row.kind == SettingKind::list) return text::join(lines_of(value), "\n");
    std::string out(text::trim(value));
    // "https://a/" and "https://a" are the same panel; an issuer is compared byte by byte, so it keeps its
    // own.
    if (row.why_not == &origin)
        while (out.ends_with('/') && !out.ends_with("//")) out.pop_back();
    return out;
}

}  // namespace

std::span<const SettingRow> settings() {
    return kSettings;
}

std::span<const SettingSection> setting_sections() {
    return kSections;
}

const SettingRow& row_of(Setting setting) {
    return kSettings[static_cast<std::size_t>(setting)];
}

std::optional<Setting> setting(std::string_view name) {
    const auto* const row = std::ranges::find(kSettings, name, &SettingRow::name);
    return row == std::end(kSettings) ? std::nullopt : std::optional(row->setting);
}

Setting get_setting(std::string_view name) {
    if (const auto found = setting(name)) return *found;
    std::vector<std::string> known;
    for (const SettingRow& row : kSettings) known.emplace_back(row.name);
    const auto near = text::nearest(name, known);
    throw Invalid("setting", "'" + text::shown(name, 80) + "' is unknown" +
                                 (near ? "; did you mean " + *near + "?" : std::string()));
}

std::string check_setting(Setting setting, std::string_view value) {
    const SettingRow& row = row_of(setting);
    std::string stored = normal(row, value);
    if (auto reason = why_not(row, stored); !reason.empty())
        throw Invalid(std::string(row.name), std::move(reason));
    return stored;
}

Settings::Settings() {
    for (const SettingRow& row : kSettings) values_.emplace_back(row.fallback);
}

void Settings::set(Setting setting, std::string value) {
    values_[static_cast<std::size_t>(setting)] = std::move(value);
}

void Settings::reset(Setting setting) {
    set(setting, std::string(row_of(setting).fallback));
}

const std::string& Settings::stored(Setting setting) const {
    return values_[static_cast<std::size_t>(setting)];
}

bool Settings::is_default(Setting setting) const {
    return stored(setting) == row_of(setting).fallback;
}

const std::string& Settings::checked(Setting setting, SettingKind kind) const {
    const SettingRow& row = row_of(setting);
    if (row.kind != kind) throw Error("setting of another kind: " + std::string(row.name));
    const std::string& value = stored(setting);
    if (const auto reason = why_not(row, value); !reason.empty())
        throw Error("the stored setting " + std::string(row.name) + " " + reason +
                    "; correct it with 'rpmgr settings set'");
    return value;
}

const std::string& Settings::choice(Setting setting) const {
    return checked(setting, SettingKind::choice);
}

bool Settings::on(Setting setting) const {
    if (row_of(setting).choices != kOffOn)
        throw Error("setting is not on or off: " + std::string(row_of(setting).name));
    return choice(setting) == "on";
}

std::int64_t Settings::number(Setting setting) const {
    return *text::number<std::int64_t>(checked(setting, SettingKind::number));
}

const std::string& Settings::text(Setting setting) const {
    return checked(setting, row_of(setting).kind == SettingKind::url ? SettingKind::url : SettingKind::text);
}

std::vector<std::string> Settings::list(Setting setting) const {
    return lines_of(checked(setting, SettingKind::list));
}

const std::string& Settings::secret(Setting setting) const {
    if (row_of(setting).kind != SettingKind::secret)
        throw Error("setting is no secret: " + std::string(row_of(setting).name));
    return stored(setting);
}

Problems why_not_together(const Settings& settings) {
    Problems problems;
    if (settings.on(Setting::oidc_enabled)) {
        for (const Setting needed : {Setting::oidc_issuer, Setting::oidc_client_id})
            if (settings.text(needed).empty())
                problems.add(std::string(row_of(needed).name), "is needed while single sign-on is on");
        if (settings.text(Setting::panel_admin_url).empty() &&
            settings.text(Setting::panel_client_url).empty())
            problems.add(std::string(row_of(Setting::oidc_enabled).name),
                         "needs the address of a panel (panel.admin_url or panel.client_url), because the "
                         "provider sends people back to it");
    }
    return problems;
}

bool demands_second_factor(const Settings& settings, Role role) {
    constexpr Setting kByRole[] = {Setting::second_factor_admin, Setting::second_factor_operator,
                                   Setting::second_factor_read_only, Setting::second_factor_client,
                                   Setting::second_factor_client_read_only};
    return settings.choice(kByRole[static_cast<std::size_t>(role)]) == "required";
}

bool demands_domain_proof(const Settings& settings) {
    return settings.choice(Setting::domains_proof) == "required";
}

std::string panel_url(const Settings& settings, std::string_view panel) {
    return settings.text(panel == "admin" ? Setting::panel_admin_url : Setting::panel_client_url);
}

}  // namespace rpm
