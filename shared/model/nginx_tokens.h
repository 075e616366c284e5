// SPDX-License-Identifier: MIT
// nginx's configuration as nginx reads it: the same decisions as ngx_conf_read_token() of nginx 1.22
// (src/core/ngx_conf_file.c) about quotes, backslashes, comments, ';' and braces.
//
//     NginxTokens tokens(text);
//     for (NginxDirective each; tokens.next(each);) …       // blocks are directives that end with '{'
//     if (!tokens.problem().empty()) …                      // what nginx would refuse
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rpm {

struct NginxDirective {
    std::vector<std::string> words;  ///< name and arguments, quotes removed
    unsigned line = 0;
    char end = ';';      ///< or '{'
    unsigned depth = 0;  ///< blocks that it stands in
};

class NginxTokens {
  public:
    explicit NginxTokens(std::string_view text) : text_(text) {}

    /// Reads up to ';', '{' or '}'. False at the end of the text or at a problem.
    bool next(NginxDirective& out);
    /// "line 3: a '{' is not closed"; empty while all is well.
    const std::string& problem() const { return problem_; }

  private:
    bool fail(const std::string& message);
    bool skip_blank();
    bool word(NginxDirective& out);
    void unescape(std::string& token, char c);

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    unsigned depth_ = 0;
    std::string problem_;
};

}  // namespace rpm
