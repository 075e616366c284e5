// SPDX-License-Identifier: MIT
// One change to many nodes, by the real worker, beside what people use otherwise: the same archive through
// `tar | ssh` and through Ansible. The nodes are real sshd and nginx on this machine, so wall time is mostly
// theirs; what is ours is the worker's CPU time and memory.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "shared/store/node_sites.h"
#include "tests/bench/bench.h"
#include "tests/support/fleet.h"
#include "tests/support/process.h"
#include "workers/deploy/package.h"

namespace rpm::bench {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kNodes = 50;
constexpr unsigned kSites = 28;  // and nginx.conf and the marker: 30 files
// At a time, for us and the peers: the nodes share this machine, and would starve each other.
constexpr unsigned kAtOnce = 20;
constexpr std::size_t kPadding = 2500;

struct Usage {
    double wall = 0;    // s
    double cpu = 0;     // s, user and system of the client and its children
    double memory = 0;  // MiB
};

std::string program(const std::string& name) {
    const char* out = std::getenv("OUT");
    return std::string(out == nullptr ? "build" : out) + "/" + name;
}

// Runs a command to its end and measures it with all that it started.
Usage measure(const std::string& command) {
    Usage usage;
    usage.wall = seconds([&] {
        const pid_t pid = fork();
        if (pid == 0) {
            execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            _exit(127);
        }
        int status = 0;
        rusage used{};
        if (wait4(pid, &status, 0, &used) != pid || status != 0)
            throw std::runtime_error("failed: " + command.substr(0, 200));
        usage.cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
        usage.memory = static_cast<double>(used.ru_maxrss) / 1024;
    });
    return usage;
}

// The fleet, its sites, and a worker's configuration.
struct Stage : test::Fleet {
    test::Folder folder;
    SiteId site;
    unsigned version = 0;
    bool tls = false;
    std::string config;

    explicit Stage(test::Lab& on, unsigned sites, std::size_t padding, bool encrypted = false)
        : Fleet(on), tls(encrypted) {
        std::vector<SiteId> all;
        for (unsigned i = 0; i < sites; ++i) {
            Json json = ordinary(i);
            if (padding > 0)
                json["raw"] = Json::object(
                    {{"nginx", "add_header X-Padding \"" + std::string(padding, 'x') + "\" always;"}});
            all.push_back(create(json));
        }
        site = all.front();
        write_config();
        ops::deploy_sites(ops, admin, all, "bench");
        worker();
    }
    Json ordinary(unsigned i) {
        Json json = definition("s" + std::to_string(i) + ".example.test");
        if (tls) json["tls"] = Json::object({{"mode", "self_signed"}, {"redirect_http", true}});
        return json;
    }
    void write_config() {
        std::filesystem::create_directory(folder.path() / "keys");
        pair.save(folder.path() / "sealing.pub", folder.path() / "keys");
        const auto& settings = test::database_settings();
        config = folder
                     .write("worker.conf",
                            "[database]\nsocket=" + settings.socket.string() + "\nname=" + settings.name +
                                "\nuser=" + settings.user +
                                "\n[paths]\nproxy_templates=proxy_templates\nsql=sql\n[keys]\nprivate=" +
                                (folder.path() / "keys").string() + "\n[log]\nlevel=error\n")
                     .string();
    }
    std::string worker_command() const {
        return "exec " + program("rpmgr-deploy") + " --config " + config + " --deploy.concurrency " +
               std::to_string(kAtOnce);
    }
    Usage worker() const { return measure(worker_command()); }

    void keep_active(unsigned count) {
        db::transact(db, [&](db::Transaction& tx) {
            tx.execute("UPDATE nodes SET is_active = (SUBSTRING(name, 6) <= ?)", count);
        });
    }
    // The next version of one site, saved but not deployed.
    void change() {
        Json json = ordinary(0);
        if (tls)  // so that it stays in its dense group
            json["upstream"]["keepalive"] = static_cast<int>(17 + version++);
        else
            json["raw"] = Json::object({{"nginx", "add_header X-Version \"" + std::to_string(++version) +
                                                      std::string(kPadding, 'x') + "\";"}});
        update(site, version, json);
    }
    // Forgets what the nodes carry, so that every file travels: what the peers do each time.
    void forget_releases() {
        db::transact(db, [](db::Transaction& tx) { tx.execute("UPDATE nodes SET current_release = NULL"); });
    }
    Usage deploy_once(bool everything) {
        change();
        if (everything) forget_releases();
        const auto number = deploy(site);
        const Usage usage = worker();
        if (deployment(number).state != "succeeded")
            throw std::runtime_error("the deployment did not succeed");
        return usage;
    }
    Usage typical(bool everything) {
        std::vector<Usage> runs;
        for (int i = 0; i < 3; ++i) runs.push_back(deploy_once(everything));
        std::ranges::sort(runs, {}, &Usage::wall);
        return runs[1];
    }
    // Archives of the whole next release for each node, for peers: files NAME.tar and NAME.id.
    void write_archives(unsigned count) {
        folder.write("inventory", inventory(count));
        change();
        db::transact(db, [&](db::Transaction& tx) { store::update_site_released(tx, site, clock.now()); });
        const auto& engine = render::renderer(Engine::nginx);
        for (unsigned i = 0; i < count; ++i) {
            const auto node = store::find_node(db, machines.node(i).name).value();
            const auto sites = store::load_node_sites(db, node.id);
            const auto bundle = engine.render(*templates, node.profile(), sites);
            const auto release = plan::seal(bundle);
            const auto [path, marker] = engine.marker(*templates, node.profile(), release.id);
            folder.write(node.name + ".tar", deploy::package({.bundle = bundle,
                                                              .release = release,
                                                              .base = {},
                                                              .sites = sites,
                                                              .marker_path = path,
                                                              .marker = marker,
                                                              .private_key = {}}));
            folder.write(node.name + ".id", release.id);
        }
    }
    // Lines "name address port user" for the peers' scripts.
    std::string inventory(unsigned count) const {
        std::string lines;
        for (unsigned i = 0; i < count; ++i) {
            const auto& node = machines.node(i);
            lines +=
                node.name + " " + node.address + " " + std::to_string(node.ssh_port) + " " + node.user + "\n";
        }
        return lines;
    }
};

Stage& fifty() {
    static test::Lab lab(kNodes);
    static Stage stage(lab, kSites, kPadding);
    return stage;
}

Usage ours(unsigned count) {
    fifty().keep_active(count);
    return fifty().typical(true);
}

// Every node fed by an OpenSSH client of its own, twenty at a time; the node does the same work as for us.
Usage tar_ssh(unsigned count) {
    Stage& stage = fifty();
    stage.write_archives(count);
    const std::string script = stage.folder
                                   .write("tar-ssh.sh",
                                          "name=$1 address=$2 port=$3 user=$4\n"
                                          "ssh -F none -o StrictHostKeyChecking=no -o "
                                          "UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes"
                                          " -i \"$KEY\" -p $port $user@$address deploy n1 $(cat "
                                          "\"$DIR/$name.id\") none <\"$DIR/$name.tar\""
                                          " | grep -q '^RESULT n1 ok'\n")
                                   .string();
    const std::string dir = stage.folder.path().string();
    return measure("export DIR=" + dir + " KEY=" + (stage.machines.folder() / "key").string() + "; xargs -P" +
                   std::to_string(kAtOnce) + " -L1 sh " + script + " <" + dir + "/inventory");
}

Usage ansible(unsigned count) {
    if (std::system("command -v ansible-playbook >/dev/null 2>&1") != 0)
        throw Skip("ansible-playbook is not installed (apt-get install ansible-core)");
    Stage& stage = fifty();
    stage.write_archives(count);
    return measure("KEY=" + (stage.machines.folder() / "key").string() +
                   " DIR=" + stage.folder.path().string() + " LAB=" + stage.machines.folder().string() +
                   " COUNT=" + std::to_string(count) + " tests/bench/ansible-deploy");
}

Result cpu_per_node() {
    const Usage usage = ours(kNodes);
    return {.value = usage.cpu * 1e3 / kNodes,
            .unit = "ms",
            .most = 4,
            .note = std::to_string(usage.wall) + " s wall for 50 nodes"};
}

Result cpu_per_node_changed_only() {
    fifty().keep_active(kNodes);
    const Usage usage = fifty().typical(false);
    return {.value = usage.cpu * 1e3 / kNodes, .unit = "ms", .note = std::to_string(usage.wall) + " s wall"};
}

Result memory() {
    return {.value = ours(kNodes).memory, .unit = "MiB", .most = 50};
}

Result wall_against_tar_ssh(unsigned count) {
    const Usage mine = ours(count);
    const Usage peer = tar_ssh(count);
    return {.value = mine.wall, .unit = "s", .against = "tar | ssh, 20 at a time", .other_value = peer.wall};
}

Result wall_against_ansible(unsigned count) {
    const Usage peer = ansible(count);
    return {.value = ours(count).wall,
            .unit = "s",
            .against = "Ansible, one archive, 20 forks",
            .other_value = peer.wall};
}

// From the click (the change is saved, "deploy" is pressed) until the record says live; the worker lingers as
// it does between two timers. Against: the engine's own test of the same configuration.
Result click_to_live(unsigned sites, bool tls, double most) {
    test::Lab one(1);
    Stage stage(one, sites, 0, tls);
    test::Process worker({"/bin/sh", "-c", stage.worker_command() + " --deploy.linger 180"});
    std::this_thread::sleep_for(1s);
    std::vector<double> runs;
    std::string steps;
    for (int i = 0; i < 7; ++i) {
        stage.change();
        runs.push_back(seconds([&] {
            const auto number = stage.deploy(stage.site);
            const auto deadline = std::chrono::steady_clock::now() + 20s;
            while (!stage.deployment(number).finished_at) {
                if (std::chrono::steady_clock::now() > deadline)
                    throw std::runtime_error("not live after 20 s");
                std::this_thread::sleep_for(5ms);
            }
            steps = store::list_deployment_nodes(stage.db, number).at(0).steps;
        }));
    }
    worker.stop();
    const std::string root = (one.folder() / "node-1/node/root").string();
    const double test = median_of(3, [&] {
        test::shell("/usr/sbin/nginx -e /dev/null -p " + root + " -t -q -c " + root + "/current/nginx.conf");
    });
    return {.value = median(runs),
            .unit = "s",
            .most = most,
            .against = "nginx -t of the same",
            .other_value = test,
            .note = steps};
}

BENCH("deploy_50_cpu_per_node", cpu_per_node);
BENCH("deploy_50_cpu_changed_file_only", cpu_per_node_changed_only);
BENCH("deploy_50_worker_memory", memory);
BENCH("deploy_01_wall", [] { return wall_against_tar_ssh(1); });
BENCH("deploy_10_wall", [] { return wall_against_tar_ssh(10); });
BENCH("deploy_50_wall", [] { return wall_against_tar_ssh(kNodes); });
BENCH("deploy_50_wall_ansible", [] { return wall_against_ansible(kNodes); });
BENCH("deploy_click_to_live_1000_sites", [] { return click_to_live(1000, false, 1); });
BENCH("deploy_click_to_live_10000_dense", [] { return click_to_live(10000, true, 3); });

}  // namespace
}  // namespace rpm::bench
