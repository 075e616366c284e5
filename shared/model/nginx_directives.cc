// SPDX-License-Identifier: MIT
#include "shared/model/nginx_directives.h"

#include <algorithm>
#include <array>
#include <vector>

#include "shared/base/text.h"
#include "shared/model/nginx_tokens.h"

namespace rpm {
namespace {

constexpr std::array kBlocks = {"location", "if", "limit_except", "types"};

// What may stand in a server block or below: nothing that loads code, reads or writes files, belongs to the
// whole node, or says what the site's definition says (names, certificates, ports). Sorted.
constexpr std::string_view kAllowed[] = {
    "absolute_redirect",
    "add_header",
    "add_trailer",
    "addition_types",
    "allow",
    "auth_basic",
    "auth_request",
    "auth_request_set",
    "break",
    "brotli",
    "brotli_comp_level",
    "brotli_min_length",
    "brotli_types",
    "charset",
    "charset_types",
    "chunked_transfer_encoding",
    "client_body_buffer_size",
    "client_body_in_single_buffer",
    "client_body_timeout",
    "client_header_timeout",
    "client_max_body_size",
    "default_type",
    "deny",
    "empty_gif",
    "error_page",
    "etag",
    "expires",
    "fastcgi_buffer_size",
    "fastcgi_buffering",
    "fastcgi_buffers",
    "fastcgi_busy_buffers_size",
    "fastcgi_connect_timeout",
    "fastcgi_hide_header",
    "fastcgi_ignore_client_abort",
    "fastcgi_index",
    "fastcgi_intercept_errors",
    "fastcgi_keep_conn",
    "fastcgi_next_upstream",
    "fastcgi_next_upstream_timeout",
    "fastcgi_next_upstream_tries",
    "fastcgi_param",
    "fastcgi_pass",
    "fastcgi_pass_header",
    "fastcgi_pass_request_body",
    "fastcgi_pass_request_headers",
    "fastcgi_read_timeout",
    "fastcgi_request_buffering",
    "fastcgi_send_timeout",
    "fastcgi_split_path_info",
    "grpc_buffer_size",
    "grpc_connect_timeout",
    "grpc_hide_header",
    "grpc_ignore_headers",
    "grpc_intercept_errors",
    "grpc_next_upstream",
    "grpc_next_upstream_timeout",
    "grpc_next_upstream_tries",
    "grpc_pass",
    "grpc_pass_header",
    "grpc_read_timeout",
    "grpc_send_timeout",
    "grpc_set_header",
    "grpc_ssl_name",
    "grpc_ssl_protocols",
    "grpc_ssl_server_name",
    "grpc_ssl_session_reuse",
    "gunzip",
    "gzip",
    "gzip_buffers",
    "gzip_comp_level",
    "gzip_disable",
    "gzip_http_version",
    "gzip_min_length",
    "gzip_proxied",
    "gzip_types",
    "gzip_vary",
    "http2_max_concurrent_streams",
    "http2_recv_buffer_size",
    "if",
    "if_modified_since",
    "ignore_invalid_headers",
    "internal",
    "keepalive_disable",
    "keepalive_requests",
    "keepalive_time",
    "keepalive_timeout",
    "large_client_header_buffers",
    "limit_conn",
    "limit_conn_dry_run",
    "limit_conn_status",
    "limit_except",
    "limit_rate",
    "limit_rate_after",
    "limit_req",
    "limit_req_dry_run",
    "limit_req_status",
    "lingering_close",
    "lingering_time",
    "lingering_timeout",
    "location",
    "log_not_found",
    "log_subrequest",
    "max_ranges",
    "merge_slashes",
    "mirror",
    "mirror_request_body",
    "msie_padding",
    "msie_refresh",
    "output_buffers",
    "override_charset",
    "port_in_redirect",
    "postpone_output",
    "proxy_buffer_size",
    "proxy_buffering",
    "proxy_buffers",
    "proxy_busy_buffers_size",
    "proxy_connect_timeout",
    "proxy_cookie_domain",
    "proxy_cookie_flags",
    "proxy_cookie_path",
    "proxy_force_ranges",
    "proxy_headers_hash_bucket_size",
    "proxy_headers_hash_max_size",
    "proxy_hide_header",
    "proxy_http_version",
    "proxy_ignore_client_abort",
    "proxy_ignore_headers",
    "proxy_intercept_errors",
    "proxy_limit_rate",
    "proxy_max_temp_file_size",
    "proxy_method",
    "proxy_next_upstream",
    "proxy_next_upstream_timeout",
    "proxy_next_upstream_tries",
    "proxy_pass",
    "proxy_pass_header",
    "proxy_pass_request_body",
    "proxy_pass_request_headers",
    "proxy_read_timeout",
    "proxy_redirect",
    "proxy_request_buffering",
    "proxy_send_lowat",
    "proxy_send_timeout",
    "proxy_set_body",
    "proxy_set_header",
    "proxy_socket_keepalive",
    "proxy_ssl_ciphers",
    "proxy_ssl_name",
    "proxy_ssl_protocols",
    "proxy_ssl_server_name",
    "proxy_ssl_session_reuse",
    "proxy_ssl_verify",
    "proxy_ssl_verify_depth",
    "proxy_temp_file_write_size",
    "recursive_error_pages",
    "referer_hash_bucket_size",
    "referer_hash_max_size",
    "reset_timedout_connection",
    "return",
    "rewrite",
    "satisfy",
    "secure_link",
    "secure_link_md5",
    "secure_link_secret",
    "send_lowat",
    "send_timeout",
    "sendfile",
    "sendfile_max_chunk",
    "server_name_in_redirect",
    "server_tokens",
    "set",
    "slice",
    "source_charset",
    "sub_filter",
    "sub_filter_last_modified",
    "sub_filter_once",
    "sub_filter_types",
    "tcp_nodelay",
    "tcp_nopush",
    "types",
    "types_hash_bucket_size",
    "types_hash_max_size",
    "underscores_in_headers",
    "uninitialized_variable_warn",
    "userid",
    "userid_domain",
    "userid_expires",
    "userid_flags",
    "userid_mark",
    "userid_name",
    "userid_p3p",
    "userid_path",
    "valid_referers",
};

// Names that the renderer makes, of this or another site: "site12_rate0", "$site12_backend".
bool names_a_site(std::string_view word) {
    for (auto at = word.find("site"); at != std::string_view::npos; at = word.find("site", at + 1)) {
        const auto end = word.find_first_not_of("0123456789", at + 4);
        if (end != std::string_view::npos && end > at + 4 && word[end] == '_') return true;
    }
    return false;
}

// Where a request is passed on to must be in sight: a variable could spell a socket of the node.
bool hides_target(const NginxDirective& directive) {
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

// `in_types`: in a block of types, whose directives are media types.
std::string problem_with(const NginxDirective& directive, bool in_types) {
    const std::string name = text::lower(directive.words.front());
    const std::string shown = "'" + text::shown(directive.words.front(), 40) + "'";
    const bool media_type = in_types && name.find('/') != std::string::npos;
    if (!media_type && !std::ranges::binary_search(kAllowed, std::string_view(name)))
        return shown + " is not allowed here";
    if (directive.end == '{' && std::ranges::find(kBlocks, name) == kBlocks.end())
        return "a block of " + shown + " is not allowed here";
    for (const std::string& word : directive.words) {
        if (names_a_site(word)) return shown + " must not use the names that the manager gives";
        if (text::lower(word).find("unix:") != std::string::npos)
            return shown + " must not use a unix socket";
    }
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
    NginxTokens tokens(text);
    std::vector<std::string> blocks;
    for (NginxDirective directive; tokens.next(directive);) {
        blocks.resize(directive.depth);
        const bool in_types = !blocks.empty() && blocks.back() == "types";
        if (const std::string problem = problem_with(directive, in_types); !problem.empty())
            return "line " + std::to_string(directive.line) + ": " + problem;
        if (directive.end == '{') blocks.push_back(text::lower(directive.words.front()));
    }
    return tokens.problem();
}

}  // namespace rpm
