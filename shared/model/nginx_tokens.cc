// SPDX-License-Identifier: MIT
#include "shared/model/nginx_tokens.h"

#include <algorithm>

#include "shared/base/text.h"

namespace rpm {
namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

bool NginxTokens::next(NginxDirective& out) {
    out = {};
    while (skip_blank()) {
        const char c = text_[at_];
        if (c == ';' || c == '{') {
            ++at_;
            if (out.words.empty()) return fail(std::string("unexpected '") + c + "'");
            out.depth = depth_;
            if (c == '{') ++depth_;
            out.end = c;
            return true;
        }
        if (c == '}') {
            ++at_;
            if (!out.words.empty()) return fail("unexpected '}' (is a ';' missing before it?)");
            if (depth_ == 0) return fail("'}' closes a block that was not opened here");
            --depth_;
            continue;
        }
        if (out.words.empty()) out.line = line_;
        if (!word(out)) return false;
    }
    if (!out.words.empty())
        return fail("'" + text::shown(out.words.front(), 40) + "' is not terminated by ';'");
    if (depth_ > 0) return fail("a '{' is not closed");
    return false;
}

bool NginxTokens::fail(const std::string& message) {
    problem_ = "line " + std::to_string(line_) + ": " + message;
    return false;
}

// Blanks and comments; false at the end.
bool NginxTokens::skip_blank() {
    for (; at_ < text_.size(); ++at_) {
        if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size()) break;
        if (!blank(text_[at_])) return true;
        if (text_[at_] == '\n') ++line_;
    }
    return false;
}

bool NginxTokens::word(NginxDirective& out) {
    const char quote = text_[at_] == '"' || text_[at_] == '\'' ? text_[at_] : '\0';
    if (quote != '\0') ++at_;
    std::string token;
    for (bool after_dollar = false; at_ < text_.size(); ++at_) {
        const char c = text_[at_];
        if (c == '\n') ++line_;
        if (c == '\\' && at_ + 1 < text_.size()) {
            unescape(token, text_[++at_]);
            after_dollar = false;
            continue;
        }
        if (quote != '\0' ? c == quote : blank(c) || c == ';' || (c == '{' && !after_dollar)) break;
        after_dollar = c == '$';
        token += c;
    }
    out.words.push_back(std::move(token));
    if (quote == '\0') {
        if (at_ < text_.size() && text_[at_] == '\n') --line_;  // skip_blank() counts it
        return true;
    }
    if (at_ == text_.size()) return fail(std::string("a ") + quote + " is not closed");
    ++at_;
    // "(…)" of if conditions may follow a quote directly; anything else is "unexpected" for nginx.
    if (at_ < text_.size() && text_[at_] == ')') return true;
    if (at_ < text_.size() && !blank(text_[at_]) && text_[at_] != ';' && text_[at_] != '{')
        return fail("unexpected '" + text::shown(text_.substr(at_, 1), 1) + "' after a closing quote");
    return true;
}

void NginxTokens::unescape(std::string& token, char c) {
    if (c == '\n') ++line_;
    if (c == 't')
        token += '\t';
    else if (c == 'r')
        token += '\r';
    else if (c == 'n')
        token += '\n';
    else if (c == '"' || c == '\'' || c == '\\')
        token += c;
    else
        token.append({'\\', c});
}

}  // namespace rpm
