#!/bin/sh
# SPDX-License-Identifier: MIT
#
# How far each systemd unit is shut in, as systemd itself judges it. Nothing is started.

# shellcheck disable=SC2015,SC2086,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
command -v systemd-analyze >/dev/null || { echo 'not ok systemd-analyze # not installed: run make deps'; exit 1; }

exposure() { # unit: in tenths; 0 is best, 100 worst
    systemd-analyze security --offline=true --no-pager "$1" 2>/dev/null |
        sed -n 's/.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p'
}
shut_in() { # unit
    level=$(exposure "$1")
    [ -n "$level" ] || fail 'systemd-analyze gives no level'
    [ "$level" -lt 20 ] || fail "exposure $level tenths, must be below 20"
}
says() { grep -qxF "$2" "$1" || fail "lacks $2"; }
has_all() { # unit
    for line in NoNewPrivileges=yes ProtectSystem=strict MemoryDenyWriteExecute=yes CapabilityBoundingSet= \
        SystemCallFilter=@system-service 'SystemCallFilter=~@privileged @resources' RestrictNamespaces=yes \
        'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6' UMask=0077 PrivateTmp=yes ProtectHome=yes; do
        says "$1" "$line"
    done
    case $1 in
    */rpmgr-admin.* | */rpmgr-client.* | */rpmgr-api.*) says "$1" 'User=rpmgr-web' && says "$1" 'InaccessiblePaths=-/etc/rpmgr/keys' && says "$1" MemoryMax=2G ;;
    *) says "$1" 'User=rpmgr-worker' && says "$1" 'PrivateUsers=yes' ;;
    esac
}
# A unit that is open must be told apart, or the level says nothing.
notices_an_open_one() {
    open=$(mktemp -d) && cp etc/systemd/rpmgr-admin.service "$open/open.service"
    sed -i '/^\(Protect\|Private\|Restrict\|SystemCall\|Capability\|NoNew\)/d' "$open/open.service"
    level=$(exposure "$open/open.service")
    rm -rf "$open"
    [ "$level" -ge 20 ] || fail "an open unit has only $level"
}

for unit in etc/systemd/*.service; do
    check "${unit##*/} is exposed less than 2.0" shut_in "$unit"
    check "${unit##*/} has every restriction" has_all "$unit"
done
check 'an open unit is noticed' notices_an_open_one
finish
