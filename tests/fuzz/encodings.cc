// SPDX-License-Identifier: MIT
#include "shared/base/text.h"
#include "tests/fuzz/fuzz.h"

namespace rpm::fuzz {

void encodings(std::string_view input) {
    demand(text::unhex(text::hex(input)) == input, "hex");
    demand(text::unbase64(text::base64(input)) == input, "base64");
    if (const auto bytes = text::unbase64(input))
        demand(text::base64(*bytes) == input, "two texts of base64 for the same bytes");
    std::string rejoined;
    for (const std::string_view part : text::split(input, 'x'))
        (rejoined += rejoined.empty() && part.data() == input.data() ? "" : "x") += part;
    demand(rejoined == input, "split");
    for (const std::size_t limit : {0U, 1U, 5U, 40U}) {
        const std::string cut = text::ellipsis(input, limit);
        demand(cut.size() <= limit + 3 || cut == input, "ellipsis is longer than allowed");
        demand(!text::is_utf8(input) || text::is_utf8(cut), "ellipsis cuts a character");
    }
    text::nearest(input, {"domains", "upstream", "ip_address"});
    for (const std::string_view line : text::lines(input))
        demand(line.find('\n') == std::string_view::npos, "lines");
    demand(text::lower(text::lower(input)) == text::lower(input) && text::iequals(input, text::lower(input)),
           "lower");
}

}  // namespace rpm::fuzz
