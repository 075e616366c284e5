#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The node script behind a real sshd with a real engine (nginx; deploy-*.sh have others): what it accepts, what it refuses,
# and that the node goes on serving.
# shellcheck disable=SC2046,SC2086,SC2154,SC2317  # constants need no quotes; variables of tests/support; functions for check

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/support/tap.sh"
. "$source/tests/support/node.sh"

make_node one 1
first=aaaaaaaa0001
second=aaaaaaaa0002
third=aaaaaaaa0003

live() { # id: the node carries and serves exactly this
    equal "$(marker)" "$1" marker
    call status s1
    equal "$(value release)" "$1" release
    equal "$(value phase)" proven phase
    left=$(ls -d "$root"/releases/.[a-z]* 2>/dev/null) && fail "left $left"
    :
}

name_servers_are_facts() {
    awk '$1 == "nameserver" { print "FACT resolver " $2 }' /etc/resolv.conf >"$work/wanted"
    call facts f1 </dev/null
    expect ok
    equal "$(printf '%s\n' "$answer" | grep '^FACT resolver')" "$(cat "$work/wanted")"
}

fresh_node_has_initial_release() {
    call status s1 </dev/null
    expect ok
    equal "$(value release) $(value serves) $(value engine)" 'initial initial running'
}

first_deployment() {
    make_release $first one two three
    deploy $first none
    expect ok
    equal "$(value previous)" initial
    live $first
    equal "$(serves two)" "$first two"
}

unchanged_reloads_nothing() {
    before=$(curl -s "http://$address:$proof_port/release") # nginx: and the worker
    deploy $first $first
    expect unchanged
    equal "$(curl -s "http://$address:$proof_port/release")" "$before" 'worker'
}

incremental_with_removal() {
    make_release $second one two four
    cp "$work/releases/$first/$(site_file one)" "$work/releases/$second/$(site_file one)"
    seal_release $second
    pack $second $first | tar -t | grep -q one.$ending && fail 'unchanged file was sent'
    deploy $second $first
    expect ok
    live $second
    equal "$(serves one)" "$first one" 'kept file'
    equal "$(serves four)" "$second four" 'added file'
    [ ! -e "$root/current/$(site_file three)" ] || fail 'removed file is still there'
    (cd "$root/releases/$first" && sha256sum -c --quiet MANIFEST) || fail 'the base was changed through a hard link'
}

manifest_is_what_is_on_disk() {
    call manifest m1
    expect ok
    equal "$(printf '%s\n' "$answer" | sed '1,/^BEGIN$/d; /^END$/,$d')" "$(cat "$work/releases/$second/MANIFEST")"
}

unknown_base_needs_full() {
    make_release $third one
    pack $third none >"$work/third"
    call deploy n1 $third aaaaaaaa9999 <"$work/third"
    expect need_full
    live $second
}

edited_base_needs_full() {
    mv "$root/current/$(site_file two)" "$work/two.conf"
    echo '# edited' >"$root/current/$(site_file two)"
    rm -rf "$work/releases/$third" && cp -r "$work/releases/$second" "$work/releases/$third"
    sed -i "s/$second/$third/" "$work/releases/$third/$marker_file"
    deploy $third $second
    expect need_full
    mv -f "$work/two.conf" "$root/current/$(site_file two)"
    live $second
}

refused_directive() {
    make_release $third one two
    refuse_site $third two
    seal_release $third
    deploy $third none
    expect test_failed
    case $answer in *"LOG "*"$(site_file two)"*$refused* | *"LOG "*$refused*"releases/$third/$(site_file two):1"*) ;; *) fail "message lost: $answer" ;; esac
    [ ! -e "$root/releases/$third" ] || fail 'the candidate is still there'
    live $second
    equal "$(serves two)" "$second two"
}

dry_run_leaves_nothing() {
    make_release $third one two
    pack $third $second >"$work/third"
    call test n1 $third $second <"$work/third"
    expect ok
    [ ! -e "$root/releases/$third" ] || fail 'the candidate is still there'
    live $second
}

taken_port_is_refused_before_the_switch() {
    [ $engine != traefik ] || skip 'its releases have no addresses'
    free_port
    "$lab" break "$work/nodes" one port-taken "$port"
    make_release $third one
    listen_too $third one $address:$port
    seal_release $third
    deploy $third none
    "$lab" mend "$work/nodes" one port-taken
    expect port_taken
    case $answer in *"$address:$port"*) ;; *) fail 'the address is not named' ;; esac
    live $second
    [ $engine = caddy ] || return 0
    "$lab" break "$work/nodes" one port-taken "$port" # without an address it is all of them, of both families
    for wanted in ":$port" "[::]:$http_port,:$port"; do
        make_release $third one
        listen_too $third one "$(echo $wanted | sed 's/,/", "/')"
        seal_release $third
        deploy $third none
        expect port_taken
    done
    "$lab" mend "$work/nodes" one port-taken
    live $second
}

taken_port_found_by_the_reload_rolls_back() { # a name as listen address is not looked up before
    [ $engine != traefik ] || skip 'its releases have no addresses'
    free_port
    address_=$address address=127.0.0.1
    sed "s/^address=.*/address=$address/" "$home/lab.conf" >"$work/lab.conf" && cp "$work/lab.conf" "$home/lab.conf"
    "$lab" break "$work/nodes" one port-taken "$port"
    address=$address_
    make_release $third one
    listen_too $third one localhost:$port
    seal_release $third
    deploy $third none
    "$lab" mend "$work/nodes" one port-taken
    sed "s/^address=.*/address=$address/" "$home/lab.conf" >"$work/lab.conf" && cp "$work/lab.conf" "$home/lab.conf"
    expect rolled_back
    case $answer in *'LOG '*'still could not bind'* | *'LOG '*'address already in use'*) ;; *) fail "the engine's words are lost: $answer" ;; esac
    [ ! -e "$root/releases/$third" ] || fail 'the failed release is still there'
    # Caddy before 2.11 keeps servers of a load that failed half-way: now and then one of them would take a connection.
    live $second
    if [ $engine = caddy ]; then
        for _ in $(seq 60); do
            marker
        done | sort -u >"$work/answers"
        equal "$(cat "$work/answers")" "$second"
    fi
}

truncated_archive() {
    make_release $third one two
    pack $third none >"$work/third"
    for size in 0 300 1024 3000; do
        head -c "$size" "$work/third" >"$work/short"
        call deploy n1 $third none <"$work/short"
        expect upload_failed
    done
    live $second
}

truncated_increment() { # at a block boundary tar sees nothing wrong, and the base has a MANIFEST too
    pack $third $second >"$work/third"
    for size in 0 512 1536; do
        head -c "$size" "$work/third" >"$work/short"
        call deploy n1 $third $second <"$work/short"
        case $word in upload_failed | need_full) ;; *) fail "$size bytes: $answer" ;; esac
    done
    live $second
}

send_odd() { # archive of $work/odd with these members
    tar --format=ustar -cPf "$work/odd.tar" -C "$work/odd" "$@"
    call deploy n1 $third none <"$work/odd.tar"
    expect upload_failed
    case $answer in *'LOG refused'*) ;; *) fail "not refused in words: $answer" ;; esac
}

odd_members_are_refused() {
    make_release $third one
    rm -rf "$work/odd" && cp -r "$work/releases/$third" "$work/odd" && : >"$work/odd/REMOVED"
    ln -s /etc "$work/odd/etc"
    mkfifo "$work/odd/fifo"
    ln "$work/odd/$entry" "$work/odd/hard"
    echo x >"$work/odd/a b"
    echo x >"$work/odd/sites/-x"
    echo x >"$work/outside"
    send_odd MANIFEST REMOVED $marker_file $entry sites etc
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one) fifo
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one) hard
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one) 'a b'
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one) ../outside
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one) "$work/outside"
    echo "../../state/journal" >"$work/odd/REMOVED"
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one)
    : >"$work/odd/REMOVED"
    sed "s/$entry/..\/$entry/" "$work/releases/$third/MANIFEST" >"$work/odd/MANIFEST"
    send_odd MANIFEST REMOVED $marker_file $entry $(site_file one)
    live $second
}

unnamed_file_is_refused() {
    echo '# more' >"$work/releases/$third/sites/more.$ending"
    sed -i "/more.$ending/d" "$work/releases/$third/MANIFEST"
    tar --format=ustar -cf "$work/odd.tar" -C "$work/odd" REMOVED -C "$work/releases/$third" \
        MANIFEST $marker_file $entry sites
    call deploy n1 $third none <"$work/odd.tar"
    expect upload_failed
    case $answer in *"not in MANIFEST: sites/more.$ending"*) ;; *) fail "$answer" ;; esac
    live $second
}

wrong_words_are_refused() {
    # shellcheck disable=SC2016
    for words in '' 'status' 'status a;id' 'status $(id)' 'status a b' 'deploy n1 ../../etc none' 'deploy n1 aaaaaaaa0001' \
        'shell n1' 'status a`id`' 'status "a"' 'status a*' 'status n-1' 'deploy n1 AAAAAAAA0001 none' '-c /etc/passwd status a'; do
        call "$words" </dev/null
        [ "$word" = bad_request ] || fail "'$words': $answer"
    done
    call "status a
status b" </dev/null
    expect bad_request
}

locked_node_is_busy() {
    make_release $third one
    echo 'lock_wait=0' >>"$home/node/node.conf"
    (
        flock 9
        deploy $third none
        echo "$word" >"$work/word"
        call status s1
        value busy >>"$work/word"
    ) 9>>"$root/lock"
    sed -i '/lock_wait/d' "$home/node/node.conf"
    equal "$(tr '\n' ' ' <"$work/word")" 'busy yes '
    live $second
}

full_disk() {
    make_release $third one
    head -c 300000 /dev/urandom | od -An -tx1 | sed 's/^/#/' >"$work/releases/$third/sites/big.txt"
    seal_release $third
    "$lab" break "$work/nodes" one disk-full 2>/dev/null || skip 'cannot make a full disk here'
    deploy $third none
    got=$word
    call status s1
    held="$(value release) $(value phase)"
    "$lab" mend "$work/nodes" one disk-full
    equal "$got" no_space
    equal "$held" "$second proven"
    live $second
    equal "$(serves two)" "$second two"
}

stopped_engine() {
    "$lab" break "$work/nodes" one engine-down
    make_release $third one
    deploy $third none
    "$lab" mend "$work/nodes" one engine-down
    expect engine_down
    live $second
}

revert_and_forth() {
    call revert r1
    expect ok
    live $first
    equal "$(serves three)" "$first three"
    call revert r1
    expect ok
    live $second
}

keeps_five_releases() {
    base=$second
    for number in 1 2 3 4 5; do
        make_release "bbbbbbbb000$number" one two
        deploy "bbbbbbbb000$number" "$base"
        expect ok
        base=bbbbbbbb000$number
    done
    equal "$(find "$root/releases" -mindepth 1 -maxdepth 1 | wc -l)" 5
    live bbbbbbbb0005
    # an older one that is still there needs no files again
    deploy bbbbbbbb0003 bbbbbbbb0003
    expect ok
    live bbbbbbbb0003
}

check 'its name servers are facts' name_servers_are_facts
check 'a fresh node serves the initial release' fresh_node_has_initial_release
check 'first deployment goes live' first_deployment
check 'the same release again changes nothing' unchanged_reloads_nothing
check 'only changed files are sent, removed ones go' incremental_with_removal
check 'manifest lists what is on disk' manifest_is_what_is_on_disk
check 'unknown base asks for everything' unknown_base_needs_full
check 'edited base asks for everything' edited_base_needs_full
check 'refused directive leaves the old release' refused_directive
check 'dry run leaves nothing behind' dry_run_leaves_nothing
check 'taken port is refused before the switch' taken_port_is_refused_before_the_switch
check 'taken port found by the reload rolls back' taken_port_found_by_the_reload_rolls_back
check 'truncated archive is refused' truncated_archive
check 'truncated increment is refused' truncated_increment
check 'odd archive members are refused' odd_members_are_refused
check 'file that the manifest does not name is refused' unnamed_file_is_refused
check 'odd words in the command are refused' wrong_words_are_refused
check 'a locked node is busy' locked_node_is_busy
check 'full disk changes nothing' full_disk
check 'stopped engine is said before anything changes' stopped_engine
check 'revert goes to the previous release and back' revert_and_forth
check 'old releases are pruned' keeps_five_releases
finish
