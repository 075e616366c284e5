# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# A manager of its own for tests of the programs; source tap.sh first, then this, from the root of the tree.
#
#   manager_start        a folder in $work, a database in it, keys, accounts, rpmgr.conf and worker.conf
#   rpmgr …, worker PROGRAM …, sql STATEMENT…
#
# Has a server of its own, because accounts belong to a server as a whole. Programs come from $OUT (build).

out=${OUT:-build}

sql() { mariadb --no-defaults -S "$socket" -uroot -BN "$database" -e "$*"; }
rpmgr() { "$out/rpmgr" --config "$work/rpmgr.conf" "$@"; }
worker() { program=$1 && shift && "$out/$program" --config "$work/worker.conf" "$@"; }

write_configs() { # folder of the migrations
    cat >"$work/rpmgr.conf" <<CONF
[database]
socket=$socket
name=$database
user=rpmgr_ops
password_file=$passwords/ops.password
[keys]
public=$work/sealing.pub
private=$work/keys
vault=$work/web.key
[paths]
sql=$1
proxy_templates=proxy_templates
nodes=$work/nodes.yaml
CONF
    sed "s/^user=.*/user=rpmgr_worker/;s/ops.password/worker.password/;/^vault=/d" "$work/rpmgr.conf" >"$work/worker.conf"
}

manager_start() {
    [ -x "$out/rpmgr" ] || { echo "not ok manager_start # $out/rpmgr is not built" && exit 1; }
    work=$(mktemp -d "${TMPDIR:-/tmp}/rpmgr-system.XXXXXX")
    on_exit "rm -rf $work"
    socket=$(tests/lab/database start "$work/database" --template "$out/cache/database") || exit 1
    on_exit "tests/lab/database stop $work/database"
    database=rpmgr_system passwords=$work/passwords
    write_configs sql
    accounts >"$work/accounts.log" 2>&1 || { echo "not ok manager_start # $(tail -n 1 "$work/accounts.log")" && exit 1; }
}

accounts() { # the first half before the migrations, the second after them
    sql/create-accounts --passwords "$passwords" --database "$database" -- --no-defaults -S "$socket" -uroot
}
