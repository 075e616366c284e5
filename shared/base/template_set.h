// SPDX-License-Identifier: MIT
// All templates below one folder, loaded and checked at start, expanded from plain values.
//
//     Fields page;
//     page.set("TITLE", "Sites");
//     for (const auto& site : sites) page.row("SITE").set("NAME", site.name);
//     page.show("CAN_EDIT", viewer.may(…));
//     std::string html = templates.expand("sites.html", page);
//
// A field that the template names and nobody set is empty; a section nobody showed is left out. HTML
// templates start with {{%AUTOESCAPE context="HTML"}} and so need no escaping by the caller; other templates
// quote by modifiers, which are registered here once, before the first set is made. A modifier may throw: the
// exception passes through expand().
//
// A part of a page that costs much and seldom changes, such as the rows of a list, is expanded by itself and
// kept under the versions of what it was made of:
//
//     page.set("ROWS_HTML", templates.expand_kept("rows.html", versions, [&] { return rows_of(sites); }));
//     {{ROWS_HTML:x-html}}                                                 in the page
//
// Sets are immutable and may be used by many threads. Fields belong to one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rpm {

/// The name of a field or section: a literal, so that it can be kept by address and hashed only once.
/// Names in _HTML are kept for HtmlName: no text of somebody's can be set where it would not be escaped.
class FieldName {
  public:
    consteval FieldName(const char* literal) : name_(literal) {
        if (name_.ends_with("_HTML")) throw "a field whose name ends in _HTML takes an Html";
    }
    constexpr std::string_view view() const { return name_; }

  private:
    friend class HtmlName;
    struct ForHtml {};
    consteval FieldName(const char* literal, ForHtml) : name_(literal) {}
    std::string_view name_;
};

/// The name of a field that takes what another template made: "ROWS_HTML", inserted by {{ROWS_HTML:x-html}}.
class HtmlName {
  public:
    consteval HtmlName(const char* literal) : name_(literal, FieldName::ForHtml()) {
        if (!name_.view().ends_with("_HTML")) throw "the name of an Html field ends in _HTML";
    }
    constexpr FieldName field() const { return name_; }

  private:
    FieldName name_;
};

/// Text that a template made, so that it is escaped already. Only TemplateSet makes it.
class Html {
  public:
    const std::string& text() const { return *text_; }

  private:
    friend class TemplateSet;
    using Text = std::shared_ptr<const std::string>;
    explicit Html(Text text) : text_(std::move(text)) {}
    Text text_;
};

/// The values for one template: scalars, sections (each a list of Fields), and included templates.
class Fields {
  public:
    Fields& set(FieldName name, std::string value) {
        if (values_.capacity() == 0) values_.reserve(kUsualValues);  // not 1, 2, 4, 8 for every row of a list
        values_.emplace_back(name, std::move(value));
        return *this;
    }
    Fields& set(HtmlName name, Html value) {
        htmls_.emplace_back(name.field(), std::move(value));
        return *this;
    }
    /// A scalar that the templates included below see as well.
    Fields& set_global(FieldName name, std::string value) {
        globals_.emplace_back(name, std::move(value));
        return *this;
    }
    /// Shows the section once, without values of its own.
    Fields& show(FieldName section, bool condition = true) {
        if (condition) shown_.push_back(section);
        return *this;
    }
    /// Of the outermost Fields: shows the section here and in every template included below, but not in
    /// the rows there: those see what they show themselves.
    Fields& show_global(FieldName section, bool condition = true) {
        if (condition) shown_globals_.push_back(section);
        return *this;
    }
    /// Shows the section once more with its own values; those of the outer Fields stay visible in it.
    Fields& row(FieldName section) {
        return rows_.emplace_back(std::make_unique<Row>(section, Fields()))->second;
    }
    /// Expands another template of the set at {{>NAME}}; it does not see the outer values, only globals.
    Fields& include(FieldName name, std::string file) {
        return includes_.emplace_back(Include{name, std::move(file), std::make_unique<Fields>()})
            .fields.
            operator*();
    }

  private:
    friend class TemplateSet;
    static constexpr std::size_t kUsualValues = 8;
    using Row = std::pair<FieldName, Fields>;
    struct Include {
        FieldName name;
        std::string file;
        std::unique_ptr<Fields> fields;
    };
    std::vector<std::pair<FieldName, std::string>> values_;
    std::vector<std::pair<FieldName, Html>> htmls_;
    std::vector<std::pair<FieldName, std::string>> globals_;
    std::vector<FieldName> shown_;
    std::vector<FieldName> shown_globals_;
    std::vector<std::unique_ptr<Row>> rows_;  // references to rows stay valid; no row costs nothing
    std::vector<Include> includes_;
};

class TemplateSet {
  public:
    /// Appends the quoted form of `in` to `out`, or throws (Invalid) when the syntax cannot say it.
    using Modifier = void (*)(std::string_view in, std::string& out);
    /// Registers "x-name"; only before the first set is made.
    static void add_modifier(const std::string& name, Modifier modifier);

    /// Loads every file below the folder with one of the suffixes. Throws Error naming the first file that
    /// fails.
    TemplateSet(const std::filesystem::path& folder, const std::vector<std::string>& suffixes);
    ~TemplateSet();
    TemplateSet(const TemplateSet&) = delete;
    TemplateSet& operator=(const TemplateSet&) = delete;

    /// `file` is relative to the folder. Throws NotFound for a file that is not in the set.
    std::string expand(const std::string& file, const Fields& fields) const;
    /// As expand(), appending to a buffer that the caller reuses.
    void expand_to(std::string& out, const std::string& file, const Fields& fields) const;
    /// As expand(), found again, without making the fields, when the same file was expanded under the same
    /// `made_of` before: bytes that are others whenever any of the fields is. What is kept is bounded, and
    /// all of it is dropped when full.
    Html expand_kept(const std::string& file, const std::string& made_of,
                     const std::function<Fields()>& make) const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace rpm
