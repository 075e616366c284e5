// SPDX-License-Identifier: MIT
#include "web/view/diff.h"

#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/plan/diff.h"
#include "web/view/format.h"

namespace rpm::web {
namespace {

constexpr std::size_t kMaxLines = 1500;  // of one file; browsers get slow beyond
constexpr std::size_t kOpenLines = 120;
constexpr std::size_t kOpenFiles = 6;

std::string without_end(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return std::string(line);
}

FileDiff::Line shown(std::string kind, unsigned number, std::string_view text) {
    return {std::move(kind), std::to_string(number), crypto::without_hashes(without_end(text))};
}

std::string hunk_title(const plan::Hunk& hunk) {
    for (const plan::DiffLine& line : hunk.lines)
        if (line.new_number != 0) return "Line " + std::to_string(line.new_number);
    return hunk.lines.empty() ? "" : "Line " + std::to_string(hunk.lines.front().old_number);
}

FileDiff::Line line_of(const plan::DiffLine& line) {
    switch (line.kind) {
        case plan::LineKind::added:
            return shown("add", line.new_number, line.text);
        case plan::LineKind::removed:
            return shown("del", line.old_number, line.text);
        case plan::LineKind::same:
            break;
    }
    return shown("", line.new_number, line.text);
}

}  // namespace

bool FileDiff::operator==(const FileDiff& other) const {
    if (path != other.path || kind != other.kind || note != other.note || lines.size() != other.lines.size())
        return false;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].kind != other.lines[i].kind || lines[i].text != other.lines[i].text) return false;
    return true;
}

FileDiff diff_of(std::string path, plan::ChangeKind kind, std::string_view from, std::string_view to) {
    FileDiff out{.path = std::move(path), .kind = kind, .lines = {}, .note = {}};
    for (const plan::Hunk& hunk : plan::diff(from, to)) {
        if (kind == plan::ChangeKind::changed) out.lines.push_back({"hunk", "", hunk_title(hunk)});
        for (const plan::DiffLine& line : hunk.lines) {
            if (line.kind == plan::LineKind::added) ++out.plus;
            if (line.kind == plan::LineKind::removed) ++out.minus;
            out.lines.push_back(line_of(line));
        }
    }
    return out;
}

void set_diff(Fields& fields, const std::vector<FileDiff>& files, const std::string& id_prefix,
              const MarkLine& mark) {
    Fields& diff = fields.include("DIFF", "components/diff.html");
    std::size_t number = 0;
    for (const FileDiff& file : files) {
        Fields& row = diff.row("FILE");
        row.set("ID", id_prefix + "-" + std::to_string(number)).set("NAME", file.path);
        row.set("PLUS", std::to_string(file.plus)).set("MINUS", std::to_string(file.minus));
        row.show("OPEN", number++ < kOpenFiles && file.lines.size() <= kOpenLines && !file.folded);
        row.show("ADDED", file.kind == plan::ChangeKind::added);
        row.show("REMOVED", file.kind == plan::ChangeKind::removed);
        for (std::size_t i = 0; i < file.lines.size() && i < kMaxLines; ++i) {
            const FileDiff::Line& line = file.lines[i];
            Fields& place = row.row("LINE");
            place.set("KIND", line.kind).set("NO", line.number).set("TEXT", line.text);
            const auto line_number = text::number<std::size_t>(line.number);
            if (mark && line_number && line.kind != "del") mark(place, file.path, *line_number);
        }
        if (file.lines.size() > kMaxLines)
            row.row("CUT").set("TEXT", count_words(file.lines.size() - kMaxLines, "more line", "more lines"));
        else if (!file.note.empty())
            row.row("CUT").set("TEXT", file.note);
    }
}

}  // namespace rpm::web
