#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The page about the templates names each field of each of them and no other, and each is set by somebody.

# shellcheck disable=SC2015,SC2016,SC2317  # cases are called by name; ` is a sign of the page
. tests/support/tap.sh

page=templates/FIELDS.md
globals='ASSETS CSRF USER_NAME USER_INITIALS THEME PANEL VERSION PATH
    MAY_EDIT MAY_DEPLOY MAY_NODES MAY_JOBS MAY_READ_USERS MAY_USERS MAY_READ_SETTINGS'
work=$(mktemp -d) && on_exit "rm -rf $work"

templates() { git ls-files 'templates/*.html' 'templates/*.txt' | sed 's|^templates/||'; }

fields_of() { # template
    grep -oE '\{\{[#>]?[A-Z][A-Z0-9_]*' "templates/$1" | tr -d '{#>' | sort -u
}

# What the page says of a template: from its bold name, or the row of the table that names it, to the next. What is
# in `code`, "quotes" and (remarks) is no field.
words_of() { # template
    awk -v name="$1" '
        /^(\*\*|## |\|)/ { on = 0 }
        index($0, "**" name "**") == 1 { on = 1; sub(/^[^:]*:/, "") }
        index($0, "| " name " |") { print substr($0, index($0, "| " name " |") + length(name) + 4) }
        on { print }' "$page" |
        tr '\n' ' ' | sed 's/`[^`]*`//g; s/"[^"]*"//g; s/([^()]*)//g; s/([^()]*)//g' |
        grep -owE '[A-Z][A-Z0-9_]*' | sort -u
}

others() { echo "$globals" | tr -s ' ' '\n' | sort; }

every_field_is_named() {
    for template in $(templates); do
        fields_of "$template" >"$work/has" && words_of "$template" >"$work/said"
        others | sort - "$work/said" -u >"$work/known"
        missing=$(comm -23 "$work/has" "$work/known" | tr '\n' ' ')
        [ -z "$missing" ] || fail "$page does not name of $template: $missing"
    done
}

every_name_is_a_field() {
    for template in $(templates); do
        { fields_of "$template" && others; } | sort -u >"$work/known"
        strange=$(words_of "$template" | comm -23 - "$work/known" | tr '\n' ' ')
        [ -z "$strange" ] || fail "$page names of $template what it has not: $strange"
    done
}

every_template_has_its_place() {
    for template in $(templates); do
        grep -qF -e "**$template**" -e "| $template |" "$page" || fail "$page says nothing of $template"
    done
    for template in $(grep -oE '^\*\*[a-z_/]+\.(html|txt)\*\*|\| [a-z_/]+\.(html|txt) \|' "$page" | tr -d '*| '); do
        [ -e "templates/$template" ] || fail "$page tells of $template, which is not there"
    done
}

every_field_is_set_by_somebody() {
    git ls-files 'web/*.cc' 'web/*.h' 'shared/ops/*.cc' 'workers/*.cc' | xargs grep -ohE '"[A-Z][A-Z0-9_]*"' | tr -d '"' | sort -u >"$work/set"
    for template in $(templates); do
        dead=$(fields_of "$template" | comm -23 - "$work/set" | tr '\n' ' ')
        [ -z "$dead" ] || fail "nobody sets of $template: $dead"
    done
}

check 'every template has its place on the page' every_template_has_its_place
check 'every field of a template is named' every_field_is_named
check 'every name is a field of its template' every_name_is_a_field
check 'every field is set by somebody' every_field_is_set_by_somebody
finish
