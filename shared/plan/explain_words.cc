// SPDX-License-Identifier: MIT
// Explanations as JSON and in sentences.
#include "shared/base/text.h"
#include "shared/plan/explain.h"

namespace rpm::plan {
namespace {

Json texts(const std::vector<std::string>& all) {
    Json out = Json::array();
    for (const std::string& each : all) out.push(each);
    return out;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

Json to_json(const Passed& passed) {
    Json headers = Json::object();
    for (const auto& [name, value] : passed.headers) headers[name] = value;
    return Json::object({{"field", passed.field},
                         {"scheme", passed.scheme},
                         {"balancing", passed.balancing},
                         {"servers", texts(passed.servers)},
                         {"backups", texts(passed.backups)},
                         {"target", passed.target},
                         {"headers", std::move(headers)},
                         {"removed_headers", texts(passed.removed)}});
}

Json to_json(const Ending& ending) {
    Json out = Json::object({{"kind", to_word(ending.kind)},
                             {"when", text_or_null(ending.when)},
                             {"why", ending.why},
                             {"field", text_or_null(ending.field)}});
    if (ending.kind == EndKind::answered) {
        out["statuses"] = Json::array();
        for (const unsigned status : ending.statuses) out["statuses"].push(status);
        out["location"] = text_or_null(ending.location);
    }
    if (ending.kind == EndKind::passed) out["upstream"] = to_json(ending.passed);
    return out;
}

std::string status_words(const Ending& ending) {
    std::string out;
    for (std::size_t i = 0; i < ending.statuses.size(); ++i)
        out += (i == 0                            ? ""
                : i + 1 == ending.statuses.size() ? " or "
                                                  : ", ") +
               std::to_string(ending.statuses[i]);
    return out;
}

}  // namespace

std::string_view to_word(EndKind kind) {
    switch (kind) {
        case EndKind::refused:
            return "refused";
        case EndKind::answered:
            return "answered";
        case EndKind::passed:
            return "passed";
    }
    return "";
}

std::string describe(const Ending& ending) {
    switch (ending.kind) {
        case EndKind::refused:
            return "no answer";
        case EndKind::answered:
            return "answers " + status_words(ending) +
                   (ending.location.empty() ? "" : " to " + ending.location);
        case EndKind::passed:
            return "passes it on to " + ending.passed.scheme + "://" +
                   text::join(ending.passed.servers, " or ") + " as " + ending.passed.target;
    }
    return "";
}

Json to_json(const Explanation& explanation) {
    Json site;
    if (explanation.site != nullptr)
        site = Json::object({{"id", explanation.site->id.value()},
                             {"domain", explanation.site->definition->primary().text()},
                             {"version", explanation.site->revision_number}});
    Json steps = Json::array();
    for (const Step& step : explanation.steps)
        steps.push(Json::object({{"says", step.says}, {"field", text_or_null(step.field)}}));
    Json endings = Json::array();
    for (const Ending& ending : explanation.endings) endings.push(to_json(ending));
    return Json::object(
        {{"site", std::move(site)}, {"steps", std::move(steps)}, {"endings", std::move(endings)}});
}

}  // namespace rpm::plan
