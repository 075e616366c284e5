// SPDX-License-Identifier: MIT
#include "workers/notify/notifier.h"

#include <algorithm>

#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/model/mail.h"

namespace rpm::notify {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKind = "notification.send";
constexpr auto kLease = 180s;  // well above the time that one message may take

}  // namespace

std::string fill_in(const TemplateSet& templates, const ops::DueMail& mail) {
    Fields fields;
    fields.set("NAME", mail.name).set("LINK", mail.link).set("LIFE", mail.life);
    fields.set("PANEL", mail.panel_url).set("WHAT", mail.what).set("WHEN", mail.when);
    const auto line = [&](FieldName section, const std::string& text) {
        if (!text.empty()) fields.row(section).set("TEXT", text);
    };
    line("ADDRESS", mail.address);
    line("BROWSER", mail.browser);
    line("DETAIL", mail.detail);
    line("BY", mail.by);
    line("AT_PANEL", mail.panel_url);
    return templates.expand("mail/" + mail.file, fields);
}

std::chrono::minutes wait_after(unsigned attempts) {
    const unsigned doublings = std::min(attempts == 0 ? 0U : attempts - 1, 6U);
    return std::min(std::chrono::minutes(1U << doublings), std::chrono::minutes(60));
}

Notifier::Notifier(Tools tools, std::string worker) : tools_(std::move(tools)), worker_(std::move(worker)) {}

unsigned Notifier::run(const std::function<bool()>& stop) {
    unsigned done = 0;
    while (!stop()) {
        const std::string token = crypto::random_bytes(16);
        const auto claim =
            store::claim_jobs(tools_.context.db,
                              {.kind = kKind, .worker = worker_, .token = token, .lease = kLease, .limit = 1},
                              tools_.context.clock.now());
        if (claim.jobs.empty()) break;
        for (const store::Job& job : claim.jobs) done += work_on(job, token) ? 1 : 0;
    }
    return done;
}

bool Notifier::work_on(const store::Job& job, const std::string& token) {
    const log::Context context({log::Field("job", job.id.value())});
    const auto found = store::find_notification(tools_.context.db, NotificationId(job.subject_id));
    const store::Notification notification = found.value_or(store::Notification{});
    if (!found || notification.state != "queued" || notification.sealed.empty()) {
        finish(job, token, notification, notification.recipient, "failed", "there is nothing left to send");
        return true;
    }
    if (notification.expires_at && *notification.expires_at <= tools_.context.clock.now()) {
        finish(job, token, notification, notification.recipient, "failed",
               notification.error.empty() ? "too late to be worth sending" : notification.error);
        return true;
    }
    try {
        send(job, notification, token);
    } catch (const Unavailable&) {
        throw;  // the database: the lease ends by itself
    } catch (const std::exception& error) {
        // One odd mail must not keep the others from going out.
        log::error("mail cannot be made", {{"error", error.what()}});
        finish(job, token, notification, notification.recipient, "failed", error.what());
    }
    return true;
}

void Notifier::send(const store::Job& job, const store::Notification& notification,
                    const std::string& token) {
    const ops::DueMail mail = ops::prepare_mail(tools_.context, tools_.keys, notification);
    if (mail.recipient.empty())
        return finish(job, token, notification, "", "failed", "there is nobody to send it to");
    const std::string wire = to_wire({.from = tools_.from,
                                      .to = mail.recipient,
                                      .subject = mail.subject,
                                      .text = fill_in(tools_.templates, mail),
                                      .id = notification.id.text() + "." + text::hex(crypto::random_bytes(8)),
                                      .date = tools_.context.clock.now()});
    const Sent sent = tools_.send(mail.recipient, wire);
    log::info("mail", {{"notification", notification.id.value()},
                       {"outcome", sent.outcome == Sent::accepted ? "accepted"
                                   : sent.outcome == Sent::later  ? "later"
                                                                  : "refused"},
                       {"words", sent.words}});
    if (sent.outcome == Sent::later) return put_back(job, token, notification, sent.words);
    finish(job, token, notification, mail.recipient, sent.outcome == Sent::accepted ? "sent" : "failed",
           sent.words);
}

void Notifier::finish(const store::Job& job, const std::string& token,
                      const store::Notification& notification, const std::string& recipient,
                      const std::string& state, const std::string& words) {
    db::transact(tools_.context.db, [&](db::Transaction& tx) {
        const Time now = tools_.context.clock.now();
        const bool sent = state == "sent";
        // Nobody to tell is a proper end of a request by a stranger, and no failure that administrators see.
        const bool fine = sent || (recipient.empty() && notification.kind == "reset");
        if (store::finish_jobs(tx, {&job.id, 1}, token, fine ? "succeeded" : "failed", fine ? words : "",
                               fine ? "" : words, now) != 1)
            throw Conflict("the job is another's");
        if (notification.id)
            store::finish_notification(tx, notification.id, state, recipient, sent ? "" : words, now);
    });
}

void Notifier::put_back(const store::Job& job, const std::string& token,
                        const store::Notification& notification, const std::string& words) {
    db::transact(tools_.context.db, [&](db::Transaction& tx) {
        const Time now = tools_.context.clock.now();
        const auto requeued =
            store::requeue_job(tx, job.id, token, words, now + wait_after(job.attempts), now);
        if (requeued == store::Requeued::exhausted)
            store::finish_notification(tx, notification.id, "failed", notification.recipient, words, now);
        else
            store::update_notification_error(tx, notification.id, words);
    });
}

}  // namespace rpm::notify
