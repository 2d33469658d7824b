"""What stands above the rows of the daily grid: headings that sort and groups that fold, the column chooser, the filters. Written in
Python like the rows: a hundred headings and options are quicker written than rendered one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from mobilisation.clock import today
from transfers.rules import grid as registry
from transfers.rules.grid import Column, Layout, Viewer

_STYLED = frozenset({"person", "priority", "progress", "providers"})
"""Ways of showing whose heading has a look of its own."""
_ARROWS = {"ascending": "▲", "descending": "▼", "": "↕"}


def head_rows(layout: Layout, viewer: Viewer, sort: str, address: Callable[..., str], *, choose: bool) -> SafeString:
    """The two heading rows. ``sort``: of the address; ``address``: the list's own with other parameters; ``choose``: rows can be ticked."""
    asked = sort.replace("name", "person")

    def heading(column: Column) -> str:
        direction = "" if asked.removeprefix("-") != column.key else "descending" if asked.startswith("-") else "ascending"
        words = escape(column.heading)
        if column.sort:
            url = address(sort=f"-{column.key}" if direction == "ascending" else column.key)
            words = f'<a class=app-table__sort href="{escape(url)}">{words}<b aria-hidden=true>{_ARROWS[direction]}</b></a>'
        look = f" class=h-{column.show}" if column.show in _STYLED else ""
        sorts = f' aria-sort="{direction}"' if direction else ""
        told = f' title="{escape(column.title)}"' if column.hint else ""
        return f'<th scope=col{look}{told}{_data(column, viewer)}{sorts}>{words}</th>'

    frozen = [heading(column) for column in layout.frozen]
    if choose:
        frozen.insert(1, '<th scope=col class=h-pick><span class="nhsuk-u-visually-hidden">Choose</span></th>')
    names, groups = zip(*[_group(key, words, layout, viewer, address) for key, words in registry.GROUPS.items()], strict=True)
    before, after = [heading(column) for column in layout.before], [heading(column) for column in layout.after]
    return mark_safe(
        f'<tr class=app-sheet__groups><td colspan={len(frozen)} class=g-corner></td><td colspan={len(before)}></td>{"".join(names)}<td colspan={max(1, len(after))}></td></tr>\n'
        f'<tr>{"".join([*frozen, *before, *groups, *after])}</tr>'
    )


def _data(column: Column, viewer: Viewer) -> str:
    """What the script of the grid reads off a heading: the key, whether there is a history, how the cell is typed and its field."""
    edits = f" data-e={column.edit} data-f={column.field or column.key}" if viewer.edits(column) else ""
    return f' data-k={column.key}{" data-h" if viewer.remembers(column) else ""}{edits}'


def _group(key: str, words: str, layout: Layout, viewer: Viewer, address: Callable[..., str]) -> tuple[str, str]:
    """(the heading that folds or unfolds, the headings under it)."""
    opened, codes = key in layout.unfolded, registry.CODES_OF[key]
    wanted = [group for group in registry.GROUPS if (group in layout.unfolded) != (group == key)]
    url = escape(address(groups=",".join(wanted) or "none"))
    name = (
        f'<th scope=colgroup colspan={len(codes) if opened else 1} class="h-group{" h-group--open" if opened else ""}"><a href="{url}" id=fold-{key} data-fold hx-get="{url}" hx-target="#sheet" hx-select="#sheet" hx-swap=outerHTML hx-push-url=true>'
        f'{words} <span aria-hidden=true>{"◂" if opened else "▸"}</span><span class="nhsuk-u-visually-hidden">: {"fold" if opened else "unfold"} {codes[0]} to {codes[-1]}</span></a></th>'
    )
    if not opened:
        return name, f'<th scope=col class=h-folded title="{words}: {codes[0]} to {codes[-1]}, settled" data-k={key}><small>done</small></th>'
    columns = [registry.BY_KEY[code] for code in codes]
    return name, "".join(f'<th scope=col class=h-mark title="{escape(one.title)}"{_data(one, viewer)}>{one.key}<br><small>{escape(registry.SHORT[one.key])}</small></th>' for one in columns)


def chooser_fields(sets: Iterable[tuple[str, Iterable[Column]]], chosen: Iterable[str]) -> SafeString:
    """The columns as boxes to tick, ``chosen`` ticked."""
    ticked = set(chosen)

    def box(column: Column) -> str:
        return f'<label><input type=checkbox name=cols value={column.key}{" checked" if column.key in ticked else ""}> {escape(column.heading)}</label>'

    return mark_safe("".join(f"<fieldset class=app-columns__set><legend>{escape(heading)}</legend>{''.join(map(box, columns))}</fieldset>" for heading, columns in sets))


def filter_fields(form: Any) -> SafeString:
    """The filters as labels and lists to choose from."""
    chosen = form.chosen
    found = []
    for name, one in form.fields.items():
        options = "".join(
            f'<option value="{escape(str(value))}"{" selected" if str(value) == chosen.get(name, "") else ""}>{escape(str(label))}</option>' for value, label in one.choices
        )
        found.append(f'<div class="nhsuk-form-group"><label class="nhsuk-label" for="id_{name}">{escape(str(one.label))}</label><select class="nhsuk-select" name="{name}" id="id_{name}">{options}</select></div>')
    return mark_safe("".join(found))


def together_fields(act: str, form: type[Any]) -> SafeString:
    """The empty fields of a change to many, as they stand in the bar before another change is chosen: the same the whole day."""
    return _together(act, form, today().toordinal())


@lru_cache(maxsize=8)
def _together(act: str, form: type[Any], day: int) -> SafeString:
    return render_to_string("transfers/batches/_fields.html", {"form": form(), "act": act})
