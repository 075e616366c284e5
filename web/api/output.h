// SPDX-License-Identifier: MIT
// What calls answer: rows as JSON. Times are RFC 3339, absent values null.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/json.h"
#include "web/http/response.h"

namespace rpm::api {

inline Json time_json(const std::optional<Time>& time) {
    return time ? Json(to_rfc3339(*time)) : Json();
}

inline Json texts_json(const std::vector<std::string>& texts) {
    Json out = Json::array();
    for (const std::string& each : texts) out.push(each);
    return out;
}

inline Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

/// {"items": […], "next": "cursor" or null}
inline http::Response list_response(Json items, const std::string& next) {
    return http::json(Json::object({{"items", std::move(items)}, {"next", text_or_null(next)}}));
}

/// 202 with the deployment's number and address.
http::Response deployment_response(DeploymentId id);
/// 200 with the deployment that carries the change, or null when no node needs one.
http::Response change_response(const std::optional<DeploymentId>& id);

}  // namespace rpm::api
