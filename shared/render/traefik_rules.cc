// SPDX-License-Identifier: MIT
#include "shared/render/traefik_rules.h"

#include <algorithm>

#include "shared/render/release_files.h"

namespace rpm::render::traefik {
namespace {

constexpr std::string_view kDelimiters = ":/[]@!$&'()*+,;=%";

std::string percent(char c) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(c);
    return {'%', kDigits[value >> 4U], kDigits[value & 0xfU]};
}

// A text in a rule: raw between backticks, or quoted as Go does when it holds one, or a byte order mark,
// which Go's scanner refuses.
std::string quoted(std::string_view in) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (in.find('`') == std::string_view::npos && in.find(kMark) == std::string_view::npos)
        return "`" + std::string(in) + "`";
    std::string out = "\"";
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (in.substr(i).starts_with(kMark)) {
            out += "\\ufeff";
            i += kMark.size() - 1;
            continue;
        }
        if (in[i] == '"' || in[i] == '\\') out += '\\';
        out += in[i];
    }
    return out + "\"";
}

std::string call(std::string_view matcher, std::string_view argument) {
    return std::string(matcher) + "(" + quoted(argument) + ")";
}

// An expression for exactly this path in both spellings.
std::string path_expression(std::string_view path) {
    std::string out = "/";
    for (const char c : path.substr(1)) {
        if (c == '%')
            out += "%25";
        else if (kDelimiters.find(c) != std::string_view::npos)
            out.append("(?:").append(quoted_regex({&c, 1})).append("|").append(percent(c)).append(")");
        else
            out += quoted_regex({&c, 1});
    }
    return out;
}

// "$1x" would be a group named "1x".
std::string with_groups(std::string_view to, unsigned shift) {
    std::string out;
    for (std::size_t i = 0; i < to.size(); ++i) {
        out += to[i];
        if (to[i] != '$' || i + 1 == to.size()) continue;
        out.append("{").append(std::to_string(static_cast<unsigned>(to[++i] - '0') + shift)).append("}");
    }
    return out;
}

// An expression for a path, made one for a path with a query behind it: nothing in it takes a '?' that it
// does not name, and its end is the end of the path.
class PathInUrl {
  public:
    explicit PathInUrl(std::string_view in) : in_(in) {}

    bool translate() {
        while (at_ < in_.size())
            if (!step()) return false;
        anchored_ += at_start_of_anchored_;
        return anchored_ == 0 || anchored_ == alternatives_;
    }
    bool anchored() const { return anchored_ > 0; }
    const std::string& text() const { return out_; }

  private:
    bool step() {
        const char c = in_[at_];
        if (c == '\\') return escape();
        if (c == '[') return set();
        if (c == '(') return group();
        if (c == '^') return anchor(1);
        if (c == '$') return end(1);
        if (c == '|' && depth_ == 0) next_alternative();
        if (c == ')') --depth_;
        out_ += c == '.' ? std::string("[^?]") : std::string(1, c);
        fresh_ = c == '|' && depth_ == 0;
        ++at_;
        return true;
    }
    void next_alternative() {
        ++alternatives_;
        anchored_ += at_start_of_anchored_;
        at_start_of_anchored_ = 0;
    }
    bool anchor(std::size_t size) {
        if (!fresh_ || depth_ != 0) return false;
        at_start_of_anchored_ = 1;
        at_ += size;
        return true;
    }
    bool end(std::size_t size) {
        out_ += "(?:\\?.*)?$";
        at_ += size;
        fresh_ = false;
        return true;
    }
    void copy(std::size_t size) {
        out_.append(in_.substr(at_, size));
        at_ += std::min(size, in_.size() - at_);
    }
    bool group() {
        const std::string_view rest = in_.substr(at_);
        if (rest.starts_with("(?i)")) {
            copy(4);  // a flag: what follows still stands at the start
            return true;
        }
        ++depth_;
        copy(rest.starts_with("(?i:") ? 4 : rest.starts_with("(?:") ? 3 : 1);
        fresh_ = false;
        return true;
    }
    bool escape() {
        const char next = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
        if (next == 'A') return anchor(2);
        if (next == 'z') return end(2);
        fresh_ = false;
        if (next == 'Q') {
            const auto stop = in_.find("\\E", at_);
            copy(stop == std::string_view::npos ? in_.size() - at_ : stop + 2 - at_);
        } else if (next == 'S' || next == 'D' || next == 'W') {
            out_.append("[^\\").append(1, static_cast<char>(next - 'A' + 'a')).append("?]");
            at_ += 2;
        } else if ((next == 'p' || next == 'P' || next == 'x') && in_.substr(at_ + 2).starts_with('{')) {
            copy(in_.find('}', at_) + 1 - at_);
        } else {
            copy(2);
        }
        return true;
    }
    bool set() {
        const std::size_t start = at_;
        std::size_t i = at_ + 1;
        const bool negated = i < in_.size() && in_[i] == '^';
        i += negated ? 1 : 0;
        for (bool first = true; i < in_.size() && (in_[i] != ']' || first); first = false) {
            if (in_.substr(i).starts_with("[:"))
                i = in_.find(":]", i) + 2;
            else
                i += in_[i] == '\\' ? 2 : 1;
        }
        out_.append(in_.substr(start, i - start)).append(negated ? "?]" : "]");
        at_ = std::min(i + 1, in_.size());
        fresh_ = false;
        return true;
    }

    std::string_view in_;
    std::string out_;
    std::size_t at_ = 0;
    unsigned depth_ = 0, alternatives_ = 1, anchored_ = 0, at_start_of_anchored_ = 0;
    bool fresh_ = true;  // nothing of the alternative was read
};

}  // namespace

std::string host_rule(const std::vector<DomainName>& domains) {
    std::string out;
    for (const DomainName& domain : domains)
        out.append(out.empty() ? "" : " || ").append(call("Host", domain.text()));
    return out;
}

std::string path_rule(const Route& route) {
    const std::string& path = route.path;
    if (route.match == PathMatch::regex) return call("PathRegexp", path);
    if (route.match == PathMatch::exact) {
        if (path.find_first_of(kDelimiters, 1) == std::string::npos) return call("Path", path);
        return call("PathRegexp", "^" + path_expression(path) + "$");
    }
    if (path == "/") return call("PathPrefix", path);
    return call("PathRegexp", "^" + path_expression(path) + (path.ends_with('/') ? "" : "(?:$|/|%2F)"));
}

std::string any_address_rule(const std::vector<IpNetwork>& networks) {
    std::string out;
    for (const IpNetwork& network : networks)
        out.append(out.empty() ? "" : " || ").append(call("ClientIP", network.text()));
    return out;
}

std::string address_rule(const std::vector<IpNetwork>& allow, const std::vector<IpNetwork>& deny) {
    std::string out = any_address_rule(allow);
    if (deny.empty()) return out;
    if (!out.empty()) out = "(" + out + ") && ";
    return out + "!(" + any_address_rule(deny) + ")";
}

std::string url_path(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool good =
            (c > ' ' && c < 0x7f && std::string_view("\"%<>[\\]^`{|}").find(c) == std::string_view::npos);
        out += good ? std::string(1, c) : percent(c);
    }
    return out;
}

// Here Traefik looks at the path as it was sent, with only unreserved characters decoded (RFC 3986
// section 2.3).
Replacement prefix_replacement(std::string_view prefix, std::string_view to) {
    std::string regex = "^";
    for (const char c : without_final_slash(prefix)) {
        const bool unreserved = std::string_view("-._~").find(c) != std::string_view::npos ||
                                (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (unreserved)
            regex += quoted_regex({&c, 1});
        else if (c == '%' || static_cast<unsigned char>(c) >= 0x80)
            regex += percent(c);
        else
            regex.append("(?:").append(quoted_regex({&c, 1})).append("|").append(percent(c)).append(")");
    }
    return {regex + "(.*)$", without_final_slash(to) + "${1}"};
}

Replacement path_replacement(std::string_view regex, std::string_view to) {
    return {"^.*?(?:" + std::string(regex) + ").*$", with_groups(to, 0)};
}

std::optional<Replacement> url_replacement(std::string_view regex, const Redirect& redirect) {
    PathInUrl path(regex.empty() ? "^/" : regex);
    if (!path.translate()) return std::nullopt;
    const std::string matched = (path.anchored() ? "(?:" : "[^?]*?(?:") + path.text() + ").*";
    if (!redirect.keep_path)
        return Replacement{"^https?://[^/]+" + matched + "$", with_groups(redirect.to, 0)};
    // The path that follows begins with a slash.
    const std::string to = with_groups(without_final_slash(redirect.to), 1);
    return Replacement{"^https?://[^/]+(" + matched + ")$", to + "${1}"};
}

}  // namespace rpm::render::traefik
