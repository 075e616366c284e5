# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# A test file in sh: source this, call `check` for each case, end with `finish`. One line per case:
#   ok NAME | not ok NAME # why | skip NAME # why
# A case is a function that returns 0, or leaves with `fail why` or `skip why`. It runs in a subshell: what it changes in
# variables is gone afterwards. `on_exit` commands run in any event, last first.

failures=0
why_file=$(mktemp "${TMPDIR:-/tmp}/rpmgr-why.XXXXXX") # a file, since a daemon started by a case would keep a pipe open
exit_commands="rm -f $why_file"

on_exit() { exit_commands="$*; $exit_commands"; }
# shellcheck disable=SC2090
trap 'eval "$exit_commands"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

fail() { echo "$*" >&8; exit 1; }
skip() { echo "$*" >&8; exit 77; }

check() { # name function [argument...]
    name=$1
    shift
    (trap - EXIT; "$@") 8>"$why_file" >/dev/null
    status=$? why=$(cat "$why_file")
    case $status in
    0) echo "ok $name" ;;
    77) echo "skip $name # $why" ;;
    *) echo "not ok $name # ${why:-no reason given}" && failures=$((failures + 1)) ;;
    esac
}

finish() { exit "$((failures > 0))"; }

equal() { [ "$1" = "$2" ] || fail "${3:+$3: }expected '$2', got '$1'"; }
