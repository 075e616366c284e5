// SPDX-License-Identifier: MIT
// The sites list of the administrators' panel, signed in, 50 of 1,000 sites from the database, through a real
// nginx; beside the plainest answer that a FastCGI program of ours can give through the same nginx.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/ops/people.h"
#include "shared/ops/sites.h"
#include "shared/store/settings.h"
#include "tests/bench/bench.h"
#include "tests/support/database.h"
#include "tests/support/engine.h"
#include "tests/support/lab.h"
#include "tests/support/process.h"
#include "tests/support/serving.h"

namespace rpm::bench {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kSites = 1000;
constexpr unsigned kThreads = 4;

std::string out_folder() {
    const char* out = std::getenv("OUT");
    return out == nullptr ? "build" : out;
}

http::Settings four_threads() {
    http::Settings settings;
    settings.threads = kThreads;
    return settings;
}

// The panel, the trivial program and nginx, with a signed-in administrator and a full database.
class Stage : public test::Database {
  public:
    Stage()
        : trivial_([](const http::Request&) { return http::html("<!doctype html><title>ok</title>ok"); },
                   four_threads()) {
        if (std::system("command -v wrk >/dev/null 2>&1") != 0)
            throw Skip("wrk is not installed (apt-get install wrk)");
        fill();
        start_panel();
        start_nginx();
        wait_until_it_answers();
    }

    struct Load {
        double per_second = 0;
        double p99_ms = 0;
        double requests = 0;
    };
    Load load(const std::string& path, unsigned seconds) const {
        const std::string out = test::shell("wrk -t1 -c16 -d" + std::to_string(seconds) +
                                            "s --latency -H 'Cookie: " + cookie_ + "' " + url(path));
        if (out.find("Non-2xx") != std::string::npos)
            throw std::runtime_error("not every answer was 200: " + out);
        return {number_after(out, "Requests/sec:"), milliseconds_after(out, "99%"),
                number_before(out, " requests in")};
    }
    double memory_mib() const {
        const std::string status = read_file("/proc/" + std::to_string(panel_->pid()) + "/status");
        return number_after(status, "VmRSS:") / 1024;
    }

  private:
    void fill() {
        const SystemClock clock;
        const auto pair = crypto::KeyPair::generate();
        std::filesystem::create_directory(folder_.path() / "keys");
        pair.save(folder_.path() / "sealing.pub", folder_.path() / "keys");
        crypto::Vault::generate().save(folder_.path() / "web.key");
        ops::Context context{db, clock, pair.sealing};
        const Viewer system = Viewer::system();
        const UserId user = ops::create_user(
            context, system, {.username = "admin", .email = "", .role = Role::admin, .password = {}});
        const Viewer admin{
            .id = user, .username = "admin", .role = Role::admin, .address = {}, .request_id = {}};
        for (unsigned i = 0; i < kSites; ++i)
            ops::create_site(
                context, admin,
                {.definition = SiteDefinition::parse(Json::parse(
                     R"({"version":1,"domains":["site)" + std::to_string(i) +
                     R"(.example.com"],"upstream":{"servers":[{"host":"10.0.0.1","port":8080}]}})")),
                 .owner = {},
                 .targets = std::nullopt,
                 .reason = {}});
        db::transact(db, [&](db::Transaction& tx) {  // signed in by the link alone
            store::upsert_setting(tx, Setting::second_factor_admin, "off", {}, clock.now());
        });
        const Secret link = ops::create_sign_in_link(context, system, user, 60s);
        const auto session = ops::sign_in_by_link(
            context, std::string(link.reveal()),
            {.panel = "admin", .address = "127.0.0.1", .user_agent = "bench", .request_id = {}});
        cookie_ = "__Host-rpmgr_admin=" + std::string(session.token.reveal());
    }
    void start_panel() {
        const auto& settings = test::database_settings();
        const std::string config =
            folder_
                .write("admin.conf",
                       "[database]\nsocket=" + settings.socket.string() + "\nname=" + settings.name +
                           "\nuser=" + settings.user + "\n[http]\nlisten=" + socket() +
                           "\nthreads=" + std::to_string(kThreads) + "\n[paths]\ntemplates=templates\n" +
                           "proxy_templates=proxy_templates\nassets=web/static/dist.sha256\nsql=sql\n" +
                           "[keys]\npublic=" + (folder_.path() / "sealing.pub").string() +
                           "\nvault=" + (folder_.path() / "web.key").string() + "\n[log]\nlevel=error\n")
                .string();
        panel_.emplace(std::vector<std::string>{out_folder() + "/rpmgr-admin", "--config", config});
    }
    void start_nginx() {
        const auto params = [](const std::string& to) {
            return "fastcgi_pass unix:" + to + ";\n" + R"(
            fastcgi_param REQUEST_METHOD $request_method; fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param QUERY_STRING $query_string;     fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length; fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param SERVER_PROTOCOL $server_protocol; fastcgi_param HTTPS on;
)";
        };
        const std::string dir = folder_.path().string();
        const std::string config =
            folder_
                .write("nginx.conf", "pid " + dir + "/nginx.pid;\nerror_log " + dir +
                                         "/error.log;\nworker_processes 1;\ndaemon off;\n" +
                                         (geteuid() == 0 ? "user root;\n" : "") +
                                         "events { worker_connections 512; }\nhttp { access_log off;\n" +
                                         "client_body_temp_path " + dir + "/b; fastcgi_temp_path " + dir +
                                         "/f; proxy_temp_path " + dir + "/p; uwsgi_temp_path " + dir +
                                         "/u; scgi_temp_path " + dir + "/s;\n" +
                                         // As in etc/front-nginx.conf.example.
                                         "fastcgi_buffers 16 16k; fastcgi_buffer_size 16k;\n" +
                                         "server { listen 127.0.0.1:" + port_.text() + ";\nlocation / { " +
                                         params(socket()) + "}\nlocation = /trivial { " +
                                         params(trivial_.socket) + "} } }\n")
                .string();
        nginx_.emplace(std::vector<std::string>{"/usr/sbin/nginx", "-e", dir + "/error.log", "-c", config});
    }
    void wait_until_it_answers() const {
        for (int tries = 0;; ++tries) {
            try {
                const std::string page =
                    test::shell("curl -sf -m 5 -H 'Cookie: " + cookie_ + "' " + url("/sites"));
                if (page.find("site0.example.com") == std::string::npos)
                    throw std::runtime_error("not the list: " + page);
                return;
            } catch (const Error&) {
                if (tries == 100) throw;
                std::this_thread::sleep_for(50ms);
            }
        }
    }
    std::string socket() const { return (folder_.path() / "admin.sock").string(); }
    std::string url(const std::string& path) const { return "http://127.0.0.1:" + port_.text() + path; }
    static double number_after(const std::string& text, const std::string& label) {
        const auto at = text.find(label);
        return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + label.size(), nullptr);
    }
    static double number_before(const std::string& text, const std::string& label) {
        const auto at = text.find(label);
        if (at == std::string::npos) return 0;
        const auto start = text.find_last_not_of("0123456789", at - 1) + 1;
        return std::strtod(text.c_str() + start, nullptr);
    }
    static double milliseconds_after(const std::string& text, const std::string& label) {
        const auto at = text.find(label);
        if (at == std::string::npos) return 0;
        char* unit = nullptr;
        const double value = std::strtod(text.c_str() + at + label.size(), &unit);
        return unit[0] == 'u' ? value / 1e3 : unit[0] == 's' ? value * 1e3 : value;
    }

    test::Folder folder_;
    test::Serving trivial_;
    Port port_ = test::free_port();
    std::string cookie_;
    std::optional<test::Process> panel_;
    std::optional<test::Process> nginx_;
};

struct Measured {
    Stage::Load page, trivial;
};
const Measured& measured() {
    static const Measured result = [] {
        Stage stage;
        stage.load("/sites", 1);
        Measured m;
        // In turns, so that the machine's mood meets both.
        for (int i = 0; i < 3; ++i) {
            const auto page = stage.load("/sites", 4);
            const auto trivial = stage.load("/trivial", 4);
            if (page.per_second > m.page.per_second) m.page = page;
            if (trivial.per_second > m.trivial.per_second) m.trivial = trivial;
        }
        return m;
    }();
    return result;
}

Result list_rate() {
    const auto& m = measured();
    return {.value = m.page.per_second,
            .unit = "1/s",
            .least = 2000,
            .against = "trivial FastCGI answer",
            .other_value = m.trivial.per_second};
}

Result list_share() {
    const auto& m = measured();
    return {.value = m.page.per_second / m.trivial.per_second, .unit = "ratio", .least = 0.30};
}

Result list_p99() {
    return {.value = measured().page.p99_ms, .unit = "ms", .most = 15};
}

// Memory at the start, after a warm-up and after many requests, in MiB: it must not grow. REQUESTS=300000 for
// the whole measurement.
struct Course {
    double start = 0;
    double warm = 0;
    double end = 0;
    double requests = 0;
    std::string text() const {
        const auto short_form = [](double mib) { return std::to_string(mib).substr(0, 5); };
        return short_form(start) + " at the start, " + short_form(warm) + " after " +
               std::to_string(kWarmRequests) + " requests, " + short_form(end) + " after " +
               std::to_string(static_cast<unsigned>(requests));
    }
    static constexpr unsigned kWarmRequests = 30000;
};
const Course& course() {
    static const Course result = [] {
        const char* asked = std::getenv("REQUESTS");
        const double wanted = asked == nullptr ? 2.0 * Course::kWarmRequests : std::strtod(asked, nullptr);
        Stage stage;
        Course course;
        course.start = stage.memory_mib();
        while (course.requests < Course::kWarmRequests) course.requests += stage.load("/sites", 2).requests;
        course.warm = stage.memory_mib();
        while (course.requests < wanted) course.requests += stage.load("/sites", 5).requests;
        course.end = stage.memory_mib();
        return course;
    }();
    return result;
}

Result memory() {
    return {.value = course().end, .unit = "MiB", .most = 30, .note = course().text()};
}

Result memory_growth() {
    return {.value = course().end - course().warm, .unit = "MiB", .most = 1};
}

BENCH("panel_sites_list", list_rate);
BENCH("panel_sites_list_share_of_trivial", list_share);
BENCH("panel_sites_list_p99", list_p99);
BENCH("panel_memory", memory);
BENCH("panel_memory_growth", memory_growth);

}  // namespace
}  // namespace rpm::bench
