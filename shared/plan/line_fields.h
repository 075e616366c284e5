// SPDX-License-Identifier: MIT
// Which member of a definition each rendered line comes from. Pure.
//
//     const Draw draw = drawing(templates, node);
//     const LineTable table = trace_lines(site, draw);
//     table.of("sites/12-shop.example.com.conf", 41)         // {"access.deny.0"}
//
// No renderer says it. Member after member is given another valid value (its default, where it has another
// one) and the site is rendered again: the lines that are not there any more depend on that member. So every
// engine and every member that will ever be added is covered, and nothing can be written down wrongly.
// Entries of lists are also taken away from the end, which shows the lines that are there because of the
// entry as a whole.
//
// A member that cannot have another value alone (https redirects need TLS) takes along those that the
// validator names. A render of one site takes some 0.1 ms and a table some 100 of them; `most_bytes` bounds
// the work.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/template_set.h"
#include "shared/model/deployable_site.h"
#include "shared/model/node.h"

namespace rpm::plan {

/// The texts of one site by path; what belongs to the whole node is left out.
using Files = std::map<std::string, std::string>;
/// Throws Invalid when the engine cannot say it.
using Draw = std::function<Files(const DeployableSite&)>;

/// By the node's engine. A site that needs a certificate and has none yet is drawn with one of zeros.
/// The arguments must outlive it.
Draw drawing(const TemplateSet& templates, const NodeProfile& node);

class LineTable {
  public:
    /// Paths of members, the one that fewest lines depend on first; none for lines that every site has.
    /// "state": the site is paused or blocked. Lines count from 1.
    const std::vector<std::string>& of(std::string_view path, std::size_t line) const;
    bool complete() const { return complete_; }  ///< false: there was more to do than allowed

  private:
    friend class Tracer;
    std::map<std::string, std::vector<std::vector<std::string>>, std::less<>> files_;
    bool complete_ = true;
};

constexpr std::size_t kMostTraced = 8U << 20U;  ///< of rendered text
/// `drawn`: what `draw` makes of the site.
LineTable trace_lines(const DeployableSite& site, const Files& drawn, const Draw& draw,
                      std::size_t most_bytes = kMostTraced);

struct RenderedLine {
    std::string path;
    std::size_t number = 0;
    std::string text;
    std::vector<std::string> fields;
};
/// The lines of these members (and of what is in them), in the order of the files.
std::vector<RenderedLine> lines_of(const Files& drawn, const LineTable& table,
                                   std::span<const std::string> fields);

}  // namespace rpm::plan
