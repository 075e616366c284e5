// SPDX-License-Identifier: MIT
// One command of `rpmgr`, and the words given to it.
//
// The usage text is the definition: what --help shows is what is accepted.
//
//     {"user add", "NAME [--role ROLE] [--email ADDRESS] [--password-stdin]", "…", &add_user}
//
//   NAME  [NAME]  NAME…          a word that must, may, must at least once be there
//   [--flag]  [--option VALUE]   may be there; an option also as --option=VALUE
//   [--option VALUE…]            may be there several times
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rpm::ctl {

class Environment;
class Arguments;

struct Command {
    const char* words;
    const char* usage;
    const char* purpose;
    int (*run)(Environment& environment, const Arguments& arguments);
};

class Arguments {
  public:
    /// Throws Invalid naming the word that is missing, unknown or too many.
    Arguments(std::string_view usage, const std::vector<std::string>& given);

    /// The n-th word; empty when it may be absent and is.
    std::string word(std::size_t n = 0) const { return n < words_.size() ? words_[n] : std::string(); }
    const std::vector<std::string>& words() const { return words_; }
    bool has(const std::string& flag) const { return flags_.contains(flag); }
    std::optional<std::string> option(const std::string& name) const;
    std::string option(const std::string& name, const char* otherwise) const {
        return option(name).value_or(otherwise);
    }
    /// Of an option that may be there several times, in the order given.
    std::vector<std::string> all(const std::string& name) const;
    /// A whole number within the bounds; throws Invalid with the option's name.
    unsigned number(const std::string& name, unsigned otherwise, unsigned least, unsigned most) const;

  private:
    std::vector<std::string> words_;
    std::multimap<std::string, std::string> options_;
    std::set<std::string> flags_;
};

}  // namespace rpm::ctl
