// SPDX-License-Identifier: MIT
#include "shared/base/template_set.h"

#include <ctemplate/template.h>
#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>
#include <ctemplate/template_modifiers.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>

#include "shared/base/error.h"

namespace ct = ctemplate;

namespace rpm {
namespace {

class Adapter final : public ct::TemplateModifier {
  public:
    explicit Adapter(TemplateSet::Modifier modifier) : modifier_(modifier) {}
    void Modify(const char* in, std::size_t length, const ct::PerExpandData*, ct::ExpandEmitter* out,
                const std::string&) const override {
        std::string quoted;
        modifier_({in, length}, quoted);
        out->Emit(quoted);
    }

  private:
    TemplateSet::Modifier modifier_;
};

// Inserts Html as it is. ctemplate takes the modifier for one that escapes and so adds no escaping of its
// own.
struct Insert final : public ct::TemplateModifier {
    void Modify(const char* in, std::size_t length, const ct::PerExpandData*, ct::ExpandEmitter* out,
                const std::string&) const override {
        out->Emit(in, length);
    }
};

void register_insert() {
    static const bool once = ct::AddXssSafeModifier("x-html", new Insert);
    if (!once) throw Error("the template modifier x-html is taken");
}

// ctemplate hashes a name and looks it up under a global lock each time unless the name is "static" and was
// made known to it; names are literals, so one static string per literal and thread is enough.
struct StaticName {
    explicit StaticName(std::string_view text) : name{{text.data(), text.size(), 0}}, made_known(&name) {}
    ct::StaticTemplateString name;
    ct::StaticTemplateStringInitializer made_known;
};

const ct::StaticTemplateString& static_name(FieldName name) {
    thread_local std::unordered_map<const char*, std::unique_ptr<StaticName>> known;
    const std::string_view text = name.view();
    auto& entry = known[text.data()];
    if (!entry) entry = std::make_unique<StaticName>(text);
    return entry->name;
}

ct::TemplateString keep(const std::string& value) {
    return {value.data(), value.size()};
}

constexpr std::size_t kKeptBytes = std::size_t{4} << 20U;

// Values by key, dropped all at once when they and their keys become too many bytes.
class Kept {
  public:
    std::shared_ptr<const std::string> find(const std::string& key) {
        const std::lock_guard lock(mutex_);
        const auto found = texts_.find(key);
        return found == texts_.end() ? nullptr : found->second;
    }
    void insert(std::string key, std::shared_ptr<const std::string> text) {
        const std::size_t size = key.size() + text->size();
        if (size > kKeptBytes / 8) return;  // one page must not drive out all others
        const std::lock_guard lock(mutex_);
        if (bytes_ + size > kKeptBytes) {
            texts_.clear();
            bytes_ = 0;
        }
        if (texts_.emplace(std::move(key), std::move(text)).second) bytes_ += size;
    }

  private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const std::string>> texts_;
    std::size_t bytes_ = 0;
};

}  // namespace

struct TemplateSet::Impl {
    std::filesystem::path folder;
    ct::TemplateCache cache;
    std::set<std::string, std::less<>> files;
    Kept kept;

    // Values are not copied: the Fields outlive the dictionary in expand().
    // Sections for every template are shown in each: ctemplate's own global sections hide the values around
    // them.
    void fill(ct::TemplateDictionary& dictionary, const Fields& fields,
              const std::vector<FieldName>& everywhere) const {
        for (const auto& [name, value] : fields.globals_)
            dictionary.SetTemplateGlobalValue(static_name(name), keep(value));
        for (const auto& [name, value] : fields.values_)
            dictionary.SetValueWithoutCopy(static_name(name), keep(value));
        for (const auto& [name, html] : fields.htmls_)
            dictionary.SetValueWithoutCopy(static_name(name), keep(html.text()));
        for (const FieldName name : fields.shown_) dictionary.ShowSection(static_name(name));
        for (const auto& row : fields.rows_)
            fill(*dictionary.AddSectionDictionary(static_name(row->first)), row->second, everywhere);
        for (const auto& include : fields.includes_) {
            demand(include.file);
            auto* inner = dictionary.AddIncludeDictionary(static_name(include.name));
            inner->SetFilename(include.file);
            for (const FieldName name : everywhere) inner->ShowSection(static_name(name));
            fill(*inner, *include.fields, everywhere);
        }
    }
    void demand(const std::string& file) const {
        if (!files.contains(file)) throw NotFound("no such template: " + (folder / file).string());
    }
};

void TemplateSet::add_modifier(const std::string& name, Modifier modifier) {
    // ctemplate keeps modifiers for the life of the process.
    if (!ct::AddModifier(name.c_str(), new Adapter(modifier)))
        return;  // registered before: same name, same meaning
}

TemplateSet::TemplateSet(const std::filesystem::path& folder, const std::vector<std::string>& suffixes)
    : impl_(std::make_unique<Impl>()) {
    register_insert();
    impl_->folder = folder;
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
        throw Unavailable("no template folder: " + folder.string());
    impl_->cache.SetTemplateRootDirectory(folder.string());
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string suffix = entry.path().extension().string();
        if (!entry.is_regular_file() || std::ranges::find(suffixes, suffix) == suffixes.end()) continue;
        const std::string file = std::filesystem::relative(entry.path(), folder).string();
        if (!impl_->cache.LoadTemplate(file, ct::STRIP_BLANK_LINES))
            throw Error("template does not load (its reason is printed above): " + entry.path().string());
        impl_->files.insert(file);
    }
    if (impl_->files.empty()) throw Unavailable("no template in " + folder.string());
    impl_->cache.Freeze();
}

TemplateSet::~TemplateSet() = default;

std::string TemplateSet::expand(const std::string& file, const Fields& fields) const {
    std::string out;
    expand_to(out, file, fields);
    return out;
}

void TemplateSet::expand_to(std::string& out, const std::string& file, const Fields& fields) const {
    impl_->demand(file);
    ct::TemplateDictionary dictionary("");
    for (const FieldName name : fields.shown_globals_) dictionary.ShowSection(static_name(name));
    impl_->fill(dictionary, fields, fields.shown_globals_);
    ct::StringEmitter emitter(&out);
    if (!impl_->cache.ExpandNoLoad(file, ct::STRIP_BLANK_LINES, &dictionary, nullptr, &emitter))
        throw Error("template does not expand: " + file);
}

Html TemplateSet::expand_kept(const std::string& file, const std::string& made_of,
                              const std::function<Fields()>& make) const {
    std::string key = file + '\0' + made_of;
    if (Html::Text known = impl_->kept.find(key)) return Html(std::move(known));
    auto text = std::make_shared<const std::string>(expand(file, make()));
    impl_->kept.insert(std::move(key), text);
    return Html(std::move(text));
}

}  // namespace rpm
