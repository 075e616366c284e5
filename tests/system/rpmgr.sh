#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The operator's command against a real database.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
. tests/support/manager.sh
manager_start

# command…; expects this exit status and words on standard error
refused() { # status words command…
    wanted=$1 words=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    got=$?
    equal "$got" "$wanted" "exit status of $*"
    grep -qF -- "$words" "$work/err" || fail "expected '$words', got '$(cat "$work/err")'"
    equal "$(wc -l <"$work/err")" 1 'lines on standard error'
    equal "$(wc -c <"$work/out")" 0 'bytes on standard output'
}
query() { # filter command…: the answer as JSON through jq
    filter=$1
    shift
    rpmgr "$@" --json | jq -er "$filter" || fail "no JSON, or not as expected: rpmgr $*"
}
site() { # domain [member…]: a definition
    echo "{\"version\":1,\"domains\":[\"$1\"],\"upstream\":{\"servers\":[{\"host\":\"127.0.0.1\",\"port\":8080}]}${2:+,$2}}"
}

not_migrated() { refused 3 "run 'rpmgr migrate'" rpmgr user list; }
migrates() {
    rpmgr migrate >"$work/out" || fail 'the first run failed'
    grep -q '^applying 0001-core.sql$' "$work/out" || fail "names nothing: $(cat "$work/out")"
    rpmgr migrate >"$work/out" || fail 'the second run failed'
    ! grep -q applying "$work/out" || fail 'the second run applied something'
    equal "$(query '.applied | length' migrate 2>/dev/null)" 0
}
edited_migration() {
    cp -r sql "$work/sql"
    echo '-- an afterthought' >>"$work/sql/0001-core.sql"
    write_configs "$work/sql"
    refused 1 '0001-core.sql was changed after it was applied' rpmgr migrate
    refused 3 '0001-core.sql was changed after it was applied' rpmgr user list
}
makes_keys_once() {
    refused 3 "run 'rpmgr keys init'" rpmgr user add early
    rpmgr keys init >/dev/null || fail 'keys init failed'
    before=$(cat "$work/sealing.pub" "$work"/keys/*)
    refused 1 'exist already' rpmgr keys init
    equal "$(cat "$work/sealing.pub" "$work"/keys/*)" "$before" keys
    for file in "$work"/keys/*.key; do equal "$(stat -c %a "$file")" 600 "mode of ${file##*/}"; done
    equal "$(stat -c %a "$work/keys")" 700 'mode of the folder that was made'
    equal "$(stat -c %a "$work/web.key")" 640 'mode of the key of the panels'
    rm "$work/web.key"
    rpmgr keys init >/dev/null || fail 'what is missing is not made'
    equal "$(cat "$work/sealing.pub" "$work"/keys/*)" "$before" 'keys that were there'
    [ -s "$work/web.key" ] || fail 'no key of the panels'
}
sets_settings() {
    equal "$(query '.[] | select(.name == "oidc.label") | .value' settings list --match oidc)" 'Single sign-on'
    rpmgr settings set oidc.label 'Example ID' >/dev/null || fail 'set'
    equal "$(rpmgr settings get oidc.label)" 'Example ID'
    rpmgr settings set oidc.groups.admin ops 'cn=dba,dc=example' >/dev/null || fail 'a list'
    equal "$(query '.value | join(";")' settings get oidc.groups.admin)" 'ops;cn=dba,dc=example'
    rpmgr settings reset oidc.label >/dev/null || fail 'reset'
    equal "$(query '.default' settings get oidc.label)" true
    refused 2 'oidc.enabled: must be off or on' rpmgr settings set oidc.enabled perhaps
    refused 2 'oidc.issuer: is needed while single sign-on is on' rpmgr settings set oidc.enabled on
    refused 2 "setting: 'oidc.labl' is unknown; did you mean oidc.label?" rpmgr settings get oidc.labl
    equal "$(query '[.[] | select(.action == "settings.change")] | length' audit list)" 3
}
keeps_secret_settings() {
    refused 2 'VALUE: give a secret by --stdin' rpmgr settings set oidc.client_secret hunter2
    echo hunter2-hunter2 | rpmgr settings set oidc.client_secret --stdin >"$work/out" || fail 'set'
    rpmgr settings list --json >>"$work/out"
    rpmgr settings get oidc.client_secret >>"$work/out"
    ! grep -q hunter2 "$work/out" || fail 'shown'
    case $(sql "SELECT value FROM settings WHERE name = 'oidc.client_secret'") in v1:*) ;; *) fail 'not encrypted' ;; esac
    rpmgr settings reset oidc.client_secret >/dev/null || fail 'reset'
    equal "$(query '.set | tostring' settings get oidc.client_secret)" false
}
adds_users() {
    rpmgr user add anna --role admin --email anna@example.test >/dev/null || fail 'anna'
    echo 'a long enough one' | rpmgr user add carl --password-stdin >/dev/null || fail 'carl'
    equal "$(query '[.[] | .username + ":" + .role + ":" + (.has_password | tostring)] | join(" ")' user list)" \
        'anna:admin:false carl:client:true'
}
refuses_bad_users() {
    for name in '' 'two words' "o'hara" '-x.' 'ä'; do
        refused 2 'username: ' rpmgr user add -- "$name"
    done
    refused 2 'username: is taken' rpmgr user add ANNA
    refused 2 "--role: must be admin, operator, read_only, client or client_read_only, not 'root'" rpmgr user add dora --role root
    echo short >"$work/short"
    refused 2 'password: must have at least 12' rpmgr user add dora --password-stdin <"$work/short"
    refused 2 'NAME: is missing' rpmgr user add
    refused 1 "no user 'ana'; did you mean 'anna'?" rpmgr user login-link ana
}
makes_links_and_tokens() {
    link=$(rpmgr user login-link carl --base https://panel.example.test/ --minutes 5) || fail 'no link'
    case $link in https://panel.example.test/login/link/???????????????????????????????????????????) ;; *) fail "link: $link" ;; esac
    token=$(rpmgr token add carl ci --days 2) || fail 'no token'
    case $token in rpmgr_*) ;; *) fail "token: $token" ;; esac
    sql 'SELECT * FROM sign_in_links; SELECT * FROM api_tokens; SELECT * FROM audit_log' >"$work/rows"
    ! grep -qF -e "${link##*/}" -e "$token" "$work/rows" || fail 'stored in the clear'
    refused 2 '--minutes: must be a whole number from 1 to 10' rpmgr user login-link carl --minutes 0
    refused 2 '--minutes: must be a whole number from 1 to 10' rpmgr user login-link carl --minutes 11
}
changes_users() {
    rpmgr user set carl --max-sites 3 --email carl@example.test >/dev/null || fail 'not changed'
    equal "$(query '.[] | select(.username == "carl") | "\(.email) \(.max_sites) \(.max_domains)"' user list)" 'carl@example.test 3 null'
    rpmgr user set carl --max-sites= --email= >/dev/null || fail 'not taken back'
    refused 2 'email: is not a mail address' rpmgr user set carl --email nowhere
    refused 2 'max_sites: is only for clients' rpmgr user set anna --max-sites 3
    case $(rpmgr user reset-link carl --base https://panel.example.test) in https://panel.example.test/login/link/?*) ;; *) fail 'no reset link' ;; esac
    case $(rpmgr user invite carl --json | jq -r .link) in /login/link/?*) ;; *) fail 'no invitation' ;; esac
    refused 2 'mail: is off' rpmgr user invite anna --mail
    equal "$(rpmgr user sign-out carl)" 'carl is signed out of 0 sessions'
    equal "$(sql "SELECT COUNT(*) FROM sign_in_links WHERE user_id = (SELECT id FROM users WHERE username = 'carl') AND used_at IS NULL")" 0 'unused links'
}
takes_hashes_of_other_tools() {
    openssl passwd -1 x >"$work/md5"
    refused 2 'password_hash: is neither' rpmgr user add hanna --password-hash-stdin <"$work/md5"
    # shellcheck disable=SC2016
    echo '$2y$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS' | rpmgr user add hanna --password-hash-stdin >/dev/null || fail 'not taken'
    equal "$(query '.[] | select(.username == "hanna") | .has_password' user list)" true
    sql "DELETE FROM users WHERE username = 'hanna'"
}
disabled_user_gets_no_link() {
    rpmgr user disable carl >/dev/null || fail disable
    refused 2 "'carl' is disabled" rpmgr user login-link carl
    rpmgr user enable carl >/dev/null || fail enable
}
adds_sites() {
    sql "INSERT INTO nodes (name, ip_address, ssh_user, proxy_type, state_since, created_at, updated_at)
        VALUES ('edge-1', '127.0.0.1', 'x', 'nginx', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
    id=$(site shop.example.test '"tls":{"mode":"self_signed","redirect_http":true}' | rpmgr site add --file - --owner carl --nodes edge-1) ||
        fail 'not added'
    equal "$(query .id site show shop.example.test)" "$id" id
    equal "$(query '.on[0].node + " " + .definition.tls.mode' site show shop.example.test)" 'edge-1 self_signed'
    equal "$(query '.[0].owner' site list)" carl owner
    equal "$(query 'length' site list --owner anna)" 0 "anna's sites"
    case $(sql 'SELECT sealed_key FROM certificates') in s1:*) ;; *) fail 'the key is not sealed' ;; esac
}
refuses_bad_sites() {
    site shop.example.test >"$work/site.json"
    refused 2 "domains: 'shop.example.test' is already used" rpmgr site add --file "$work/site.json" --owner carl
    refused 2 '--owner: is missing' rpmgr site add --file "$work/site.json"
    refused 1 "no user 'crl'; did you mean 'carl'?" rpmgr site add --file "$work/site.json" --owner crl
    site new.example.test >"$work/site.json"
    refused 2 "--nodes: no node 'edge-2'; did you mean 'edge-1'?" rpmgr site add --file "$work/site.json" --owner carl --nodes edge-2
    refused 3 'nowhere.json' rpmgr site add --file "$work/nowhere.json" --owner carl
    echo '{"version":1,"domains":["bad_name.example.test"],"upstream":{"servers":[{"host":"127.0.0.1","port":70000}]},"colour":1}' >"$work/site.json"
    for field in domains.0 upstream.servers.0.port colour; do
        refused 2 "$field: " rpmgr site add --file "$work/site.json" --owner carl
    done
    echo '{"version":1,' >"$work/site.json"
    refused 2 'json: line ' rpmgr site add --file "$work/site.json" --owner carl
    equal "$(sql 'SELECT COUNT(*) FROM sites')" 1 sites
}
updates_sites() {
    site shop.example.test '"note":"moved"' >"$work/site.json"
    equal "$(query '.version' site update shop.example.test --file "$work/site.json" --reason 'a move')" 2
    equal "$(query '.changed' site update shop.example.test --file "$work/site.json")" false 2>/dev/null
    equal "$(query '[.history[] | (.version | tostring) + .reason] | join(",")' site show shop.example.test)" '2a move,1'
    refused 1 "no site has the name 'nosite.example.test'" rpmgr site show nosite.example.test
    refused 2 'DOMAIN: ' rpmgr site show 'not a name'
}
unchanged_update() {
    equal "$(rpmgr site update shop.example.test --file "$work/site.json")" 'version 2, unchanged'
}
# What `site show` prints goes back through `site update`, with passwords that nobody saw.
keeps_passwords() {
    # shellcheck disable=SC2016
    hash='$2y$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
    users="\"access\":{\"basic\":{\"users\":[{\"name\":\"anna\",\"hash\":\"$hash\"}]}}"
    site closed.example.test "$users" | rpmgr site add --file - --owner carl >/dev/null || fail 'not added'
    rpmgr site show closed.example.test >"$work/shown" && rpmgr site show closed.example.test --json >>"$work/shown"
    ! grep -q '[$]2y[$]' "$work/shown" || fail 'shows a hash'
    for word in '"set"' null; do
        query ".definition | .note = now | .note |= tostring | .access.basic.users[0].hash = $word | del(..|nulls)" site show closed.example.test >"$work/site.json"
        query .version site update closed.example.test --file "$work/site.json" >/dev/null || fail "not saved with $word"
        equal "$(sql "SELECT JSON_VALUE(r.definition, '\$.access.basic.users[0].hash') FROM sites s JOIN site_revisions r
            ON r.id = s.head_revision_id WHERE s.domain = 'closed.example.test'")" "$hash"
    done
    query '.definition | .access.basic.users[0].name = "berta"' site show closed.example.test >"$work/site.json"
    refused 2 'access.basic.users.0.hash: is missing' rpmgr site update closed.example.test --file "$work/site.json"
}
queues_deployments() {
    id=$(query .id deploy shop.example.test --reason 'first time') || fail 'not queued'
    equal "$(query '.[0].kind + " " + .[0].subject + " " + .[0].state' job list)" 'node.deploy edge-1 queued'
    equal "$(query '.nodes[0].node + " " + .nodes[0].state' status --deployment "$id")" 'edge-1 queued'
    rpmgr deploy shop.example.test --wait 1 >"$work/out" 2>"$work/err"
    equal $? 1 'waiting for nobody'
    grep -q 'is not finished after 1 s' "$work/err" || fail "$(cat "$work/err")"
}
explains_requests() {
    ask='explain http://shop.example.test/x?y=1 --from 192.0.2.7 --header X-A:1 --header X-B:2'
    equal "$(query '.[0].nodes[0] + " " + .[0].site.domain + " " + .[0].endings[0].upstream.target' $ask)" \
        'edge-1 shop.example.test /x?y=1'
    query '.[0].lines[] | select(.text | contains("127.0.0.1:8080")) | .fields[0]' $ask | grep -q '^upstream.servers.0' ||
        fail 'no line of the server'
    rpmgr $ask --node edge-1 >"$work/out" || fail 'not explained'
    grep -q '=> passes it on to http://127.0.0.1:8080 as /x?y=1' "$work/out" || fail "$(cat "$work/out")"
    equal "$(query '.[0].endings[0].statuses[0]' explain http://nobody.example.test/)" 404
    refused 2 'from: ' rpmgr explain http://shop.example.test/ --from nobody
    refused 2 'url: ' rpmgr explain shop.example.test
    refused 2 'header: ' rpmgr explain http://shop.example.test/ --header nothing
    refused 1 "no node 'edge-2'; did you mean 'edge-1'?" rpmgr explain http://shop.example.test/ --node edge-2
}
changes_states() {
    equal "$(rpmgr site block shop.example.test --status 451 --reason law | cut -d , -f 1)" 'site shop.example.test is blocked'
    refused 2 'status: must be 403, 451 or 503' rpmgr site block shop.example.test --status 404
    equal "$(query '.state + " " + .blocked_reason' site show shop.example.test)" 'blocked law'
    rpmgr site resume shop.example.test >/dev/null || fail resume
    rpmgr site pause shop.example.test >/dev/null || fail pause
    equal "$(query .state site show shop.example.test)" paused
}
handles_jobs() {
    job=$(query '.[0].id' job list --state queued)
    rpmgr job cancel "$job" >/dev/null || fail cancel
    refused 1 'only a waiting job can be cancelled' rpmgr job cancel "$job"
    rpmgr job retry "$job" >/dev/null || fail retry
    refused 2 'ID: must be' rpmgr job cancel one
    refused 1 'no such job' rpmgr job cancel 999999
}
switches_nodes() {
    rpmgr node disable edge-1 >/dev/null || fail disable
    refused 2 'node: is disabled' rpmgr node deploy edge-1
    refused 2 'targets: shop.example.test has no active node' rpmgr deploy shop.example.test
    rpmgr node enable edge-1 >/dev/null || fail enable
    refused 1 "no node 'edge1'; did you mean 'edge-1'?" rpmgr node enable edge1
    refused 1 'never showed a host key' rpmgr node trust edge-1 SHA256:nothing
    equal "$(query length node trust edge-1 2>/dev/null || rpmgr node trust edge-1 --json | jq length)" 0
}
removes_sites() {
    rpmgr site remove shop.example.test >/dev/null || fail remove
    equal "$(rpmgr site list --json | jq length)" 0 sites
    site shop.example.test | rpmgr site add --file - --owner carl >/dev/null || fail 'its name is not free'
}
names_the_person() {
    equal "$(sql 'SELECT GROUP_CONCAT(DISTINCT username) FROM audit_log')" "${SUDO_USER:-${USER:-$(id -un)}}" who
    equal "$(SUDO_USER=otto rpmgr user disable carl --json | jq -r .active)" false
    equal "$(query '.[0].username + " " + .[0].action' audit list --limit 1)" 'otto user.disable'
    [ "$(rpmgr audit list --action site. --json | jq 'map(.action) | unique | length')" -ge 7 ] || fail 'too few kinds of entries'
}
every_list_is_json() {
    for list in 'user list' 'node list' 'site list' status 'job list' 'audit list'; do
        # shellcheck disable=SC2086
        rpmgr $list --json | jq -e . >/dev/null || fail "$list"
        # shellcheck disable=SC2086
        rpmgr $list >"$work/out" || fail "$list"
        ! grep -q "$(printf '\033')" "$work/out" || fail "$list: escape codes in a file"
    done
}
wrong_usage() {
    refused 2 "unknown command 'usr list'; did you mean 'user list'?" rpmgr usr list
    refused 2 "'site' needs one more word" rpmgr site
    refused 2 "too many words: 'y'" rpmgr site show x y
    refused 2 '--wait: needs a value' rpmgr deploy x --wait
    refused 2 "--reson: unknown option; did you mean --reason?" rpmgr deploy x --reson y
    refused 2 'command line: ' rpmgr --database.nmae=x user list
    refused 3 'nowhere' rpmgr --database.socket="$work/nowhere" user list
    rpmgr --help | grep -q '^  audit list' || fail 'help lists not all'
}

check 'a database without schema is told so' not_migrated
check 'migrate applies what is missing and names it' migrates
accounts >/dev/null 2>&1
check 'a migration that was edited later is refused' edited_migration
write_configs sql
check 'keys are made once and never overwritten' makes_keys_once
check 'accounts are made' adds_users
check 'bad accounts are refused with the field' refuses_bad_users
check 'links and tokens are shown once and stored as hashes' makes_links_and_tokens
check 'accounts are changed' changes_users
check 'hashes of other tools are taken' takes_hashes_of_other_tools
check 'a disabled account gets no link' disabled_user_gets_no_link
check 'a site is saved from JSON' adds_sites
check 'bad sites are refused with the field' refuses_bad_sites
check 'a site gets further versions' updates_sites
check 'a version like the one before is none' unchanged_update
check 'a deployment is queued, and waited for in vain without a worker' queues_deployments
check 'a request is explained by what is deployed' explains_requests
check 'sites are blocked, resumed and paused' changes_states
check 'jobs are cancelled and retried' handles_jobs
check 'nodes are switched off and on' switches_nodes
check 'a removed site frees its names' removes_sites
check 'the audit log names who sat at the keyboard' names_the_person
check 'settings are listed, set and reset' sets_settings
check 'a secret setting comes by standard input and is never shown' keeps_secret_settings
check 'passwords of visitors are kept and never shown' keeps_passwords
check 'every list also speaks JSON' every_list_is_json
check 'wrong usage is explained in one line' wrong_usage
finish
