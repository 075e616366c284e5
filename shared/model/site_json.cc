// SPDX-License-Identifier: MIT
// Definitions and settings of nodes from JSON and back.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "shared/base/text.h"
#include "shared/model/node_members.h"
#include "shared/model/site.h"
#include "shared/model/site_checks.h"
#include "shared/model/site_writer.h"

namespace rpm::members {
namespace {

std::string quoted(std::string_view text) {
    return "'" + text::shown(text, 80) + "'";
}

// Why a text is no such value; parse() of the type has just said that it is none.
std::string why_not_value(const DomainName*, std::string_view text) {
    return DomainName::why_not(text);
}
std::string why_not_value(const HostAddress*, std::string_view) {
    return "is neither an IP address nor a host name";
}
std::string why_not_value(const IpNetwork*, std::string_view) {
    return "is no IP address or network, such as 192.0.2.0/24";
}
std::string why_not_value(const PortRange*, std::string_view) {
    return "is no port and no range of ports such as 6000-6010";
}
std::string why_not_value(const HttpUrl*, std::string_view) {
    return "is no URL such as https://auth.example.com/verify (without user, query and fragment)";
}

template <class T>
concept Checked = requires(const At& at, const T& value) {
    check(at, value);
};

/// Of parts, only entries of lists are whole; an object may have its other half elsewhere.
enum class Reads { whole, part };

class Reader {
  public:
    Reader(const Json* json, std::string path, Problems& problems, Reads reads = Reads::whole)
        : json_(json), at_(path, problems), reads_(reads) {
        if (json_ == nullptr || json_->is_object()) return;
        problems.add(path.empty() ? "json" : path, "must be an object");
        json_ = nullptr;
    }

    template <class T>
    void member(const About& about, T& target, const Rule& rule = {}) {
        known_.push_back(about.name);
        const Json* value = json_ == nullptr ? nullptr : json_->find(about.name);
        if (value == nullptr) {
            if (rule.required) problem(about.name, "is missing");
        } else {
            read(*value, about.name, target, rule);
        }
    }

    /// Reads the object of which this is the JSON.
    template <class T>
    void object(T& target) {
        describe(*this, target);
        if (json_ != nullptr)
            for (const auto& [name, value] : json_->members())
                if (std::ranges::find(known_, name) == known_.end())
                    problem(text::shown(name, 80), "is not a setting that this version knows");
        if constexpr (Checked<T>)
            if (reads_ == Reads::whole) check(at_, target);
    }

  private:
    void problem(std::string_view name, std::string message) { at_.problem(name, std::move(message)); }

    void read(const Json& value, std::string_view name, bool& target, const Rule&) {
        if (value.is_bool())
            target = value.boolean();
        else
            problem(name, "must be true or false");
    }
    void whole(const Json& value, std::string_view name, std::int64_t& target, const Rule& rule) {
        if (value.is_integer() && value.integer() >= rule.least && value.integer() <= rule.most)
            target = value.integer();
        else
            problem(name, "must be a whole number from " + std::to_string(rule.least) + " to " +
                              std::to_string(rule.most));
    }
    void read(const Json& value, std::string_view name, unsigned& target, const Rule& rule) {
        std::int64_t number = target;
        whole(value, name, number, rule);
        target = static_cast<unsigned>(number);
    }
    void read(const Json& value, std::string_view name, std::chrono::seconds& target, const Rule& rule) {
        std::int64_t number = target.count();
        whole(value, name, number, rule);
        target = std::chrono::seconds(number);
    }
    void read(const Json& value, std::string_view name, Port& target, const Rule& rule) {
        std::int64_t number = target.value();
        whole(value, name, number, rule);
        target = *Port::from(number);
    }
    template <Worded E>
    void read(const Json& value, std::string_view name, E& target, const Rule&) {
        if (const auto known = value.is_text() ? from_word<E>(value.text()) : std::nullopt) {
            target = *known;
            return;
        }
        std::string words;
        for (const auto& each : kWords<E>) words.append(words.empty() ? "" : ", ").append(each.word);
        problem(name, "must be one of: " + words);
    }
    void read(const Json& value, std::string_view name, std::string& target, const Rule& rule) {
        if (!value.is_text() || !text::is_utf8(value.text())) {
            problem(name, "must be text");
            return;
        }
        target = value.text();
        if (rule.block) std::erase(target, '\r');  // forms send CRLF
        if (target.empty()) {
            if (rule.required) problem(name, "is missing");
        } else if (std::string why = rule.why_not != nullptr ? rule.why_not(target) : ""; !why.empty()) {
            problem(name, std::move(why));
        }
    }
    template <class T>
    requires requires(std::string_view text) { T::parse(text); }
    void read(const Json& value, std::string_view name, T& target, const Rule& rule) {
        if (!value.is_text())
            problem(name, "must be text");
        else if (value.text().empty() && rule.required)
            problem(name, "is missing");
        else if (auto parsed = T::parse(value.text()))
            target = *std::move(parsed);
        else
            problem(name, quoted(value.text()) + " " + why_not_value(&target, value.text()));
    }
    void read(const Json& value, std::string_view name, std::optional<HttpUrl>& target, const Rule&) {
        if (value.is_null() || (value.is_text() && value.text().empty())) return;
        target = HttpUrl::parse("http://localhost/");
        read(value, name, *target, Rule{});
    }
    template <class T>
    void read(const Json& value, std::string_view name, std::optional<T>& target, const Rule& rule) {
        if (value.is_null()) return;
        target.emplace();
        read(value, name, *target, rule);
    }
    template <class T>
    void read(const Json& value, std::string_view name, std::vector<T>& target, const Rule& rule) {
        target.clear();
        if (!value.is_array()) {
            problem(name, "must be a list");
            return;
        }
        if (value.items().size() > rule.entries) {
            problem(name, "has more than " + std::to_string(rule.entries) + " entries");
            return;
        }
        Rule of_item = rule;
        of_item.required = true;
        const Reads outer = std::exchange(reads_, Reads::whole);
        for (const Json& item : value.items()) {
            const std::string field = std::string(name) + "." + std::to_string(target.size());
            T next = placeholder<T>();
            read(item, field, next, of_item);
            target.push_back(std::move(next));
        }
        reads_ = outer;
    }
    template <class T>
    requires requires(Reader& reader, T& value) { describe(reader, value); }
    void read(const Json& value, std::string_view name, T& target, const Rule&) {
        Reader(&value, at_.field(name), at_.problems(), reads_).object(target);
    }

    // What an entry of a list is before it is read; seen by nobody, because a problem ends in a throw.
    template <class T>
    static T placeholder() {
        if constexpr (std::is_same_v<T, DomainName>)
            return *DomainName::parse("localhost");
        else if constexpr (std::is_same_v<T, IpNetwork>)
            return *IpNetwork::parse("192.0.2.1");
        else if constexpr (std::is_same_v<T, PortRange>)
            return *PortRange::parse("1");
        else
            return T{};
    }

    const Json* json_;
    At at_;
    Reads reads_;
    std::vector<std::string_view> known_;
};

// Version 1 knew one pool, TLS and a few limits; what it called upstream.verify_tls is upstream.tls.verify.
Json upgraded_from_1(Json json) {
    json["version"] = 2;
    if (const Json* upstream = json.find("upstream"); upstream != nullptr && upstream->is_object()) {
        auto& members = json["upstream"].members();
        const auto verify = std::ranges::find(members, "verify_tls", &Json::Member::first);
        if (verify != members.end()) {
            Json value = std::move(verify->second);
            members.erase(verify);
            json["upstream"]["tls"]["verify"] = std::move(value);
        }
    }
    return json;
}

}  // namespace
}  // namespace rpm::members

namespace rpm {

Json SiteDefinition::to_json() const {
    Json body = members::pruned(*this);
    Json::Object out = {{"version", 2}};
    if (body.find("domains") == nullptr) out.emplace_back("domains", Json::array());
    for (auto& member : body.members()) out.push_back(std::move(member));
    return Json::object(std::move(out));
}

namespace {

// The definition's members without its version.
Json body_of(Json body, Problems& problems) {
    if (body.is_object()) {
        const Json* version = body.find("version");
        if (version != nullptr && *version == Json(1))
            body = members::upgraded_from_1(std::move(body));
        else if (version != nullptr && *version != Json(2))
            problems.add("version", "is not one that this program reads (1, 2)");
        std::erase_if(body.members(), [](const Json::Member& each) { return each.first == "version"; });
    }
    return body;
}

bool names_snippets(const Json& body) {
    const Json* snippets = body.find("snippets");
    return snippets != nullptr && snippets->is_array() && !snippets->items().empty();
}

SiteDefinition read(const Json& body, members::Reads reads, Problems problems) {
    SiteDefinition out;
    members::Reader(&body, "", problems, reads).object(out);
    if (!problems.empty()) throw Invalid(std::move(problems));
    return out;
}

}  // namespace

SiteDefinition SiteDefinition::parse(const Json& json) {
    Problems problems;
    const Json body = body_of(json, problems);
    const auto reads = names_snippets(body) ? members::Reads::part : members::Reads::whole;
    return read(body, reads, std::move(problems));
}

SiteDefinition SiteDefinition::parse_part(const Json& json) {
    Problems problems;
    Json body = body_of(json, problems);
    if (body.is_object() && body.find("domains") == nullptr) body["domains"] = Json::array({"localhost"});
    return read(body, members::Reads::part, std::move(problems));
}

Json NodeSettings::to_json() const {
    return members::pruned(*this);
}

NodeSettings NodeSettings::parse(const Json& json) {
    Problems problems;
    NodeSettings out;
    members::Reader(&json, "", problems).object(out);
    if (!problems.empty()) throw Invalid(std::move(problems));
    return out;
}

}  // namespace rpm
