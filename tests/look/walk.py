"""Follows every link a user sees, one page of each kind, and says what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

LEAVE = ("account_logout", "admin")


@dataclass
class Walk:
    """``visited``: view name → address first seen. ``faults``: address → what was found."""

    visited: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)


def walk(tab, starts: list[str], *, limit: int = 80, shots: Path | None = None, label: str = "") -> Walk:
    """Breadth first from ``starts``; files and other sites are left alone."""
    done, queue, tried = Walk(), list(starts), set()
    while queue and len(done.visited) < limit:
        path = queue.pop(0)
        if path in tried:
            continue
        tried.add(path)
        try:
            name = resolve(urlsplit(path).path).view_name
        except Resolver404:
            done.faults[path] = ["the link leads nowhere"]
            continue
        if name in done.visited or name in LEAVE:
            continue
        tab.complaints.clear()
        try:
            answer = tab.open(path)
        except Exception as error:  # a download begins instead of a page
            if "Download is starting" in str(error):
                continue
            raise
        if answer is None or "text/html" not in answer.headers.get("content-type", ""):
            continue
        wrong = []
        if answer.status != 200:
            wrong.append(f"answered {answer.status}")
        else:
            done.visited[name] = path
            wrong += tab.axe()
            if tab.overflow():
                wrong.append(f"{tab.overflow()} px wider than the window")
            if tab.page.locator("h1").count() != 1:
                wrong.append(f"{tab.page.locator('h1').count()} headings of the first level")
            wrong += tab.complaints
            queue += [
                urlsplit(link).path + (f"?{urlsplit(link).query}" if urlsplit(link).query else "")
                for link in tab.page.evaluate("Array.from(document.querySelectorAll('a[href]:not([download])'), a => a.href)")
                if link.startswith(tab.url)
            ]
        if wrong:
            done.faults[path] = wrong
        if shots is not None:
            tab.page.screenshot(path=shots / f"{label}{name.replace(':', '-')}.png", full_page=True)
    return done
