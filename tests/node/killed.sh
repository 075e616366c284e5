#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The script is killed at every moment of a deployment, alone or with the whole SSH session, by the clock and before each
# command that it starts. Whatever the moment, `current` leads to a whole release, the next verb finds the node entirely on
# the old or entirely on the new one, and an engine started from it serves the same.
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
    (cd "$root/current" && sha256sum -c --quiet MANIFEST) || fail "$moment: $held is not complete"
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

# ---- before each command --------------------------------------------------------------------------------------------------

# A copy of the script finds its tools in a folder where each counts itself, and one of them ends everything instead.
make_stepper() {
    steps=$home/steps
    mkdir -p "$steps/bin"
    : >"$steps/count"
    sed "s|^PATH=|&$steps/bin:|" "$home/node/rpmgr-node" >"$home/node/rpmgr-steps"
    cat >"$steps/step" <<STEP
#!/bin/sh
printf . >>"$steps/count" # a mark each: several run at the same time
read -r marks <"$steps/count"
read -r last group <"$steps/last"
[ \${#marks} -lt \$last ] || kill -9 -\$group 0
tool=\${0##*/}
PATH=\${PATH#*:} # the real one
exec "\$tool" "\$@"
STEP
    chmod 755 "$home/node/rpmgr-steps" "$steps/step"
    for tool in awk bash cat cp find flock grep head ln ls mkdir mkfifo mv rm sha256sum sleep ss sync tail tar timeout wc xargs; do
        ln -s ../step "$steps/bin/$tool"
    done
    uid=$(sed -n 's/^uid=//p' "$home/lab.conf")
    [ "$uid" = "$(id -u)" ] || chown -R "$uid:$uid" "$steps"
}

as_node() { # command...
    if [ "$uid" = "$(id -u)" ]; then "$@"; else setpriv --reuid="$uid" --regid="$uid" --clear-groups -- "$@"; fi
}

# Runs a deployment that is killed before its command `n`; fails when it came to its end before.
killed_before() { # n id base
    : >"$steps/count"
    # shellcheck disable=SC2016
    as_node setsid sh -c 'echo "$0 $$" >"$1/last" && exec "$2/rpmgr-steps" -c "$2/node.conf" deploy n1 "$3" "$4"' \
        "$1" "$steps" "$home/node" "$2" "$3" <"$work/archive.$2.$3" >"$steps/answer" 2>&1
    read -r marks <"$steps/count"
    [ "${#marks}" -ge "$1" ]
}

leads_somewhere() { # what an engine would find if the machine came up now
    (cd "$root/current" && sha256sum -c --quiet MANIFEST) >/dev/null 2>&1 || fail "$moment: current is not whole"
}

recovered() {
    until call status s1 </dev/null && [ "$(value busy)" = no ]; do
        [ -n "$word" ] || fail "$moment: no answer: $answer"
        sleep 0.05
    done
    whole
}

other() { if [ "$1" = $even ]; then echo $odd; else echo $even; fi; }

next_deployment() { # the ordinary kind
    next=$(other $held) base=$held
}

# The link says one release, the engine runs the other: the first one is live, does not answer, and is deployed again.
next_repair() {
    next=$(other $held) base=none
    for folder in "$root/releases/$next"*; do as_node ln -sfn "releases/${folder##*/}" "$root/current"; done
}

restart_engine() {
    "$lab" break "$work/nodes" "$name" engine-down
    "$lab" mend "$work/nodes" "$name" engine-down || fail "$moment: the engine does not start"
}

killed_before_every_command() { # next_deployment|next_repair
    make_release $even first second last
    make_release $odd first other last
    for release in $even $odd; do
        for base in none "$(other $release)"; do pack $release "$base" >"$work/archive.$release.$base"; done
        deploy $release none
        expect ok
    done
    make_stepper
    held=$odd n=0
    while n=$((n + 1)) && "$1" && moment="$next, before command $n" && killed_before $n "$next" "$base"; do
        leads_somewhere
        [ "$1" = next_deployment ] || restart_engine
        recovered
    done
    [ $n -gt 20 ] || fail "only $n commands: $(cat "$steps/answer")"
    grep -q "^RESULT n1 ok release=$next" "$steps/answer" || fail "not deployed in the end: $(cat "$steps/answer")"
    recovered
}

on_node() { # number: everything of its own, so that the nodes can be tried at the same time
    work=$work/$1
    mkdir -p "$work/releases"
    chmod 711 "$work"
    next_port=$((next_port + 100 * $1))
    name=node$1
    make_node $name $1
    case $1 in
    4) killed_before_every_command next_deployment ;;
    5) killed_before_every_command next_repair ;;
    *) kill_at_many_moments $1 ;;
    esac
}

one_case() {
    case $1 in
    4) check 'a node killed before any command is whole' on_node 4 ;;
    5) check 'a node killed before any command of a repeated deployment is whole' on_node 5 ;;
    *) check "a node killed at any moment is whole ($1)" on_node $1 ;;
    esac
}

for number in 1 2 3 4 5; do
    on_exit "\"$lab\" destroy $work/$number/nodes"
done
children=''
for number in 1 2 3 4 5; do
    (trap - EXIT; why_file=$why_file.$number; one_case $number; rm -f "$why_file"; finish) &
    children="$children $!"
done
for child in $children; do wait "$child" || failures=1; done
finish
