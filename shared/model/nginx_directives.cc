// SPDX-License-Identifier: MIT
#include "shared/model/nginx_directives.h"

#include <algorithm>
#include <array>
#include <vector>

#include "shared/base/text.h"

namespace rpm {
namespace {

struct Directive {
    std::vector<std::string> words;  // name and arguments, quotes removed
    unsigned line = 0;
    char end = ';';  // or '{'
};

// The same decisions as ngx_conf_read_token() of nginx 1.22 (src/core/ngx_conf_file.c), so that we see the
// text as the engine will. problem() tells what the engine would refuse.
class Tokens {
  public:
    explicit Tokens(std::string_view text) : text_(text) {}

    /// Reads up to ';', '{' or '}'. False at the end of the text or at a problem.
    bool next(Directive& out) {
        out = {};
        while (skip_blank()) {
            const char c = text_[at_];
            if (c == ';' || c == '{') {
                ++at_;
                if (out.words.empty()) return fail(std::string("unexpected '") + c + "'");
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
    const std::string& problem() const { return problem_; }

  private:
    bool fail(const std::string& message) {
        problem_ = "line " + std::to_string(line_) + ": " + message;
        return false;
    }
    static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

    // Blanks and comments; false at the end.
    bool skip_blank() {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '#') at_ = std::min(text_.find('\n', at_), text_.size());
            if (at_ == text_.size()) break;
            if (!blank(text_[at_])) return true;
            if (text_[at_] == '\n') ++line_;
        }
        return false;
    }

    bool word(Directive& out) {
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

    void unescape(std::string& token, char c) {
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

    std::string_view text_;
    std::size_t at_ = 0;
    unsigned line_ = 1;
    unsigned depth_ = 0;
    std::string problem_;
};

constexpr std::array kBlocks = {"location", "if", "limit_except", "types"};

// They load code, read or write files, or belong to the whole node or to the site's definition.
constexpr std::array kRefused = {
    "alias",
    "auth_basic_user_file",
    "client_body_in_file_only",
    "create_full_put_path",
    "daemon",
    "debug_points",
    "env",
    "events",
    "google_perftools_profiles",
    "http",
    "include",
    "internal_redirect",
    "listen",
    "load_module",
    "lock_file",
    "mail",
    "master_process",
    "pcre_jit",
    "pid",
    "root",
    "server",
    "server_name",
    "server_names_hash_bucket_size",
    "server_names_hash_max_size",
    "ssl_client_certificate",
    "ssl_conf_command",
    "ssl_crl",
    "ssl_dhparam",
    "ssl_engine",
    "ssl_password_file",
    "ssl_reject_handshake",
    "ssl_session_ticket_key",
    "ssl_stapling_file",
    "ssl_trusted_certificate",
    "stream",
    "stub_status",
    "thread_pool",
    "timer_resolution",
    "try_files",
    "upstream",
    "user",
    "working_directory",
    "xslt_stylesheet",
    "xml_entities",
};
constexpr std::array kRefusedStarts = {"dav_",        "geoip",           "js_",        "lua_",
                                       "modsecurity", "otel_",           "passenger_", "perl",
                                       "rewrite_by_", "ssl_certificate", "worker_"};
constexpr std::array kRefusedEnds = {"_by_lua",
                                     "_by_lua_block",
                                     "_by_lua_file",
                                     "_cache_path",
                                     "_log",
                                     "_ssl_certificate",
                                     "_ssl_certificate_key",
                                     "_ssl_crl",
                                     "_ssl_conf_command",
                                     "_ssl_password_file",
                                     "_store",
                                     "_store_access",
                                     "_temp_path",
                                     "_ssl_trusted_certificate",
                                     "_user_file"};

bool refused_name(std::string_view name) {
    return std::ranges::find(kRefused, name) != kRefused.end() ||
           std::ranges::any_of(kRefusedStarts,
                               [&](std::string_view start) { return name.starts_with(start); }) ||
           std::ranges::any_of(kRefusedEnds, [&](std::string_view end) { return name.ends_with(end); });
}

// Where a request is passed on to must be in sight: a variable could spell a socket of the node.
bool hides_target(const Directive& directive) {
    const std::string name = text::lower(directive.words.front());
    if (!name.ends_with("_pass") || directive.words.size() < 2) return false;
    std::string target = text::lower(directive.words[1]);
    for (const std::string_view scheme : {"http://", "https://", "$scheme://", "grpc://", "grpcs://"})
        if (target.starts_with(scheme)) {
            target.erase(0, scheme.size());
            break;
        }
    const auto dollar = target.find('$');
    return dollar != std::string::npos && std::string_view("unix:").starts_with(target.substr(0, dollar));
}

std::string problem_with(const Directive& directive) {
    const std::string name = text::lower(directive.words.front());
    const std::string shown = "'" + text::shown(directive.words.front(), 40) + "'";
    if (refused_name(name)) return shown + " is not allowed here";
    if (directive.end == '{' && std::ranges::find(kBlocks, name) == kBlocks.end())
        return "a block of " + shown + " is not allowed here";
    for (const std::string& word : directive.words)
        if (text::lower(word).find("unix:") != std::string::npos)
            return shown + " must not use a unix socket";
    if (hides_target(directive)) return shown + " must name its target without variables";
    return "";
}

}  // namespace

std::string problem_in_nginx_directives(std::string_view text) {
    if (!text::is_utf8(text)) return "is not valid UTF-8 text";
    unsigned line = 1;
    for (const char c : text) {
        if (c == '\n') ++line;
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
            return "line " + std::to_string(line) + ": has a control character";
    }
    Tokens tokens(text);
    for (Directive directive; tokens.next(directive);)
        if (const std::string problem = problem_with(directive); !problem.empty())
            return "line " + std::to_string(directive.line) + ": " + problem;
    return tokens.problem();
}

}  // namespace rpm
