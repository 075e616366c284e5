#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The layers of this tree as data, held against every #include and, given a build folder, against what each program links.
#
#   tests/architecture.sh [OUT]

# shellcheck disable=SC2015  # in A && B || C here, C is meant for both
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/.." || exit 1
bad=0

complain() {
    echo "$*" >&2
    bad=1
}

# Folder, then the folders whose headers it may include, besides its own.
layers='
shared/base
shared/cache       shared/base
shared/crypto      shared/base
shared/net         shared/base
shared/model       shared/base
shared/db          shared/base
shared/store       shared/db shared/model shared/base
shared/render      shared/model shared/base
shared/plan        shared/render shared/model shared/crypto shared/base
shared/ops         shared/store shared/net shared/db shared/model shared/cache shared/crypto shared/base
web/http           shared/base
web/auth           web/http shared/ops shared/store shared/db shared/model shared/crypto shared/base
web/view           web/auth web/http shared/plan shared/ops shared/store shared/db shared/model shared/crypto shared/base
web/panel          web/auth web/view web/http shared/ops shared/plan shared/render shared/store shared/db shared/model shared/cache shared/crypto shared/base
web/admin          web/account web/panel web/auth web/view web/http shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
web/client         web/account web/panel web/auth web/view web/http shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
web/account        web/panel web/auth web/view web/http shared/ops shared/store shared/db shared/model shared/crypto shared/base
web/api            web/panel web/auth web/view web/http shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
web                web/panel web/auth web/view web/http web/admin web/client web/account web/api shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
workers/ssh        shared/model shared/base
workers/deploy     workers workers/ssh shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
workers/discover   workers workers/ssh shared/ops shared/store shared/db shared/model shared/crypto shared/base
workers/domains    workers shared/ops shared/store shared/db shared/model shared/crypto shared/base
workers/notify     workers shared/ops shared/store shared/db shared/model shared/crypto shared/base
workers/housekeep  workers shared/net shared/ops shared/store shared/db shared/model shared/crypto shared/base
workers/ctl        workers workers/discover workers/ssh shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
workers            workers/ssh workers/deploy workers/discover workers/domains workers/notify workers/housekeep workers/ctl shared/ops shared/plan shared/render shared/store shared/db shared/model shared/crypto shared/base
'

# Pattern of a third-party header, then the only places that include it (a folder with /, or one file).
homes='
boost/program_options    shared/base/config.cc
ctemplate/               shared/base/template_set.cc
nlohmann/                shared/base/json.cc
sodium                   shared/crypto/
re2/                     shared/model/http_text.cc
idn2                     shared/model/values.cc
liboath                  shared/crypto/
fido                     shared/crypto/
cbor                     shared/crypto/
qrencode                 web/view/
libmemcached/            shared/cache/
crypt.h                  shared/crypto/
openssl/                 shared/crypto/ workers/ssh/
cppconn/                 shared/db/
mysql                    shared/db/
fcgi                     web/http/
cgicc/                   web/http/
libssh2                  workers/ssh/
curl/                    shared/net/ workers/notify/ workers/domains/ workers/domains.cc
yaml-cpp/                workers/discover/
'

# Not by git, which tells nothing of an unpacked archive, or of the folder of somebody else.
sources() { find shared web workers -name '*.cc' -o -name '*.h'; }

# Every line of code as "file<TAB>header".
includes() { # kind: '"' or '<'
    close=$1
    [ "$close" = '"' ] || close='>'
    sources | xargs grep -Hn "^ *# *include *$1" | sed "s/^\([^:]*\):[0-9]*: *# *include *$1\([^$close]*\)$close.*/\1	\2/"
}

tab=$(printf '\t')

check_layers() {
    includes '"' | while IFS=$tab read -r file header; do
        from=${file%/*} to=${header%/*}
        case $header in
        shared/* | web/* | workers/*) ;;
        *) echo "$file: includes \"$header\", which is not written from the root of the tree" && continue ;;
        esac
        [ "$from" != "$to" ] || continue
        allowed=$(echo "$layers" | sed -n "s|^$from  *\(.*\)|\1|p;s|^$from\$||p")
        case " $allowed " in *" $to "*) ;; *) echo "$file: $from may not include $to ($header)" ;; esac
    done
}

check_homes() {
    includes '<' | while IFS=$tab read -r file header; do
        echo "$homes" | while read -r pattern places; do
            [ -n "$pattern" ] || continue
            case $header in "$pattern"*) ;; *) continue ;; esac
            home=''
            for place in $places; do case $file in "$place"*) home=1 ;; esac done
            [ -n "$home" ] || echo "$file: <$header> belongs to $places only"
        done
    done
}

# SQL text lives in shared/store; shared/db has the little that it needs for itself.
check_sql() {
    sources | grep -v '^shared/\(store\|db\)/' |
        xargs grep -nE '"(SELECT [a-z*(]|INSERT (IGNORE )?INTO |UPDATE [a-z_]+ (SET|[a-z])|DELETE (FROM )?[a-z]+ |REPLACE INTO )' |
        sed 's/$/: SQL belongs to shared\/store/'
}

# What a process cannot load, it cannot misuse.
check_links() { # build folder
    for program in "$1"/rpmgr*; do
        [ -f "$program" ] && [ -x "$program" ] || continue
        case ${program##*/} in *.*) continue ;; rpmgr-admin | rpmgr-client | rpmgr-api) never='libssh2 libyaml-cpp' ;; *) never='libfcgi libcgicc' ;; esac
        needed=$(readelf -d "$program" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
        for library in $never; do
            case $needed in *"$library"*) echo "$program links $library" ;; esac
        done
    done
}

findings=$(check_layers; check_homes; check_sql; [ $# = 0 ] || check_links "$1")
[ -z "$findings" ] || complain "$findings"
exit $bad
