// SPDX-License-Identifier: MIT
// Forms: both encodings, the typed readers, and the site editor's form.
#include "web/http/form.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "tests/fuzz/fuzz.h"
#include "web/http/error.h"
#include "web/panel/site_form.h"

namespace rpm::fuzz {
namespace {

constexpr std::size_t kMostFields = 100;

std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) out += "%" + text::hex({&c, 1});
    return out;
}

std::string encoded(const http::Values& values) {
    std::string out;
    for (const auto& [name, value] : values) out += "&" + encoded(name) + "=" + encoded(value);
    return out;
}

bool same(const http::Values& a, const http::Values& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

http::Request post(std::string type, std::string body) {
    http::Request request;
    request.method = "POST";
    request.headers.add("content-type", std::move(type));
    request.body = std::move(body);
    return request;
}

void demand_text(const http::Values& values) {
    for (const auto& [name, value] : values)
        demand(text::is_utf8(name) && text::is_utf8(value) && (name + value).find('\0') == std::string::npos,
               "a field that is not text");
}

std::string part(std::string_view name, std::string_view value) {
    return "--b0undary\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
           std::string(value) + "\r\n";
}

// What a browser sends for these fields must arrive as these fields.
void round_trip(const http::Values& values) {
    std::string body;
    for (const auto& [name, value] : values) {
        // Browsers escape these in names; a value with the delimiter gets another delimiter.
        if (name.find_first_of("\"\r\n\\") != std::string::npos || name.empty()) return;
        if ((name + value).find("--b0undary") != std::string::npos) return;
        body += part(name, value);
    }
    if (body.empty()) return;
    http::Request request = post("multipart/form-data; boundary=b0undary", body + "--b0undary--\r\n");
    http::read_form(request, {.form_fields = kMostFields + 1});
    demand(same(request.form, values), "a multipart form arrives with other fields");
}

}  // namespace

void urlencoded(std::string_view input) {
    http::Values values;
    const bool query_refused = refused([&] { values = http::parse_urlencoded(input, kMostFields); });
    http::Request request = post("application/x-www-form-urlencoded", std::string(input));
    const bool form_refused = refused([&] { http::read_form(request, {.form_fields = kMostFields}); });
    if (!form_refused) demand_text(request.form);
    if (query_refused) return;
    demand_text(values);
    demand(same(http::parse_urlencoded(encoded(values), kMostFields), values), "encoded again, it differs");
    if (!form_refused) demand(same(request.form, values), "as a form it has other fields than as a query");
    round_trip(values);
}

void multipart(std::string_view input) {
    Pieces pieces(input);
    const std::string type = "multipart/form-data; boundary=" + std::string(pieces.line());
    http::Request request = post(type, std::string(pieces.rest()));
    if (refused([&] { http::read_form(request, {.form_fields = kMostFields}); })) return;
    demand_text(request.form);
    demand(request.form.size() + request.files.size() < kMostFields, "more fields than allowed");
}

void form(std::string_view input) {
    http::Values values;
    if (refused([&] { values = http::parse_urlencoded(input, kMostFields); })) return;
    http::Form form(values);
    demand_clean(form.text("t", {.max = 20, .required = true}), "a line of text");
    const std::string lines = form.text("l", {.max = 50, .lines = true});
    demand(text::is_utf8(lines) && lines.find('\r') == std::string::npos, "text of several lines");
    const auto number = form.number<std::uint16_t>("n", 3, 65535);
    demand(number >= 3, "a number outside of its range");
    const auto maybe = form.maybe_number<int>("m", -5, 5);
    demand(!maybe || (*maybe >= -5 && *maybe <= 5), "a number outside of its range");
    const std::string choice = form.choice("c", {"one", "two"});
    demand(choice == "one" || choice == "two", "a choice that was not offered");
    demand(form.secret("s").size() <= 1024, "a secret that is too long");
    form.flag("f");
    for (const std::string& item : form.list("i", {.max_items = 3, .max = 10})) demand_clean(item, "an item");
    refused([&] { form.check(); });
}

namespace {

// Sealed by writing backwards: what is not of us does not open.
web::PasswordWays backwards() {
    return {.seal = [](const std::string& hash) { return std::string(hash.rbegin(), hash.rend()); },
            .open =
                [](const std::string& sealed) {
                    const std::string hash(sealed.rbegin(), sealed.rend());
                    return crypto::is_bcrypt(hash) ? hash : "";
                },
            .hash = [](const std::string&, const Secret&) { return "$2y$10$" + std::string(53, '.'); }};
}

}  // namespace

void site_form(std::string_view input) {
    http::Values values;
    if (refused([&] { values = http::parse_urlencoded(input, kMostFields); })) return;
    for (const bool staff : {true, false}) {
        const auto typed = web::SiteForm::of(values, staff, backwards(), {});
        http::Values again;
        for (auto& [name, value] : typed.posted(staff, backwards())) again.add(name, value);
        const auto twice = web::SiteForm::of(again, staff, backwards(), {});
        demand(twice.posted(staff, backwards()) == typed.posted(staff, backwards()) &&
                   twice.values == typed.values,
               "posted again, the form differs");
        SiteDefinition definition{};
        if (refused([&] { definition = typed.definition(); })) continue;
        demand(SiteDefinition::parse(definition.to_json()) == definition, "its definition reads as another");
        demand(web::SiteForm::of(definition).definition() == definition,
               "shown in the form and saved, the definition differs");
        demand(staff || definition.raw.nginx.empty(), "a client gave the engine's directives");
    }
}

}  // namespace rpm::fuzz
