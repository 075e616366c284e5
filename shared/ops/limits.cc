// SPDX-License-Identifier: MIT
#include "shared/ops/limits.h"

#include "shared/ops/throttle.h"
#include "shared/store/domains.h"
#include "shared/store/settings.h"
#include "shared/store/shared_pieces.h"
#include "shared/store/sites.h"
#include "shared/store/users.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

// The owner as the scope of a count.
Viewer as_owner(const store::User& user) {
    return {.id = user.id, .username = user.username, .role = Role::client};
}

Usage read_usage(db::Connection& db, const store::User& owner, const Settings& settings) {
    return {.sites = store::count_sites(db, Scope::of(as_owner(owner))),
            .most_sites = owner.max_sites
                              ? *owner.max_sites
                              : static_cast<std::uint64_t>(settings.number(Setting::clients_sites)),
            .names = store::count_names(db, owner.id),
            .most_names = owner.max_domains
                              ? *owner.max_domains
                              : static_cast<std::uint64_t>(settings.number(Setting::clients_names))};
}

}  // namespace

std::optional<Usage> usage_of(db::Connection& db, UserId id) {
    const auto owner = store::get_user(db, id);
    if (is_staff(owner.role)) return std::nullopt;
    return read_usage(db, owner, store::load_settings(db));
}

void check_limits(db::Connection& db, const Viewer& viewer, UserId id, bool more_names, Time now) {
    const auto owner = store::get_user(db, id);
    if (is_staff(owner.role) || viewer.may(Permission::sites_assign)) return;
    const Settings settings = store::load_settings(db);
    const Usage usage = read_usage(db, owner, settings);
    if (more_names && usage.sites > usage.most_sites)
        throw Invalid("site",
                      "is one more than the " + std::to_string(usage.most_sites) + " that you may have");
    if (more_names && usage.names > usage.most_names)
        throw Invalid("domains", "would be " + std::to_string(usage.names) +
                                     " in all your sites; you may have " + std::to_string(usage.most_names));
    const auto saves = static_cast<std::uint64_t>(settings.number(Setting::clients_saves));
    if (store::count_revisions(db, id, now - 24h) > saves)
        throw Invalid("site", "was saved too often: " + std::to_string(saves) +
                                  " versions within 24 hours is all that you may save");
}

void check_piece_limit(db::Connection& db, const Viewer& viewer, UserId owner) {
    if (viewer.may(Permission::sites_assign)) return;
    const auto most = static_cast<std::uint64_t>(store::load_settings(db).number(Setting::clients_pieces));
    if (store::count_pieces(db, owner) > most)
        throw Invalid("name",
                      "is one more than the " + std::to_string(most) + " shared pieces that you may have");
}

std::optional<std::chrono::seconds> count_plan(Context& context, const Viewer& viewer) {
    if (viewer.is_staff()) return std::nullopt;
    const auto most = static_cast<unsigned>(store::load_settings(context.db).number(Setting::clients_plans));
    const Limit limits[]{{"plans of " + viewer.id.text(), most, false}};
    return count_attempt(context, limits);
}

}  // namespace rpm::ops
