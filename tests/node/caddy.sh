#!/bin/sh
# SPDX-License-Identifier: MIT
#
# How the node joins the parts of a release for Caddy, and that a refusal names the part that does harm.
# shellcheck disable=SC2034,SC2086,SC2154,SC2317  # constants need no quotes; variables and functions of others

set -u
engine=caddy
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/support/tap.sh"
. "$source/tests/support/node.sh"

make_node one 1
good=aaaaaaaa0001
bad=aaaaaaaa0002
make_release $good one two
deploy $good none

refused() { # file words: $bad is refused, and that file named with these words
    seal_release $bad
    deploy $bad none
    expect test_failed
    case $answer in *"LOG $1: "*"$2"*) ;; *) fail "expected '$1: …$2', got: $answer" ;; esac
    equal "$(marker) $(serves one)" "$good $good one"
    [ ! -e "$root/releases/$bad" ] || fail 'the candidate is still there'
}

part() { # text [file]: of the bad release
    make_release $bad one two
    printf '%s\n' "$1" >"$work/releases/$bad/${2-sites/5-x.part}"
}

parts_are_joined() {
    bad=aaaaaaaa0003
    part '@ sites
{"match": [{"host": ["x"]}], "handle": [{"handler": "static_response", "body": "x\n"}]},

{"match": [{"host": ["y"]}], "handle": [{"handler": "static_response", "body": "y\n"}]}
@ later
@ servers
@ later
{"handle": [{"handler": "static_response", "body": "rest\n"}]}'
    printf '@ later\n{"handle": [{"handler": "error"}]}\n' >"$work/releases/$bad/sites/6-z.part"
    sed -i 's/@ sites/@ unused sites later/' "$work/releases/$bad/caddy.json"
    seal_release $bad
    deploy $bad none
    expect ok
    equal "$(serves one; serves x; serves y; serves nobody)" "$bad one
x
y
rest"
    jq -e . "$root/current/run.json" >/dev/null || fail 'not JSON'
    call revert r1
    expect ok
    equal "$(serves one)" "$good one"
}

what_cannot_be_joined() {
    part '@ nowhere
{}'
    refused sites/5-x.part 'section nowhere has no place in caddy.json'
    part '{}'
    refused sites/5-x.part 'text before the first section: {}'
    make_release $bad one
    sed -i 's/@ servers/@ servers servers/' "$work/releases/$bad/caddy.json"
    refused caddy.json 'section servers has two places'
}

no_admin_socket() {
    make_release $bad one
    sed -i '/"admin"/d' "$work/releases/$bad/caddy.json"
    refused caddy.json 'no admin socket'
}

the_part_that_does_harm() {
    for site in $(seq 20 39); do
        sites="${sites-} s$site"
    done
    for harmful in s20 s27 s39; do
        make_release $bad $sites
        refuse_site $bad $harmful
        refused "$(site_file $harmful)" $refused
    done
    make_release $bad $sites
    printf '@ sites\n{"handle": [{"handler": "static_response", "body": "x"}\n' >"$work/releases/$bad/$(site_file s30)"
    refused "$(site_file s30)" invalid
    make_release $bad $sites
    sed -i 's/"automatic_https"/"automatic_htps"/' "$work/releases/$bad/caddy.json"
    refused caddy.json automatic_htps
}

missing_certificate() {
    make_release $bad one
    sed -i 's/"http": {/"tls": {"certificates": {"load_files": [\n@ certificates\n]}}, "http": {/' "$work/releases/$bad/caddy.json"
    printf '@ certificates\n{"certificate": "current/certs/none.crt", "key": "current/certs/none.key"}\n' >"$work/releases/$bad/sites/5-x.part"
    refused sites/5-x.part 'current/certs/none.crt'
}

certificates_of_the_candidate_are_tested() {
    bad=aaaaaaaa0004
    make_release $bad one
    sed -i 's/"http": {/"tls": {"certificates": {"load_files": [\n@ certificates\n]}}, "http": {/' "$work/releases/$bad/caddy.json"
    printf '@ certificates\n{"certificate": "current/certs/a.crt", "key": "current/certs/a.key"}\n' >"$work/releases/$bad/sites/5-x.part"
    mkdir "$work/releases/$bad/certs"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x -addext subjectAltName=DNS:x \
        -keyout "$work/releases/$bad/certs/a.key" -out "$work/releases/$bad/certs/a.crt" 2>/dev/null
    chmod 644 "$work/releases/$bad/certs/a.key"
    seal_release $bad
    deploy $bad none
    expect ok
    call revert r1
    expect ok
}

full_disk_while_joining() { # what was sent fits, joined to what was there it does not
    base=aaaaaaaa0005
    make_release $base one
    head -c 200000 /dev/urandom | od -An -v -tx1 | tr -d ' \n' |
        sed 's/.*/@ sites\n{"match": [{"host": ["big"]}], "handle": [{"handler": "static_response", "body": "&"}]}/' \
            >"$work/releases/$base/sites/9-big.part"
    seal_release $base
    deploy $base none
    expect ok
    rm -rf "$work/releases/$bad" && cp -r "$work/releases/$base" "$work/releases/$bad"
    sed -i "s/$base/$bad/" "$work/releases/$bad/release.part"
    "$lab" break "$work/nodes" one disk-full 2>/dev/null || skip 'cannot make a full disk here'
    deploy $bad $base
    "$lab" mend "$work/nodes" one disk-full
    expect no_space
    case $answer in *'STEP upload ok'*) ;; *) fail "not while joining: $answer" ;; esac
    equal "$(marker) $(serves one)" "$base $base one"
    call revert r1
    expect ok
}

modules_are_facts() {
    call facts f1 </dev/null
    expect ok
    equal "$(printf '%s\n' "$answer" | grep -x 'FACT module http.handlers.reverse_proxy')" 'FACT module http.handlers.reverse_proxy'
    equal "$(printf '%s\n' "$answer" | sed -n 's/^FACT engine_version 2[.0-9]*$/told/p')" told
}

made_file_is_not_taken_from_outside() {
    make_release $bad one
    echo '{}' >"$work/releases/$bad/run.json"
    seal_release $bad
    deploy $bad none
    expect upload_failed
    case $answer in *'LOG refused in archive: '*run.json*) ;; *) fail "$answer" ;; esac
}

check 'parts are joined in the order of the skeleton' parts_are_joined
check 'what cannot be joined is refused by name' what_cannot_be_joined
check 'a release without the admin socket is refused' no_admin_socket
check 'the part that does harm is found' the_part_that_does_harm
check 'a missing certificate is refused by name' missing_certificate
check 'certificates are those of the candidate' certificates_of_the_candidate_are_tested
check 'a disk that is full while joining changes nothing' full_disk_while_joining
check 'its modules are facts' modules_are_facts
check 'the joined file is made here only' made_file_is_not_taken_from_outside
finish
