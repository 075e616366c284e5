# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# For tests that drive nodes of the lab as the manager does: make releases, send them over SSH, read the answer.
# Needs tests/support/tap.sh and $source, the root of the source tree. Everything lives in $work. With $engine set to caddy or
# traefik (nginx, else) nodes and releases are of that engine; with $tool set, the program is that one of tests/tools, and where
# it cannot be built the file is skipped.
# shellcheck disable=SC2016,SC2034,SC2154  # on_exit runs its text later; some variables are for the tests

lab=$source/tests/lab/node
engine=${engine-nginx} engine_binary=''
if [ -n "${tool-}" ]; then
    engine_binary=$("$source/tests/tools/build" "$tool" 2>"$why_file")
    case $? in
    0) engine_binary=${engine_binary#*=} ;;
    77) echo "skip all cases with $engine # $(cat "$why_file")" && exit 0 ;;
    *) echo "not ok $engine # $(cat "$why_file")" && exit 1 ;;
    esac
fi
case $engine in
nginx) entry=nginx.conf marker_file=release.conf ending=conf refused='listne' ;;
caddy) entry=caddy.json marker_file=release.part ending=part refused='no_such_handler' ;;
traefik) entry=base.yml marker_file=release.yml ending=yml refused='NoSuchRule' ;;
esac
work=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-test.XXXXXX")
chmod 711 "$work"
on_exit 'rm -rf "$work"'
on_exit '"$lab" destroy "$work/nodes"'

# Addresses of our own in 127/8 by process number; ports that no program holds on any address.
network=127.$(($$ / 200 % 200 + 20)).$(($$ % 200 + 20))
next_port=$(($$ % 9000 + 11000))
free_port() { # sets $port
    next_port=$((next_port + 1))
    while ss -Hltn | grep -q ":$next_port "; do next_port=$((next_port + 1)); done
    port=$next_port
}

make_node() { # name number: sets $address $http_port $proof_port $ssh_port
    address=$network.$2
    free_port && http_port=$port
    free_port && proof_port=$port
    free_port && ssh_port=$port
    "$lab" create "$work/nodes" "$1" "$address" --http-port "$http_port" --proof-port "$proof_port" --ssh-port "$ssh_port" \
        --engine "$engine" ${engine_binary:+--engine-binary "$engine_binary"} &&
        "$lab" start "$work/nodes" "$1" || exit 1
    user=$(sed -n 's/^user=//p' "$work/nodes/$1/lab.conf")
    home=$work/nodes/$1
    root=$home/node/root
}

# ssh with the cheapest key exchange; the nonce is fixed, since each connection has one verb.
call() { # word...: fills $answer, sets $word (of RESULT); standard input goes to the verb
    answer=$(ssh -F none -i "$work/nodes/key" -p "$ssh_port" -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no \
        -o IdentitiesOnly=yes -o KexAlgorithms=curve25519-sha256 -o LogLevel=ERROR -- "$user@$address" "$*" 2>&1)
    word=$(printf '%s\n' "$answer" | sed -n '$s/^RESULT [A-Za-z0-9-]* \([a-z_]*\).*/\1/p')
}

expect() { # word: of the last call
    [ "$word" = "$1" ] || fail "expected $1, got: $(printf '%s' "$answer" | tr '\n' '|')"
}

value() { # key: from the last RESULT
    printf '%s\n' "$answer" | sed -n "\$s/.* $1=\([^ ]*\).*/\1/p"
}

# A release is a folder $work/releases/<id>; sites answer with the id of the release that they came with.
make_release() { # id site...
    tree=$work/releases/$1
    rm -rf "$tree"
    mkdir -p "$tree/sites"
    release=$1
    "make_${engine}_release"
    shift
    for site; do
        "make_${engine}_site" >"$tree/$(site_file "$site")"
    done
    seal_release "$release"
}

site_number() { # name: sets $site_id
    site_id=$(($(printf %s "$1" | cksum | cut -d ' ' -f 1) % 1000000))
}

site_file() { # name: prints its path
    site_number "$1"
    echo "sites/$site_id-$1.$ending"
}

refuse_site() { # id site: the engine will not take it, for the word $refused
    case $engine in
    nginx) echo "$refused 80;" ;;
    caddy) printf '@ sites\n{"handle": [{"handler": "%s"}]}\n' "$refused" ;;
    traefik) site=$2 && make_traefik_site | sed "s/Host(/$refused(/" ;;
    esac >"$work/releases/$1/$(site_file "$2")"
}

listen_too() { # id site address: the site's file wants this one as well
    case $engine in
    nginx) printf 'server { listen %s; return 200; }\n' "$3" ;;
    caddy) printf '@ servers\n"%s": {"listen": ["%s"], "automatic_https": {"disable": true}}\n' "$2" "$3" ;;
    esac >>"$work/releases/$1/$(site_file "$2")"
}

make_nginx_release() {
    cat >"$tree/nginx.conf" <<CONF
pid run/nginx.pid;
error_log logs/error.log warn;
worker_processes 1;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path run/body;
    proxy_temp_path run/proxy;
    fastcgi_temp_path run/fastcgi;
    uwsgi_temp_path run/uwsgi;
    scgi_temp_path run/scgi;
    include release.conf;
    include sites/*.conf;
}
CONF
    cat >"$tree/release.conf" <<CONF
server {
    listen $address:$proof_port;
    location = /release { return 200 "$release \$pid\\n"; }
}
CONF
}

make_nginx_site() {
    printf 'server { listen %s; server_name %s; return 200 "%s %s\\n"; }\n' "$address:$http_port" "$site" "$release" "$site"
}

make_caddy_release() {
    cat >"$tree/caddy.json" <<CONF
{
  "admin": {"listen": "unix/run/admin.sock", "config": {"persist": false}},
  "storage": {"module": "file_system", "root": "run/caddy"},
  "logging": {"logs": {"default": {"level": "WARN"}}},
  "apps": {"http": {"servers": {
    "web": {"listen": ["$address:$http_port"], "automatic_https": {"disable": true}, "routes": [
      @ sites
    ]},
    @ servers
  }}}
}
CONF
    cat >"$tree/release.part" <<CONF
@ servers
"rpm_proof": {"listen": ["$address:$proof_port"], "automatic_https": {"disable": true}, "routes": [
  {"match": [{"path": ["/release"]}], "handle": [{"handler": "static_response", "status_code": 200, "body": "$release\\n"}]}
]}
CONF
}

make_caddy_site() {
    printf '@ sites\n{"match": [{"host": ["%s"]}], "handle": [{"handler": "static_response", "body": "%s %s\\n"}]}\n' \
        "$site" "$release" "$site"
}

make_traefik_release() { # nothing of Traefik answers with a text of ours but in a header
    cat >"$tree/base.yml" <<CONF
http:
  middlewares:
    base: {headers: {frameDeny: true}}
CONF
    cat >"$tree/release.yml" <<CONF
http:
  routers:
    rpm-release: {entryPoints: [proof], rule: "Path(\`/release\`)", service: ping@internal, middlewares: [rpm-release]}
    rpm-api: {entryPoints: [proof], rule: "PathPrefix(\`/api\`)", service: api@internal}
  middlewares:
    rpm-release: {headers: {customResponseHeaders: {Release: "$release"}}}
CONF
}

make_traefik_site() {
    site_number "$site"
    cat <<CONF
http:
  routers:
    site$site_id-web: {entryPoints: [web], rule: "Host(\`$site\`)", service: ping@internal, middlewares: [site$site_id-answer]}
  middlewares:
    site$site_id-answer: {headers: {customResponseHeaders: {Answer: "$release $site"}}}
CONF
}

seal_release() { # id: writes its MANIFEST
    # shellcheck disable=SC2094  # find leaves it out
    (cd "$work/releases/$1" && find . -type f ! -name MANIFEST ! -name "$marker_file" -exec sha256sum {} + | sed 's/  \.\//  /' |
        sort -k 2 >MANIFEST)
}

pack() { # id base|none: the archive of what differs, on standard output
    tree=$work/releases/$1
    if [ "$2" = none ]; then
        : >"$tree/REMOVED"
        cut -c67- "$tree/MANIFEST" >"$work/changed.$1"
    else
        cut -c67- "$tree/MANIFEST" | sort >"$work/names.$1"
        cut -c67- "$work/releases/$2/MANIFEST" | sort | comm -13 "$work/names.$1" - >"$tree/REMOVED"
        sort "$work/releases/$2/MANIFEST" >"$work/base.$1"
        sort "$tree/MANIFEST" | comm -23 - "$work/base.$1" | cut -c67- >"$work/changed.$1"
    fi
    printf '%s\n' MANIFEST REMOVED "$marker_file" >>"$work/changed.$1"
    tar --format=ustar --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - -C "$tree" -T "$work/changed.$1"
    rm -f "$tree/REMOVED"
}

deploy() { # id base|none: packs and sends
    pack "$1" "$2" >"$work/archive.$1"
    call deploy n1 "$1" "$2" <"$work/archive.$1"
}

serves() { # site: prints what it answers
    if [ "$engine" = traefik ]; then
        curl -s -m 3 -o /dev/null -D - -H "Host: $1" "http://$address:$http_port/" | tr -d '\r' | sed -n 's/^Answer: //p'
    else
        curl -s -m 3 -H "Host: $1" "http://$address:$http_port/"
    fi
}

marker() {
    curl -s -m 3 -D - "http://$address:$proof_port/release" | tr -d '\r' | awk '
        /^Release: / { id = $2 } { last = $1 } END { print id == "" ? last : id }'
}
