// SPDX-License-Identifier: MIT
#include "web/http/router.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm::http {
namespace {

constexpr std::size_t kMaxSegments = 16;

std::string quoted(const RouteIndex::Key& key) {
    return std::string(key.method) + " " + std::string(key.pattern);
}

}  // namespace

std::string_view Captures::text(std::string_view name) const {
    for (std::size_t i = 0; i < size_; ++i)
        if (entries_[i].name == name) return entries_[i].value;
    return {};
}

std::vector<RouteIndex::Segment> RouteIndex::parse(std::string_view pattern) {
    if (pattern.empty() || pattern.front() != '/') throw Error("route does not begin with a slash");
    std::vector<Segment> segments;
    if (pattern == "/") return segments;
    std::size_t captures = 0;
    for (const std::string_view part : text::split(pattern.substr(1), '/')) {
        if (part.empty()) throw Error("route with an empty segment");
        const bool capture = part.size() > 2 && part.front() == '{' && part.back() == '}';
        captures += capture ? 1 : 0;
        segments.push_back({capture ? part.substr(1, part.size() - 2) : part, capture});
    }
    if (segments.size() > kMaxSegments || captures > Captures::kMax)
        throw Error("route with too many segments");
    return segments;
}

bool RouteIndex::same(const std::vector<Segment>& a, const std::vector<Segment>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Segment& x, const Segment& y) {
        return x.capture == y.capture && (x.capture || x.text == y.text);
    });
}

bool RouteIndex::before(const Resource& a, const Resource& b) {
    for (std::size_t i = 0; i < a.segments.size(); ++i)
        if (a.segments[i].capture != b.segments[i].capture) return b.segments[i].capture;
    return false;
}

RouteIndex::RouteIndex(const std::vector<Key>& keys) : by_length_(kMaxSegments + 1) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        try {
            auto segments = parse(keys[i].pattern);
            auto& resources = by_length_[segments.size()];
            auto at = std::find_if(resources.begin(), resources.end(),
                                   [&](const Resource& r) { return same(r.segments, segments); });
            if (at == resources.end()) at = resources.insert(at, Resource{std::move(segments), {}});
            if (keys[i].method == "HEAD") throw Error("HEAD follows GET and is no route of its own");
            if (method_of(*at, keys[i].method)) throw Error("route comes twice");
            at->methods.emplace_back(keys[i].method, i);
        } catch (const Error& error) {
            throw Error(std::string(error.what()) + ": " + quoted(keys[i]));
        }
    }
    for (auto& resources : by_length_) std::stable_sort(resources.begin(), resources.end(), before);
}

bool RouteIndex::matches(const Resource& resource, std::span<const std::string_view> path) {
    for (std::size_t i = 0; i < path.size(); ++i)
        if (!resource.segments[i].capture && resource.segments[i].text != path[i]) return false;
    return true;
}

std::optional<std::size_t> RouteIndex::method_of(const Resource& resource, std::string_view method) {
    for (const auto& [name, index] : resource.methods)
        if (name == method) return index;
    return std::nullopt;
}

std::string RouteIndex::allow(const Resource& resource) {
    std::string out;
    for (const auto& [method, index] : resource.methods) {
        if (!out.empty()) out += ", ";
        out += method;
        if (method == "GET") out += ", HEAD";
    }
    return out;
}

RouteIndex::Found RouteIndex::find(std::string_view method, std::string_view path) const {
    std::array<std::string_view, kMaxSegments> parts;
    std::size_t count = 0;
    if (path.empty() || path.front() != '/') throw NotFound("no such page");
    while (path.size() > 1) {
        if (count == kMaxSegments) throw NotFound("no such page");
        const auto slash = path.find('/', 1);
        parts[count++] = path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
        path.remove_prefix(std::min(slash, path.size()));
    }
    const std::span<const std::string_view> segments(parts.data(), count);
    for (const Resource& resource : by_length_[count]) {
        if (!matches(resource, segments)) continue;
        Found found;
        const auto index = method_of(resource, method == "HEAD" ? "GET" : method);
        if (!index)
            throw HttpError(405, "this page does not take " + std::string(method),
                            {{"Allow", allow(resource)}});
        found.index = *index;
        for (std::size_t i = 0; i < count; ++i)
            if (resource.segments[i].capture) found.captures.add(resource.segments[i].text, segments[i]);
        return found;
    }
    throw NotFound("no such page");
}

}  // namespace rpm::http
