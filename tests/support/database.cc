// SPDX-License-Identifier: MIT
#include "tests/support/database.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <vector>

#include "shared/base/error.h"
#include "shared/crypto/digest.h"
#include "shared/db/migration.h"

namespace rpm::test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kStartTimeout = 30s;

// Small and without fsync: fast to make, worthless after a crash.
std::vector<std::string> server_flags(const fs::path& folder) {
    return {"--no-defaults",
            "--basedir=/usr",
            "--datadir=" + (folder / "data").string(),
            "--tmpdir=" + folder.string(),  // a server that starts removes what others keep in a shared one
            geteuid() == 0 ? "--user=root" : "--skip-symbolic-links",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--innodb-flush-method=nosync",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-log-file-size=16M",
            "--innodb-buffer-pool-size=32M",
            "--innodb-log-buffer-size=2M",
            "--aria-pagecache-buffer-size=8M",
            "--innodb-buffer-pool-dump-at-shutdown=0",
            "--innodb-buffer-pool-load-at-startup=0"};
}

// Starts a program that gets SIGTERM when this process dies. Its output goes to the file.
int spawn(std::vector<std::string> words, const fs::path& output) {
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) throw Error(std::string("cannot fork: ") + std::strerror(errno));
    if (pid > 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(127);
    const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, 0);
    dup2(log, 1);
    dup2(log, 2);
    execvp(argv[0], argv.data());
    _exit(127);
}

std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void install(const fs::path& folder) {
    std::vector<std::string> words = server_flags(folder);
    words.insert(words.begin(), "mariadb-install-db");
    for (const char* flag : {"--auth-root-authentication-method=normal", "--skip-test-db", "--force"})
        words.emplace_back(flag);
    int status = 0;
    waitpid(spawn(words, folder / "log"), &status, 0);
    if (status != 0) throw Error("mariadb-install-db failed (is it installed?):\n" + content(folder / "log"));
}

// As `rpmgr migrate` does.
void set_up(db::Connection& db) {
    db::migrate(db, db::load_migrations("sql", crypto::sha256_hex));
    db.run_script(content("sql/views.sql"));
}

// The process's server and schema.
class Schema {
  public:
    Schema() {
        if (const char* socket = std::getenv("RPMGR_TEST_DB_SOCKET"); socket != nullptr && *socket != '\0') {
            settings.socket = socket;
            settings.user = "root";
        } else {
            settings = own_.emplace().settings();
        }
        settings.name.clear();
        const std::string name = "rpmgr_test_" + std::to_string(getpid());
        db::Connection(settings).run_script("DROP DATABASE IF EXISTS " + name + ";\nCREATE DATABASE " + name +
                                            " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n");
        settings.name = name;
        if (!fs::is_directory("sql")) return;
        db::Connection db(settings);
        set_up(db);
    }
    ~Schema() {
        try {
            db::Connection(settings).run_script("DROP DATABASE " + settings.name);
        } catch (const Error&) {  // the server went first
        }
    }
    db::Settings settings;

  private:
    std::optional<Server> own_;
};

// In one round trip per table: DELETE is far quicker than TRUNCATE on small tables.
void empty_tables(db::Connection& db) {
    std::vector<std::string> tables;
    for (db::Rows rows = db.query("SELECT table_name AS name FROM information_schema.tables"
                                  " WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"
                                  " AND table_name <> 'schema_migrations'");
         rows.next();)
        tables.push_back(rows.text("name"));
    std::string script = "SET FOREIGN_KEY_CHECKS = 0;\n";
    for (const std::string& table : tables) script += "DELETE FROM `" + table + "`;\n";
    db.run_script(script);
}

}  // namespace

Server::Server(std::vector<std::string> options) : options_(std::move(options)) {
    install(folder_.path());
    start();
}

Server::~Server() {
    stop();
}

void Server::start() {
    std::vector<std::string> words = server_flags(folder_.path());
    words.insert(words.begin(), "mariadbd");
    words.push_back("--socket=" + (folder_.path() / "s").string());
    words.push_back("--pid-file=" + (folder_.path() / "pid").string());
    for (const char* flag : {"--character-set-server=utf8mb4", "--collation-server=utf8mb4_unicode_ci",
                             "--max-allowed-packet=64M"})
        words.emplace_back(flag);
    words.insert(words.end(), options_.begin(), options_.end());
    pid_ = spawn(words, folder_.path() / "log");
    db::Connection db(settings());
    const auto until = std::chrono::steady_clock::now() + kStartTimeout;
    while (!db.ping()) {
        const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
        if (ended || std::chrono::steady_clock::now() > until)
            throw Error("mariadbd did not start (is it installed?):\n" + content(folder_.path() / "log"));
        std::this_thread::sleep_for(20ms);
    }
}

void Server::stop() {
    if (pid_ == 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

db::Settings Server::settings() const {
    db::Settings settings;
    settings.socket = folder_.path() / "s";
    settings.user = "root";
    settings.name.clear();
    return settings;
}

const db::Settings& database_settings() {
    static const Schema schema;
    return schema.settings;
}

Database::Database(const db::Settings& empty_schema) : db(empty_schema) {
    set_up(db);
}

Database::Database() : db(database_settings()) {
    empty_tables(db);
}

}  // namespace rpm::test
