#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What Traefik would leave out and only log, the node refuses, and says in which file it is.
# shellcheck disable=SC2016,SC2034,SC2086,SC2154,SC2317  # backquotes are Traefik's; constants; variables and functions of others

set -u
engine=traefik tool=traefik
source=$(cd "$(dirname "$0")/../.." && pwd)
. "$source/tests/support/tap.sh"
. "$source/tests/support/node.sh"

make_node one 1
good=aaaaaaaa0001
bad=aaaaaaaa0002
make_release $good one two
deploy $good none

write() { # file text: a release with this file in addition
    make_release $bad one two
    mkdir -p "$(dirname "$work/releases/$bad/$1")"
    printf '%s\n' "$2" >"$work/releases/$bad/$1"
    seal_release $bad
}

refused() { # file text words: the file is refused, and named with these words
    write "$1" "$2"
    deploy $bad none
    expect test_failed
    case $answer in *"LOG $1: "*"$3"*) ;; *) fail "expected '$1: …$3', got: $answer" ;; esac
    equal "$(marker) $(serves one)" "$good $good one"
}

router() { # name rest: a router of its own
    printf 'http: {routers: {%s: {entryPoints: [web], rule: "Host(`x`)", %s}}}' "$1" "$2"
}

unusable_files() {
    refused sites/7-x.yml 'http: {routers: [' yaml
    refused sites/7-x.yml 'http: {rooters: {}}' 'field not found'
    refused sites/7-x.yml "$(router site7-x 'service: site7-nowhere')" site7-nowhere
    refused sites/7-x.yml "$(router site7-x 'service: ping@internal, middlewares: [site7-none]')" site7-none
    refused sites/7-x.yml "$(router site7-x 'service: ping@internal' | sed 's/Host(`x`)/Host(`x`) \&\& Nonsense()/')" Nonsense
    refused sites/7-x.yml "$(router site7-x 'service: ping@internal' | sed 's/\[web\]/[nowhere]/')" "EntryPoint doesn't exist (nowhere)"
    refused sites/7-x.yml "$(router site7-x 'service: ping@internal, middlewares: [site7-m]')
tcp: {routers: {site7-t: {entryPoints: [web], rule: \"HostSNI(x)\", service: site7-none}}}" site7
    refused sites/7-x.yml "$(printf '%s\n' 'http:' '  middlewares:' '    site7-m: {redirectRegex: {regex: "(", replacement: "x"}}' \
        '  routers:' '    site7-x: {entryPoints: [web], rule: "Path(`/`)", service: ping@internal, middlewares: [site7-m]}')" 'parsing regexp'
}

templates() {
    refused sites/7-x.yml "# {{ env \"HOME\" }}" 'template'
    refused sites/7-x.toml "" 'only .yml'
    refused sites/7-x.yaml "" 'only .yml'
}

missing_certificate() {
    write sites/7-x.yml 'tls: {certificates: [{certFile: current/certs/none.crt, keyFile: current/certs/none.key}]}'
    deploy $bad none
    expect test_failed
    case $answer in *'LOG certs/none.crt: '*) ;; *) fail "$answer" ;; esac
}

same_name_twice() {
    make_release $bad one two
    cp "$work/releases/$bad/$(site_file one)" "$work/releases/$bad/sites/8-copy.yml"
    seal_release $bad
    deploy $bad none
    expect test_failed
    site_number one
    case $answer in *"LOG sites/8-copy.yml: "*"site$site_id-web: HTTP router already configured"*) ;; *) fail "$answer" ;; esac
}

# The candidate's test passes; what is wrong shows only in the engine that listens on the node's own ports.
broken_after_the_switch() {
    write sites/7-x.yml "$(router site7-x 'service: ping@internal' | sed 's/\[web\]/[later]/')"
    echo "entry=later:$address:1" >>"$home/node/node.conf" # told to the script, but the engine was not started with it
    deploy $bad none
    sed -i '/^entry=/d' "$home/node/node.conf"
    expect rolled_back
    case $answer in *'LOG sites/7-x.yml: '*later*) ;; *) fail "$answer" ;; esac
    equal "$(marker) $(serves one)" "$good $good one"
}

entry_points_are_facts() {
    call facts f1 </dev/null
    expect ok
    equal "$(printf '%s\n' "$answer" | grep 'FACT entry_point web ')" "FACT entry_point web $address:$http_port"
    printf 'trusted=10.0.0.0/8\ntrusted=192.0.2.7\nentry=dns:127.0.0.1:5353/udp\n' >>"$home/node/node.conf"
    call init i1 </dev/null
    expect unchanged
    grep -qF 'trustedIPs: ["10.0.0.0/8", "192.0.2.7"]' "$root/traefik.yml" || fail "$(cat "$root/traefik.yml")"
    call facts f1 </dev/null
    equal "$(printf '%s\n' "$answer" | grep -c -e 'FACT trusted_proxy 192.0.2.7$' -e 'FACT entry_point dns 127.0.0.1:5353/udp$')" 2
    equal "$(printf '%s\n' "$answer" | sed -n 's/^FACT engine_version [0-9][0-9.]*$/told/p')" told
    make_release aaaaaaaa0005 one two three
    deploy aaaaaaaa0005 none
    expect ok
}

# A release that needs other ports than the engine has open. $1: what entry_points says; $2: the ending of the id.
with_ports() {
    ports_release=aaaaaaaa001$2
    make_release $ports_release one two
    printf '%s\n' "$1" >"$work/releases/$ports_release/entry_points"
    cat >"$work/releases/$ports_release/sites/9-stream.yml" <<CONF
tcp:
  routers: {site9-p5: {entryPoints: [site9-p5], rule: "HostSNI(\`*\`)", service: site9-p5}}
  services: {site9-p5: {loadBalancer: {servers: [{address: "$address:$http_port"}]}}}
CONF
    seal_release $ports_release
    deploy $ports_release none
}

engine_number() { pgrep -f "^[^ ]*traefik --configfile=$root/traefik.yml" | head -n 1; }

other_ports() {
    free_port
    before=$(engine_number)
    with_ports "entry site9-p5 $address:$port/tcp" 1
    expect ok
    equal "$(marker)" $ports_release
    [ "$(engine_number)" != "$before" ] || fail 'the engine was not started anew'
    before=$(engine_number)
    equal "$(curl -s -m 5 -o /dev/null -w '%{http_code}' -H 'Host: one' "http://$address:$port/")" 200
    with_ports "entry site9-p5 $address:$port/tcp" 2 # the same ports again
    expect ok
    equal "$(engine_number)" "$before"
    deploy $good none
    expect ok
    equal "$(marker) $(serves one)" "$good $good one"
    equal "$(curl -s -m 5 -o /dev/null -w '%{http_code}' "http://$address:$port/")" 000
}

ports_that_it_cannot_have() {
    free_port
    "$lab" break "$work/nodes" one port-taken "$port"
    with_ports "entry site9-p5 $address:$port/tcp" 3
    "$lab" mend "$work/nodes" one port-taken
    expect port_taken
    case $answer in *"another program listens on $address:$port"*) ;; *) fail "$answer" ;; esac
    with_ports "entry site9-p5 192.0.2.1:$port/tcp" 4 # an address of another machine: only a start tells
    expect test_failed
    case $answer in *'cannot assign requested address'*) ;; *) fail "$answer" ;; esac
    equal "$(marker) $(serves one)" "$good $good one"
}

odd_ports() {
    for odd in 'entry site9-p5 {evil}:1/tcp' 'entry web 0.0.0.0:1/tcp' 'entry site9-p5 :1/tcp from=x"y' 'proxy 10.0.0.1' 'listen 80'; do
        with_ports "$odd" 5
        expect test_failed
        case $answer in *"LOG entry_points: not understood: "*) ;; *) fail "$answer" ;; esac
    done
    sed -i 's/^supervised=.*/supervised=no/' "$home/node/node.conf"
    free_port
    with_ports "entry site9-p5 $address:$port/tcp" 6
    sed -i 's/^supervised=.*/supervised=yes/' "$home/node/node.conf"
    expect test_failed
    case $answer in *'supervised=yes into node.conf'*) ;; *) fail "$answer" ;; esac
    equal "$(marker) $(serves one)" "$good $good one"
}

nothing_is_left_running() {
    # shellcheck disable=SC2009
    equal "$(ps -eo args | grep -c "^$home/node/traefik --configfile=traefik.yml")" 0
}

check 'files that it would leave out are refused by name' unusable_files
check 'templates and other formats are refused' templates
check 'a missing certificate is refused' missing_certificate
check 'two files with the same name in them are refused' same_name_twice
check 'what only the running engine cannot use is taken back' broken_after_the_switch
check 'its entry points are facts' entry_points_are_facts
check 'for other ports it is started anew' other_ports
check 'ports that it cannot have are refused before the switch' ports_that_it_cannot_have
check 'odd entry points, and a node that nobody starts again, are refused' odd_ports
check 'the second engine of a test has ended' nothing_is_left_running
finish
