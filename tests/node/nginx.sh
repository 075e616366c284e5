#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the node script does for nginx alone: it tells a release its folder.
# shellcheck disable=SC2016,SC2046,SC2086,SC2154,SC2317  # variables of nginx; constants need no quotes; functions for check

set -u
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/support/tap.sh"
. "$source/tests/support/node.sh"

make_node one 1
first=aaaaaaaa0001
second=aaaaaaaa0002
bad=aaaaaaaa0009

names_itself() { # folder
    grep -qxF "    default $root/releases/$1;" "$root/releases/$1/folder.conf" || fail "$1: $(cat "$root/releases/$1/folder.conf")"
}

# Old workers open files below it after the switch, so it is the folder that never becomes another one.
release_is_told_its_folder() {
    make_release $first one
    deploy $first none
    expect ok
    names_itself $first
    make_release $second one two
    deploy $second $first
    expect ok
    names_itself $second
    names_itself $first # not through the hard link to the base
    deploy $first $second
    expect ok
    names_itself $first.1
    names_itself $second
}

manager_may_ask_whether_it_is() {
    call facts f1 </dev/null
    case $answer in *'FACT module rpmgr_release_folder'*) ;; *) fail "$answer" ;; esac
}

made_file_is_not_in_the_manifest() {
    call manifest m1 </dev/null
    expect ok
    case $answer in *folder.conf*) fail "$answer" ;; esac
}

made_file_is_not_taken_from_outside() {
    make_release $bad one
    echo 'geo $rpm_folder { default /; }' >"$work/releases/$bad/folder.conf"
    seal_release $bad
    deploy $bad none
    expect upload_failed
    case $answer in *'LOG refused in archive: '*folder.conf*) ;; *) fail "$answer" ;; esac
}

check 'a release is told its own folder' release_is_told_its_folder
check 'that it is, is a fact' manager_may_ask_whether_it_is
check 'the made file is not in the manifest' made_file_is_not_in_the_manifest
check 'the made file is made here only' made_file_is_not_taken_from_outside
