#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The page about the OWASP ASVS has each requirement once, and what it names is there.

# shellcheck disable=SC2015,SC2016,SC2317  # cases are called by name; ` is a sign of the page
. tests/support/tap.sh

page=docs/asvs.md
# id|level|requirement|status|by, without the blanks around
rows() { sed -n 's/^| *\(V[0-9.]*\) *| *\([12]\) *| *\(.*[^ ]\) *| *\(met\|partly met\|not met\|not applicable\) *| *\(.*[^ ]\) *|$/\1|\2|\3|\4|\5/p' "$page"; }
cited() { grep -o '`[^` ]*`' | tr -d '`' | grep -E '^(\.ci|docs|etc|shared|sql|templates|tests|web|workers|proxy_templates)/|^Makefile$'; }

each_requirement_has_one_row() {
    wrong=$(rows | cut -d '|' -f 1,2 | tr '|' ' ' | diff tests/docs/asvs-ids - | grep '^[<>]' | head -n 5)
    [ -z "$wrong" ] || fail "missing (<), unknown or doubled (>): $(echo "$wrong" | tr '\n' ' ')"
    equal "$(rows | wc -l)" "$(grep -c '^| V' "$page")" 'rows in the right form'
}

the_counts_are_right() {
    for status in met 'not applicable' 'partly met' 'not met'; do
        count=$(rows | cut -d '|' -f 4 | grep -cx "$status")
        [ "$count" = 0 ] || grep -qE "(^|; )${status}: ${count}[.;]" "$page" || fail "there are $count rows that are $status"
    done
}

what_is_met_names_a_file() {
    rows | grep '|met|' | while IFS= read -r row; do
        [ -n "$(echo "$row" | cited)" ] || { echo "${row%%|*}" && break; }
    done >"$work/bare"
    [ ! -s "$work/bare" ] || fail "$(cat "$work/bare") is met by nothing that can be looked at"
}

what_is_named_is_there() {
    for name in $(cat "$page" docs/security.md | cited | sort -u); do
        file=${name%%:*}
        [ -e "$file" ] || fail "$file is not there"
        case $name in
        *:*) grep -qE "(TEST_CASE\(|^)${name#*:}[,() ]" "$file" || fail "$file has no case ${name#*:}" ;;
        esac
    done
}

work=$(mktemp -d) && on_exit "rm -rf $work"
check 'each requirement has one row' each_requirement_has_one_row
check 'the counts are right' the_counts_are_right
check 'what is met names a file' what_is_met_names_a_file
check 'what is named is there' what_is_named_is_there
finish
