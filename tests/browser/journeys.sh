#!/bin/sh
# SPDX-License-Identifier: MIT
#
# People's ways through the panels in a real browser, against a fleet of its own: the demo's, with what the demo prints.
# Pictures of the pages are left in OUT/browser. The cases are in journeys.mjs.

. tests/support/tap.sh
OUT=$(cd "${OUT:-build}" && pwd) || exit 1
export OUT

lost() { # what is missing or broken: no test ran, and that is a failure
    echo "not ok browser # $*"
    exit 1
}

for program in node npm chromium; do
    command -v $program >/dev/null || lost "$program is not installed: run make deps"
done

# The modules that the lock file names, fetched again only when it changed.
BROWSER_MODULES=$OUT/browser/modules
pictures=$OUT/browser/pictures
export BROWSER_MODULES
lock=$(sha256sum tests/browser/package-lock.json)
if [ "$(cat "$BROWSER_MODULES/.lock" 2>/dev/null)" != "$lock" ]; then
    rm -rf "$BROWSER_MODULES" && mkdir -p "$BROWSER_MODULES"
    cp tests/browser/package.json tests/browser/package-lock.json tests/browser/.npmrc "$BROWSER_MODULES"
    (cd "$BROWSER_MODULES" && npm ci --cache "$OUT/browser/cache" --no-update-notifier) >"$OUT/browser/npm.log" 2>&1 ||
        lost "npm ci: $(tail -n 5 "$OUT/browser/npm.log" | tr '\n' ' ')"
    echo "$lock" >"$BROWSER_MODULES/.lock"
    rm -rf "$OUT/browser/cache"
fi
rm -rf "$pictures" && mkdir -p "$pictures"

# Whatever a browser leaves behind lands here.
TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-browser.XXXXXX")
chmod 711 "$TMPDIR"
export TMPDIR
on_exit "rm -rf $TMPDIR"

: >"$TMPDIR/demo"
tests/lab/demo >"$TMPDIR/demo" 2>&1 &
demo=$!
on_exit "kill -TERM $demo 2>/dev/null; wait $demo"
tries=0
until grep -q '^└' "$TMPDIR/demo"; do
    tries=$((tries + 1))
    { [ $tries -lt 900 ] && kill -0 $demo 2>/dev/null; } || lost "the demo did not start: $(tail -n 8 "$TMPDIR/demo" | tr '\n' ' ')"
    sleep 0.1
done

# What it printed, and the addresses of its nodes, as JSON.
fleet() {
    links=$(grep -o 'https://localhost:[0-9]*/login/link/[^ ]*' "$TMPDIR/demo")
    admin=$(echo "$links" | sed -n 1p) client=$(echo "$links" | sed -n 2p)
    cat <<JSON
{"admin": "${admin%/login/*}", "admin_link": "$admin", "client": "${client%/login/*}", "client_link": "$client",
 "rpmgr": "$OUT/rpmgr", "config": "$work/rpmgr.conf", "pictures": "$pictures", "nodes_dir": "$work/nodes",
 "backend_port": "$backend_port",
 "nodes": [$(for node in edge-1 edge-2 edge-3; do
        sed -n 's/^\(address\|http_port\|https_port\)=\(.*\)/"\1": "\2", /p' "$work/nodes/$node/lab.conf" | tr -d '\n' |
            sed "s/^/{/; s/\$/\"name\": \"$node\"}/"
    done | sed 's/}{/},{/g')]}
JSON
}

# A second server for the sites: nobody listens on the port of the first one, on any other address.
work=$(sed -n 's/^demo of .* in //p' "$TMPDIR/demo")
backend_port=$(sed -n 's/^ *listen .*:\([0-9]*\);/\1/p' "$work/backend/nginx.conf")
on_exit "tests/lab/backend stop $TMPDIR/second"
tests/lab/backend start "$TMPDIR/second" "127.0.0.2:$backend_port" second-backend || lost 'no second backend'

FLEET=$TMPDIR/fleet.json
export FLEET
fleet >"$FLEET"

HOME=$TMPDIR timeout -k 5 "${BROWSER_TIMEOUT:-600}" node tests/browser/journeys.mjs
exit $?
