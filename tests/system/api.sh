#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The REST API as it is installed: its program with its own database account, behind nginx, asked by curl.

# shellcheck disable=SC2015,SC2086,SC2154,SC2317  # plain words; cases are called by name
. tests/support/tap.sh
. tests/support/manager.sh
PATH=$PATH:/usr/sbin
manager_start
rpmgr migrate >/dev/null && accounts >/dev/null && rpmgr keys init >/dev/null || { echo 'not ok manager # cannot be set up'; exit 1; }

sed "s/^user=.*/user=rpmgr_api/;s/ops.password/api.password/;/^private=/d;/^nodes=/d;/^vault=/d" "$work/rpmgr.conf" >"$work/api.conf"
printf 'openapi=docs/openapi.json\n[http]\nlisten=%s/api.sock\nthreads=2\n' "$work" >>"$work/api.conf"
"$out/rpmgr-api" --config "$work/api.conf" 2>"$work/api.log" &
on_exit "kill $! 2>/dev/null"
mkdir "$work/temp"
cat >"$work/nginx.conf" <<CONF
user $(id -un) $(id -gn); daemon off; pid $work/nginx.pid; error_log $work/nginx.log; worker_processes 1;
events {}
http {
    access_log off; client_body_temp_path $work/temp; fastcgi_temp_path $work/temp; proxy_temp_path $work/temp;
    uwsgi_temp_path $work/temp; scgi_temp_path $work/temp;
    server {
        listen unix:$work/http.sock; client_max_body_size 2m;
        location /api/ { include /etc/nginx/fastcgi_params; fastcgi_pass unix:$work/api.sock; }
    }
}
CONF
chmod 755 "$work"
chmod 1777 "$work/temp"
nginx -c "$work/nginx.conf" -e "$work/nginx.log" 2>/dev/null &
on_exit "kill $! 2>/dev/null"

sql "INSERT INTO nodes (name, ip_address, ssh_user, proxy_type, state_since, created_at, updated_at)
     VALUES ('edge-1', '192.0.2.1', 'rpmgr', 'nginx', NOW(6), NOW(6), NOW(6))"
rpmgr user add root --role admin >/dev/null && rpmgr user add alice >/dev/null || exit 1
admin=$(rpmgr token add root test | grep -o 'rpmgr_[A-Za-z0-9_-]*')
alice=$(rpmgr token add alice test | grep -o 'rpmgr_[A-Za-z0-9_-]*')

# Prints the status; the answer is in $work/body, its header in $work/head.
api() { # token method path [body [header]]
    if [ -n "${4-}" ]; then
        printf %s "$4" >"$work/sent"
        set -- "$1" "$2" "$3" --data-binary "@$work/sent" -H 'Content-Type: application/json' ${5:+-H "$5"}
    fi
    token=$1 method=$2 path=$3
    shift 3
    curl -sS --unix-socket "$work/http.sock" -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$method" \
        ${token:+-H "Authorization: Bearer $token"} "$@" "http://localhost/api/v1$path"
}
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p" "$work/body"; }
answers() { # status token method path [body [header]]
    want=$1
    shift
    equal "$(api "$@")" "$want" "$2 $3: $(head -c 600 "$work/body")"
}

site='{"definition":{"domains":["shop.example.com"],"upstream":{"servers":[{"host":"10.0.0.1","port":8080}]},"tls":{"mode":"self_signed"}}}'

starts() {
    tries=0
    until [ "$(api '' GET /health 2>/dev/null)" = 200 ]; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || fail "does not answer: $(tail -n 2 "$work/api.log" "$work/nginx.log")"
        sleep 0.1
    done
    equal "$(member status)" ok
    answers 200 '' GET /openapi.json
    cmp -s "$work/body" docs/openapi.json || fail 'another document'
}
tokens() {
    answers 401 '' GET /me
    answers 401 rpmgr_guess GET /me
    answers 200 "$alice" GET /me
    equal "$(member name)" alice
    [ -n "$(sql 'SELECT MAX(last_used_at) FROM api_tokens')" ] || fail 'the use is not noted'
}
life_of_a_site() {
    answers 201 "$alice" POST /sites "$site"
    grep -qi '^etag: "v1"' "$work/head" || fail 'no version'
    id=$(sed 's/^{"id":\([0-9]*\).*/\1/' "$work/body")
    next=$(printf %s "$site" | sed 's/8080/8081/')
    answers 428 "$alice" PUT "/sites/$id" "$next"
    answers 412 "$alice" PUT "/sites/$id" "$next" 'If-Match: "v7"'
    answers 200 "$alice" PUT "/sites/$id" "$next" 'If-Match: "v1"'
    answers 200 "$alice" GET "/sites/$id"
    grep -qi '^etag: "v2"' "$work/head" || fail 'still the first version'
    answers 200 "$alice" GET "/sites/$id/revisions"
    answers 422 "$alice" POST "/sites/$id/deploy" '{"reason":"now"}'
    rpmgr domain vouch alice shop.example.com >/dev/null || fail 'nobody vouches'
    answers 202 "$alice" POST "/sites/$id/deploy" '{"reason":"now"}'
    deployment=$(member deployment)
    answers 200 "$alice" GET "/deployments/$deployment"
    answers 200 "$alice" POST "/sites/$id/pause" '{}'
    answers 200 "$admin" POST "/sites/$id/block" '{"status":451,"reason":"court order"}'
    answers 403 "$alice" DELETE "/sites/$id"
    answers 200 "$admin" POST "/sites/$id/resume" '{}'
    answers 200 "$alice" DELETE "/sites/$id"
    answers 404 "$alice" GET "/sites/$id"
}
what_administrators_see() {
    answers 403 "$alice" GET /nodes
    answers 200 "$admin" GET /nodes
    answers 200 "$admin" GET "/nodes/$(sql 'SELECT id FROM nodes')"
    answers 202 "$admin" POST "/nodes/$(sql 'SELECT id FROM nodes')/deploy" '{}'
    answers 200 "$admin" GET /jobs
    answers 200 "$admin" GET /deployments
}
bad_bodies() {
    answers 422 "$alice" POST /sites '{"definition":'
    answers 422 "$alice" POST /sites '{"nonsense":1}'
    grep -q '"field":"nonsense"' "$work/body" || fail 'the member is not named'
    head -c 1100000 /dev/zero | tr '\0' ' ' >"$work/large"
    equal "$(curl -sS --unix-socket "$work/http.sock" -o "$work/body" -w '%{http_code}' -H "Authorization: Bearer $alice" \
        -H 'Content-Type: application/json' --data-binary "@$work/large" http://localhost/api/v1/sites)" 413
}
accounts_are_made() {
    answers 403 "$alice" GET /users
    answers 201 "$admin" POST /users '{"username":"dora","role":"operator","email":"dora@example.com"}'
    id=$(sql "SELECT id FROM users WHERE username = 'dora'")
    answers 200 "$admin" GET "/users/$id"
    answers 200 "$admin" GET /users
    answers 200 "$admin" PATCH "/users/$id" '{"role":"client","max_sites":3}'
    answers 200 "$admin" POST "/users/$id/disable" '{}'
    answers 200 "$admin" POST "/users/$id/enable" '{}'
    rpmgr settings set panel.client_url https://panel.example.com >/dev/null && rpmgr settings set mail.enabled on >/dev/null
    answers 202 "$admin" POST "/users/$id/invite" '{}'
}
no_secret_in_the_log() {
    ! grep -qF -e "$alice" -e "$admin" -e 'PRIVATE KEY' "$work/api.log" || fail 'a token in the log'
}

check 'the service and its document answer' starts
check 'a token says who asks' tokens
check 'a site is made, changed, deployed and removed' life_of_a_site
check 'administrators see nodes and jobs' what_administrators_see
check 'accounts are made, changed, disabled and invited' accounts_are_made
check 'bodies that are wrong are refused' bad_bodies
check 'the log keeps no secret' no_secret_in_the_log
finish
