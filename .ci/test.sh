#!/bin/sh
# The whole suite: on SQLite always, and again on PostgreSQL and Redis where they answer.
set -eu
cd "$(dirname "$0")/.."
.ci/lint.sh
VAR_DIR=$(mktemp -d); export VAR_DIR
trap 'rm -rf "$VAR_DIR"' EXIT
unset ENVIRONMENT SECRET_KEY || true
database=${DATABASE_URL:-}
redis=${REDIS_URL:-}
unset DATABASE_URL REDIS_URL || true
[ -n "$database" ] || database=$(.venv/bin/python .ci/find_services.py postgres)
[ -n "$redis" ] || redis=$(.venv/bin/python .ci/find_services.py redis)
TEST_POSTGRES_URL=$database TEST_REDIS_URL=$redis; export TEST_POSTGRES_URL TEST_REDIS_URL
echo "== SQLite =="
.venv/bin/python -m pytest -q -n "${WORKERS:-2}" -rs "$@"
if [ -n "$database" ]; then
  echo "== PostgreSQL =="
  DATABASE_URL=$database .venv/bin/python -m pytest -q -n "${WORKERS:-2}" -rs -m "not browser and not system" "$@"
else
  echo "PostgreSQL: skipped, none answers (DATABASE_URL, the local socket, 127.0.0.1:5432)"
fi
[ -n "$redis" ] || echo "Redis: system tests skipped, none answers (REDIS_URL, 127.0.0.1:6379)"
