// SPDX-License-Identifier: MIT
#include "shared/base/error.h"
#include "shared/crypto/sealing.h"
#include "shared/crypto/vault.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {
namespace {

std::string make_sealing_pair(const Settings& settings, Json& document) {
    const auto pair = crypto::KeyPair::generate();
    pair.save(settings.public_key, settings.private_keys);
    const auto private_file = settings.private_keys / (pair.sealing.id() + ".key");
    document["id"] = pair.sealing.id();
    document["public"] = settings.public_key.string();
    document["private"] = private_file.string();
    return "made key " + pair.sealing.id() + "\n  public half:  " + settings.public_key.string() +
           " (panels and workers read it)\n  private half: " + private_file.string() +
           " (workers only; keep a copy offline)";
}

std::string make_vault(const Settings& settings, Json& document) {
    const auto vault = crypto::Vault::generate();
    vault.save(settings.vault);
    document["vault_id"] = vault.id();
    document["vault"] = settings.vault.string();
    return "made key " + vault.id() + "\n  " + settings.vault.string() +
           " (panels only: give it the panels' group; keep a copy offline)";
}

}  // namespace

// An installation of a version that had no vault gets one by the same command.
int init_keys(Environment& environment, const Arguments&) {
    const Settings& settings = environment.settings();
    const bool paired = std::filesystem::exists(settings.public_key);
    if (paired && std::filesystem::exists(settings.vault))
        throw Conflict(settings.public_key.string() + " and " + settings.vault.string() + " exist already");
    Json document = Json::object();
    std::string lines;
    if (!paired) lines = make_sealing_pair(settings, document);
    if (!std::filesystem::exists(settings.vault))
        lines += (lines.empty() ? "" : "\n") + make_vault(settings, document);
    environment.print(lines, document);
    return 0;
}

}  // namespace rpm::ctl
