// SPDX-License-Identifier: MIT
// Mail from a panel's verb to a real mail server, with TLS, and what becomes of it when that server refuses.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

#include "shared/base/config.h"
#include "shared/base/text.h"
#include "shared/ops/accounts.h"
#include "shared/ops/people.h"
#include "shared/ops/settings.h"
#include "shared/ops/tokens.h"
#include "tests/support/process.h"
#include "tests/support/world.h"
#include "workers/notify/notifier.h"

using namespace rpm;
using namespace std::chrono_literals;
using ops::SignInResult;

namespace {

// Self-signed, for localhost; once for all cases.
const std::filesystem::path& certificate() {
    static const test::Folder folder;
    static const std::filesystem::path path = [] {
        test::Process openssl({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                               "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                               "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                               folder.path() / "key.pem", "-out", folder.path() / "cert.pem"});
        openssl.await([] {
            return std::filesystem::exists(folder.path() / "cert.pem") &&
                   std::filesystem::file_size(folder.path() / "cert.pem") > 0;
        });
        return folder.path();
    }();
    return path;
}

struct MailLab {
    test::Folder folder;
    test::Process process;
    unsigned port = 0;

    static std::vector<std::string> argv(const std::filesystem::path& folder,
                                         const std::vector<std::string>& options) {
        std::vector<std::string> out{"/usr/bin/python3", "tests/lab/smtp", folder};
        out.insert(out.end(), options.begin(), options.end());
        return out;
    }
    explicit MailLab(const std::vector<std::string>& options = {})
        : process(argv(folder.path(), options), folder.path() / "log") {
        process.await([&] { return std::filesystem::exists(folder.path() / "port"); });
        port = *text::number<unsigned>(read_file(folder.path() / "port"));
    }
    std::size_t count() const {
        std::size_t n = 0;
        while (std::filesystem::exists(folder.path() / (std::to_string(n + 1) + ".eml"))) ++n;
        return n;
    }
    /// As a mail program would show it: soft line breaks joined, "=3D" decoded.
    std::string message(std::size_t n) const {
        std::string text = read_file(folder.path() / (std::to_string(n) + ".eml"));
        for (auto at = text.find("=\r\n"); at != std::string::npos; at = text.find("=\r\n"))
            text.erase(at, 3);
        for (auto at = text.find("=3D"); at != std::string::npos; at = text.find("=3D"))
            text.replace(at, 3, "=");
        return text;
    }
};

std::vector<std::string> tls(const char* kind) {
    return {"--tls", kind, "--cert", certificate() / "cert.pem", "--key", certificate() / "key.pem"};
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string link_in(const std::string& text) {
    const std::string begin = "https://panel.example.com/login/link/";
    const auto at = text.find(begin);
    return at == std::string::npos ? "" : text.substr(at + begin.size(), 43);
}

struct Notify : test::World {
    TemplateSet templates{"templates", {".txt"}};
    crypto::UnsealingKeys unsealing;
    UserId carol = ops::create_user(context, admin,
                                    {.username = "carol",
                                     .email = "carol@example.com",
                                     .role = Role::client,
                                     .password = Secret("correct horse battery")});
    ops::SignInFrom from{
        .panel = "client", .address = "192.0.2.1", .user_agent = "Some Browser 1.0", .request_id = "r"};
    notify::MailServer server{.host = "localhost", .from = "rpmgr@example.com", .timeout = 10s};

    Notify() {
        unsealing.add(keys.private_key);
        mail("on");
    }
    void mail(const char* on) {
        ops::change_settings(context, admin,
                             {{Setting::mail_enabled, on},
                              {Setting::panel_client_url, "https://panel.example.com"},
                              {Setting::panel_admin_url, "https://admin.example.com"}});
    }
    unsigned run(const notify::Send& send) {
        notify::Notifier notifier({context, unsealing, templates, server.from, send}, "host:1");
        return notifier.run([] { return false; });
    }
    unsigned run(const MailLab& lab, const char* password = "") {
        server.port = lab.port;
        if (server.ca_file.empty()) server.ca_file = certificate() / "cert.pem";
        return run([&](const std::string& to, std::string_view wire) {
            return notify::send_mail(server, Secret(password), to, wire);
        });
    }
    std::string state() { return text("SELECT GROUP_CONCAT(state) FROM notifications"); }
    std::string sealed() { return text("SELECT GROUP_CONCAT(sealed) FROM notifications"); }
    std::string error() { return text("SELECT MAX(error) FROM notifications"); }
    std::string job() {
        return text("SELECT CONCAT(state, ' ', attempts) FROM jobs ORDER BY id DESC LIMIT 1");
    }
    void ask(const char* login = "carol") { ops::request_reset(context, login, "client", "192.0.2.1"); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(notify_mail, Notify)

BOOST_AUTO_TEST_CASE(a_forgotten_password_is_set_anew_by_mail) {
    const MailLab lab(tls("starttls"));
    server.tls = "starttls";
    ask("Carol@example.com");
    BOOST_TEST(!holds(sealed(), "carol"));
    BOOST_TEST(run(lab) == 1U);
    BOOST_REQUIRE(lab.count() == 1U);
    const std::string mail = lab.message(1);
    BOOST_TEST(holds(mail, "from=rpmgr@example.com to=carol@example.com tls=True"));
    BOOST_TEST(holds(mail, "Subject: Set a new password\r\n"));
    BOOST_TEST(holds(mail, "Hello carol,"));
    BOOST_TEST(holds(mail, "It was asked for from 192.0.2.1."));
    BOOST_TEST(state() == "sent");
    BOOST_TEST(sealed().empty());
    const std::string secret = link_in(mail);
    BOOST_TEST(secret.size() == 43U);
    // The link sets the password, and signs nobody in by itself.
    BOOST_TEST((ops::sign_in_by_link(context, secret, from).result == SignInResult::wrong));
    BOOST_CHECK_THROW(ops::set_password_by_link(context, secret, Secret("password1234"), from), Invalid);
    const auto old = ops::sign_in(context, "carol", Secret("correct horse battery"), from);
    BOOST_TEST((ops::set_password_by_link(context, secret, Secret("a new and better one"), from).result ==
                SignInResult::signed_in));
    BOOST_TEST(!ops::find_session(context, std::string(old.token.reveal()), "client"));
    BOOST_TEST((ops::set_password_by_link(context, secret, Secret("yet another long one"), from).result ==
                SignInResult::wrong));
    BOOST_TEST((ops::sign_in(context, "carol", Secret("a new and better one"), from).result ==
                SignInResult::signed_in));
    BOOST_TEST(text("SELECT GROUP_CONCAT(after_json) FROM audit_log").find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(asking_is_the_same_for_names_that_nobody_has) {
    const MailLab lab;
    server.tls = "none";
    for (const char* login : {"carol", "nobody", "nobody@example.com", "root"}) ask(login);
    // Nothing tells them apart before the worker looks: same rows, no account, no address.
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications WHERE user_id IS NULL AND recipient = ''") == 4U);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs WHERE kind = 'notification.send'") == 4U);
    BOOST_TEST(number("SELECT COUNT(*) FROM sign_in_links") == 0U);
    BOOST_TEST(run(lab) == 4U);
    BOOST_TEST(lab.count() == 1U);
    BOOST_TEST(number("SELECT COUNT(*) FROM jobs WHERE state <> 'succeeded'") == 0U);
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications WHERE sealed IS NOT NULL") == 0U);
}

BOOST_AUTO_TEST_CASE(asking_is_limited) {
    for (int i = 0; i < 5; ++i) ask("carol");
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications") == 3U);
    for (int i = 0; i < 5; ++i) ask("nobody");
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications") == 6U);
    BOOST_TEST(ops::request_reset(context, "bob", "client", "192.0.2.1").wait.has_value());
    BOOST_TEST(!ops::request_reset(context, "bob", "client", "192.0.2.2").wait.has_value());
}

BOOST_AUTO_TEST_CASE(a_client_gets_no_link_for_the_administrators_panel_and_nobody_one_while_mail_is_off) {
    const MailLab lab;
    server.tls = "none";
    ops::request_reset(context, "carol", "admin", "192.0.2.1");
    BOOST_TEST(run(lab) == 1U);
    ops::set_user_active(context, admin, carol, false);
    ask();
    BOOST_TEST(run(lab) == 1U);
    BOOST_TEST(lab.count() == 0U);
    mail("off");
    ask("alice");
    BOOST_TEST(run(lab) == 0U);
}

BOOST_AUTO_TEST_CASE(an_invitation_sets_the_first_password) {
    const MailLab lab(tls("tls"));
    server.tls = "tls";
    const UserId dora = ops::create_user(
        context, admin,
        {.username = "dora", .email = "dora@example.com", .role = Role::client, .password = {}});
    ops::send_link(context, admin, dora, ops::LinkPurpose::invitation);
    BOOST_TEST(run(lab) == 1U);
    const std::string mail = lab.message(1);
    BOOST_TEST(holds(mail, "Subject: Your account is ready"));
    BOOST_TEST(holds(mail, "tls=True"));
    BOOST_TEST(
        (ops::set_password_by_link(context, link_in(mail), Secret("a first and long one"), from).result ==
         SignInResult::signed_in));
    BOOST_TEST((ops::sign_in(context, "dora", Secret("a first and long one"), from).result ==
                SignInResult::signed_in));
    BOOST_CHECK_THROW(ops::send_link(context, alice, dora, ops::LinkPurpose::reset), Forbidden);
    BOOST_CHECK_THROW(ops::send_link(context, admin, alice.id, ops::LinkPurpose::reset), Invalid);
}

BOOST_AUTO_TEST_CASE(the_password_is_shown_to_a_verified_server_only) {
    auto options = tls("starttls");
    options.insert(options.end(), {"--auth", "rpmgr:open sesame"});
    const MailLab lab(options);
    server.tls = "starttls";
    server.user = "rpmgr";
    ask();
    server.ca_file = "/etc/ssl/certs/ca-certificates.crt";  // does not know this server
    BOOST_TEST(run(lab, "open sesame") == 1U);
    BOOST_TEST(lab.count() == 0U);
    BOOST_TEST(state() == "queued");
    BOOST_TEST(holds(error(), "certificate"));
    clock.advance(2min);
    server.ca_file = certificate() / "cert.pem";
    BOOST_TEST(run(lab, "wrong") == 1U);  // a wrong password is our fault, not the mail's
    BOOST_TEST(state() == "queued");
    BOOST_TEST(lab.count() == 0U);
    clock.advance(3min);
    BOOST_TEST(run(lab, "open sesame") == 1U);
    BOOST_TEST(holds(lab.message(1), "auth=rpmgr"));
    BOOST_TEST(state() == "sent");
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_gets_nothing_when_tls_is_demanded) {
    const MailLab lab;
    server.tls = "starttls";
    ask();
    run(lab);
    BOOST_TEST(lab.count() == 0U);
    BOOST_TEST(state() == "queued");
}

BOOST_AUTO_TEST_CASE(later_means_again_and_never_means_never) {
    const MailLab later({"--refuse", "carol@example.com=450 4.2.1 mailbox busy"});
    server.tls = "none";
    ask();
    BOOST_TEST(run(later) == 1U);
    BOOST_TEST(job() == "queued 1");
    BOOST_TEST(holds(error(), "450 4.2.1 mailbox busy"));
    BOOST_TEST(run(later) == 0U);  // not before a minute has passed
    clock.advance(61s);
    const MailLab never({"--refuse", "carol@example.com=550 5.1.1 no such user"});
    BOOST_TEST(run(never) == 1U);
    BOOST_TEST(state() == "failed");
    BOOST_TEST(job() == "failed 2");
    BOOST_TEST(holds(error(), "550 5.1.1 no such user"));
    BOOST_TEST(sealed().empty());
}

BOOST_AUTO_TEST_CASE(a_refused_text_is_told_in_the_servers_words) {
    const MailLab lab({"--refuse", "DATA=554 5.7.1 looks like spam"});
    server.tls = "none";
    ask();
    run(lab);
    BOOST_TEST(state() == "failed");
    BOOST_TEST(holds(error(), "554 5.7.1 looks like spam"));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_asked_again_until_it_is_too_late) {
    ask();
    unsigned tries = 0;
    const auto dead = [&](const std::string&, std::string_view) {
        ++tries;
        return notify::Sent{notify::Sent::later, "connection refused"};
    };
    for (int minute = 0; minute < 90; ++minute) {
        run(dead);
        clock.advance(1min);
    }
    BOOST_TEST(state() == "failed");
    BOOST_TEST(tries >= 5U);
    BOOST_TEST(tries <= 8U);
    BOOST_TEST(sealed().empty());
    BOOST_TEST(error() == "connection refused");
}

BOOST_AUTO_TEST_CASE(people_are_told_what_happened_to_their_account) {
    const MailLab lab;
    server.tls = "none";
    const auto in = [&] { return ops::sign_in(context, "carol", Secret("correct horse battery"), from); };
    const auto first = in();  // the first sign-in is no news
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications") == 0U);
    from.device = std::string(first.device.reveal());
    from.device = std::string(in().device.reveal());  // nor is a known browser
    BOOST_TEST(number("SELECT COUNT(*) FROM notifications") == 0U);
    from.device.clear();
    from.user_agent = "Other Browser";
    const auto session = *ops::find_session(context, std::string(in().token.reveal()), "client");
    const auto viewer = ops::viewer_of(session.user, "192.0.2.1", "r");
    ops::create_api_token(context, viewer, carol, "deploy-bot", std::nullopt);
    ops::change_password(context, session, Secret("correct horse battery"), Secret("a new and better one"),
                         viewer);
    ops::AccountChange change = ops::change_of(store::get_user(db, carol));
    change.email = "carol@example.org";
    ops::update_user(context, admin, carol, change);
    BOOST_TEST(run(lab) == 4U);
    BOOST_REQUIRE(lab.count() == 4U);
    BOOST_TEST(holds(lab.message(1), "Subject: New sign-in to your account"));
    BOOST_TEST(holds(lab.message(1), "Browser:  Other Browser"));
    BOOST_TEST(holds(lab.message(2), "What:     deploy-bot"));
    BOOST_TEST(holds(lab.message(3), "Subject: Your password was changed"));
    BOOST_TEST(holds(lab.message(4), "to=carol@example.com"));  // the address before
    BOOST_TEST(holds(lab.message(4), "By:       root"));
}

BOOST_AUTO_TEST_CASE(a_sealed_text_belongs_to_its_account) {
    ops::create_api_token(context, Viewer::system(), carol, "bot", std::nullopt);
    db.query_once("SELECT 1");
    db::transact(db, [&](db::Transaction& tx) {
        tx.execute("UPDATE notifications SET user_id = ?, recipient = 'bob@example.com'", bob.id);
    });
    unsigned sent = 0;
    run([&](const std::string&, std::string_view) {
        ++sent;
        return notify::Sent{notify::Sent::accepted, "250"};
    });
    BOOST_TEST(sent == 0U);
    BOOST_TEST(state() == "failed");
}

BOOST_AUTO_TEST_CASE(settings_of_the_mail_server_are_checked) {
    const auto refused = [](notify::MailServer wrong) {
        try {
            wrong.check();
        } catch (const Invalid&) {
            return true;
        }
        return false;
    };
    BOOST_TEST(!refused({.host = "mail.example.com", .from = "a@example.com"}));
    BOOST_TEST(refused({.host = "mail.example.com", .from = "nobody"}));
    BOOST_TEST(refused({.host = "smtp://mail", .from = "a@example.com"}));
    BOOST_TEST(refused({.host = "mail", .port = 0, .from = "a@example.com"}));
    BOOST_TEST(refused({.host = "mail", .tls = "maybe", .from = "a@example.com"}));
    BOOST_TEST(refused({.host = "mail", .user = "u", .from = "a@example.com"}));
    BOOST_TEST(refused(
        {.host = "mail", .tls = "none", .user = "u", .password_file = "/x", .from = "a@example.com"}));
}

BOOST_AUTO_TEST_CASE(waits_double_up_to_an_hour) {
    BOOST_TEST(notify::wait_after(1).count() == 1);
    BOOST_TEST(notify::wait_after(3).count() == 4);
    BOOST_TEST(notify::wait_after(7).count() == 60);
    BOOST_TEST(notify::wait_after(30).count() == 60);
}

BOOST_AUTO_TEST_SUITE_END()
