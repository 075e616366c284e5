// SPDX-License-Identifier: MIT
#include "shared/base/error.h"
#include "shared/base/text.h"
#include "workers/ctl/command.h"

namespace rpm::ctl {
namespace {

struct Usage {
    std::vector<std::string> required;  // words, in order
    std::size_t most = 0;               // words accepted
    std::set<std::string> flags;
    std::set<std::string> options;
    std::set<std::string> repeated;  // of the options
};

Usage read_usage(std::string_view usage) {
    constexpr std::string_view kRepeat = "…";
    Usage out;
    const auto parts = text::words(usage);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string_view part = parts[i];
        const bool optional = part.starts_with('[');
        if (optional) part.remove_prefix(1);
        const bool closed = part.ends_with(']');
        if (closed) part.remove_suffix(1);
        if (part.starts_with("--")) {
            const bool valued = !closed && i + 1 < parts.size();
            (valued ? out.options : out.flags).emplace(part.substr(2));
            if (valued && parts[++i].find(kRepeat) != std::string_view::npos)
                out.repeated.emplace(part.substr(2));
            continue;
        }
        ++out.most;
        if (part.ends_with(kRepeat)) {
            part.remove_suffix(kRepeat.size());
            out.most = std::string::npos;
        }
        if (!optional) out.required.emplace_back(part);
    }
    return out;
}

[[noreturn]] void unknown_option(const std::string& name, const Usage& usage) {
    std::vector<std::string> known(usage.options.begin(), usage.options.end());
    known.insert(known.end(), usage.flags.begin(), usage.flags.end());
    const auto near = text::nearest(name, known);
    throw Invalid("--" + name, "unknown option" + (near ? "; did you mean --" + *near + "?" : std::string()));
}

}  // namespace

Arguments::Arguments(std::string_view usage_text, const std::vector<std::string>& given) {
    const Usage usage = read_usage(usage_text);
    bool only_words = false;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const std::string& part = given[i];
        if (part == "--" && !only_words) {
            only_words = true;
        } else if (only_words || !part.starts_with("--")) {
            words_.push_back(part);
        } else {
            const std::size_t equals = part.find('=');
            const std::string name = part.substr(2, equals == std::string::npos ? equals : equals - 2);
            const bool valued = usage.options.contains(name);
            if (!valued && !usage.flags.contains(name)) unknown_option(name, usage);
            if (!valued && equals != std::string::npos) throw Invalid("--" + name, "takes no value");
            if (valued && equals == std::string::npos && ++i == given.size())
                throw Invalid("--" + name, "needs a value");
            if (valued && !usage.repeated.contains(name)) options_.erase(name);
            if (valued)
                options_.emplace(name, equals == std::string::npos ? given[i] : part.substr(equals + 1));
            else
                flags_.insert(name);
        }
    }
    if (words_.size() < usage.required.size()) throw Invalid(usage.required[words_.size()], "is missing");
    if (words_.size() > usage.most)
        throw Invalid("command line", "too many words: '" + words_[usage.most] + "'");
}

std::optional<std::string> Arguments::option(const std::string& name) const {
    const auto found = options_.find(name);
    if (found == options_.end()) return std::nullopt;
    return found->second;
}

std::vector<std::string> Arguments::all(const std::string& name) const {
    std::vector<std::string> out;
    const auto [first, last] = options_.equal_range(name);
    for (auto each = first; each != last; ++each) out.push_back(each->second);
    return out;
}

unsigned Arguments::number(const std::string& name, unsigned otherwise, unsigned least, unsigned most) const {
    const auto given = option(name);
    if (!given) return otherwise;
    const auto value = text::number<unsigned>(*given);
    if (!value || *value < least || *value > most)
        throw Invalid("--" + name, "must be a whole number from " + std::to_string(least) + " to " +
                                       std::to_string(most) + ", not '" + *given + "'");
    return *value;
}

}  // namespace rpm::ctl
