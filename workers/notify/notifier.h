// SPDX-License-Identifier: MIT
// Sends what is queued: claims jobs "notification.send", fills in templates/mail, hands the mail over.
//
// A mail server that does not answer, or says "later" (4xx), is asked again after 1, 2, 4 … minutes up to an
// hour, until the job has no attempt left or the mail is not worth sending any more. What it refuses for good
// (5xx) ends at once with the server's words. A worker that dies between the server's "accepted" and the
// commit lets the mail go out once more: twice is better than never.
#pragma once

#include <functional>

#include "shared/base/template_set.h"
#include "shared/crypto/sealing.h"
#include "shared/ops/context.h"
#include "shared/ops/mail.h"
#include "shared/store/jobs.h"
#include "workers/notify/smtp.h"

namespace rpm::notify {

/// Hands over one message; send_mail() with a server's settings, or what a test says.
using Send = std::function<Sent(const std::string& to, std::string_view wire)>;

struct Tools {
    ops::Context& context;
    const crypto::UnsealingKeys& keys;
    const TemplateSet& templates;  ///< of templates/, ".txt"
    std::string from;
    Send send;
};

class Notifier {
  public:
    Notifier(Tools tools, std::string worker);
    /// Sends all that is due; stops between two when asked to. Answers how many jobs it ended or put back.
    unsigned run(const std::function<bool()>& stop);

  private:
    bool work_on(const store::Job& job, const std::string& token);
    void send(const store::Job& job, const store::Notification& notification, const std::string& token);
    void finish(const store::Job& job, const std::string& token, const store::Notification& notification,
                const std::string& recipient, const std::string& state, const std::string& words);
    void put_back(const store::Job& job, const std::string& token, const store::Notification& notification,
                  const std::string& words);
    Tools tools_;
    std::string worker_;
};

/// The text of a mail.
std::string fill_in(const TemplateSet& templates, const ops::DueMail& mail);
/// Before attempt n+1: 1 minute doubling to an hour.
std::chrono::minutes wait_after(unsigned attempts);

}  // namespace rpm::notify
