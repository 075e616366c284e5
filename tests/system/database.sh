#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The private MariaDB of demo and tests beside others on this machine.

# shellcheck disable=SC2317  # cases are called by name
. tests/support/tap.sh
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-servers.XXXXXX")
export TMPDIR
on_exit "rm -rf $TMPDIR"
on_exit "tests/lab/database stop $TMPDIR/one; tests/lab/database stop $TMPDIR/two"

spares_others() { # a server removes what it takes for its own leftovers
    touch "$TMPDIR/#sql-temptable-1-2-3.MAI"
    tests/lab/database start "$TMPDIR/one" >/dev/null || fail 'did not start'
    tests/lab/database start "$TMPDIR/two" >/dev/null || fail 'the second one did not start'
    [ -e "$TMPDIR/#sql-temptable-1-2-3.MAI" ] || fail 'a temporary table of another server is gone'
}

check 'a starting server spares the temporary tables of others' spares_others
finish
