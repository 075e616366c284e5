#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The demo ends well, by itself and when it is told to, and leaves nothing behind.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
OUT=$(cd "${OUT:-build}" && pwd) || exit 1
export OUT
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-demos.XXXXXX")
chmod 711 "$TMPDIR"
export TMPDIR
on_exit "rm -rf $TMPDIR"

running() { # what a demo starts has the folder in its environment; so has the grep
    grep -lsaF "TMPDIR=$TMPDIR" /proc/[0-9]*/environ 2>/dev/null | while read -r file; do
        tr '\0' ' ' 2>/dev/null <"${file%environ}cmdline"
    done | grep -v '^grep '
}
nothing_left() {
    equal "$(find "$TMPDIR" -mindepth 1 -maxdepth 1 ! -name 'out*')" '' 'left in the folder'
    tries=0
    until [ -z "$(running)" ]; do # the kernel takes a moment
        tries=$((tries + 1))
        [ $tries -lt 50 ] || fail "still running: $(running)"
        sleep 0.1
    done
}
proves_and_ends() {
    ONCE=1 tests/lab/demo >"$TMPDIR/out" 2>&1 || fail "$(tail -n 20 "$TMPDIR/out")"
    tail -n 1 "$TMPDIR/out" | grep -qE '^demo: 1 site\(s\) proven live on 3 nodes in [0-9.]+ s$' || fail "$(tail -n 1 "$TMPDIR/out")"
    nothing_left
}
two_at_once() {
    ONCE=1 tests/lab/demo >"$TMPDIR/out1" 2>&1 &
    first=$!
    ONCE=1 tests/lab/demo >"$TMPDIR/out2" 2>&1 || fail "second: $(tail -n 20 "$TMPDIR/out2")"
    wait $first || fail "first: $(tail -n 20 "$TMPDIR/out1")"
    nothing_left
}
stops_when_told() {
    tests/lab/demo >"$TMPDIR/out" 2>&1 &
    demo=$!
    tries=0
    until grep -q '^└' "$TMPDIR/out"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] && kill -0 $demo || fail "$(tail -n 20 "$TMPDIR/out")"
        sleep 0.1
    done
    kill -TERM $demo
    wait $demo || fail "status $?"
    nothing_left
}

check 'a site is proven live on three nodes' proves_and_ends
check 'two demos do not disturb each other' two_at_once
check 'a running demo stops when told, and leaves nothing' stops_when_told
finish
