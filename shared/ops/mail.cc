// SPDX-License-Identifier: MIT
#include "shared/ops/mail.h"

#include <array>

#include "shared/base/json.h"
#include "shared/base/text.h"
#include "shared/crypto/token.h"
#include "shared/model/mail.h"
#include "shared/ops/sign_in.h"
#include "shared/ops/throttle.h"
#include "shared/store/audit.h"
#include "shared/store/jobs.h"
#include "shared/store/settings.h"

namespace rpm::ops {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kResetsFromNetwork = 10;
constexpr unsigned kResetsOfLogin = 3;
constexpr std::chrono::days kNoticeLife{3};

struct NoticeRow {
    Notice notice;
    std::string_view kind;  ///< of notifications.kind; its text is templates/mail/KIND.txt
    std::string_view subject;
    std::string_view what;
};
constexpr NoticeRow kNotices[] = {
    {Notice::password_changed, "security", "Your password was changed",
     "The password of your account was changed."},
    {Notice::new_sign_in, "security", "New sign-in to your account",
     "Somebody signed in to your account with a browser that did not before."},
    {Notice::factor_added, "security", "A second factor was added",
     "A second factor was added to your account."},
    {Notice::factor_removed, "security", "A second factor was removed",
     "A second factor was removed from your account."},
    {Notice::token_made, "security", "An API token was made",
     "A token for the API was made for your account."},
    {Notice::mail_changed, "security", "Your mail address was changed",
     "The mail address of your account was changed; this is the last mail to the old one."},
    {Notice::name_fading, "name", "A name is not shown any more",
     "What showed that you hold a name is not found any more. Set it again, as the page of the site says."},
    {Notice::name_withdrawn, "name", "A name has to be shown again",
     "What showed that you hold a name was not found for a while. What is served stays, but the site is not "
     "deployed again before the name is shown anew, as the page of the site says."},
    {Notice::approval_waits, "approval", "A deployment waits for approval",
     "Somebody asked for a deployment that has to be approved."},
    {Notice::approval_decided, "approval", "Your deployment was decided",
     "The deployment that you asked for was looked at."},
};
static_assert(static_cast<std::size_t>(Notice::approval_decided) + 1 == std::size(kNotices));

constexpr std::array<std::string_view, 4> kPurposes{"sign_in", "reset", "invitation", "impersonation"};

std::string_view panel_of(Role role) {
    return is_staff(role) ? "admin" : "client";
}

// Bound to whom it is for: a row that was given to another account does not open.
std::string seal_purpose(UserId user) {
    return "notification:" + (user ? user.text() : "0");
}

void queue(Context& context, db::Transaction& tx, store::Notification row, const Json& body) {
    row.sealed = context.sealing.seal(Secret(body.dump()), seal_purpose(row.user));
    row.created_at = context.clock.now();
    const NotificationId id = store::insert_notification(tx, row);
    store::enqueue_job(tx,
                       {.kind = "notification.send",
                        .subject_type = "notification",
                        .subject_id = id.value(),
                        .lane = {},
                        .priority = 50,
                        .requested_by = row.user,
                        .reason = {},
                        .payload = {}},
                       row.created_at);
}

std::string_view subject_of(LinkPurpose purpose) {
    return purpose == LinkPurpose::invitation ? "Your account is ready" : "Set a new password";
}

store::AuditSubject audited(UserId id, const std::string& name) {
    return {.type = "user", .id = id.value(), .name = name, .owner = id};
}

std::string word(const Json& body, const char* name) {
    const Json* const found = body.find(name);
    return found == nullptr ? std::string() : found->text();
}

// Makes the link anew at each try: what an earlier one made went nowhere.
DueMail link_mail(Context& context, const store::Addressee& user, LinkPurpose purpose,
                  const std::string& panel, UserId issued_by, const std::string& address) {
    const auto settings = store::load_settings(context.db);
    if (!user.active || !is_mail_address(user.email) || !is_for(user.role, panel) ||
        !mail_can_link(settings, panel))
        return {};
    const Time now = context.clock.now();
    const Secret token = crypto::new_token();
    const std::chrono::seconds life =
        purpose == LinkPurpose::invitation ? std::chrono::seconds(kInvitationLife) : kResetLife;
    db::transact(context.db, [&](db::Transaction& tx) {
        store::remove_unused_links(tx, user.id, to_word(purpose));
        store::insert_link(
            tx, {.user = user.id, .purpose = std::string(to_word(purpose)), .issued_by = issued_by},
            crypto::token_hash(token.reveal()), now, now + life);
        Viewer system = Viewer::system();
        system.address = address;
        store::insert_audit(tx, system, "user.mail_link", audited(user.id, user.username), nullptr,
                            Json::object({{"purpose", to_word(purpose)}}), now);
    });
    const std::string base = panel_url(settings, panel);
    return {.recipient = user.email,
            .subject = std::string(subject_of(purpose)),
            .file = std::string(to_word(purpose)) + ".txt",
            .name = user.username,
            .link = base + "/login/link/" + std::string(token.reveal()),
            .life = purpose == LinkPurpose::invitation ? "3 days" : "30 minutes",
            .panel_url = base,
            .address = address};
}

DueMail notice_mail(Context& context, const store::Notification& row, const store::Addressee& user,
                    const Json& body) {
    return {.recipient = row.recipient,
            .subject = row.subject,
            .file = row.kind + ".txt",
            .name = user.username,
            .panel_url = panel_url(store::load_settings(context.db), panel_of(user.role)),
            .what = word(body, "what"),
            .when = word(body, "when"),
            .address = word(body, "address"),
            .browser = word(body, "browser"),
            .detail = word(body, "detail"),
            .by = word(body, "by")};
}

}  // namespace

bool mail_can_link(const Settings& settings, std::string_view panel) {
    return settings.on(Setting::mail_enabled) && !panel_url(settings, panel).empty();
}

void queue_notice(Context& context, db::Transaction& tx, const store::User& user, Notice notice,
                  const Viewer& by, const std::string& user_agent, const std::string& detail) {
    if (!is_mail_address(user.email)) return;
    if (!store::load_settings(tx.connection()).on(Setting::mail_enabled)) return;
    const NoticeRow& row = kNotices[static_cast<std::size_t>(notice)];
    const Time now = context.clock.now();
    // Who did it, when it was somebody else.
    const std::string other = by.impersonator ? by.impersonator_name : by.id == user.id ? "" : by.username;
    queue(context, tx,
          {.id = {},
           .kind = std::string(row.kind),
           .user = user.id,
           .recipient = user.email,
           .subject = std::string(row.subject),
           .sealed = {},
           .expires_at = now + kNoticeLife},
          Json::object({{"type", "notice"},
                        {"what", row.what},
                        {"when", to_rfc3339(now)},
                        {"address", by.address},
                        {"browser", text::ellipsis(user_agent, 200)},
                        {"detail", detail},
                        {"by", other}}));
}

std::string_view to_word(LinkPurpose purpose) {
    return kPurposes[static_cast<std::size_t>(purpose)];
}

std::optional<LinkPurpose> link_purpose(std::string_view word) {
    for (std::size_t i = 0; i < kPurposes.size(); ++i)
        if (kPurposes[i] == word) return static_cast<LinkPurpose>(i);
    return std::nullopt;
}

ResetAsked request_reset(Context& context, const std::string& login, const std::string& panel,
                         const std::string& address) {
    const std::vector<Limit> network{{"reset from " + counted_address(address), kResetsFromNetwork, false}};
    if (const auto wait = count_attempt(context, network)) return {wait};
    // Too many for one name are dropped in silence: the answer would tell that somebody else asks as well.
    const std::vector<Limit> name{{"reset of " + text::lower(login), kResetsOfLogin, false}};
    if (count_attempt(context, name) || !mail_can_link(store::load_settings(context.db), panel)) return {};
    db::transact(context.db, [&](db::Transaction& tx) {
        queue(context, tx,
              {.id = {},
               .kind = "reset",
               .user = {},
               .recipient = {},
               .subject = std::string(subject_of(LinkPurpose::reset)),
               .sealed = {},
               .expires_at = context.clock.now() + 1h},
              Json::object({{"type", "reset"}, {"login", login}, {"panel", panel}, {"address", address}}));
    });
    return {};
}

void demand_mail(const Settings& settings, Role role, const std::string& email) {
    if (!is_mail_address(email)) throw Invalid("email", "is missing: there is no address to send it to");
    if (!settings.on(Setting::mail_enabled)) throw Invalid("mail", "is off in the settings");
    const std::string panel(panel_of(role));
    if (!mail_can_link(settings, panel))
        throw Invalid("mail", "needs the address of the panel (panel." + panel + "_url in the settings)");
}

void send_link(Context& context, const Viewer& viewer, UserId id, LinkPurpose purpose) {
    viewer.demand(Permission::users_manage);
    const auto user = store::get_user(context.db, id);
    const std::string panel(panel_of(user.role));
    if (!user.active) throw Invalid("user", "is disabled");
    demand_mail(store::load_settings(context.db), user.role, user.email);
    db::transact(context.db, [&](db::Transaction& tx) {
        queue(context, tx,
              {.id = {},
               .kind = std::string(to_word(purpose)),
               .user = user.id,
               .recipient = user.email,
               .subject = std::string(subject_of(purpose)),
               .sealed = {},
               .expires_at = context.clock.now() + kInvitationLife},
              Json::object({{"type", "link"},
                            {"purpose", to_word(purpose)},
                            {"panel", panel},
                            {"by", viewer.id.value()}}));
        store::insert_audit(tx, viewer, "user.send_link", audited(user.id, user.username), nullptr,
                            Json::object({{"purpose", to_word(purpose)}, {"to", user.email}}),
                            context.clock.now());
    });
}

DueMail prepare_mail(Context& context, const crypto::UnsealingKeys& keys, const store::Notification& row) {
    const Secret opened = keys.open(row.sealed, seal_purpose(row.user));
    const Json body = Json::parse(opened.reveal());
    const std::string type = word(body, "type");
    if (type == "reset") {
        const auto user = store::find_addressee(context.db, word(body, "login"));
        return user ? link_mail(context, *user, LinkPurpose::reset, word(body, "panel"), {},
                                word(body, "address"))
                    : DueMail{};
    }
    const auto user = store::find_addressee(context.db, row.user);
    if (!user) return {};
    if (type == "notice") return notice_mail(context, row, *user, body);
    const auto purpose = link_purpose(word(body, "purpose"));
    if (type != "link" || (purpose != LinkPurpose::reset && purpose != LinkPurpose::invitation))
        throw Invalid("notification", "is of a kind that this version does not know");
    return link_mail(context, *user, *purpose, word(body, "panel"),
                     UserId(static_cast<std::uint64_t>(body.at("by").integer())), "");
}

}  // namespace rpm::ops
