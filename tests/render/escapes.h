// SPDX-License-Identifier: MIT
// Texts that try to leave the place they are put into, the fields that they are put into, and the shape of
// what an engine reads. Fields are found in the definition's own description, so that new members are
// covered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/model/member_doc.h"
#include "tests/render/support.h"

namespace rpm::test {

/// Texts of all engines' syntaxes, of shells and of Unicode.
const std::vector<std::string>& hostile_texts();

/// Definitions of sites that together have a text in every member that takes one.
const std::vector<Json>& full_definitions();
/// The same of a node's settings.
const std::vector<Json>& full_settings();
/// Paths of all texts of a definition: "headers.request.0.value".
std::vector<std::string> text_fields(const Json& definition, const MemberDoc& members = site_members());
/// Paths of all texts that a definition can have, with '*' for entries: "headers.request.*.value". Members of
/// a route that the site has, too, stand there only once.
std::vector<std::string> text_members(const MemberDoc& members = site_members());
/// The path with '*', as text_members() has it.
std::string general(std::string_view field);
/// The value at a path.
Json& at(Json& json, std::string_view path);

/// The definition less what this node's engine refuses, as long as that is not the text at `field`. Null when
/// the engine refuses that.
Json sayable(Json definition, const NodeProfile& node, const std::string& field);

/// What an engine reads, without the texts: names of files, directives or members, how many words they have,
/// variables, placeholders and functions in them. Throws Error when a file is none in its syntax.
std::string shape_of(const Bundle& bundle, Engine engine);

NodeProfile a_node_of(Engine engine);
/// The site as nodes get it: with a certificate if it needs one, and composed with the pieces it names.
DeployableSite deployable(const Json& definition, std::uint64_t id = 7);

}  // namespace rpm::test
