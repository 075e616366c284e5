#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a stolen database account of a panel is good for: as little as possible.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
. tests/support/manager.sh
manager_start
rpmgr migrate >/dev/null && accounts >/dev/null || { echo 'not ok manager # cannot be set up'; exit 1; }

as() { # account statement
    printf '[client]\npassword=%s\n' "$(cat "$passwords/$1.password")" >"$work/client.cnf"
    chmod 600 "$work/client.cnf"
    mariadb --defaults-file="$work/client.cnf" -S "$socket" -u "rpmgr_$1" -BN "$database" -e "$2" 2>&1
}
may() { answer=$(as "$@") || fail "$1 may not: $2: $answer"; }
may_not() {
    answer=$(as "$@") && fail "$1 may: $2"
    case $answer in *'denied'*) ;; *) fail "$1: $2: $answer" ;; esac
}

audit_is_final() {
    for account in admin client api worker; do
        may_not $account "UPDATE audit_log SET username = 'x'"
        may_not $account 'DELETE FROM audit_log'
        may_not $account 'TRUNCATE audit_log'
    done
    may admin 'SELECT COUNT(*) FROM audit_log'
    may worker 'SELECT COUNT(*) FROM audit_log'
}
seals_are_final() {
    for account in admin client api worker; do
        may_not $account "UPDATE audit_seals SET last_id = 0"
        may_not $account 'DELETE FROM audit_seals'
        may_not $account 'TRUNCATE audit_seals'
    done
    for account in admin client api; do
        may_not $account 'INSERT INTO audit_seals (id) VALUES (1)'
        may_not $account 'SELECT digest FROM audit_seals'
        may_not $account 'SELECT * FROM audit_forwarding'
    done
    may admin 'SELECT MAX(last_id) FROM audit_seals'
    may worker 'SELECT digest FROM audit_seals'
    may_not worker 'DELETE FROM audit_forwarding'
}
reports_are_counted_only() {
    for account in admin client; do
        may $account "UPDATE csp_reports SET times = times + 1, last_seen = NOW() WHERE digest = ''"
        may $account "INSERT IGNORE INTO csp_reports (digest, panel, document, directive, blocked, times, first_seen, last_seen) VALUES ('x', 'admin', '/', 'img-src', 'x', 1, NOW(), NOW())"
        may_not $account "UPDATE csp_reports SET document = 'x'"
        may_not $account 'DELETE FROM csp_reports'
    done
    may_not client 'SELECT document FROM csp_reports'
    may_not api 'SELECT digest FROM csp_reports'
}
credentials_are_out_of_reach() {
    for account in admin client api; do
        may_not $account 'SELECT id FROM credentials'
        may_not $account 'SELECT sealed_key FROM certificates'
        may_not $account 'SELECT * FROM certificates'
        may $account 'SELECT id, chain_pem FROM certificates'
        may_not $account "UPDATE certificates SET sealed_key = ''"
    done
    may worker 'SELECT sealed FROM credentials'
    may worker 'SELECT sealed_key FROM certificates'
}
nodes_are_the_operators() {
    for account in client api; do
        may_not $account 'UPDATE nodes SET is_active = 0'
        may_not $account "UPDATE node_host_keys SET state = 'trusted'"
    done
    may_not client 'SELECT * FROM node_host_keys'
    for account in admin client api; do
        may_not $account "UPDATE nodes SET ip_address = '192.0.2.66'"
        may_not $account "INSERT INTO node_host_keys (node_id) VALUES (1)"
        may_not $account "UPDATE node_host_keys SET key_blob = 'x'"
        may_not $account "INSERT INTO nodes (name) VALUES ('x')"
    done
    may admin 'UPDATE nodes SET is_active = 1 WHERE id = 0'
}
jobs_are_asked_for_not_forged() {
    for account in client api admin; do
        may_not $account "UPDATE jobs SET payload = 'x'"
        may_not $account "UPDATE jobs SET claimed_by = 'x'"
        may_not $account 'DELETE FROM jobs'
        may $account 'UPDATE jobs SET priority = LEAST(priority, 1) WHERE id = 0'
    done
    may_not client "UPDATE jobs SET state = 'cancelled'"
}
nobody_gets_at_other_people() {
    may_not client "UPDATE users SET role = 'admin'"
    may_not client "UPDATE users SET is_active = 1"
    may_not client "INSERT INTO users (username) VALUES ('x')"
    may_not client "UPDATE users SET password_hash = 'x'"
    may_not client "INSERT INTO sign_in_links (user_id) VALUES (1)"
    may admin "UPDATE users SET role = 'admin' WHERE id = 0"
    may_not client "UPDATE users SET email = 'x'"
    for account in admin client api; do may_not $account 'SELECT sealed FROM notifications'; done
    may_not api "UPDATE notifications SET state = 'sent'"
    may worker 'SELECT sealed FROM notifications'
    may_not api "UPDATE users SET password_hash = 'x'"
    may_not api 'SELECT * FROM sessions'
    may_not worker 'SELECT password_hash FROM users'
    may_not worker 'SELECT token_hash FROM sessions'
    may_not worker 'SELECT token_hash FROM known_devices'
    for table in attempt_counters client_attempt_counters; do may_not api "SELECT key_hash FROM $table"; done
    may_not api 'SELECT token_hash FROM known_devices'
}
# The account of the clients' panel, with rows of staff and of a client there. What the views do not show is not refused
# but not found: nothing may have changed.
clients_stay_clients() {
    sql "INSERT INTO users (id, username, role, password_hash, created_at) VALUES
         (101, 'olga', 'operator', 'olgas', NOW(6)), (102, 'carl', 'client', 'carls', NOW(6))"
    for user in 101 102; do
        sql "INSERT INTO sessions (token_hash, user_id, panel, address, created_at, last_seen_at, expires_at)
             VALUES (UNHEX(SHA2('admin $user', 256)), $user, 'admin', '', NOW(6), NOW(6), NOW(6))"
        sql "INSERT INTO user_totp (user_id, sealed, created_at) VALUES ($user, 'secret $user', NOW(6))"
        sql "INSERT INTO recovery_codes (code_hash, user_id, created_at) VALUES (UNHEX(SHA2('$user', 256)), $user, NOW(6))"
        sql "INSERT INTO sign_in_links (token_hash, user_id, created_at, expires_at) VALUES (UNHEX(SHA2('$user', 256)), $user, NOW(6), NOW(6))"
        sql "INSERT INTO api_tokens (user_id, name, token_hash, created_at) VALUES ($user, '', UNHEX(SHA2('$user', 256)), NOW(6))"
    done
    checked() { # statement: refused by the CHECK OPTION of a view
        answer=$(as client "$1") && fail "client may: $1"
        case $answer in *'CHECK OPTION failed'*) ;; *) fail "client: $1: $answer" ;; esac
    }
    session='(token_hash, user_id, panel, address, created_at, last_seen_at, expires_at)'
    times='NOW(6), NOW(6), NOW(6)'
    # a session of the administrators' panel, of an operator, or of an operator here
    may_not client "INSERT INTO sessions $session VALUES ('x', 101, 'admin', '', $times)"
    checked "INSERT INTO client_sessions $session VALUES ('x', 101, 'admin', '', $times)"
    checked "INSERT INTO client_sessions $session VALUES ('x', 101, 'client', '', $times)"
    checked "INSERT INTO client_sessions $session VALUES ('x', 102, 'admin', '', $times)"
    may client "INSERT INTO client_sessions $session VALUES ('y', 102, 'client', '', $times)"
    may_not client "UPDATE client_sessions SET panel = 'admin'"
    may client "UPDATE client_sessions SET token_hash = 'z' WHERE panel = 'admin'"
    equal "$(sql "SELECT COUNT(*) FROM sessions WHERE token_hash = RPAD('z', 32, '\\0')")" 0 'sessions of the other panel'
    # passwords and roles
    may client "UPDATE client_users SET password_hash = 'mine'"
    equal "$(sql 'SELECT password_hash FROM users WHERE id = 101')" olgas
    equal "$(sql 'SELECT password_hash FROM users WHERE id = 102')" mine
    checked "UPDATE client_users SET role = 'admin' WHERE id = 102"
    checked "INSERT INTO client_users (username, email, role, is_active, theme, created_at) VALUES ('eve', '', 'admin', 1, 'auto', NOW(6))"
    may client "INSERT INTO client_users (username, email, role, is_active, theme, created_at) VALUES ('cleo', '', 'client', 1, 'auto', NOW(6))"
    may_not client "UPDATE client_users SET is_active = 1"
    may_not client "UPDATE client_users SET tenant_id = 1"
    # what opens accounts of the staff
    for secret in password_hash passkey_handle; do may_not client "SELECT $secret FROM users"; done
    may_not client "SELECT id FROM users WHERE password_hash LIKE 'o%'"
    equal "$(as client 'SELECT password_hash FROM client_users WHERE id = 101')" ''
    for table in user_totp recovery_codes passkeys sign_in_links known_devices api_tokens sessions sign_in_challenges; do
        may_not client "SELECT * FROM $table"
        may_not client "DELETE FROM $table"
        may client "SELECT * FROM client_$table"
    done
    equal "$(as client 'SELECT sealed FROM client_user_totp')" 'secret 102'
    checked "UPDATE client_user_totp SET user_id = 101"
    checked "INSERT INTO client_api_tokens (user_id, name, token_hash, created_at) VALUES (101, 'x', 'x', NOW(6))"
    checked "INSERT INTO client_passkeys (user_id, credential_id, credential_hash, public_key, algorithm, aaguid, rp_id, name, created_at)
             VALUES (101, 'x', 'x', 'x', -7, 'x', 'x', 'x', NOW(6))"
    checked "INSERT INTO client_oidc_identities (issuer, subject, user_id, created_at) VALUES ('x', 'x', 101, NOW(6))"
    checked "INSERT INTO client_sign_in_challenges (token_hash, kind, user_id, data, created_at, expires_at) VALUES ('x', 'oidc', 101, '', NOW(6), NOW(6))"
    may client 'DELETE FROM client_user_totp'
    may client 'DELETE FROM client_sessions'
    may client 'DELETE FROM client_sign_in_links'
    equal "$(sql 'SELECT GROUP_CONCAT(user_id) FROM user_totp')" 101
    equal "$(sql 'SELECT GROUP_CONCAT(user_id) FROM sign_in_links')" 101
    equal "$(sql "SELECT COUNT(*) FROM sessions WHERE panel = 'admin'")" 2
    may_not client 'CREATE OR REPLACE VIEW client_users AS SELECT * FROM users'
    may_not client 'DROP VIEW client_users'
}
# Of shared pieces the clients' panel changes those of clients, and reads what the staff offer.
pieces_of_the_staff_stay_theirs() {
    sql "INSERT IGNORE INTO users (id, username, role, created_at) VALUES (101, 'olga', 'operator', NOW(6)), (102, 'carl', 'client', NOW(6))"
    sql "INSERT INTO shared_pieces (id, kind, owner_id, name, is_offered, definition, created_at, updated_at) VALUES
         (201, 'snippet', NULL, 'kept', 0, '{}', NOW(6), NOW(6)), (202, 'snippet', NULL, 'offered', 1, '{}', NOW(6), NOW(6)),
         (203, 'snippet', 102, 'own', 0, '{\"note\":\"own\"}', NOW(6), NOW(6))"
    sql "INSERT INTO shared_piece_revisions (piece_id, number, definition, created_at) VALUES (201, 1, '{}', NOW(6)), (203, 1, '{\"note\":\"own\"}', NOW(6))"
    may_not client 'SELECT * FROM shared_pieces'
    may_not client "UPDATE shared_pieces SET definition = 'x'"
    may_not client 'SELECT * FROM shared_piece_revisions'
    equal "$(as client 'SELECT GROUP_CONCAT(name) FROM client_shared_pieces')" own
    equal "$(as client 'SELECT GROUP_CONCAT(name) FROM offered_pieces')" offered
    equal "$(as client 'SELECT GROUP_CONCAT(definition) FROM client_shared_piece_revisions')" '{"note":"own"}'
    may client "UPDATE client_shared_pieces SET definition = '[]'"
    equal "$(sql "SELECT GROUP_CONCAT(id) FROM shared_pieces WHERE definition = '[]'")" 203
    for change in "owner_id = NULL" "name = 'y'"; do may_not client "UPDATE client_shared_pieces SET $change"; done
    for row in "NULL, 'new', 0" "101, 'new', 0" "102, 'new', 1"; do
        answer=$(as client "INSERT INTO client_shared_pieces (kind, owner_id, name, is_offered, definition, created_at, updated_at)
                            VALUES ('snippet', ${row%,*}, ${row##*,}, '{}', NOW(6), NOW(6))") && fail "client makes $row"
        case $answer in *'CHECK OPTION failed'*) ;; *) fail "client: $row: $answer" ;; esac
    done
    answer=$(as client "INSERT INTO client_shared_piece_revisions (piece_id, number, definition, created_at) VALUES (202, 9, '{}', NOW(6))") &&
        fail 'client adds a version to what is offered'
    answer=$(as client 'UPDATE offered_pieces SET definition = 1') && fail 'client changes what is offered'
    for account in admin client api worker; do may_not $account 'UPDATE site_revision_pieces SET number = 9'; done
    may_not worker 'SELECT * FROM shared_pieces'
}
# The API makes and changes accounts, and cannot get into one.
the_api_opens_no_account() {
    for secret in password_hash passkey_handle; do
        may_not api "SELECT $secret FROM users"
        may_not api "UPDATE users SET $secret = NULL"
    done
    may_not api "INSERT INTO users (username, password_hash) VALUES ('x', 'x')"
    may api "INSERT INTO users (username, email, role, is_active, theme, created_at) VALUES ('made', '', 'client', 1, 'auto', NOW(6))"
    for table in sessions sign_in_links api_tokens known_devices passkeys user_totp recovery_codes oidc_identities client_users client_sessions; do
        answer=$(as api "INSERT INTO $table (user_id) VALUES (1)") && fail "api may insert into $table"
        case $answer in *'denied'*) ;; *) fail "api: $table: $answer" ;; esac
    done
    may_not api 'SELECT token_hash FROM sessions'
    may_not api 'SELECT token_hash FROM sign_in_links'
    may_not api 'UPDATE sessions SET user_id = 1'
    may_not api 'UPDATE api_tokens SET user_id = 1'
    may_not api 'SELECT sealed FROM user_totp'
    may api 'DELETE FROM sessions WHERE user_id = 0'
}
guarded() { # statement: refused by a rule of guards.sql
    answer=$(as client "$1") && fail "client may: $1"
    case $answer in *' guard: '*) ;; *) fail "client: $1: $answer" ;; esac
}
# What the panel of the staff counted, nobody who has the other panel's account takes back.
attempts_are_counted_apart() {
    sql "INSERT INTO attempt_counters VALUES (REPEAT('a', 32), 5, NOW(6) + INTERVAL 1 HOUR)"
    for statement in "UPDATE attempt_counters SET hits = 0" 'DELETE FROM attempt_counters' 'TRUNCATE attempt_counters' \
        'SELECT * FROM attempt_counters' "INSERT INTO attempt_counters VALUES (REPEAT('b', 32), 1, NOW(6))" \
        "REPLACE INTO attempt_counters VALUES (REPEAT('a', 32), 0, NOW(6))"; do
        may_not client "$statement"
    done
    counted="INSERT INTO client_attempt_counters VALUES (REPEAT('a', 32), 1, NOW(6)) ON DUPLICATE KEY UPDATE hits = hits + 1"
    may client "$counted" && may client "$counted"
    equal "$(as client 'SELECT hits FROM client_attempt_counters')" 2
    may client 'DELETE FROM client_attempt_counters'
    equal "$(sql 'SELECT hits FROM attempt_counters')" 5 'attempts that the staff'"'"'s panel counted'
    may admin 'DELETE FROM attempt_counters'
    may_not admin 'DELETE FROM client_attempt_counters'
    for table in attempt_counters client_attempt_counters; do
        may worker "DELETE FROM $table WHERE ends_at <= NOW(6)"
        may_not worker "UPDATE $table SET hits = 0"
    done
}
# A site of the client 202 and one of the operator 201.
sites_of_two() {
    sql "INSERT INTO users (id, username, role, created_at) VALUES (201, 'otto', 'operator', NOW(6)), (202, 'cora', 'client', NOW(6));
         INSERT INTO sites (id, owner_id, domain, tls_mode, created_at, updated_at) VALUES
             (301, 201, 'staff.example', 'none', NOW(6), NOW(6)), (302, 202, 'cora.example', 'none', NOW(6), NOW(6));
         INSERT INTO site_revisions (id, site_id, number, definition, created_at) VALUES
             (401, 301, 1, '{}', NOW(6)), (402, 302, 1, '{\"raw\":{\"nginx\":\"gzip off;\"}}', NOW(6));
         UPDATE sites SET head_revision_id = id + 100, head_number = 1;
         INSERT INTO site_domains (domain, site_id) VALUES ('staff.example', 301), ('cora.example', 302)"
}
revision='INSERT INTO site_revisions (site_id, number, definition, created_by, created_at) VALUES'
deployments_are_asked_for_not_decided() {
    columns='(owner_id, requested_by, state, reason, plan_digest, basis, request_id, created_at)'
    asked="INSERT INTO deployments $columns VALUES (202, 202"
    for state in awaiting_approval queued; do may client "$asked, '$state', '', '', '', '', NOW(6))"; done
    for state in running succeeded cancelled; do guarded "$asked, '$state', '', '', '', '', NOW(6))"; done
    may_not client "INSERT INTO deployments (owner_id, state, decided_by, created_at) VALUES (202, 'queued', 201, NOW(6))"
    waiting=$(sql "SELECT id FROM deployments WHERE state = 'awaiting_approval'")
    queued=$(sql "SELECT id FROM deployments WHERE state = 'queued'")
    for state in queued running rejected succeeded; do guarded "UPDATE deployments SET state = '$state' WHERE id = $waiting"; done
    guarded "UPDATE deployments SET decided_by = 201 WHERE id = $waiting"
    guarded "UPDATE deployments SET state = 'cancelled', decided_by = 201 WHERE id = $waiting"
    for state in cancelled voided awaiting_approval; do guarded "UPDATE deployments SET state = '$state' WHERE id = $queued"; done
    guarded "UPDATE deployments SET decision = 'x' WHERE id = $queued"
    may_not client "UPDATE deployments SET owner_id = 202"
    may client "UPDATE deployments SET state = 'cancelled', decided_by = NULL, decided_at = NOW(6), finished_at = NOW(6) WHERE id = $waiting"
    guarded "UPDATE deployments SET state = 'awaiting_approval' WHERE id = $waiting"
    may admin "UPDATE deployments SET state = 'queued', decided_by = 201 WHERE id = $waiting"
    may worker "UPDATE deployments SET state = 'running' WHERE id = $waiting"
    guarded "INSERT INTO jobs (kind, subject_type, subject_id, state, run_after, created_at) VALUES ('x', 'node', 1, 'queued', NOW(6), NOW(6))"
    guarded "INSERT INTO jobs (kind, subject_type, subject_id, state, run_after, created_at) VALUES ('node.deploy', 'node', 1, 'running', NOW(6), NOW(6))"
    may_not client "INSERT INTO jobs (kind, subject_type, subject_id, state, run_after, created_at, claimed_by) VALUES ('node.deploy', 'node', 1, 'queued', NOW(6), NOW(6), 'x')"
    may client "INSERT INTO jobs (kind, subject_type, subject_id, state, run_after, created_at) VALUES ('node.deploy', 'node', 1, 'queued', NOW(6), NOW(6))"
    guarded "UPDATE jobs SET id = id + 1000"
}
releases_wait_for_the_staff() {
    release='UPDATE sites SET released_revision_id = head_revision_id, released_number = head_number WHERE id = 302'
    sql "INSERT INTO settings (name, value, updated_at) VALUES ('approval.clients', 'on', NOW(6))"
    guarded "$release"
    sql "UPDATE settings SET value = 'off'"
    guarded 'UPDATE sites SET released_revision_id = 401 WHERE id = 302'
    may client "$release"
    sql "UPDATE settings SET value = 'on'"
    guarded 'UPDATE sites SET released_revision_id = NULL WHERE id = 302'
    may client "UPDATE sites SET state = 'paused' WHERE id = 302"
    may client "UPDATE sites SET state = 'active' WHERE id = 302"
    guarded "UPDATE sites SET state = 'blocked' WHERE id = 302"
    guarded 'UPDATE sites SET head_revision_id = 401 WHERE id = 302'
    may_not client 'UPDATE sites SET owner_id = 202'
    may_not client "INSERT INTO sites (owner_id, domain, tls_mode, state, created_at, updated_at) VALUES (202, 'x', 'none', 'active', NOW(6), NOW(6))"
    for statement in "INSERT INTO sites (owner_id, domain, tls_mode, created_at, updated_at) VALUES (201, 'x', 'none', NOW(6), NOW(6))" \
        "UPDATE sites SET state = 'paused' WHERE id = 301" "$revision (301, 2, '{}', 202, NOW(6))" \
        "INSERT INTO site_domains (domain, site_id) VALUES ('new.example', 301)" \
        "DELETE FROM site_domains WHERE domain = 'staff.example'"; do
        guarded "$statement"
    done
    sql "UPDATE sites SET state = 'blocked', block_status = 451 WHERE id = 302"
    for change in "state = 'active'" 'block_status = 403' "blocked_reason = 'x'" 'removed_at = NOW(6)'; do
        guarded "UPDATE sites SET $change WHERE id = 302"
    done
    guarded "DELETE FROM site_domains WHERE domain = 'cora.example'"
    may client 'UPDATE sites SET head_number = head_number WHERE id = 302'
    sql "UPDATE sites SET state = 'active', removed_at = NOW(6) WHERE id = 302"
    guarded 'UPDATE sites SET removed_at = NULL WHERE id = 302'
    sql 'UPDATE sites SET removed_at = NULL WHERE id = 302'
    sql "INSERT INTO domain_proofs (id, owner_id, domain, token, state, created_at) VALUES
         (1, 202, 'cora.example', 't', 'proven', NOW(6)), (2, 202, 'b.example', 't', 'pending', NOW(6))"
    guarded 'DELETE FROM domain_proofs WHERE id = 1'
    may client 'DELETE FROM domain_proofs WHERE id = 2'
    may api 'UPDATE sites SET owner_id = 202 WHERE id = 302'
}
directives_are_the_staffs() {
    guarded "$revision (302, 2, '{}', 201, NOW(6))"
    guarded "$revision (302, 2, '{\"raw\":{\"nginx\":\"gzip off;\"}}', 201, NOW(6))"
    for raw in '{}' '{\"raw\":{\"nginx\":\"GZIP off;\"}}' '{\"raw\":{\"nginx\":\"gzip off;\\nautoindex on;\"}}' \
        '{\"r\\u0061w\":{\"nginx\":\"x\"}}'; do
        guarded "$revision (302, 2, '$raw', 202, NOW(6))"
    done
    may client "$revision (302, 2, '{\"raw\":{\"nginx\":\"gzip off;\"}}', 202, NOW(6))"
    may client 'UPDATE sites SET head_number = 2, head_revision_id = (SELECT MAX(id) FROM site_revisions WHERE site_id = 302) WHERE id = 302'
    guarded 'UPDATE sites SET head_number = 1, head_revision_id = 402 WHERE id = 302'
    may admin "$revision (302, 3, '{\"raw\":{\"nginx\":\"x\"}}', 201, NOW(6))"
}
nodes_are_given_by_the_staff() {
    guarded 'INSERT INTO site_targets (site_id, node_id) VALUES (301, 1)'
    guarded 'INSERT INTO site_targets (site_id, node_id) VALUES (302, 1)'
}
names_are_shown_not_claimed() {
    may_not client "UPDATE users SET max_sites = 1000"
    may_not client "UPDATE client_users SET max_sites = 1000"
    may_not client "INSERT INTO domain_proofs (owner_id, domain, token, state, method, created_at) VALUES (1, 'a.example', 't', 'proven', 'txt', NOW(6))"
    may_not client "UPDATE domain_proofs SET state = 'proven'"
    may_not worker "INSERT INTO domain_proofs (owner_id, domain, token, created_at) VALUES (1, 'a.example', 't', NOW(6))"
    may worker "UPDATE domain_proofs SET state = 'proven' WHERE id = 0"
    may admin "UPDATE domain_proofs SET state = 'proven' WHERE id = 0"
}
tokens_are_revoked_not_changed() {
    may client 'UPDATE client_api_tokens SET revoked_at = NOW(6) WHERE id = 0'
    may_not client "UPDATE client_api_tokens SET scopes = ''"
    may_not client 'UPDATE client_api_tokens SET expires_at = NULL'
    for account in admin api; do
        may $account 'UPDATE api_tokens SET revoked_at = NOW(6) WHERE id = 0'
        may_not $account "UPDATE api_tokens SET scopes = ''"
        may_not $account 'UPDATE api_tokens SET expires_at = NULL'
        may_not $account 'DELETE FROM api_tokens'
        [ $account != api ] || may_not api 'INSERT INTO api_tokens (user_id) VALUES (1)'
    done
    may_not worker 'SELECT token_hash FROM api_tokens'
}
history_is_final() {
    for account in admin client api worker; do
        may_not $account "UPDATE site_revisions SET definition = '{}'"
        may_not $account 'DELETE FROM site_revisions'
        may_not $account 'DELETE FROM deployments'
        may_not $account 'DELETE FROM sites'
        may_not $account 'UPDATE schema_migrations SET number = 9'
        may_not $account 'CREATE TABLE mine (id INT)'
    done
}
passwords_are_private() {
    for file in "$passwords"/*.password; do equal "$(stat -c %a "$file")" 600 "$file"; done
    sql/create-accounts --passwords "$passwords" --database "$database" --print >"$work/printed" || fail print
    for file in "$passwords"/*.password; do ! grep -qF -e "$(cat "$file")" "$work/printed" || fail 'shows a password'; done
    ! grep -q '@[A-Z]' "$work/printed" || fail "not filled in: $(grep '@[A-Z]' "$work/printed" | head -n 1)"
}
repeatable() {
    before=$(sql "SELECT COUNT(*) FROM information_schema.column_privileges WHERE table_schema = '$database'")
    accounts >/dev/null || fail 'the second run failed'
    equal "$(sql "SELECT COUNT(*) FROM information_schema.column_privileges WHERE table_schema = '$database'")" "$before" grants
    may client 'SELECT COUNT(*) FROM sites'
}
queries_run() {
    for file in sql/queries/*.sql; do
        mariadb --no-defaults -S "$socket" -uroot "$database" <"$file" >"$work/out" 2>&1 || fail "$file: $(cat "$work/out")"
    done
    for view in v_queue v_node_state v_recent_changes v_expiring_certificates; do sql "SELECT * FROM $view" || fail $view; done
}

check 'nobody changes the audit log' audit_is_final
check 'nobody changes the seals' seals_are_final
check 'reports of browsers are counted only' reports_are_counted_only
check 'panels cannot read what is sealed' credentials_are_out_of_reach
check 'panels do not change where nodes are' nodes_are_the_operators
check 'panels ask for jobs, and cannot forge them' jobs_are_asked_for_not_forged
check 'panels do not raise themselves' nobody_gets_at_other_people
check 'the clients panel makes and reads no way into an account of the staff' clients_stay_clients
check 'the clients panel counts attempts apart' attempts_are_counted_apart
sites_of_two || echo 'not ok rows # cannot be made'
check 'the clients panel asks for deployments and decides none' deployments_are_asked_for_not_decided
check 'the clients panel releases nothing unapproved, and nothing of the staff' releases_wait_for_the_staff
check 'the clients panel gives no directives of the engine' directives_are_the_staffs
check 'the clients panel chooses no nodes' nodes_are_given_by_the_staff
check 'the clients panel changes no shared settings of the staff' pieces_of_the_staff_stay_theirs
check 'the API makes accounts and opens none' the_api_opens_no_account
check 'the clients panel proves no names and sets no limits' names_are_shown_not_claimed
check 'a token cannot be given more' tokens_are_revoked_not_changed
check 'history cannot be rewritten' history_is_final
check 'passwords stay in their files' passwords_are_private
check 'the accounts are made again without harm' repeatable
check 'the saved queries and views run' queries_run
finish
