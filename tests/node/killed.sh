#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The script is killed at every moment of a deployment, alone or with the whole SSH session. Whatever the moment, the next
# verb finds the node entirely on the old or entirely on the new release, and an engine started from it serves the same.
# shellcheck disable=SC2086,SC2154,SC2317  # constants need no quotes; variables of tests/support; functions for check

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/support/tap.sh"
. "$source/tests/support/node.sh"

even=eeeeeeee0000
odd=dddddddd0000
trials=12 # for each of three nodes

script_pid() { # the verb that runs: the oldest process with the script as an argument
    grep -lzxF "$home/node/rpmgr-node" /proc/[0-9]*/cmdline 2>/dev/null | sed 's/[^0-9]//g' | sort -n | head -n 1
}

whole() { # the node carries one release, complete, and all that it serves is of it
    held=$(value release)
    case $held in "$even" | "$odd") ;; *) fail "$moment: carries '$held': $answer" ;; esac
    equal "$(value phase) $(value engine)" 'proven running' "$moment"
    equal "$(marker)" "$held" "$moment: marker"
    equal "$(serves first; serves last)" "$held first
$held last" "$moment: sites"
    (cd "$root/releases/$held" && sha256sum -c --quiet MANIFEST) || fail "$moment: $held is not complete"
    left=$(ls -d "$root"/releases/.[a-z]* 2>/dev/null) && fail "$moment: left $left"
    :
}

# Moments 0..440 ms after the connection starts, in steps that differ from node to node.
kill_at_many_moments() { # node number
    make_release $even first second last
    make_release $odd first other last
    deploy $even none
    expect ok
    held=$even
    pack $even $odd >"$work/to-even.$1"
    pack $odd $even >"$work/to-odd.$1"
    trial=0 cut=0
    while [ $trial -lt $trials ]; do
        trial=$((trial + 1))
        delay=$(((trial * 3 + $1) * 11))
        if [ $held = $even ]; then next=$odd archive=$work/to-odd.$1; else next=$even archive=$work/to-even.$1; fi
        moment="$next, ${delay} ms"
        (call deploy n1 $next $held <"$archive") &
        sleep "$(printf '0.%03d' $delay)"
        if [ $((trial % 2)) = 0 ]; then
            moment="$moment, session killed"
            "$lab" break "$work/nodes" "$name" kill-sessions
        else
            moment="$moment, script killed"
            pid=$(script_pid)
            [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null
        fi
        wait
        grep -q phase=proven "$root/state/journal" || cut=$((cut + 1))
        if [ $((trial % 4)) = 0 ]; then # the machine goes down before anything could be recovered
            "$lab" break "$work/nodes" "$name" engine-down
            "$lab" mend "$work/nodes" "$name" engine-down || fail "$moment: the engine does not start"
            moment="$moment, engine restarted"
        fi
        until call status s1 </dev/null && [ "$(value busy)" = no ]; do
            [ -n "$word" ] || fail "$moment: no answer: $answer"
            sleep 0.05 # what the killed script had started ends first
        done
        whole
    done
    "$lab" break "$work/nodes" "$name" engine-down
    "$lab" mend "$work/nodes" "$name" engine-down || fail 'the engine does not start'
    whole
    [ $cut -gt 2 ] || fail "only $cut of $trials kills hit a deployment"
}

on_node() { # number: everything of its own, so that the nodes can be tried at the same time
    work=$work/$1
    mkdir -p "$work/releases"
    chmod 711 "$work"
    next_port=$((next_port + 100 * $1))
    name=node$1
    make_node $name $1
    kill_at_many_moments $1
}

one_case() { check "a node killed at any moment is whole ($1)" on_node $1; }

for number in 1 2 3; do
    on_exit "\"$lab\" destroy $work/$number/nodes"
done
children=''
for number in 1 2 3; do
    (trap - EXIT; why_file=$why_file.$number; one_case $number; rm -f "$why_file"; finish) &
    children="$children $!"
done
for child in $children; do wait "$child" || failures=1; done
finish
