// SPDX-License-Identifier: MIT
#include "shared/plan/line_fields.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/plan/diff.h"
#include "shared/plan/perturb.h"
#include "shared/render/renderer.h"

namespace rpm::plan {
namespace {

// A comma behind a line of JSON belongs to the next one.
std::string without_commas(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != ',' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
    return out;
}

Files comparable(const Files& files) {
    Files out;
    for (const auto& [path, content] : files) out[path] = without_commas(content);
    return out;
}

bool begins_line(std::string_view text, std::size_t at) {
    return at == 0 || text[at - 1] == '\n';
}

// What two texts have in common at their ends is left out: most are alike.
struct Middle {
    std::string_view from, to;
    std::size_t lines_before;

    Middle(std::string_view a, std::string_view b) {
        const std::size_t shorter = std::min(a.size(), b.size());
        std::size_t before = 0;
        while (before < shorter && a[before] == b[before]) ++before;
        while (!begins_line(a, before)) --before;
        std::size_t behind = 0;
        while (behind < shorter - before && a[a.size() - 1 - behind] == b[b.size() - 1 - behind]) ++behind;
        while (behind > 0 && !(begins_line(a, a.size() - behind) && begins_line(b, b.size() - behind)))
            --behind;
        from = a.substr(before, a.size() - before - behind);
        to = b.substr(before, b.size() - before - behind);
        lines_before = static_cast<std::size_t>(std::ranges::count(a.substr(0, before), '\n'));
    }
};

// The lines of `from`, by number, that `to` has not.
void add_lost(std::string_view from, std::string_view to, const std::function<void(std::size_t)>& lost) {
    const Middle middle(from, to);
    for (const Hunk& hunk : diff(middle.from, middle.to, 0))
        for (const DiffLine& line : hunk.lines)
            if (line.kind == LineKind::removed) lost(middle.lines_before + line.old_number);
}

CertificateFiles pending_certificate(const std::string& fingerprint = std::string(64, '0')) {
    return {.id = CertificateId(1),
            .fingerprint = fingerprint,
            .key_digest = std::string(64, '0'),
            .chain_pem = std::make_shared<const std::string>()};
}

// The site's own file is named after its first name, which may be what differs.
const std::string* counterpart(const Files& files, std::string_view path) {
    constexpr std::string_view kFolder = "sites/";
    for (const auto& [other, content] : files)
        if (other == path || (path.starts_with(kFolder) && other.starts_with(kFolder))) return &content;
    return nullptr;
}

bool is_within(std::string_view path, std::string_view whole) {
    return path == whole || (path.starts_with(whole) && path[whole.size()] == '.');
}

}  // namespace

class Tracer {
  public:
    Tracer(const DeployableSite& site, const Files& drawn, const Draw& draw, std::size_t most_bytes)
        : site_(site), drawn_(comparable(drawn)), draw_(draw), left_(most_bytes) {}

    LineTable run() {
        if (site_.state != SiteState::active) {
            DeployableSite active = site_;
            active.state = SiteState::active;
            if (const auto lines = lost(active)) lines_["state"] = *lines;
        }
        each_variant(*site_.definition, [this](Variant variant) { return try_one(variant); });
        each_peeled(*site_.definition,
                    [this](const std::string& path, const SiteDefinition& left) { return peel(path, left); });
        return table();
    }

  private:
    using Line = std::pair<std::string, std::size_t>;
    using Lines = std::set<Line>;

    bool may_go_on() {
        complete_ = complete_ && left_ > 0;
        return left_ > 0;
    }

    // The first definition that the engine can say.
    bool try_one(Variant& variant) {
        while (auto other = variant.next()) {
            const auto lines = lost(with(*std::move(other)));
            if (lines) lines_[variant.path].insert(lines->begin(), lines->end());
            if (lines || left_ == 0) break;
        }
        return may_go_on();
    }

    // Lines that are there because of any of several members go with the last of these.
    bool peel(const std::string& path, const SiteDefinition& left) {
        Lines known;
        for (const auto& [field, lines] : lines_) known.insert(lines.begin(), lines.end());
        if (const auto lines = lost(with(left)))
            std::ranges::set_difference(*lines, known, std::inserter(lines_[path], lines_[path].end()));
        return may_go_on();
    }

    DeployableSite with(SiteDefinition definition) const {
        DeployableSite site = site_;
        site.definition = std::make_shared<const SiteDefinition>(std::move(definition));
        return site;
    }

    // The lines that are not there in the other site; nothing when the engine cannot say that one.
    std::optional<Lines> lost(const DeployableSite& other_site) {
        Files files;
        try {
            files = comparable(draw_(other_site));
        } catch (const Invalid&) {
            return std::nullopt;
        }
        Lines out;
        for (const auto& [path, content] : drawn_) {
            left_ -= std::min(left_, content.size());
            const std::string* other = counterpart(files, path);
            add_lost(content, other == nullptr ? std::string_view() : *other,
                     [&](std::size_t line) { out.emplace(path, line); });
        }
        return out;
    }

    LineTable table() const {
        std::vector<const std::string*> fields;
        for (const auto& [field, lines] : lines_) fields.push_back(&field);
        std::ranges::stable_sort(fields, [&](const std::string* a, const std::string* b) {
            const auto rank = [&](const std::string& field) {
                return std::pair(lines_.at(field).size(), -std::ranges::count(field, '.'));
            };
            return rank(*a) < rank(*b);
        });
        LineTable out;
        out.complete_ = complete_;
        for (const auto& [path, content] : drawn_) out.files_[path].resize(text::lines(content).size());
        for (const std::string* field : fields)
            for (const auto& [path, number] : lines_.at(*field))
                if (auto& of_file = out.files_.at(path); number <= of_file.size())
                    of_file[number - 1].push_back(*field);
        return out;
    }

    const DeployableSite& site_;
    const Files drawn_;
    const Draw& draw_;
    std::size_t left_;
    bool complete_ = true;
    std::map<std::string, Lines> lines_;
};

Draw drawing(const TemplateSet& templates, const NodeProfile& node) {
    return [&templates, &node](const DeployableSite& wanted) {
        DeployableSite site = wanted;
        if (site.definition->tls.mode != TlsMode::none && !site.certificate)
            site.certificate = pending_certificate();
        for (const auto& [path, upstream] : upstreams_of(*site.definition))
            if (const std::string shown = fingerprint_of_key(upstream->tls.key); !shown.empty())
                site.upstream_certificates.try_emplace(shown, pending_certificate(shown));
        Files files;
        const Bundle bundle = render::renderer(node.engine).render(templates, node, std::span(&site, 1));
        for (const auto& [path, file] : bundle.files)
            if (file.site == site.id && file.content) files[path] = *file.content;
        return files;
    };
}

LineTable trace_lines(const DeployableSite& site, const Files& drawn, const Draw& draw,
                      std::size_t most_bytes) {
    return Tracer(site, drawn, draw, most_bytes).run();
}

const std::vector<std::string>& LineTable::of(std::string_view path, std::size_t line) const {
    static const std::vector<std::string> none;
    const auto found = files_.find(path);
    if (found == files_.end() || line == 0 || line > found->second.size()) return none;
    return found->second[line - 1];
}

std::vector<RenderedLine> lines_of(const Files& drawn, const LineTable& table,
                                   std::span<const std::string> fields) {
    constexpr std::size_t kNearest = 2;  // the others are of whole sections
    std::vector<RenderedLine> out;
    for (const auto& [path, content] : drawn) {
        std::size_t number = 0;
        for (const std::string_view line : text::lines(content)) {
            const auto& of_line = table.of(path, ++number);
            const auto wanted = [&](const std::string& field) {
                return std::ranges::any_of(fields,
                                           [&](const std::string& each) { return is_within(field, each); });
            };
            const auto nearest = std::span(of_line).first(std::min(kNearest, of_line.size()));
            if (std::ranges::any_of(nearest, wanted))
                out.push_back({path, number, std::string(line), of_line});
        }
    }
    return out;
}

}  // namespace rpm::plan
