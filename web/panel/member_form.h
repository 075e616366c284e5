// SPDX-License-Identifier: MIT
// A definition as a form: what was typed, as typed, for any object that MemberDoc describes.
//
// What was typed is a tree like the definition's JSON, always with every member:
//
//     boolean               true or false
//     whole, word, text, block   the text that was typed
//     a password            its bcrypt hash, or "" while there is none
//     a private key         its PEM until it is saved, then the word for it
//     a list of such        one text with an entry per line
//     a list of objects     an array
//     an object             an object; a nullable one is null while it is off
//
// Names of fields are paths: "upstream.servers.0.port". A checkbox has a hidden "0" before it; a list of
// objects and a nullable object have a hidden field of their own name, so that what is empty or off is told
// from what is not on the form. What a form does not mention stays as it was.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/json.h"
#include "shared/base/secret.h"
#include "shared/model/member_doc.h"
#include "web/http/values.h"

namespace rpm::web {

/// As saved, from the JSON of a definition; defaults for members that it leaves out and for nullptr.
Json typed_of(const MemberDoc& doc, const Json* saved);
/// The JSON that it means, to be parsed by the model: numbers where numbers were typed, else the text, which
/// the model refuses with its own words. Nothing for what was left empty and has no empty value.
std::optional<Json> meant_by(const MemberDoc& doc, const Json& typed);

/// Whether the list is one text, an entry per line.
bool is_lines(const MemberDoc& doc);
/// The form's field of a path of the model: "domains.1" -> "domains".
std::string field_of(const MemberDoc& root, std::string_view path);

/// How passwords pass through a form: the page carries their hashes sealed, never open.
struct PasswordWays {
    std::function<std::string(const std::string& hash)> seal;
    std::function<std::string(const std::string& sealed)> open;  ///< "" for what was not sealed by us
    /// "" when it may not be one: the old one stays. The path is for the problem.
    std::function<std::string(const std::string& path, const Secret& password)> hash;
};

/// Reads what a browser posted.
class PostedMembers {
  public:
    /// Members that are staff_only are taken from `before` unless `staff`.
    PostedMembers(const http::Values& posted, bool staff, PasswordWays ways);
    /// Rows in which nothing was typed are left out.
    Json read(const MemberDoc& doc, const std::string& path, const Json& before) const;

  private:
    Json read_object(const MemberDoc& doc, const std::string& path, const Json& before) const;
    Json read_rows(const MemberDoc& doc, const std::string& path, const Json& before) const;
    Json read_password(const MemberDoc& doc, const std::string& path, const Json& before) const;
    std::vector<std::string> row_paths(const std::string& list) const;
    bool mentions_below(const std::string& path) const;

    std::map<std::string, std::string_view, std::less<>> last_;
    bool staff_;
    PasswordWays ways_;
};

/// What PostedMembers would read as the same tree, for hidden fields.
void post_members(const MemberDoc& doc, const Json& typed, const std::string& path, bool staff,
                  const PasswordWays& ways, std::vector<std::pair<std::string, std::string>>& out);

/// The member at this path, or nullptr; below a null there is nothing.
Json* find_typed(Json& typed, std::string_view path);
const Json* find_typed(const Json& typed, std::string_view path);

// What the buttons of a form do. False when the path leads to nothing that they could be done to.
bool add_typed(const MemberDoc& doc, Json& typed, const std::string& path);  ///< a row, or a nullable object
bool remove_typed(const MemberDoc& doc, Json& typed, const std::string& path);  ///< the same
bool raise_typed(const MemberDoc& doc, Json& typed, const std::string& path);  ///< a row before its neighbour

/// A member that two trees differ in.
struct MemberDifference {
    std::string path;
    std::string label;  ///< "Upstream › Servers › 2 › Port"
    const MemberDoc* doc;
    Json before, after;
};
std::vector<MemberDifference> typed_differences(const MemberDoc& doc, const Json& before, const Json& after);

/// What both changed, and differently.
struct MemberCollision {
    std::string path;
    std::string label;
    const MemberDoc* doc;
    Json base, theirs, mine;
};
struct MemberMerge {
    std::vector<MemberCollision> collisions;
    std::size_t taken = 0;  ///< members that only they changed; now in `mine`
};
MemberMerge merge_typed(const MemberDoc& doc, const Json& base, const Json& theirs, Json& mine);

}  // namespace rpm::web
