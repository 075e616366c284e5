#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Nodes from nodes.yaml: by the operator's command and by the worker, which has fewer rights in the database.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
. tests/support/manager.sh
manager_start
rpmgr migrate >/dev/null && accounts >/dev/null && rpmgr keys init >/dev/null || { echo 'not ok manager # cannot be set up'; exit 1; }
ssh-keygen -q -t ed25519 -N '' -f "$work/key" && ssh-keygen -q -t ed25519 -N '' -f "$work/host"
ssh-keygen -q -t rsa -b 2048 -N '' -f "$work/rsa"

entry() { # name address [more lines]
    printf '  - name: %s\n    ip_address: %s\n    ssh_user: rpmgr\n    ssh_key_path: key\n    proxy_type: nginx\n' "$1" "$2"
    [ -z "${3-}" ] || printf '    %s\n' "$3"
}
nodes_file() { echo 'nodes:' && cat; }
summary() { rpmgr node discover "$@" | tail -n 1; }
state() { sql 'SELECT name, ip_address, is_active, is_discovered FROM nodes ORDER BY name' | tr '\t\n' ' ;'; }

tries_first() {
    { entry edge-1 192.0.2.1 "host_key: \"$(cut -d ' ' -f 1,2 "$work/host.pub")\"" && entry edge-2 192.0.2.2; } | nodes_file >"$work/nodes.yaml"
    equal "$(summary --dry-run)" 'dry run: 2 created, 0 updated, 0 unchanged'
    equal "$(sql 'SELECT (SELECT COUNT(*) FROM nodes) + (SELECT COUNT(*) FROM credentials) + (SELECT COUNT(*) FROM audit_log)')" 0 rows
}
creates() {
    equal "$(summary)" '2 created, 0 updated, 0 unchanged'
    equal "$(state)" 'edge-1 192.0.2.1 1 1;edge-2 192.0.2.2 1 1;'
    equal "$(sql "SELECT state FROM node_host_keys")" trusted 'host key'
    equal "$(rpmgr node trust edge-1 --json | jq -r '.[0].fingerprint')" "$(ssh-keygen -lf "$work/host.pub" | cut -d ' ' -f 2)"
}
seals_the_key_once() {
    equal "$(sql 'SELECT COUNT(*), MIN(fingerprint) FROM credentials' | tr '\t' ' ')" "1 $(ssh-keygen -lf "$work/key.pub" | cut -d ' ' -f 2)"
    case $(sql 'SELECT sealed FROM credentials') in s1:*) ;; *) fail 'not sealed' ;; esac
    sql 'SELECT * FROM credentials; SELECT * FROM nodes; SELECT * FROM audit_log; SELECT * FROM jobs' >"$work/dump"
    ! grep -qF "$(sed -n 3p "$work/key")" "$work/dump" || fail 'the key is in the database'
}
stays() { equal "$(summary)" '0 created, 0 updated, 2 unchanged'; }
updates() {
    { entry edge-1 192.0.2.1 'status: inactive' && entry edge-2 192.0.2.22; } | nodes_file >"$work/nodes.yaml"
    equal "$(summary)" '0 created, 2 updated, 0 unchanged'
    equal "$(state)" 'edge-1 192.0.2.1 0 1;edge-2 192.0.2.22 1 1;'
    equal "$(rpmgr audit list --action node.update --json | jq length)" 2 'audit entries'
}
keeps_hand_made() {
    sql "UPDATE nodes SET is_discovered = 0 WHERE name = 'edge-2'"
    entry edge-2 192.0.2.99 | nodes_file >"$work/nodes.yaml"
    rpmgr node discover >"$work/out" || fail 'failed'
    equal "$(tail -n 1 "$work/out")" '0 created, 0 updated, 1 kept, 1 missing, 0 unchanged'
    grep -q '^kept edge-2: made by hand' "$work/out" || fail 'kept is not told'
    grep -q '^missing edge-1: ' "$work/out" || fail 'missing is not told'
    equal "$(state)" 'edge-1 192.0.2.1 0 1;edge-2 192.0.2.22 1 0;'
}
refuses_broken() {
    before=$(state)
    { entry edge-3 192.0.2.3 'ssh_prot: 23' && entry edge-4 192.0.2.4 'https_port: 0' && entry edge-3 192.0.2.5; } | nodes_file >"$work/nodes.yaml"
    sed -i '0,/ssh_key_path: key/s//ssh_key_path: rsa/' "$work/nodes.yaml"
    rpmgr node discover >"$work/out" 2>"$work/err"
    equal $? 2 'exit status'
    for words in ':5:19: ssh_key_path' ":7:5: unknown key 'ssh_prot'; did you mean 'ssh_port'?" ':13:17: https_port is out of range' \
        ":14:11: name 'edge-3' is that of the node in line 2 already" '4 problems; nothing was changed'; do
        grep -qF -- "$words" "$work/err" || fail "expected '$words' in: $(cat "$work/err")"
    done
    equal "$(state)" "$before" nodes
}
worker_does_the_same() {
    entry edge-5 192.0.2.5 | nodes_file >"$work/nodes.yaml"
    worker rpmgr-discover 2>"$work/err" || fail "$(cat "$work/err")"
    grep -q 'msg="1 created, 0 updated, ' "$work/err" || fail "$(cat "$work/err")"
    equal "$(sql "SELECT username FROM audit_log WHERE object_name = 'edge-5'")" discovery who
    echo 'nodes: 5' >"$work/nodes.yaml"
    worker rpmgr-discover 2>"$work/err"
    equal $? 2 'exit status'
    grep -q "nodes.yaml:1:8: 'nodes' must be a list" "$work/err" || fail "$(cat "$work/err")"
}
worker_without_file() {
    rm "$work/nodes.yaml"
    worker rpmgr-discover 2>"$work/err"
    equal $? 3 'exit status'
}
housekeeping_has_its_rights() { worker rpmgr-housekeep 2>"$work/err" || fail "$(cat "$work/err")"; }
notify_waits() { worker rpmgr-notify 2>"$work/err" && grep -q 'no mail server is named' "$work/err" || fail "$(cat "$work/err")"; }

check 'a dry run tells and changes nothing' tries_first
check 'nodes are created, given host keys trusted' creates
check 'one key is sealed once, and never stored in the clear' seals_the_key_once
check 'an unchanged file changes nothing' stays
check 'changes in the file reach the nodes' updates
check 'nodes made by hand are kept, missing ones reported' keeps_hand_made
check 'a broken file is told whole, and changes nothing' refuses_broken
check 'the worker has the rights to do the same' worker_does_the_same
check 'the worker waits for a file that is not there' worker_without_file
check 'without a mail server nothing is sent, and nothing fails' notify_waits
check 'housekeeping has the rights that it needs' housekeeping_has_its_rights
finish
