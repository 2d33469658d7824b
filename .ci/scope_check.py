"""Pages, tables, filters and exports reach rows through ``visible_to(user)`` only.

An attribute chain that starts at ``Model.objects`` (or ``_base_manager``) in one of these rooms must go through
``visible_to``. An exemption is a comment on the same line: ``# scope: <reason>``.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("mobilisation", "risks", "workstreams", "transfers", "reporting")
ROOMS = ("views", "tables", "filters", "exports")


def files() -> list[Path]:
    found: list[Path] = []
    for app in APPS:
        for room in ROOMS:
            found += [path for path in (ROOT / app / f"{room}.py",) if path.exists()]
            found += sorted((ROOT / app / room).glob("**/*.py"))
    return found


def _chain(node: ast.expr) -> list[str]:
    names: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return names[::-1]


def faults(path: Path) -> list[str]:
    source = path.read_text()
    lines = source.splitlines()
    tree = ast.parse(source)
    inside: set[int] = set()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Call)) and id(node) not in inside:
            chain = _chain(node)
            walker: ast.AST = node
            while isinstance(walker, (ast.Attribute, ast.Call)):
                walker = walker.func if isinstance(walker, ast.Call) else walker.value
                inside.add(id(walker))
            if ("objects" in chain or "_base_manager" in chain) and "visible_to" not in chain and "active" not in chain:
                line = lines[node.lineno - 1]
                if "# scope:" not in line or not line.split("# scope:")[1].strip():
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}: rows without visible_to(user); go through it, or say why not: # scope: <reason>")
    return found


def main() -> int:
    found = [fault for path in files() for fault in faults(path)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
