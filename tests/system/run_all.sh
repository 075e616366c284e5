#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The program that runs the tests: what passes, what fails, and what writes without end.

# shellcheck disable=SC2317  # cases are called by name
. tests/support/tap.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-run-all.XXXXXX") || exit 1
on_exit "rm -rf $work"
mkdir -p "$work/tests/x" "$work/out"
cp tests/run-all "$work/tests/run-all"
echo 'echo "ok one"; echo "ok two"' >"$work/tests/x/good.sh"
echo 'echo "ok one"; echo "not ok two # because"; exit 3' >"$work/tests/x/bad.sh"
# Ends neither by itself nor by the signal, and has a child that does the same.
echo 'echo "ok one"; trap "" TERM; yes & yes' >"$work/tests/x/loud.sh"
echo 'trap "exit 0" TERM; while :; do echo 0123456789012345678901234567890123456789; done' >"$work/tests/x/polite.sh"
# shellcheck disable=SC2016  # for that script
echo 'echo "$$" >"$WORK/slow.pid"; sleep 600' >"$work/tests/x/slow.sh"

run() { WORK=$work LOG_LIMIT=4 "$work/tests/run-all" "$work/out" "$@" >"$work/said" 2>&1; }

counts_and_fails() {
    run x/good || fail "good: $(cat "$work/said")"
    run x/good x/bad && fail 'a failure is no success'
    equal "$(tail -n 1 "$work/said")" '3 passed, 1 failed, 0 skipped'
    grep -q 'not ok two # because' "$work/said" || fail 'does not say why'
}
ends_what_writes_without_end() {
    for suite in loud polite; do
        run "x/$suite" x/good && fail "$suite: no failure"
        grep -q 'wrote more than 4 MiB of output and was ended' "$work/said" || fail "$suite: $(tail -n 5 "$work/said" | cut -c 1-200)"
        grep -q '^FAILED *x/'"$suite " "$work/said" || fail "$suite has not failed"
        grep -q '^ok *x/good ' "$work/said" || fail 'others do not run'
        [ "$(du -sk "$work/out/results/x/$suite" | cut -f 1)" -le 3072 ] || fail "$suite: its output stays"
    done
}
ends_what_takes_too_long() {
    SUITE_TIMEOUT=1 run x/slow && fail 'no failure'
    grep -q 'did not end in time' "$work/said" || fail "$(tail -n 5 "$work/said")"
    sleep 1
    ! kill -0 "$(cat "$work/slow.pid")" 2>/dev/null || fail 'still runs'
}

check 'suites are counted, and a failure is one' counts_and_fails
check 'a suite that writes without end is ended' ends_what_writes_without_end
check 'a suite that takes too long is ended with all it started' ends_what_takes_too_long
finish
