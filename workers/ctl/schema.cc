// SPDX-License-Identifier: MIT
#include "shared/base/config.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {

int migrate(Environment& environment, const Arguments&) {
    const auto& folder = environment.settings().sql;
    const auto migrations = db::load_migrations(folder, crypto::sha256_hex);
    const auto applied = db::migrate(environment.raw_db(), migrations, [&](const std::string& name) {
        if (!environment.json()) environment.print("applying " + name);
    });
    // Views hold no data: made anew each time, so they always fit the tables.
    environment.raw_db().run_script(read_file(folder / "views.sql"));
    if (environment.json()) {
        Json names = Json::array();
        for (const std::string& name : applied) names.push(name);
        environment.print(Json::object({{"schema", migrations.size()}, {"applied", names}}));
    } else {
        environment.print("schema is " + std::to_string(migrations.size()) +
                          (applied.empty() ? ", nothing to do" : ""));
    }
    return 0;
}

}  // namespace rpm::ctl
