#!/bin/sh
# Starts PostgreSQL as its official image does: a new cluster gets the password of a file, and the wanted database.
set -eu
data=/var/lib/postgresql/data
user=${POSTGRES_USER:-postgres}
if [ ! -s "$data/PG_VERSION" ]; then
    chmod 700 "$data" || true
    # shellcheck disable=SC2086 # a list of options
    initdb --pgdata="$data" --username="$user" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust \
        --locale=C.UTF-8 ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
    pg_ctl --pgdata="$data" --wait --options="-c listen_addresses=''" start
    if [ "${POSTGRES_DB:-$user}" != postgres ]; then
        createdb --username="$user" "${POSTGRES_DB:-$user}"
    fi
    pg_ctl --pgdata="$data" --mode=fast --wait stop
fi
exec "$@" -D "$data" -c listen_addresses='*'
