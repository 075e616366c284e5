#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A whole run of the product with secrets that are known, and then a search for them where they must not be: every column
# of every table, dumps of the database, all logs, command lines and environments of all processes. The search itself is
# tried with secrets put there on purpose.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
OUT=$(cd "${OUT:-build}" && pwd) || exit 1
export OUT
work=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-secrets.XXXXXX")
chmod 711 "$work"
on_exit "rm -rf $work"
mkdir "$work/samples" "$work/known"
TMPDIR=$work RPMGR_SECRET_SCAN=$$
export TMPDIR RPMGR_SECRET_SCAN # the second marks our processes

# ---- the run --------------------------------------------------------------------------------------------------------------

sample() { # command lines of all processes, environments of ours
    cat /proc/[0-9]*/cmdline >>"$work/samples/cmdline" 2>/dev/null
    # shellcheck disable=SC2046
    cat $(grep -lsaF "RPMGR_SECRET_SCAN=$$" /proc/[0-9]*/environ 2>/dev/null) >>"$work/samples/environ" 2>/dev/null
}
(while [ ! -e "$work/enough" ]; do
    sample
    sleep 0.15
done) &
sampler=$!
on_exit "touch $work/enough; wait $sampler 2>/dev/null"

tests/lab/demo >"$work/out" 2>&1 &
demo=$!
on_exit "kill -TERM $demo 2>/dev/null; wait $demo 2>/dev/null"
tries=0
until grep -q '^└' "$work/out"; do
    tries=$((tries + 1))
    [ $tries -lt 1200 ] && kill -0 $demo 2>/dev/null || { echo "not ok demo # $(tail -n 20 "$work/out")"; exit 1; }
    sleep 0.1
done
home=$(echo "$work"/rpmgr-demo.*)
read -r socket <"$home/socket"
rpmgr() { "$OUT/rpmgr" --config "$home/rpmgr.conf" "$@"; }
base=$(sed -n 's|.*administrators *\(https://[a-z0-9.:]*\)/.*|\1|p' "$work/out")
fetch() { curl -sS --cacert "$home/front/cert.pem" -b "$work/known/cookies" -c "$work/known/cookies" -o "$work/page" -H "Origin: $base" "$@"; }

# Every kind of secret in use once more, with values that are known. None is an argument: those are public.
new_secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
use_secrets() {
    new_secret >"$work/known/password"
    new_secret >"$work/known/wrong-password"
    rpmgr user add dora --role admin --password-stdin <"$work/known/password" || return 1
    rpmgr token add dora scan >"$work/known/token"
    rpmgr user login-link dora --base "" >"$work/known/link"
    printf 'header = "Authorization: Bearer %s"\n' "$(grep -o 'rpmgr_[A-Za-z0-9_-]*' "$work/known/token")" |
        curl -sS --cacert "$home/front/cert.pem" -K - "${base%:*}:$(sed -n 's|.*API  *https://[a-z0-9.]*:\([0-9]*\)/.*|\1|p' "$work/out")/api/v1/sites" >"$work/page"
    printf dora | tr -d '\n' >"$work/name"
    for password in wrong-password password; do
        fetch "$base/login" || return 1
        sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' "$work/page" | head -n 1 | tr -d '\n' >"$work/csrf"
        tr -d '\n' <"$work/known/$password" >"$work/typed"
        fetch --data-urlencode "csrf@$work/csrf" --data-urlencode "name@$work/name" --data-urlencode "password@$work/typed" "$base/login" || return 1
    done
    grep -q 'rpmgr_admin' "$work/known/cookies" || { echo 'no session' && return 1; }
    code=$(fetch -H 'Content-Type: application/csp-report' -d '{"csp-report":{"document-uri":"/sites","violated-directive":"img-src","blocked-uri":"https://other.example/x"}}' -w '%{http_code}' "$base/csp-report")
    [ "$code" = 204 ] || { echo "a policy report was answered $code" && return 1; }
    fetch "$base/sites" && fetch "$base/audit" || return 1
    rpmgr keys rotate && rpmgr deploy shop.example.test --reason 'again' --wait 60
}
use_secrets >"$work/log" 2>&1 || { echo "not ok the run # $(tail -n 5 "$work/log")"; exit 1; }
"$OUT/rpmgr-housekeep" --config "$home/worker.conf" 2>>"$home/log/housekeep"

# ---- what is looked for ------------------------------------------------------------------------------------------------------

# One secret in a line; the lines of a PEM file one by one. Each also as hex digits, as a dump shows bytes.
long_lines() { tr -d '\r' | awk 'length($0) >= 16'; }
collect() {
    {
        cat "$work/known/password" "$work/known/wrong-password" "$home"/passwords/*.password
        grep -oh 'rpmgr_[A-Za-z0-9_-]*' "$work/known/token"
        grep -oh '/login/link/[A-Za-z0-9_-]*' "$work/known/link" "$work/out" | sed 's|.*/||'
        awk 'NF == 7 && $6 ~ /rpmgr_(admin|client|newcomer)/ { print $7 }' "$work/known/cookies" "$home"/cookies.*
        sed 's/^[a-z-]* //' "$home"/keys/*.key
        find "$home/nodes" "$home/front" -type f \( -name '*.key' -o -name 'key.pem' -o -name 'id_*' -o -name '*_key' \) ! -name '*.pub' \
            -exec grep -hv -e '-----' {} +
    } | long_lines | sort -u >"$work/plain"
    # What every key file of a kind begins with is no secret.
    grep -v -e '^b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ' "$work/plain" >"$work/secrets"
    while read -r secret; do printf '%s' "$secret" | od -An -v -tx1 | tr -d ' \n' && echo; done <"$work/secrets" >"$work/hex"
    tr 'a-f' 'A-F' <"$work/hex" >>"$work/secrets"
    cat "$work/hex" >>"$work/secrets"
}
collect
kinds_are_there() {
    count=$(wc -l <"$work/hex")
    [ "$count" -ge 20 ] || fail "only $count secrets are known"
    for kind in "$work/known/password" "$home"/passwords/worker.password; do grep -qF -f "$kind" "$work/secrets" || fail "lacks $kind"; done
    for pattern in '^rpmgr_' '^[A-Za-z0-9_-]\{40,\}$' '^MI[A-Za-z0-9+/=]\{30,\}'; do grep -q "$pattern" "$work/secrets" || fail "none like $pattern"; done
}

# ---- where ---------------------------------------------------------------------------------------------------------------------

sql() { mariadb --no-defaults -S "$socket" -uroot -BN rpmgr_demo -e "$*"; }
found_in() { # file…: the first of the secrets that is there, never shown in full
    grep -aoF -f "$work/secrets" "$@" 2>/dev/null | head -n 1 | cut -c 1-200 | sed 's/\(:\{0,1\}[^:]\{6\}\)[^:]*$/\1…/'
}
clean() { # file…
    found=$(found_in "$@")
    [ -z "$found" ] || fail "a secret in $found"
}
dump() {
    rm -rf "$work/dump" && mkdir "$work/dump"
    mariadb-dump --no-defaults -S "$socket" -uroot --all-databases --routines --triggers >"$work/dump/text.sql" &&
        mariadb-dump --no-defaults -S "$socket" -uroot --hex-blob rpmgr_demo >"$work/dump/hex.sql" || fail 'cannot dump'
    for table in $(sql 'SHOW TABLES'); do sql "SELECT * FROM \`$table\`" >"$work/dump/$table" || fail "cannot read $table"; done
    [ "$(sql 'SELECT COUNT(*) FROM audit_log')" -gt 5 ] || fail 'nothing happened'
}
database_is_clean() { dump && clean "$work"/dump/*; }
logs_are_clean() {
    find "$home/log" "$home/front" "$home/nodes" "$home/backend" "$home/database" -type f \( -name '*.log' -o -path '*/log/*' -o -name '*.err' \) ! -name page >"$work/logs"
    [ "$(wc -l <"$work/logs")" -ge 8 ] || fail "only these logs: $(cat "$work/logs")"
    # shellcheck disable=SC2046
    clean $(cat "$work/logs")
}
processes_are_clean() {
    # rpmgr-discover lives too short to be seen each time.
    for program in rpmgr-admin rpmgr-client rpmgr-api rpmgr-deploy mariadbd nginx sshd; do
        grep -qaF $program "$work/samples/cmdline" || fail "$program was never seen"
    done
    grep -qa '^PATH=\|RPMGR_SECRET_SCAN' "$work/samples/environ" || fail 'no environment was seen'
    clean "$work/samples/cmdline" "$work/samples/environ"
}

# ---- the search, tried -----------------------------------------------------------------------------------------------------------

must_find() { (clean "$@") 8>/dev/null && fail 'a planted secret was not found'; return 0; }
finds_planted_ones() {
    secret=$(cat "$work/known/password")
    printf "INSERT INTO jobs (kind, subject_type, subject_id, state, run_after, payload, created_at) VALUES ('x', 'x', 1, 'cancelled', NOW(), CONCAT('{\"password\":\"', '%s', '\"}'), NOW());\n" "$secret" |
        mariadb --no-defaults -S "$socket" -uroot rpmgr_demo || fail 'cannot plant'
    dump
    must_find "$work/dump/text.sql"
    must_find "$work/dump/jobs"
    sql "DELETE FROM jobs WHERE kind = 'x'"
    printf "INSERT INTO csp_reports VALUES (REPEAT('x', 32), 'admin', '/', 'x', '', 1, NOW(), NOW()); UPDATE csp_reports SET digest = LEFT('%s', 32) WHERE panel = 'admin' AND directive = 'x';\n" "$(cut -c 1-32 "$work/known/password")" |
        mariadb --no-defaults -S "$socket" -uroot rpmgr_demo || fail 'cannot plant bytes'
    dump
    must_find "$work/dump/hex.sql"
    sql "DELETE FROM csp_reports WHERE directive = 'x'"
    echo "login failed: $secret" >"$work/planted.log"
    must_find "$work/planted.log"
    sh -c 'sleep 5; :' "$secret" &
    planted=$!
    cat /proc/$planted/cmdline >"$work/planted.cmdline"
    must_find "$work/planted.cmdline"
    kill $planted
    KEY=$secret sh -c 'sleep 5; :' &
    planted=$!
    sleep 0.2
    cat /proc/$planted/environ >"$work/planted.environ"
    must_find "$work/planted.environ"
    kill $planted
    database_is_clean
}

touch "$work/enough"
wait $sampler
check 'secrets of every kind are known' kinds_are_there
check 'the whole database holds none of them' database_is_clean
check 'no log holds one' logs_are_clean
check 'no command line and no environment held one' processes_are_clean
check 'planted ones are found' finds_planted_ones
finish
