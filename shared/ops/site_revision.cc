// SPDX-License-Identifier: MIT
#include "shared/ops/site_revision.h"

#include <algorithm>
#include <optional>

#include "shared/crypto/digest.h"
#include "shared/crypto/x509.h"
#include "shared/model/hidden_members.h"
#include "shared/ops/upstreams.h"
#include "shared/store/certificates.h"
#include "shared/store/sites.h"

namespace rpm::ops {
namespace {

constexpr auto kSelfSignedLife = std::chrono::days(365);
constexpr auto kSelfSignedRenew = std::chrono::days(60);

bool covers(const store::Certificate& certificate, const SiteDefinition& definition) {
    return std::ranges::all_of(definition.domains, [&](const DomainName& name) {
        return std::ranges::find(certificate.names, name.text()) != certificate.names.end();
    });
}

// The certificate for the revision: the one before when it still fits, else a new one, its key sealed from
// birth.
CertificateId certificate_for(Context& context, db::Transaction& tx, UserId owner,
                              const SiteDefinition& definition, CertificateId before, Time now) {
    if (definition.tls.mode == TlsMode::none) return {};
    if (before) {
        const auto held = store::get_certificate(tx.connection(), before);
        if (covers(held, definition) && held.not_after > now + kSelfSignedRenew) return before;
    }
    std::vector<std::string> names;
    for (const DomainName& name : definition.domains) names.push_back(name.text());
    // An hour back: clocks of visitors differ.
    const auto made = crypto::self_signed(names, now - std::chrono::hours(1), now + kSelfSignedLife);
    const auto facts = crypto::read_certificate(made.chain_pem);
    return store::insert_certificate(
        tx,
        {.id = {},
         .owner = owner,
         .kind = "self_signed",
         .fingerprint = facts.fingerprint,
         .subject = facts.subject,
         .chain_pem = made.chain_pem,
         .sealed_key = context.sealing.seal(made.private_key_pem, "certificate:" + facts.fingerprint),
         .key_digest = crypto::sha256_hex(made.private_key_pem.reveal()),
         .not_before = facts.not_before,
         .not_after = facts.not_after,
         .names = facts.names},
        now);
}

}  // namespace

void save_revision(Context& context, db::Transaction& tx, const Viewer& viewer, const RevisionBase& base,
                   const SiteDefinition& definition, const std::string& reason, Time now) {
    const auto composed =
        store::compose_for(tx.connection(), base.owner, definition, store::Locks::until_the_end);
    std::optional<SiteDefinition> before;
    if (base.based_on != 0)
        before = store::get_revision_number(tx.connection(), base.site, base.based_on).composed;
    check_composed_upstreams(tx.connection(), viewer, definition, composed.definition,
                             before ? &*before : nullptr);
    const auto certificate =
        certificate_for(context, tx, base.owner, composed.definition, base.certificate, now);
    store::insert_revision(tx, base.site, base.based_on, definition, certificate, viewer.id, reason, now,
                           &composed);
}

void refuse_raw(const RawDirectives& wanted, const RawDirectives& allowed) {
    throw Invalid(wanted.nginx != allowed.nginx   ? "raw.nginx"
                  : wanted.caddy != allowed.caddy ? "raw.caddy"
                                                  : "raw.traefik",
                  "may only be changed by an administrator");
}

Json recorded_definition(const SiteDefinition& definition) {
    return without_passwords(site_members(), definition.to_json());
}

}  // namespace rpm::ops
