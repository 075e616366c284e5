// SPDX-License-Identifier: MIT
#include "shared/store/certificates.h"

namespace rpm::store {

CertificateId insert_certificate(db::Transaction& tx, const Certificate& certificate, Time now) {
    tx.execute(
        "INSERT INTO certificates (owner_id, kind, fingerprint, subject, chain_pem, sealed_key, key_digest, "
        "not_before, "
        "not_after, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        certificate.owner, certificate.kind, certificate.fingerprint, certificate.subject.substr(0, 255),
        certificate.chain_pem, certificate.sealed_key, certificate.key_digest, certificate.not_before,
        certificate.not_after, now);
    const CertificateId id(tx.insert_id());
    for (const std::string& name : certificate.names)
        tx.execute("INSERT INTO certificate_names (certificate_id, name) VALUES (?, ?)", id, name);
    return id;
}

std::optional<HeldCertificate> find_certificate(db::Connection& db, std::string_view fingerprint) {
    auto row = db.query("SELECT id, owner_id FROM certificates WHERE fingerprint = ?", fingerprint);
    if (!row.first()) return std::nullopt;
    return HeldCertificate{row.id<CertificateId>("id"), row.id<UserId>("owner_id")};
}

SealedKey get_sealed_key(db::Connection& db, CertificateId id) {
    auto row = db.query("SELECT fingerprint, sealed_key FROM certificates WHERE id = ?", id);
    if (!row.first()) throw NotFound("no such certificate");
    return {row.text("fingerprint"), row.text("sealed_key")};
}

Certificate get_certificate(db::Connection& db, CertificateId id) {
    auto row = db.query(
        "SELECT id, owner_id, kind, fingerprint, subject, chain_pem, key_digest, not_before, "
        "not_after "
        "FROM certificates WHERE id = ?",
        id);
    if (!row.first()) throw NotFound("no such certificate");
    Certificate found{.id = id,
                      .owner = row.id<UserId>("owner_id"),
                      .kind = row.text("kind"),
                      .fingerprint = row.text("fingerprint"),
                      .subject = row.text("subject"),
                      .chain_pem = row.text("chain_pem"),
                      .sealed_key = {},
                      .key_digest = row.text("key_digest"),
                      .not_before = row.time("not_before"),
                      .not_after = row.time("not_after"),
                      .names = {}};
    auto name = db.query("SELECT name FROM certificate_names WHERE certificate_id = ? ORDER BY name", id);
    while (name.next()) found.names.push_back(name.text("name"));
    return found;
}

}  // namespace rpm::store
