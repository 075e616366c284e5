// SPDX-License-Identifier: MIT
#include "shared/model/hidden_members.h"

#include <algorithm>
#include <map>

namespace rpm {
namespace {

void erase(Json& object, std::string_view name) {
    std::erase_if(object.members(), [&](const Json::Member& each) { return each.first == name; });
}

// What an entry of a list is known by: its required members but the password, such as a user's name, and of
// a route also how its path matches. An entry without any is known by its place among the others.
std::string identity(const MemberDoc& item, const Json& entry) {
    std::string out;
    if (item.kind != MemberKind::object || !entry.is_object()) return out;
    for (const MemberDoc& member : item.members)
        if (const Json* value = entry.find(member.name);
            value && ((member.required && !member.password) || member.name == "match"))
            out += member.name + "=" + value->dump() + "\n";
    return out;
}

void keep(const MemberDoc& doc, Json& sent, const Json* stored, bool staff);

void keep_entries(const MemberDoc& item, Json& sent, const Json* stored, bool staff) {
    std::map<std::string, std::vector<const Json*>> known;  // several of one name: in their order
    if (stored != nullptr && stored->is_array())
        for (const Json& entry : stored->items()) known[identity(item, entry)].push_back(&entry);
    std::map<std::string, std::size_t> seen;
    for (Json& entry : sent.items()) {
        const std::string name = identity(item, entry);
        const auto& same = known[name];
        const std::size_t at = seen[name]++;
        keep(item, entry, at < same.size() ? same[at] : nullptr, staff);
    }
}

void keep_members(const MemberDoc& doc, Json& sent, const Json* stored, bool staff) {
    for (const MemberDoc& member : doc.members) {
        const Json* held = stored != nullptr && stored->is_object() ? stored->find(member.name) : nullptr;
        const Json* given = sent.find(member.name);
        if (member.password) {
            if (given != nullptr && *given != Json(kPasswordIsSet)) continue;
            erase(sent, member.name);
            if (held != nullptr) sent[member.name] = *held;
        } else if (given != nullptr) {
            keep(member, sent[member.name], held, staff);
        } else if (held != nullptr && !staff && member.staff_only) {
            sent[member.name] = *held;
        } else if (held != nullptr && !staff && member.kind == MemberKind::object && !member.nullable) {
            // Left out with all that its sender saw of it; what was hidden in it stays.
            Json kept = Json::object();
            keep(member, kept, held, staff);
            if (!kept.members().empty()) sent[member.name] = std::move(kept);
        }
    }
}

void keep(const MemberDoc& doc, Json& sent, const Json* stored, bool staff) {
    if (doc.kind == MemberKind::list && sent.is_array())
        keep_entries(doc.members.front(), sent, stored, staff);
    else if (doc.kind == MemberKind::object && sent.is_object())
        keep_members(doc, sent, stored, staff);
}

}  // namespace

Json without_passwords(const MemberDoc& doc, Json saved) {
    if (doc.password) return kPasswordIsSet;
    if (doc.kind == MemberKind::list && saved.is_array())
        for (Json& item : saved.items()) item = without_passwords(doc.members.front(), std::move(item));
    if (doc.kind == MemberKind::object && saved.is_object())
        for (const MemberDoc& member : doc.members)
            if (saved.find(member.name) != nullptr)
                saved[member.name] = without_passwords(member, std::move(saved[member.name]));
    return saved;
}

Json without_staff_members(const MemberDoc& doc, Json saved) {
    if (doc.kind == MemberKind::list && saved.is_array()) {
        for (Json& item : saved.items()) item = without_staff_members(doc.members.front(), std::move(item));
    } else if (doc.kind == MemberKind::object && saved.is_object()) {
        for (const MemberDoc& member : doc.members) {
            if (saved.find(member.name) == nullptr) continue;
            if (member.staff_only) {
                erase(saved, member.name);
            } else {
                const bool was_empty = saved[member.name].is_object() && saved[member.name].members().empty();
                Json rest = without_staff_members(member, std::move(saved[member.name]));
                if (!was_empty && rest.is_object() && rest.members().empty() && !member.nullable)
                    erase(saved, member.name);  // that there was something is not shown either
                else
                    saved[member.name] = std::move(rest);
            }
        }
    }
    return saved;
}

Json shown_definition(const SiteDefinition& definition, bool staff) {
    return shown_part(definition.to_json(), staff);
}

Json shown_part(Json part, bool staff) {
    part = without_passwords(site_members(), std::move(part));
    return staff ? part : without_staff_members(site_members(), std::move(part));
}

Json with_hidden_members(Json sent, const SiteDefinition* stored, bool staff) {
    const Json held = stored != nullptr ? stored->to_json() : Json();
    return part_with_hidden_members(std::move(sent), stored != nullptr ? &held : nullptr, staff);
}

Json part_with_hidden_members(Json sent, const Json* stored, bool staff) {
    keep(site_members(), sent, stored, staff);
    return sent;
}

}  // namespace rpm
