// SPDX-License-Identifier: MIT
// What one member of a definition is, for whoever shows, asks or documents it.
//
//     const MemberDoc& site = site_members();                 // the whole definition, kind object
//     site.find("upstream.connect_timeout")->help
//
// Made from the descriptions in site_members.h, from which the reader is made too: what stands here is what
// is enforced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/json.h"

namespace rpm {

enum class MemberKind {
    boolean,
    whole,   ///< a whole number from least to most
    word,    ///< one of choices
    text,    ///< one line
    block,   ///< text of several lines
    object,  ///< members
    list,    ///< of members.front(), up to most
};

struct MemberDoc {
    std::string name;  ///< in its object; empty for the definition itself and for the items of a list
    MemberKind kind = MemberKind::object;
    std::string label;  ///< for people, without full stop
    std::string help;   ///< one or two sentences; may be empty
    std::string unit;   ///< "s", "MiB"; may be empty
    std::int64_t least = 0;
    std::int64_t most = 0;  ///< of whole: the value; of text and block: bytes; of list: entries
    bool required = false;
    bool nullable = false;    ///< an object that may be absent, which differs from one with all defaults
    bool staff_only = false;  ///< clients may neither see nor set it
    /// Nobody shows it. Text: a bcrypt hash, for which a form asks the password; block: a private key.
    bool password = false;
    struct Choice {
        std::string word, label;
    };
    std::vector<Choice> choices;
    Json fallback;  ///< the default; null where there is none
    std::vector<MemberDoc> members;

    /// By path, with a number or '*' for an entry of a list; nullptr when there is none.
    const MemberDoc* find(std::string_view path) const;
};

/// The site definition (version 2).
const MemberDoc& site_members();
/// The settings of a node (node_settings.h).
const MemberDoc& node_settings_members();

/// As JSON Schema 2020-12, for the API's document.
Json json_schema(const MemberDoc& doc);

}  // namespace rpm
