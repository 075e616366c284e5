// SPDX-License-Identifier: MIT
#include "shared/crypto/sealing.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {

int init_keys(Environment& environment, const Arguments&) {
    const Settings& settings = environment.settings();
    const auto pair = crypto::KeyPair::generate();
    pair.save(settings.public_key, settings.private_keys);
    const auto private_file = settings.private_keys / (pair.sealing.id() + ".key");
    environment.print("made key " + pair.sealing.id() + "\n  public half:  " + settings.public_key.string() +
                          " (panels and workers read it)\n  private half: " + private_file.string() +
                          " (workers only; keep a copy offline)",
                      Json::object({{"id", pair.sealing.id()},
                                    {"public", settings.public_key.string()},
                                    {"private", private_file.string()}}));
    return 0;
}

}  // namespace rpm::ctl
