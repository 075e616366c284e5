// SPDX-License-Identifier: MIT
// The words of Caddy's JSON from which a site is put together. Included by caddy_*.cc only.
//
//     caddy::route({{"path_regexp", …}}, {caddy::handler("error", {{"status_code", 403}})})
//
// Text of a user goes through literal() wherever Caddy looks for placeholders; names of placeholders are
// written out in the sources, in braces.
#pragma once

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "shared/base/json.h"
#include "shared/model/deployable_site.h"
#include "shared/model/node.h"

namespace rpm::render::caddy {

/// What a site's text depends on besides the site.
struct Context {
    const NodeProfile& node;
    const DeployableSite& deployable;
    const SiteDefinition& site;

    bool behind_proxies() const { return !node.trusted_proxies.empty(); }
    /// From this version on streams outlive a reload, pools know weights.
    bool since_2_7() const { return node.facts.version >= EngineVersion{2, 7, 0}; }
};

/// Text that means itself: a `{` that begins a placeholder, and a `\` that would disappear before a brace,
/// are escaped (replacer.go). Whatever Caddy replaces in any version gives the same text in all of them.
std::string literal(std::string_view text);
/// A path as it reads after decoding, as it stands in a request (RFC 3986 section 3.3).
std::string encoded_path(std::string_view path);
/// A regular expression for whole numbers above this one.
std::string above(std::uint64_t number);
/// `$1` … `$9` as placeholders of the route's expression. The text has no braces (why_not_target()).
std::string with_groups(std::string_view target);
bool has_groups(std::string_view target);
/// For rewrites: the whole path becomes this one, which is encoded already. (`uri` would encode it again in
/// Caddy 2.6.)
Json whole_path(std::string_view path);
/// "x-user-id" -> "X-User-Id": as Caddy calls headers in placeholders of answers.
std::string canonical_header(std::string_view name);

Json texts(const std::vector<std::string>& items);
std::string duration(std::chrono::seconds value);  ///< "60s"
/// The certificates of a PEM text, each as base64 of its DER.
Json certificates(std::string_view pem);

/// Appends JSON for people and for diffs: what fits stands on one line, with `indent` blanks before.
void lay_out(const Json& json, std::string& out, std::size_t indent = 0);

// Values in braces, which are moved from there: std::initializer_list alone would copy whole trees, once for
// each level that they stand below.
class Items {
  public:
    struct Item {
        template <class T>
        requires std::convertible_to<T, Json> Item(T&& given) : value(std::forward<T>(given)) {}
        mutable Json value;
    };
    Items(std::initializer_list<Item> items) {
        array_.reserve(items.size());
        for (const Item& each : items) array_.push_back(std::move(each.value));
    }
    Items(Json::Array items) : array_(std::move(items)) {}
    Json::Array take() { return std::move(array_); }

  private:
    Json::Array array_;
};
class Members {
  public:
    struct Member {
        Member(std::string_view given_name, Json given) : name(given_name), value(std::move(given)) {}
        Member(Json::Member given) : name(std::move(given.first)), value(std::move(given.second)) {}
        mutable std::string name;
        mutable Json value;
    };
    Members() = default;
    Members(std::initializer_list<Member> members) {
        object_.reserve(members.size());
        for (const Member& each : members) object_.emplace_back(std::move(each.name), std::move(each.value));
    }
    Members(Json::Object members) : object_(std::move(members)) {}
    Json::Object take() { return std::move(object_); }

  private:
    Json::Object object_;
};
inline Json array(Items items) {
    return Json::array(items.take());
}
inline Json object(Members members) {
    return Json::object(members.take());
}

Json handler(std::string_view name, Members more = {});
/// Sets an error, which the site's error routes answer.
Json error(Json status);
Json subroute(Items routes);
/// A route for every request, or for those that match all of `match`.
Json route(Items handlers);
Json route(Members match, Items handlers);
/// A matcher set: nothing of these sets matches.
Json::Member none_of(Items sets);
/// A matcher of a placeholder's value, "{http.error.status_code}".
Json::Member value_is(std::string_view placeholder, Json values);
Json::Member path_matches(std::string_view regex);
/// A matcher of the visitor's address.
Json::Member address_in(const Context& context, const std::vector<IpNetwork>& networks);

/// What a list of rules makes of headers, in Caddy's words: rules of one name are folded, because Caddy does
/// first all that adds, then all that sets, then all that removes. Throws Invalid for `field`.
class HeaderOps {
  public:
    void set(std::string_view name, std::string value) {
        entry(name) = {.replaced = true, .values = {std::move(value)}};
    }
    void remove(std::string_view name) { entry(name) = {.replaced = true, .values = {}}; }
    void add(std::string_view name, std::string value) { entry(name).values.push_back(std::move(value)); }
    void apply(const std::vector<HeaderRule>& rules, const std::string& field);
    bool empty() const { return entries_.empty(); }
    Json json() const;

  private:
    struct Entry {
        bool replaced = false;
        std::vector<std::string> values;
    };
    Entry& entry(std::string_view name);
    std::vector<std::pair<std::string, Entry>> entries_;  // in the order of first mention
};

}  // namespace rpm::render::caddy
