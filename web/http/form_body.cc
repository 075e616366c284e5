// SPDX-License-Identifier: MIT
// The only home of cgicc: it takes apart the bodies of forms, nothing else. It trusts its input, so the
// length, the number of fields and the encoding are checked before, and what it gets wrong is put right
// before.
#include <cgicc/Cgicc.h>

#include <algorithm>
#include <cstring>

#include "shared/base/text.h"
#include "web/http/decode.h"
#include "web/http/error.h"
#include "web/http/request.h"

namespace rpm::http {
namespace {

constexpr std::string_view kUrlencoded = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data";

// Shows cgicc the body that was already read, and a query string that is always empty: it would mix the query
// into the form.
class BodyInput final : public cgicc::CgiInput {
  public:
    BodyInput(std::string_view body, std::string content_type)
        : body_(body), content_type_(std::move(content_type)) {}
    std::size_t read(char* data, std::size_t length) override {
        const std::size_t n = std::min(length, body_.size() - at_);
        std::memcpy(data, body_.data() + at_, n);
        at_ += n;
        return n;
    }
    std::string getenv(const char* name) override {
        const std::string_view key = name;
        if (key == "REQUEST_METHOD") return "POST";
        if (key == "CONTENT_TYPE") return content_type_;
        if (key == "CONTENT_LENGTH") return std::to_string(body_.size());
        return {};
    }

  private:
    std::string_view body_;
    std::string content_type_;
    std::size_t at_ = 0;
};

std::string_view media_type(std::string_view content_type) {
    return text::trim(content_type.substr(0, content_type.find(';')));
}

void check_count(std::size_t fields, const Limits& limits) {
    if (fields > limits.form_fields) throw HttpError(413, "too many form fields");
}

void check_percent(std::string_view body) {
    for (auto at = body.find('%'); at != std::string_view::npos; at = body.find('%', at + 1))
        decode_percent(body.substr(at, 3), Plus::literal);
}

// cgicc splits at ";" as well and drops a last name without "=".
std::string repair_urlencoded(std::string_view body) {
    std::string out;
    out.reserve(body.size() + 1);
    for (const char c : body) {
        if (c == ';')
            out += "%3B";
        else
            out += c;
    }
    const auto last = out.rfind('&') + 1;  // npos + 1 == 0: the only one
    if (last < out.size() && out.find('=', last) == std::string::npos) out += '=';
    return out;
}

std::string boundary_of(std::string_view content_type) {
    for (std::string_view part : text::split(content_type, ';')) {
        part = text::trim(part);
        if (!text::iequals(part.substr(0, 9), "boundary=")) continue;
        part.remove_prefix(9);
        // cgicc takes the quotes for a part of the boundary and then finds no field.
        if (part.size() >= 2 && part.front() == '"' && part.back() == '"')
            part = part.substr(1, part.size() - 2);
        // RFC 2046 section 5.1.1: 1 to 70 characters.
        if (part.empty() || part.size() > 70 || text::has_control(part)) break;
        return std::string(part);
    }
    throw HttpError(400, "malformed multipart form");
}

std::size_t count(std::string_view body, std::string_view what) {
    std::size_t n = 0;
    for (auto at = body.find(what); at != std::string_view::npos; at = body.find(what, at + what.size())) ++n;
    return n;
}

void copy_fields(Request& request, const cgicc::Cgicc& parsed) {
    for (const auto& element : parsed.getElements()) {
        check_text(element.getName());
        check_text(element.getValue());
        request.form.add(element.getName(), element.getValue());
    }
    for (const auto& file : parsed.getFiles()) {
        check_text(file.getName());
        request.files.add(file.getName(), file.getData());
    }
}

void parse(Request& request, std::string_view body, std::string content_type) {
    BodyInput input(body, std::move(content_type));
    try {
        copy_fields(request, cgicc::Cgicc(&input));
    } catch (const HttpError&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception&) {  // it throws runtime_error and out_of_range for malformed bodies
        throw HttpError(400, "malformed form");
    }
}

void read_urlencoded(Request& request, const Limits& limits) {
    check_count(count(request.body, "&") + 1, limits);
    check_percent(request.body);
    parse(request, repair_urlencoded(request.body), std::string(kUrlencoded));
}

void read_multipart(Request& request, const Limits& limits) {
    const std::string boundary = boundary_of(request.header("content-type"));
    const std::size_t delimiters = count(request.body, "--" + boundary);
    check_count(delimiters, limits);
    // Without its last delimiter a body was cut off on the way; cgicc would silently give the fields before.
    const std::string_view body = text::trim(request.body);
    if (delimiters == 0 || !body.ends_with("--" + boundary + "--"))
        throw HttpError(400, "malformed multipart form");
    parse(request, std::string(body) + "\r\n", std::string(kMultipart) + "; boundary=" + boundary);
    // One delimiter per part, and the last.
    if (request.form.size() + request.files.size() + 1 != delimiters)
        throw HttpError(400, "malformed multipart form");
}

}  // namespace

void read_form(Request& request, const Limits& limits) {
    if (request.method != "POST" || request.body.empty()) return;
    const std::string_view type = media_type(request.header("content-type"));
    if (text::iequals(type, kUrlencoded))
        read_urlencoded(request, limits);
    else if (text::iequals(type, kMultipart))
        read_multipart(request, limits);
    else
        return;
    request.body.clear();
    request.body.shrink_to_fit();
}

}  // namespace rpm::http
