// SPDX-License-Identifier: MIT
// The API without a socket: requests as values, answers as JSON.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/base/json.h"
#include "shared/ops/people.h"
#include "shared/ops/tokens.h"
#include "shared/render/renderer.h"
#include "tests/support/world.h"
#include "web/api/api.h"

namespace rpm::test {

struct ApiWorld : World {
    struct Answer {
        int status = 0;
        Json body;
        http::Response raw;
        std::string header(std::string_view name) const {
            const auto* found = raw.find(name);
            return found ? *found : "";
        }
        /// The message about a field in a problem document; empty: none.
        std::string error(const std::string& field) const {
            if (const Json* errors = body.find("errors"))
                for (const Json& entry : errors->items())
                    if (entry.at("field").text() == field) return entry.at("message").text();
            return {};
        }
    };

    std::string token_of(const Viewer& viewer) {
        auto& known = tokens_[viewer.username];
        if (known.empty())
            known = ops::create_api_token(context, admin, viewer.id, "test", std::nullopt).reveal();
        return known;
    }
    http::Request request(std::string method, std::string path, const Viewer* viewer) {
        http::Request made;
        made.id = "request-1";
        made.method = std::move(method);
        const auto mark = path.find('?');
        made.path = "/api/v1" + path.substr(0, mark);
        if (mark != std::string::npos) made.query = http::parse_urlencoded(path.substr(mark + 1), 100);
        made.remote_address = "192.0.2.9";
        if (viewer) made.headers.add("authorization", "Bearer " + token_of(*viewer));
        return made;
    }
    Answer send(const http::Request& made) {
        Answer answer;
        answer.raw = http::answer(api, made);
        answer.status = answer.raw.status;
        if (!answer.raw.body.empty()) answer.body = Json::parse(answer.raw.body);
        return answer;
    }
    Answer get(const Viewer& viewer, std::string path) {
        return send(request("GET", std::move(path), &viewer));
    }
    Answer call(const Viewer& viewer, std::string method, std::string path, const Json& body,
                std::string if_match = {}) {
        auto made = request(std::move(method), std::move(path), &viewer);
        made.headers.add("content-type", "application/json; charset=utf-8");
        if (!if_match.empty()) made.headers.add("if-match", std::move(if_match));
        made.body = body.dump();
        return send(made);
    }
    Answer post(const Viewer& viewer, std::string path, const Json& body = Json::object()) {
        return call(viewer, "POST", std::move(path), body);
    }

    const std::string document = "{\"openapi\":\"3.1.0\"}";
    const api::Router router{api::routes()};
    const std::unique_ptr<TemplateSet> proxy_templates = render::load_templates("proxy_templates");
    api::Api api{{db, clock, keys.sealing, document, *proxy_templates}, router};

  private:
    std::map<std::string, std::string> tokens_;
};

}  // namespace rpm::test
