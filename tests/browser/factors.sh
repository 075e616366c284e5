#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Second factors and single sign-on in a real browser: Chromium with a virtual authenticator, both panels behind the front
# nginx under their own database accounts, and a real OpenID provider. The cases are in factors.mjs.

# shellcheck disable=SC2015  # in A && B || C here, C is meant for both
. tests/support/tap.sh
. tests/support/manager.sh

lost() { # what is missing or broken: no test ran, and that is a failure
    echo "not ok factors # $*"
    exit 1
}
for program in node npm chromium nginx openssl curl; do
    command -v $program >/dev/null || lost "$program is not installed: run make deps"
done

# The modules that a lock file names, fetched again only when it changed.
modules() { # folder of the tree, folder of the modules
    lock=$(sha256sum "$1/package-lock.json")
    [ "$(cat "$2/.lock" 2>/dev/null)" != "$lock" ] || return 0
    rm -rf "$2" && mkdir -p "$2"
    cp "$1/package.json" "$1/package-lock.json" "$1/.npmrc" "$2"
    (cd "$2" && npm ci --cache "$2/.cache" --no-update-notifier) >"$2.log" 2>&1 || lost "npm ci: $(tail -n 5 "$2.log" | tr '\n' ' ')"
    echo "$lock" >"$2/.lock"
    rm -rf "$2/.cache"
}
base=$(cd "$out" && pwd)
mkdir -p "$base/browser"
modules tests/browser "$base/browser/modules"
modules tests/oidc "$base/browser/oidc"

manager_start
rpmgr migrate >/dev/null && accounts >/dev/null 2>&1 && rpmgr keys init >/dev/null || lost 'no database'

free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
admin_port=$(free_port) client_port=$(free_port) api_port=$(free_port) oidc_port=$(free_port)

panel() { # admin | client
    cat >"$work/$1.conf" <<CONF
[database]
socket=$socket
name=$database
user=rpmgr_$1
password_file=$passwords/$1.password
[http]
listen=$work/$1.sock
[keys]
public=$work/sealing.pub
vault=$work/web.key
[paths]
templates=templates
proxy_templates=proxy_templates
assets=web/static/dist.sha256
sql=sql
CONF
    "$out/rpmgr-$1" --config "$work/$1.conf" 2>"$work/$1.log" &
    on_exit "kill $! 2>/dev/null"
}
panel admin
panel client

front() {
    mkdir -p "$work/front"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
    hash=$(sha256sum web/static/dist.sha256 | cut -c1-8)
    mkdir -p "$work/static" && cp -r web/static/dist "$work/static/$hash"
    chmod 711 "$work" && chmod -R a+rX "$work/static" # nginx may run its workers as another account
    sed "s|@PREFIX@|$work/front|g; s|@LISTEN_ADDRESS@|127.0.0.1|g; s|@ADMIN_PORT@|$admin_port|g; s|@CLIENT_PORT@|$client_port|g
        s|@API_PORT@|$api_port|g; s|@\(ADMIN\|CLIENT\|API\)_NAME@|_|g; s|@CERT@|$work/cert.pem|g; s|@KEY@|$work/key.pem|g
        s|@STATIC@|$work/static|g; s|@ADMIN_SOCKET@|$work/admin.sock|g; s|@CLIENT_SOCKET@|$work/client.sock|g
        s|@API_SOCKET@|$work/api.sock|g" etc/front-nginx.conf.example >"$work/front.conf"
    [ "$(id -u)" != 0 ] || sed -i '1i user root;' "$work/front.conf" # the sockets are for their owner only
    nginx -e "$work/front/error.log" -p "$work/front" -c "$work/front.conf" -g 'daemon off;' 2>"$work/nginx.log" &
    on_exit "kill $! 2>/dev/null"
}
front
tries=0
until curl -sk -o /dev/null "https://localhost:$admin_port/health" && [ -S "$work/client.sock" ]; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || lost "the panels do not answer: $(tail -n 3 "$work/admin.log" "$work/nginx.log" | tr '\n' ' ')"
    sleep 0.1
done

rpmgr settings set panel.admin_url "https://localhost:$admin_port" >/dev/null
rpmgr settings set panel.client_url "https://localhost:$client_port" >/dev/null
for role in admin operator; do rpmgr settings set sign_in.second_factor.$role off >/dev/null; done # the cases say when not
echo 'correct horse battery' | rpmgr user add root --role admin --password-stdin >/dev/null
echo 'correct horse battery' | rpmgr user add carl --password-stdin >/dev/null

# As if everybody had shown long ago who they are.
cat >"$work/stale" <<SH
#!/bin/sh
exec mariadb --no-defaults -S '$socket' -uroot '$database' -e 'UPDATE sessions SET confirmed_at = confirmed_at - INTERVAL 1 DAY'
SH
chmod +x "$work/stale"

mkdir -p "$base/browser/pictures"
cp tests/oidc/provider.mjs "$base/browser/oidc/"
cat >"$work/world.json" <<JSON
{"admin": "https://localhost:$admin_port", "client": "https://localhost:$client_port", "rpmgr": "$base/rpmgr",
 "config": "$work/rpmgr.conf", "password": "correct horse battery", "oidc_port": $oidc_port, "stale": "$work/stale",
 "provider": "$base/browser/oidc/provider.mjs", "pictures": "$base/browser/pictures"}
JSON
BROWSER_MODULES=$base/browser/modules WORLD=$work/world.json HOME=$work timeout -k 5 "${BROWSER_TIMEOUT:-600}" \
    node tests/browser/factors.mjs
exit $?
