#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The keys' whole life with the real command: made, rotated while others work, killed in the middle, retired. And the audit
# log sealed by the worker, verified, exported, sent on.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
. tests/support/manager.sh
manager_start
rpmgr migrate >/dev/null && accounts >/dev/null && rpmgr keys init >/dev/null && rpmgr user add carl >/dev/null ||
    { echo 'not ok manager # cannot be set up'; exit 1; }

refused() { # status words command…
    wanted=$1 words=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    equal "$?" "$wanted" "exit status of $*"
    grep -qF -- "$words" "$work/err" "$work/out" || fail "expected '$words', got '$(cat "$work/err" "$work/out")'"
}
value() { jq -er "$1" "$work/json" || fail "no $1 in $(cat "$work/json")"; }
current() { rpmgr keys list --json | jq -r '.[] | select(.state == "current").id'; }
site() { # n: a site with a certificate, so with a sealed key
    echo "{\"version\":1,\"domains\":[\"s$1.example.test\"],\"upstream\":{\"servers\":[{\"host\":\"127.0.0.1\",\"port\":8080}]},\"tls\":{\"mode\":\"self_signed\"}}" |
        rpmgr site add --file - --owner carl
}
sealed_with() { sql "SELECT COUNT(*) FROM certificates WHERE sealed_key LIKE 's1:$1:%'"; }

makes_what_is_missing() {
    equal "$(stat -c %a "$work/keys/audit.key")" 600 'mode of audit.key'
    equal "$(stat -c %a "$work/audit.pub")" 644 'mode of audit.pub'
    refused 1 'exist already' rpmgr keys init
    rm "$work/keys/audit.key" "$work/audit.pub"
    before=$(cat "$work/sealing.pub")
    rpmgr keys init | grep -q 'for the audit log' || fail 'the audit key was not made'
    equal "$(cat "$work/sealing.pub")" "$before" sealing.pub
}
rotates() {
    for n in 1 2 3; do site $n >/dev/null || fail "site $n"; done
    old=$(current)
    equal "$(sealed_with $old)" 3
    rpmgr keys rotate --json >"$work/json" 2>/dev/null || fail "rotate: $(cat "$work/json")"
    new=$(value .id)
    equal "$(value .values)" 3
    equal "$(sealed_with $new)" 3
    equal "$(sealed_with $old)" 0
    equal "$(current)" "$new"
    site 4 >/dev/null && equal "$(sealed_with $new)" 4 'new sites are sealed with the new key'
    [ ! -e "$work/keys/rotation" ] || fail 'the mark of the rotation stays'
    equal "$(sql "SELECT COUNT(*) FROM audit_log WHERE action = 'keys.rotate'")" 1
}
retires_only_what_is_empty() {
    new=$(current) old=$(rpmgr keys list --json | jq -r '.[] | select(.state == "old").id')
    refused 1 'is the one that panels seal with' rpmgr keys retire $new
    refused 1 'less than 10 minutes ago' rpmgr keys retire $old
    touch -d '-11 minutes' "$work/sealing.pub"
    sql "UPDATE certificates SET sealed_key = CONCAT('s1:$old:', SUBSTR(sealed_key, 13)) LIMIT 1"
    refused 1 "still holds certificates 1" rpmgr keys retire $old
    sql "UPDATE certificates SET sealed_key = CONCAT('s1:$new:', SUBSTR(sealed_key, 13)) WHERE sealed_key LIKE 's1:$old:%'"
    refused 1 "no private key 'feedbeef'" rpmgr keys retire feedbeef
    rpmgr keys retire $old >"$work/out" || fail "$(cat "$work/out")"
    [ -f "$work/keys/$old.key.retired" ] && [ ! -e "$work/keys/$old.key" ] || fail 'the file is not put away'
    rpmgr keys list | grep -q $old && fail 'it is still listed'
    return 0
}
# Killed after a random time, again and again: each next run goes on, and in the end everything opens with one key.
survives_kills() {
    for n in 11 12 13 14 15 16 17 18; do site $n >/dev/null || fail "site $n"; done
    for i in $(seq 1 25); do
        rpmgr keys rotate >/dev/null 2>&1 &
        pid=$!
        sleep "0.0$((i % 10))$((i % 7))"
        kill -KILL $pid 2>/dev/null
        wait $pid 2>/dev/null
        id=$(sed 's/.* //' "$work/sealing.pub" | base64 -d | sha256sum | cut -c 1-8)
        [ -f "$work/keys/$id.key" ] || fail "round $i: panels seal with $id, which nobody can open"
        used=$(sql "SELECT DISTINCT SUBSTR(sealed_key, 4, 8) FROM certificates")
        for key in $used; do [ -f "$work/keys/$key.key" ] || fail "round $i: the key $key is lost"; done
    done
    rpmgr keys rotate --json >"$work/json" 2>/dev/null || fail "the last one: $(cat "$work/json")"
    equal "$(value '.unreadable | length')" 0
    equal "$(sql 'SELECT COUNT(DISTINCT SUBSTR(sealed_key, 4, 8)) FROM certificates')" 1 'keys in use'
    equal "$(sealed_with "$(current)")" 12
}
one_at_a_time() {
    flock -x "$work/keys" sleep 2 &
    holder=$!
    sleep 0.3
    refused 1 'another command works with the keys' rpmgr keys rotate
    wait $holder
}

# ---- the audit log -----------------------------------------------------------------------------------------------------------

housekeep() { worker rpmgr-housekeep "$@" 2>"$work/housekeep.log" || fail "$(cat "$work/housekeep.log")"; }
seals_and_verifies() {
    sql 'UPDATE audit_log SET at = at - INTERVAL 20 MINUTE'
    rows=$(sql 'SELECT COUNT(*) FROM audit_log')
    housekeep
    rpmgr audit verify --json >"$work/json" || fail "$(cat "$work/json")"
    equal "$(value .rows)" "$rows"
    grep -q "msg=sealed.* rows=$rows digest=$(value .digest)" "$work/housekeep.log" || fail "log: $(cat "$work/housekeep.log")"
    value .digest >"$work/digest"
    rpmgr audit verify --expect "$(cat "$work/digest")" | grep -q '^intact' || fail 'the noted digest is not found'
    refused 2 'expect: must be the digest' rpmgr audit verify --expect 12
}
finds_what_was_done() {
    id=$(sql 'SELECT MIN(id) + 2 FROM audit_log')
    sql "CREATE TABLE kept AS SELECT * FROM audit_log WHERE id = $id"
    sql "UPDATE audit_log SET username = 'nobody' WHERE id = $id"
    refused 1 "NOT INTACT: row $id was changed" rpmgr audit verify
    sql "DELETE FROM audit_log WHERE id = $id"
    refused 1 "NOT INTACT: row $id was removed" rpmgr audit verify
    rpmgr audit verify --json >"$work/json" && fail 'status 0'
    equal "$(value .bad_row)" "$id"
    sql 'INSERT INTO audit_log SELECT * FROM kept'
    rpmgr audit verify >/dev/null || fail 'mended, and still not intact'
    sql 'CREATE TABLE seals AS SELECT * FROM audit_seals; DELETE FROM audit_seals; DELETE FROM audit_log'
    refused 1 'cut off' rpmgr audit verify --expect "$(cat "$work/digest")"
    sql 'INSERT INTO audit_seals SELECT * FROM seals; DROP TABLE seals; DROP TABLE kept'
    refused 1 'was removed' rpmgr audit verify
    sql 'DELETE FROM audit_seals'
}
new_audit_key() {
    rpmgr user add dora >/dev/null && sql 'UPDATE audit_log SET at = at - INTERVAL 20 MINUTE'
    housekeep
    rpmgr keys rotate-audit >/dev/null || fail rotate-audit
    sql 'UPDATE audit_log SET at = at - INTERVAL 20 MINUTE WHERE id > (SELECT MAX(last_id) FROM audit_seals)'
    housekeep
    equal "$(sql 'SELECT COUNT(DISTINCT key_id) FROM audit_seals')" 2 'keys'
    rpmgr audit verify >/dev/null || fail 'not intact'
    equal "$(wc -l <"$work/audit.pub")" 2 'public keys'
}
without_key_says_so() {
    mv "$work/keys/audit.key" "$work/away"
    refused 3 "run 'rpmgr keys init'" worker rpmgr-housekeep
    grep -q 'msg=tidied' "$work/err" || fail 'nothing else was done either'
    mv "$work/away" "$work/keys/audit.key"
}
exports() {
    rpmgr audit export --format csv >"$work/csv" || fail csv
    equal "$(head -n 1 "$work/csv" | tr -d '\r')" 'id,at,username,impersonator,address,action,object_type,object_id,object_name,before,after,request_id'
    rpmgr audit export --action user. | jq -es 'map(.action | startswith("user.")) | all' >/dev/null || fail jsonl
    equal "$(rpmgr audit export | wc -l)" "$(sql 'SELECT COUNT(*) FROM audit_log')" lines
    equal "$(rpmgr audit export --until 2020-01-01 | wc -l)" 0
    refused 2 '--from: must be a time' rpmgr audit export --from yesterday
    refused 2 '--format: must be csv or jsonl' rpmgr audit export --format xml
    refused 3 'cannot write the export' sh -c "$out/rpmgr --config $work/rpmgr.conf audit export >/dev/full"
}
sends_on() {
    perl -MIO::Socket::UNIX -MSocket -e 'my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die;
        $| = 1; alarm 30; for (1 .. 2) { $s->recv(my $line, 65536); print "$line\n" }' "$work/syslog" >"$work/received" &
    reader=$!
    tries=0
    until [ -S "$work/syslog" ]; do tries=$((tries + 1)) && [ $tries -lt 100 ] || fail 'no reader' && sleep 0.05; done
    housekeep --audit.syslog "$work/syslog"
    rpmgr user add emil >/dev/null && rpmgr user add fred >/dev/null
    sql 'UPDATE audit_log SET at = at - INTERVAL 1 MINUTE'
    housekeep --audit.syslog "$work/syslog"
    wait $reader
    equal "$(grep -c '^<85>.* rpmgr-audit: id=.* action=user.create ' "$work/received")" 2 "lines: $(cat "$work/received")"
    grep -q 'name=emil' "$work/received" || fail 'emil'
    worker rpmgr-housekeep --audit.syslog "$work/none" 2>"$work/err" && fail 'a missing syslog was not told'
    grep -q 'audit log not forwarded' "$work/err" || fail "$(cat "$work/err")"
}

check 'keys that are missing are made, others kept' makes_what_is_missing
check 'a rotation seals everything again' rotates
check 'only an empty old key is retired' retires_only_what_is_empty
check 'a rotation that is killed goes on' survives_kills
check 'one command at a time works with the keys' one_at_a_time
check 'the worker seals, the command verifies' seals_and_verifies
check 'what was done to the log is found' finds_what_was_done
check 'a new key for seals leaves old ones good' new_audit_key
check 'a worker without the key says so and does the rest' without_key_says_so
check 'exports have everything that was asked for' exports
check 'rows are sent on to syslog' sends_on
finish
