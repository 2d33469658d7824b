"""HTML → PDF with WeasyPrint: tagged (PDF/UA), our own fonts and style sheets only, no network, no other file."""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

from mobilisation.pdf import pdf_available
from reporting.choices import DocumentKind
from reporting.documents import html
from reporting.models import BoardPack
from reporting.position import Position

HOST = "static.invalid"
"""A name that cannot exist: whatever is not one of our static files is refused before anything is opened."""


class PdfsOff(Exception):
    """This machine cannot make PDFs; the text says what to install."""


class Refused(Exception):
    """A page asked for something that is none of our static files."""


@dataclass(frozen=True)
class Made:
    """``starts``: the page on which each element with an id begins."""

    content: bytes
    pages: int
    starts: Mapping[str, int] = field(default_factory=dict)


def static_file(url: str) -> Path:
    """The file behind one of our own static addresses; everything else is refused."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    prefix = f"/{settings.STATIC_URL.strip('/')}/"
    if parts.scheme != "http" or parts.hostname != HOST or not path.startswith(prefix):
        raise Refused(f"not one of our static files: {url[:80]}")
    name = path[len(prefix):]
    found = finders.find(name)
    if not found:
        kept = (Path(settings.STATIC_ROOT) / name).resolve()
        found = str(kept) if kept.is_relative_to(Path(settings.STATIC_ROOT).resolve()) and kept.is_file() else None
    if not found or isinstance(found, list):
        raise Refused(f"no static file {name[:80]}")
    return Path(found)


@lru_cache(maxsize=1)
def _fetcher() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> Any:
            path = static_file(url)
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})

    return OwnFiles()


def render(text: str) -> Made:
    """PDF/UA bytes of ``text``. Raises ``PdfsOff`` where Pango is missing."""
    available, why = pdf_available()
    if not available:
        raise PdfsOff(why)
    from weasyprint import HTML

    for name in ("weasyprint", "weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    document = HTML(string=text, base_url=f"http://{HOST}/", url_fetcher=_fetcher()).render(pdf_variant="pdf/ua-1", pdf_tags=True)
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True)
    return Made(content, len(document.pages), {anchor: number for number, page in reversed(list(enumerate(document.pages, 1))) for anchor in page.anchors})


def one_page(draw: Callable[[html.Density], str]) -> Made:
    """The roomiest setting that fits one page."""
    made = None
    for density in html.DENSITIES:
        made = render(draw(density))
        if made.pages == 1:
            return made
    raise ValueError(f"the one-page dashboard needs {made.pages if made else 0} pages at its tightest setting")


def whole_pack(position: Position, stamp: html.Stamp) -> Made:
    """The first page is one page, however long the texts: the roomiest setting in which it is."""
    made = render(html.pack_html(position, stamp))
    if made.starts.get("s2", 2) == 2:
        return made
    density = next((density for density in html.COVERS[1:] if render(html.cover_html(position, stamp, density)).pages == 1), html.COVERS[-1])
    return render(html.pack_html(position, stamp, density))


def pdf_of(pack: BoardPack) -> Made:
    """The PDF of a pack from its frozen position."""
    position, stamp = html.position_of(pack), html.stamp_of(pack)
    if pack.document == DocumentKind.DASHBOARD:
        return one_page(lambda density: html.dashboard_html(position, stamp, density))
    return whole_pack(position, stamp)
