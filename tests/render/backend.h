// SPDX-License-Identifier: MIT
// A server behind the proxy that tells what it was asked: an nginx of its own.
//
//     Backend backend;
//     definition["upstream"]["servers"].push(a_server("127.0.0.1", backend.port().value()));
//     // GET /anything -> "host=… real=… for=… uri=… method=…\n"
#pragma once

#include <filesystem>
#include <memory>

#include "tests/support/engine.h"

namespace rpm::test {

class Backend {
  public:
    /// `name` is told as "backend=". The certificate is for backend.internal.
    explicit Backend(const std::string& name = "one") {
        const auto [certificate, key] = a_certificate({"backend.internal"});
        write_file(folder_.path() / "crt", certificate);
        write_file(folder_.path() / "key", key);
        const std::string echo =
            R"(return 200
"backend=)" +
            name +
            R"( host=$http_host real=$http_x_real_ip for=$http_x_forwarded_for proto=$http_x_forwarded_proto
fhost=$http_x_forwarded_host fport=$http_x_forwarded_port forwarded=$http_forwarded proxy=$http_proxy
upgrade=$http_upgrade connection=$http_connection extra=$http_x_extra more=$http_x_more user=$http_remote_user
version=$server_protocol uri=$request_uri method=$request_method\n";)";
        write_file(folder_.path() / "current/nginx.conf", R"(pid run/nginx.pid; error_log logs/error.log;
events {} http { access_log off; client_body_temp_path run/body; proxy_temp_path run/proxy; fastcgi_temp_path run/f;
uwsgi_temp_path run/u; scgi_temp_path run/s; client_max_body_size 0; default_type text/plain;
server { listen 127.0.0.1:)" + port_.text() + R"(;
listen 127.0.0.1:)" + tls_.text() + R"( ssl http2; ssl_certificate ../crt; ssl_certificate_key ../key;
location / { )" + echo + R"( }
location = /reads { proxy_pass http://127.0.0.1:)" + port_.text() +
                                                              R"(/; }
location = /teapot { return 418 "a teapot\n"; }
location = /gone { add_header X-Frame-Options upstream always; add_header X-Upstream yes always; return 410 "gone\n"; }
location = /cors { add_header Access-Control-Allow-Origin "https://upstream.example.com"; return 200 "cors\n"; }
location = /long { default_type text/html; return 200 ")" + std::string(4000, 'x') +
                                                              R"("; }
location = /auth { set $say 401; if ($http_x_token = good) { set $say 200; }
 add_header Remote-User alice-$http_x_forwarded_method; if ($say = 401) { return 401 "who?\n"; } return 200 $http_x_forwarded_uri; }
}
server { listen 127.0.0.1:)" + h2c_.text() + R"( http2; location / { )" +
                                                              echo + R"( } } })");
        // nginx's workers keep large bodies there.
        std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
        for (const char* folder : {"run", "logs"})
            std::filesystem::create_directories(folder_.path() / folder);
        engine_ = std::make_unique<RunningEngine>(folder_.path(), port_);
    }
    Port port() const { return port_; }
    Port tls() const { return tls_; }
    Port h2c() const { return h2c_; }

  private:
    TemporaryFolder folder_;
    Port port_ = free_port();
    Port tls_ = free_port();
    Port h2c_ = free_port();
    std::unique_ptr<RunningEngine> engine_;
};

}  // namespace rpm::test
