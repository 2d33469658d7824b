#!/bin/sh
# Floors and rooms, scope, style, types.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/ruff check --quiet .
.venv/bin/python .ci/scope_check.py
.venv/bin/lint-imports --no-logo >/tmp/lint-imports.$$ 2>&1 || { cat /tmp/lint-imports.$$; rm -f /tmp/lint-imports.$$; exit 1; }
rm -f /tmp/lint-imports.$$
.venv/bin/mypy
echo "lint: clean"
