// SPDX-License-Identifier: MIT
#include "shared/ops/upstream_keys.h"

#include <algorithm>

#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/crypto/pair.h"
#include "shared/crypto/x509.h"
#include "shared/store/certificates.h"

namespace rpm::ops {
namespace {

constexpr std::size_t kMostSubject = 255;  // bytes, certificates.subject

// Calls f(path, tls) for all upstreams, also one that the kind of site does not use, and collects what is
// wrong with them.
template <class Site, class F>
void for_each_tls(Site& site, const F& f) {
    Problems problems;
    const auto each = [&](const std::string& path, auto& tls) {
        try {
            f(tls);
        } catch (const Invalid& error) {
            for (const auto& [field, message] : error.problems.entries())
                problems.add(path + ".tls." + field, message);
        }
    };
    each("upstream", site.upstream.tls);
    for (std::size_t i = 0; i < site.routes.size(); ++i)
        if (site.routes[i].upstream)
            each("routes." + std::to_string(i) + ".upstream", site.routes[i].upstream->tls);
    if (!problems.empty()) throw Invalid(std::move(problems));
}

bool says(const SiteDefinition* site, const std::string& key) {
    if (site == nullptr) return false;
    return site->upstream.tls.key == key || std::ranges::any_of(site->routes, [&](const Route& route) {
               return route.upstream && route.upstream->tls.key == key;
           });
}

using Held = std::optional<store::HeldCertificate>;

// No owner: the staff's.
void check_stored(const UpstreamTls& tls, const std::string& stored, const Held& held, UserId owner,
                  const SiteDefinition* before) {
    if (tls.key != stored) throw Invalid("key", "is that of another certificate: give the new one's");
    if (!held || (owner && held->owner != owner && !says(before, stored)))
        throw Invalid("key", "is not stored: give it as PEM");
}

void insert(Context& context, db::Transaction& tx, UserId owner, const crypto::CertificateFacts& facts,
            const std::string& chain, const Secret& key, Time now) {
    store::insert_certificate(tx,
                              {.id = {},
                               .owner = owner,
                               .kind = "upstream",
                               .fingerprint = facts.fingerprint,
                               .subject = text::shown(facts.subject, kMostSubject - 3),
                               .chain_pem = chain,
                               .sealed_key = context.sealing.seal(key, "certificate:" + facts.fingerprint),
                               .key_digest = crypto::sha256_hex(key.reveal()),
                               .not_before = facts.not_before,
                               .not_after = facts.not_after,
                               .names = {}},
                              now);
}

// Answers what the definition says of it from now on.
std::string keep(Context& context, db::Transaction& tx, UserId owner, const UpstreamTls& tls,
                 const SiteDefinition* before, Time now) {
    if (tls.certificate.empty()) return "";
    const auto facts = crypto::read_certificate(tls.certificate);
    const Held held = store::find_certificate(context.db, facts.fingerprint);
    std::string stored = stored_key(facts.fingerprint);
    if (!fingerprint_of_key(tls.key).empty()) {
        check_stored(tls, stored, held, owner, before);
        return stored;
    }
    const Secret key = crypto::matching_key(tls.certificate, Secret(tls.key));
    crypto::check_pair(tls.certificate, key);
    if (!held) insert(context, tx, owner, facts, tls.certificate, key, now);
    return stored;
}

}  // namespace

SiteDefinition keep_upstream_keys(Context& context, db::Transaction& tx, UserId owner,
                                  const SiteDefinition& wanted, const SiteDefinition* before, Time now) {
    SiteDefinition out = wanted;
    for_each_tls(out, [&](UpstreamTls& tls) { tls.key = keep(context, tx, owner, tls, before, now); });
    return out;
}

void check_stored_keys(db::Connection& db, UserId owner, const SiteDefinition& part,
                       const SiteDefinition* before) {
    for_each_tls(part, [&](const UpstreamTls& tls) {
        if (tls.certificate.empty() && tls.key.empty()) return;
        if (tls.certificate.empty()) throw Invalid("certificate", "is missing: whose key is it?");
        if (tls.key.empty()) throw Invalid("key", "is missing");
        const auto facts = crypto::read_certificate(tls.certificate);
        check_stored(tls, stored_key(facts.fingerprint), store::find_certificate(db, facts.fingerprint),
                     owner, before);
    });
}

}  // namespace rpm::ops
