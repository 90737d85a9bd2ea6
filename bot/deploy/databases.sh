#!/bin/sh
# Runs once in a new PostgreSQL: two databases, two owners, two passwords, none of which can open the other's.
set -eu
for store in people directory; do
    psql -v ON_ERROR_STOP=1 -v store="$store" -v password="$(cat "/run/secrets/${store}_password")" <<'SQL'
CREATE ROLE :"store" LOGIN PASSWORD :'password';
CREATE DATABASE :"store" OWNER :"store";
REVOKE ALL ON DATABASE :"store" FROM PUBLIC;
SQL
done
