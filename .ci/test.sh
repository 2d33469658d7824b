#!/bin/sh
# The whole suite: on SQLite always, and again on PostgreSQL and Redis where they answer.
# ALL_SERVICES=1 makes a missing service or browser an error instead of a reason to skip.
set -eu
cd "$(dirname "$0")/.."
.ci/lint.sh
VAR_DIR=$(mktemp -d); export VAR_DIR
trap 'rm -rf "$VAR_DIR"' EXIT
database=${DATABASE_URL:-}
redis=${REDIS_URL:-}
# What the person's own shell says of a real site must not steer the tests.
unset DATABASE_URL REDIS_URL ENVIRONMENT SECRET_KEY DEBUG ALLOWED_HOSTS ALLOW_DEMO HTTPS MAINTENANCE EMAIL_URL SITE_URL || true
case "$database" in sqlite*) database= ;; esac
[ -n "$database" ] || database=$(.venv/bin/python .ci/find_services.py postgres)
[ -n "$redis" ] || redis=$(.venv/bin/python .ci/find_services.py redis)
chromium=$(.venv/bin/python .ci/find_services.py chromium)
TEST_POSTGRES_URL=$database TEST_REDIS_URL=$redis; export TEST_POSTGRES_URL TEST_REDIS_URL
if [ "${ALL_SERVICES:-}" = 1 ]; then
  for pair in "PostgreSQL:$database" "Redis:$redis" "Chromium:$chromium"; do
    [ -n "${pair#*:}" ] || { echo "${pair%%:*} is missing, and nothing may be skipped here" >&2; exit 1; }
  done
fi
echo "== SQLite =="
.venv/bin/python -m pytest -q -n "${WORKERS:-2}" -rs "$@"
if [ -n "$database" ]; then
  echo "== PostgreSQL =="
  DATABASE_URL=$database .venv/bin/python -m pytest -q -n "${WORKERS:-2}" -rs -m "not browser and not system" "$@"
else
  echo "PostgreSQL: skipped, none answers (DATABASE_URL, 127.0.0.1:5432, the local socket)"
fi
[ -n "$redis" ] || echo "Redis: system tests skipped, none answers (REDIS_URL, 127.0.0.1:6379)"
[ -n "$chromium" ] || echo "Browser tests: skipped, no Chromium or Chrome is found"
