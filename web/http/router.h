// SPDX-License-Identifier: MIT
// From method and path to the function that answers: one table per program, readable as its map.
//
//     constexpr Route<Context, Needs> kRoutes[] = {
//         {"GET", "/login", &login_page, Needs::nothing},
//         {"GET", "/sites/{id}", &site_page, Needs::sites_read},
//         {"POST", "/sites/{id}", &update_site, Needs::sites_edit},
//     };
//     const Router<Context, Needs> router(kRoutes);
//
//     const auto match = router.match(request);      // throws NotFound, or HttpError 405 with Allow
//     context.captures = match.captures;             // captures.id<SiteId>("id")
//     return match.route->handler(context);
//
// A segment `{name}` takes any one segment; a literal segment wins over a capture, from left to right,
// whatever the order of the table. HEAD is answered by the GET route. `needs` and `fresh` are carried for the
// program, not read here. A Router is immutable and may be used by many threads; it keeps pointers into the
// table.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"
#include "web/http/request.h"
#include "web/http/response.h"

namespace rpm::http {

/// What the `{name}` segments of the pattern stand for in the path. Views: into the table and into the
/// request's path, which must outlive them.
class Captures {
  public:
    static constexpr std::size_t kMax = 6;

    /// "" for a name that the pattern has not.
    std::string_view text(std::string_view name) const;
    /// As a row id (shared/base/id.h); throws NotFound when it is none, as for an object that does not exist.
    template <class Id>
    Id id(std::string_view name) const {
        const auto id = Id::parse(text(name));
        if (!id) throw NotFound("no such page");
        return *id;
    }
    void add(std::string_view name, std::string_view value) { entries_.at(size_++) = {name, value}; }

  private:
    struct Entry {
        std::string_view name, value;
    };
    std::array<Entry, kMax> entries_{};
    std::size_t size_ = 0;
};

/// Whether whoever asks must have proved a short while ago who they are: for acts that a browser left open,
/// or a stolen session, must not be enough for. `sign_in`: by all that signing in takes, not by one proof,
/// for what changes how one signs in (OWASP ASVS 5.0, 7.5.1).
enum class Fresh : std::uint8_t { no, yes, sign_in };

template <class Context, class Needs>
struct Route {
    std::string_view method;
    std::string_view pattern;
    Response (*handler)(Context&);
    Needs needs{};
    Fresh fresh = Fresh::no;
};

/// The part of the router that does not depend on the program's types.
class RouteIndex {
  public:
    struct Key {
        std::string_view method, pattern;
    };
    struct Found {
        std::size_t index = 0;
        Captures captures;
    };
    /// Throws Error for a malformed pattern and for two routes that answer the same requests.
    explicit RouteIndex(const std::vector<Key>& keys);
    /// Throws NotFound, or HttpError 405 with Allow.
    Found find(std::string_view method, std::string_view path) const;

  private:
    struct Segment {
        std::string_view text;  // of a capture: its name
        bool capture = false;
    };
    struct Resource {
        std::vector<Segment> segments;
        std::vector<std::pair<std::string_view, std::size_t>> methods;  // method -> index
    };
    static std::vector<Segment> parse(std::string_view pattern);
    static bool same(const std::vector<Segment>& a, const std::vector<Segment>& b);
    static bool before(const Resource& a, const Resource& b);
    static bool matches(const Resource& resource, std::span<const std::string_view> path);
    static std::string allow(const Resource& resource);
    static std::optional<std::size_t> method_of(const Resource& resource, std::string_view method);

    std::vector<std::vector<Resource>> by_length_;  // by number of segments; best match first
};

template <class Context, class Needs>
class Router {
  public:
    using R = Route<Context, Needs>;
    struct Match {
        const R* route;
        Captures captures;
    };

    explicit Router(std::span<const R> routes) : routes_(routes), index_(keys(routes)) {}
    Match match(std::string_view method, std::string_view path) const {
        const auto found = index_.find(method, path);
        return {&routes_[found.index], found.captures};
    }
    Match match(const Request& request) const { return match(request.method, request.path); }
    /// Every route, as in the table: for tests that visit each one.
    std::span<const R> routes() const { return routes_; }

  private:
    static std::vector<RouteIndex::Key> keys(std::span<const R> routes) {
        std::vector<RouteIndex::Key> out;
        for (const R& route : routes) out.push_back({route.method, route.pattern});
        return out;
    }
    std::span<const R> routes_;
    RouteIndex index_;
};

}  // namespace rpm::http
