#!/bin/sh
# NocoDB, which is well when it was given its secrets and may write into its folder.
set -eu
test -s "$NC_DB_JSON_FILE"
test -n "$NC_AUTH_JWT_SECRET$NC_CONNECTION_ENCRYPT_KEY$NC_ADMIN_PASSWORD"
date >>"${NC_TOOL_DIR}started"
exec python3 /usr/local/lib/answer.py 8080 /api/v1/health
