// SPDX-License-Identifier: MIT
// The keys: pairs that seal secrets, and the pair that signs the audit log.
//
// Steps of `keys rotate`, each of which may be the last one before a crash:
//   1. the new private half appears in the folder          workers find it when they need it
//   2. the file "rotation" there names the new key         from here on a second run goes on with it
//   3. the public half takes the place of the old one      panels notice, and seal with it
//   4. what is sealed with another key is sealed again, in small transactions
//   5. "rotation" is removed
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <iostream>
#include <map>

#include "shared/base/error.h"
#include "shared/base/handle.h"
#include "shared/crypto/sealing.h"
#include "shared/crypto/signing.h"
#include "shared/ops/key_rotation.h"
#include "workers/ctl/commands.h"

namespace rpm::ctl {
namespace {

namespace fs = std::filesystem;

// Longer than any request of a panel that took the public key in hand before it changed.
constexpr std::chrono::minutes kSettled{10};

// One command at a time changes keys; ends with the process, however that ends.
Fd lock_folder(const fs::path& folder) {
    Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) throw Unavailable("there are no keys in " + folder.string() + ": run 'rpmgr keys init'");
    if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) throw Conflict("another command works with the keys");
    return fd;
}

fs::path private_file(const Settings& settings, const std::string& id) {
    return settings.private_keys / (id + ".key");
}
fs::path rotation_file(const Settings& settings) {
    return settings.private_keys / "rotation";
}

// The new public key, of a rotation that was begun before or now.
crypto::SealingKey begin_rotation(Environment& environment, const std::string& old_id, bool& resumed) {
    const Settings& settings = environment.settings();
    const fs::path marker = rotation_file(settings);
    resumed = fs::exists(marker);
    if (resumed) {
        auto key = crypto::SealingKey::load(marker);
        if (!fs::exists(private_file(settings, key.id())))
            throw Unavailable("the rotation to key " + key.id() +
                              " cannot go on: its private half is missing");
        return key;
    }
    const auto pair = crypto::KeyPair::generate();
    ops::note_key_change(environment.db(), environment.viewer(), "keys.rotate", old_id, pair.sealing.id(),
                         environment.now());
    pair.save_private(settings.private_keys);
    pair.sealing.replace(marker);
    return pair.sealing;
}

ops::Resealed reseal(Environment& environment, const crypto::SealingKey& key) {
    const auto keys = crypto::UnsealingKeys::load(environment.settings().private_keys);
    ops::ResealOptions options;
    if (!environment.json())
        options.progress = [](std::string_view table, std::uint64_t done) {
            std::cerr << table << ": " << done << " sealed again\n";
        };
    return ops::reseal_all(environment.db(), environment.viewer(), keys, key, options);
}

struct KeyState {
    std::map<std::string, std::uint64_t> values;  // table -> how many
    std::uint64_t total = 0;
    bool has_private = false;
};

std::map<std::string, KeyState> key_states(Environment& environment) {
    std::map<std::string, KeyState> states;
    const Settings& settings = environment.settings();
    states[crypto::SealingKey::load(settings.public_key).id()];
    for (const std::string& id : crypto::UnsealingKeys::load(settings.private_keys).ids())
        states[id].has_private = true;
    for (const auto& count : ops::count_sealed(environment.db(), environment.viewer())) {
        states[count.key_id].values[std::string(count.table)] = count.values;
        states[count.key_id].total += count.values;
    }
    return states;
}

std::string values_words(const KeyState& state) {
    std::string words;
    for (const auto& [table, values] : state.values)
        words += (words.empty() ? "" : ", ") + table + " " + std::to_string(values);
    return words.empty() ? "-" : words;
}

Json values_json(const KeyState& state) {
    Json json = Json::object();
    for (const auto& [table, values] : state.values) json[table] = values;
    return json;
}

std::chrono::seconds age_of(const fs::path& file, Time now) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) throw Unavailable("cannot read " + file.string());
    return std::chrono::floor<std::chrono::seconds>(now - Time(std::chrono::seconds(status.st_mtim.tv_sec)));
}

std::string make_sealing_pair(const Settings& settings, Json& made) {
    if (fs::exists(settings.public_key)) return {};
    const auto pair = crypto::KeyPair::generate();
    pair.save(settings.public_key, settings.private_keys);
    made["id"] = pair.sealing.id();
    made["public"] = settings.public_key.string();
    made["private"] = private_file(settings, pair.sealing.id()).string();
    return "made key " + pair.sealing.id() + "\n  public half:  " + settings.public_key.string() +
           " (panels and workers read it)\n  private half: " + made.at("private").text() +
           " (workers only; keep a copy offline)\n";
}

std::string make_audit_pair(const Settings& settings, Json& made) {
    if (fs::exists(settings.audit_private())) return {};
    const auto key = crypto::SigningKey::generate();
    key.save(settings.audit_private(), settings.audit_public());
    made["audit"] = Json::object({{"id", key.id()},
                                  {"public", settings.audit_public().string()},
                                  {"private", settings.audit_private().string()}});
    return "made key " + key.id() +
           " for the audit log\n  public half:  " + settings.audit_public().string() +
           " (whoever verifies; keep a copy elsewhere)\n  private half: " +
           settings.audit_private().string() + " (workers only)\n";
}

}  // namespace

int init_keys(Environment& environment, const Arguments&) {
    const Settings& settings = environment.settings();
    Json made = Json::object();
    std::string words = make_sealing_pair(settings, made);
    words += make_audit_pair(settings, made);
    if (words.empty())
        throw Conflict(settings.public_key.string() + " exists already, and so does " +
                       settings.audit_private().string());
    words.pop_back();
    environment.print(words, made);
    return 0;
}

int list_keys(Environment& environment, const Arguments&) {
    const std::string current = crypto::SealingKey::load(environment.settings().public_key).id();
    Json all = Json::array();
    Table table({"KEY", "STATE", "VALUES", "WHERE"});
    for (const auto& [id, state] : key_states(environment)) {
        const char* word = !state.has_private ? "lost" : id == current ? "current" : "old";
        table.add({id, word, std::to_string(state.total), values_words(state)});
        all.push(Json::object(
            {{"id", id}, {"state", word}, {"values", state.total}, {"tables", values_json(state)}}));
    }
    if (environment.json())
        environment.print(all);
    else
        environment.print(table);
    return 0;
}

int rotate_keys(Environment& environment, const Arguments&) {
    const Settings& settings = environment.settings();
    const Fd lock = lock_folder(settings.private_keys);
    const std::string old_id = crypto::SealingKey::load(settings.public_key).id();
    bool resumed = false;
    const auto key = begin_rotation(environment, old_id, resumed);
    if (old_id != key.id()) key.replace(settings.public_key);
    const auto done = reseal(environment, key);
    fs::remove(rotation_file(settings));
    std::string words = (resumed ? "went on with the rotation to key " : "rotated to key ") + key.id() +
                        ": " + std::to_string(done.values) + " values sealed again";
    for (const std::string& value : done.unreadable) words += "\ncannot be opened with any key: " + value;
    words +=
        "\nold keys are needed until 'rpmgr keys list' shows 0 values for them; then 'rpmgr keys retire'";
    Json unreadable = Json::array();
    for (const std::string& value : done.unreadable) unreadable.push(value);
    environment.print(words, Json::object({{"id", key.id()},
                                           {"resumed", resumed},
                                           {"values", done.values},
                                           {"unreadable", std::move(unreadable)}}));
    return done.unreadable.empty() ? 0 : 1;
}

int retire_key(Environment& environment, const Arguments& arguments) {
    const Settings& settings = environment.settings();
    const Fd lock = lock_folder(settings.private_keys);
    const std::string id = arguments.word();
    auto states = key_states(environment);
    if (!states.contains(id) || !states[id].has_private)
        throw NotFound("there is no private key '" + id + "'");
    if (fs::exists(rotation_file(settings)))
        throw Conflict("a rotation is not finished: run 'rpmgr keys rotate'");
    if (crypto::SealingKey::load(settings.public_key).id() == id)
        throw Conflict("key " + id + " is the one that panels seal with: run 'rpmgr keys rotate' first");
    if (states[id].total > 0)
        throw Conflict("key " + id + " still holds " + values_words(states[id]) +
                       ": run 'rpmgr keys rotate'");
    if (age_of(settings.public_key, environment.now()) < kSettled)
        throw Conflict("the keys changed less than 10 minutes ago, and a panel may still hold the old one");
    ops::note_key_change(environment.db(), environment.viewer(), "keys.retire", id, "", environment.now());
    const fs::path file = private_file(settings, id);
    const fs::path retired = file.string() + ".retired";
    fs::rename(file, retired);
    environment.print(
        "retired key " + id + ": it is now " + retired.string() +
            "\nbackups of the database from before the rotation need it; keep it offline, or delete it",
        Json::object({{"id", id}, {"file", retired.string()}}));
    return 0;
}

int rotate_audit_key(Environment& environment, const Arguments&) {
    const Settings& settings = environment.settings();
    const Fd lock = lock_folder(settings.private_keys);
    const std::string old_id = crypto::SigningKey::load(settings.audit_private()).id();
    const auto key = crypto::SigningKey::generate();
    ops::note_key_change(environment.db(), environment.viewer(), "keys.rotate_audit", old_id, key.id(),
                         environment.now());
    key.save(settings.audit_private(), settings.audit_public());
    environment.print("seals of the audit log are signed with key " + key.id() + " from now on; " +
                          settings.audit_public().string() + " still verifies those of " + old_id,
                      Json::object({{"id", key.id()}, {"before", old_id}}));
    return 0;
}

}  // namespace rpm::ctl
