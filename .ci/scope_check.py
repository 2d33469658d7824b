"""Pages, tables, filters and exports reach rows through ``visible_to(user)`` only.

In these rooms each of the following is a fault:

* an attribute chain that goes through a manager (``Model.objects``, ``_default_manager``, ``_base_manager``) and
  not through ``visible_to``;
* the same by ``getattr(Model, "objects")``, and SQL of its own (``connection.cursor()``);
* ``get_object_or_404(Model, …)`` or ``get_list_or_404(Model, …)`` with the bare model;
* a related manager (``programme.persontransfer_set``, or by its own name: ``programme.people.filter(…)``) without ``visible_to``;
* ``model = Model`` in the body of a view that has no ``get_queryset`` and no ``queryset`` of its own.

``offers_visible_to`` is the scope of offers, which show no name and reach further than the records (domain 8). Rows that are the asking person's own (``….filter(user=user)`` in the chain) are in scope by themselves.

Beside that, models import no forms and no requests of Django, and services none either: what import-linter cannot see, as it
knows packages of others only as a whole.

An exemption is a comment on the same line, with its reason: ``# scope: <reason>``. A reason has at least two words.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = _HOUSE = Path(__file__).resolve().parent.parent
APPS = ("mobilisation", "risks", "workstreams", "transfers", "reporting")
ROOMS = ("views", "tables", "filters", "exports")
MANAGERS = {"objects", "_base_manager", "_default_manager"}
SCOPED = {"visible_to", "offers_visible_to", "none"}
NOT_IN = {"models": ("django.forms", "django.http", "django.shortcuts", "django.views"), "services": ("django.forms", "django.http", "django.shortcuts", "django.views")}
ASKS = {
    "aggregate", "all", "annotate", "count", "distinct", "earliest", "exclude", "exists", "filter", "first", "get", "in_bulk", "iterator", "last", "latest", "none", "order_by", "prefetch_related",
    "select_related", "values", "values_list",
}
"""What is asked of a related manager; a name alone may be a value of the same name."""
_RELATED: set[str] = set()
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}


def related_names() -> frozenset[str]:
    """Every ``related_name`` of a foreign key; ``%(class)ss`` stands for the plural of each concrete class of the app."""
    if not _RELATED:
        for app in APPS:
            for path in [*(_HOUSE / app / "models").glob("**/*.py"), _HOUSE / app / "models.py"]:
                tree = ast.parse(path.read_text()) if path.exists() else ast.parse("")
                classes = [node.name.lower() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
                for node in ast.walk(tree):
                    if isinstance(node, ast.keyword) and node.arg == "related_name" and isinstance(node.value, ast.Constant):
                        name = str(node.value.value)
                        _RELATED.update([f"{one}s" for one in classes] if "%" in name else [name])
    return frozenset(_RELATED)


def files(rooms: tuple[str, ...] = ROOMS) -> list[Path]:
    found: list[Path] = []
    for app in APPS:
        for room in rooms:
            found += [path for path in (ROOT / app / f"{room}.py",) if path.exists()]
            found += sorted((ROOT / app / room).glob("**/*.py"))
    return found


def _chain(node: ast.expr) -> list[str]:
    """Attribute names of ``a.b(…).c[…]`` from left to right, without the name it starts at."""
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


def _starts_at_self(node: ast.expr) -> bool:
    """``self.people``: a property of the view itself, judged where it is written."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == "self"


def _below(node: ast.expr) -> list[int]:
    """Ids of the inner links of a chain, so that each chain is judged once, whole."""
    inner = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
        inner.append(id(node))
    return inner


def _own_rows(node: ast.expr) -> bool:
    """Whether a call in the chain narrows to one user: ``filter(user=…)``."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr in {"filter", "get"} and any(word.arg == "user" and _names_a_user(word.value) for word in node.keywords):
                return True
            node = node.func
        else:
            node = node.value
    return False


def _names_a_user(node: ast.expr) -> bool:
    """``user``, ``request.user``, ``self.request.user``: a number or another value narrows to nobody in particular."""
    return (isinstance(node, ast.Name) and node.id == "user") or (isinstance(node, ast.Attribute) and node.attr == "user")


def _asks_for_a_manager(node: ast.Call) -> bool:
    """``getattr(Model, "objects")``."""
    return isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and node.args[1].value in MANAGERS


def _bare_model(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id[:1].isupper() and not node.id.isupper()


def _problems(tree: ast.AST) -> list[tuple[int, str]]:
    seen: set[int] = set()
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Call)) and id(node) not in seen:
            seen.update(_below(node))
            names = _chain(node)
            related = any(
                name.endswith("_set") or (name in related_names() and after in ASKS and not (at == 0 and _starts_at_self(node)))
                for at, (name, after) in enumerate(zip(names, [*names, ""][1:], strict=True))
            )
            if (related or MANAGERS & set(names)) and not SCOPED & set(names) and not _own_rows(node):
                found.append((node.lineno, "rows without visible_to(user)"))
            if "cursor" in names:
                found.append((node.lineno, "SQL of its own"))
        if isinstance(node, ast.Call) and _asks_for_a_manager(node):
            found.append((node.lineno, "rows without visible_to(user)"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SHORTCUTS and node.args and _bare_model(node.args[0]):
            found.append((node.lineno, f"{node.func.id} with the bare model"))
        if isinstance(node, ast.ClassDef) and node.name.endswith("View"):
            own = {getattr(part, "name", "") for part in node.body} | {
                target.id for part in node.body if isinstance(part, ast.Assign) for target in part.targets if isinstance(target, ast.Name)
            }
            if "model" in own and not own & {"get_queryset", "queryset", "get_object"}:
                found.append((node.lineno, "a view of a bare model"))
    return sorted(set(found))


def faults(path: Path) -> list[str]:
    source = path.read_text()
    lines = source.splitlines()
    found = []
    for number, problem in _problems(ast.parse(source)):
        _, _, reason = lines[number - 1].partition("# scope:")
        if len(reason.split()) < 2:
            found.append(f"{path.relative_to(ROOT)}:{number}: {problem}; go through visible_to(user), or say why not: # scope: <reason>")
    return found


def _imported(tree: ast.AST) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, name.name) for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.lineno, f"{node.module}.{name.name}") for name in node.names]
    return found


def misplaced(path: Path, room: str) -> list[str]:
    """Imports of Django that do not belong into ``room``."""
    return [
        f"{path.relative_to(ROOT)}:{number}: {name} does not belong into {room}"
        for number, name in _imported(ast.parse(path.read_text()))
        if any(name == barred or name.startswith(f"{barred}.") for barred in NOT_IN[room])
    ]


def main() -> int:
    found = [fault for path in files() for fault in faults(path)]
    found += [fault for room in NOT_IN for path in files((room,)) for fault in misplaced(path, room)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
