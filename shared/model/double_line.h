// SPDX-License-Identifier: MIT
// U+2551, a letter that Traefik cannot read: its files are decoded by way of labels (traefik/paerser), in
// which this letter parts the entries of a list.
#pragma once

#include <string>

#include "shared/model/site.h"

namespace rpm {

/// The path of the first text of the definition that has it and that Traefik would get; empty for none.
std::string find_double_line(const SiteDefinition& site);
bool has_double_line(std::string_view text);

}  // namespace rpm
