// SPDX-License-Identifier: MIT
#include "web/api/input.h"

#include "shared/base/text.h"
#include "web/http/error.h"

namespace rpm::api {
namespace {

bool is_json(std::string_view content_type) {
    return text::iequals(text::trim(content_type.substr(0, content_type.find(';'))), "application/json");
}

}  // namespace

Json read_body(const http::Request& request) {
    if (request.body.size() > kMaxBody) throw http::HttpError(413, "the body is larger than 1 MiB");
    if (!request.form.empty() || !request.files.empty())
        throw http::HttpError(415, "the body must be application/json");
    if (request.body.empty()) return Json::object();
    if (!is_json(request.header("content-type")))
        throw http::HttpError(415, "the body must be application/json");
    Json body = Json::parse(request.body);
    if (!body.is_object()) throw Invalid("json", "must be an object");
    return body;
}

const Json* Members::find(std::string_view name) {
    read_.emplace(name);
    const Json* found = object_.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::string Members::text(std::string_view name, std::size_t max_bytes) {
    const Json* found = find(name);
    if (found == nullptr) return {};
    if (!found->is_text())
        problem(std::string(name), "must be text");
    else if (found->text().size() > max_bytes)
        problem(std::string(name), "is longer than " + std::to_string(max_bytes) + " bytes");
    else
        return found->text();
    return {};
}

std::optional<std::int64_t> Members::number(std::string_view name, std::int64_t min, std::int64_t max) {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (found->is_integer() && found->integer() >= min && found->integer() <= max) return found->integer();
    problem(std::string(name), "must be a whole number" + (max == kMaxId ? std::string(" above zero")
                                                                         : " from " + std::to_string(min) +
                                                                               " to " + std::to_string(max)));
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> Members::number_list(std::string_view name) {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    std::vector<std::int64_t> numbers;
    if (!found->is_array()) {
        problem(std::string(name), "must be a list of ids");
        return numbers;
    }
    for (std::size_t i = 0; i < found->items().size(); ++i) {
        const Json& item = found->items()[i];
        if (item.is_integer() && item.integer() > 0)
            numbers.push_back(item.integer());
        else
            problem(std::string(name) + "." + std::to_string(i), "is not an id");
    }
    return numbers;
}

std::optional<std::vector<std::string>> Members::texts(std::string_view name) {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    if (!found->is_array()) {
        problem(std::string(name), "must be a list of texts");
        return texts;
    }
    for (std::size_t i = 0; i < found->items().size(); ++i)
        if (found->items()[i].is_text())
            texts.push_back(found->items()[i].text());
        else
            problem(std::string(name) + "." + std::to_string(i), "must be text");
    return texts;
}

std::optional<bool> Members::flag(std::string_view name) {
    const Json* found = find(name);
    if (found == nullptr) return std::nullopt;
    if (found->is_bool()) return found->boolean();
    problem(std::string(name), "must be true or false");
    return std::nullopt;
}

void Members::check() {
    for (const auto& [name, value] : object_.members())
        if (!read_.contains(name)) problem(name, "is not known here");
    if (!problems_.empty()) throw Invalid(problems_);
}

Slice read_slice(http::Form& query) {
    return {.limit = query.maybe_number<unsigned>("limit", 1, 200).value_or(50),
            .cursor = query.text("cursor", {.max = 1000})};
}

void check(const http::Form& query) {
    Problems problems = query.problems();
    for (const std::string& name : query.unread()) problems.add(name, "is not known here");
    if (!problems.empty()) throw Invalid(problems);
}

std::string version_tag(unsigned version) {
    return "\"v" + std::to_string(version) + "\"";
}

void demand_version(const http::Request& request, unsigned current) {
    demand_tag(request, version_tag(current),
               "somebody saved version " + std::to_string(current) + " meanwhile");
}

void demand_tag(const http::Request& request, const std::string& current, const std::string& past) {
    const std::string_view given = text::trim(request.header("if-match"));
    // "*" would overwrite whatever somebody else saved meanwhile.
    if (given.empty() || given == "*")
        throw http::HttpError(428, "send If-Match with the entity tag of the version that you changed");
    for (const std::string_view tag : text::split(given, ','))
        if (text::trim(tag) == current) return;
    throw http::HttpError(412, past);
}

}  // namespace rpm::api
