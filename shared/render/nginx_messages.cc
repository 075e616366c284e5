// SPDX-License-Identifier: MIT
// Whose fault it is, from the engine's own words:
//
//     nginx: [emerg] unknown directive "foo" in /x/releases/.in.ab/sites/12-shop.example.com.conf:41
//     nginx: [emerg] cannot load certificate "/x/current/certs/0123.crt": PEM_read_bio_X509_AUX() failed (…)
//     2026/11/22 20:34:00 [emerg] 7#7: host not found in upstream "x" in /x/sites/12-….conf:3
//
// Warnings ("conflicting server name …, ignored") stop nothing and blame nobody.
#include "shared/base/text.h"
#include "shared/render/nginx.h"
#include "shared/render/release_files.h"

namespace rpm::render {
namespace {

constexpr std::string_view kEmergency = "[emerg] ";

// "7#7: " and "7#7: *3 " of lines from the log.
std::string_view without_process(std::string_view message) {
    const auto end = message.find(": ");
    if (end == std::string_view::npos || message.find('#') >= end) return message;
    for (const char c : message.substr(0, end))
        if ((c < '0' || c > '9') && c != '#') return message;
    return message.substr(end + 2);
}

// The path below the release: "…/sites/12-x.conf" -> "sites/12-x.conf".
std::string below_release(std::string_view path) {
    for (const std::string_view folder : {"/sites/", "/certs/"})
        if (const auto at = path.rfind(folder); at != std::string_view::npos)
            return std::string(path.substr(at + 1));
    return std::string(path.substr(path.rfind('/') + 1));
}

// "<message> in <path>:<line>"
std::optional<Renderer::Culprit> by_line(std::string_view message) {
    const auto colon = message.rfind(':');
    const auto in = message.rfind(" in /");
    if (colon == std::string_view::npos || in == std::string_view::npos || colon < in) return std::nullopt;
    const auto line = text::number<unsigned>(message.substr(colon + 1));
    if (!line) return std::nullopt;
    const std::string file = below_release(message.substr(in + 4, colon - in - 4));
    return Renderer::Culprit{site_of_path(file), file, *line, std::string(message.substr(0, in))};
}

// A file in quotes: the one that could not be loaded. Several sites may use one certificate.
std::optional<Renderer::Culprit> by_quoted_file(std::string_view message) {
    const auto start = message.find("\"/");
    const auto end = message.find('"', start == std::string_view::npos ? start : start + 1);
    if (start == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
    const std::string file = below_release(message.substr(start + 1, end - start - 1));
    std::string words(message.substr(0, start + 1));
    words.append(file).append(message.substr(end));
    return Renderer::Culprit{site_of_path(file), file, 0, words};
}

}  // namespace

std::optional<Renderer::Culprit> NginxRenderer::culprit(std::string_view engine_output) const {
    for (const std::string_view line : text::lines(engine_output)) {
        const auto at = line.find(kEmergency);
        if (at == std::string_view::npos) continue;
        const std::string_view message = without_process(text::trim(line.substr(at + kEmergency.size())));
        if (auto found = by_line(message)) return found;
        if (auto found = by_quoted_file(message)) return found;
    }
    return std::nullopt;
}

}  // namespace rpm::render
