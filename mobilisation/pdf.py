"""Whether PDFs can be made here: WeasyPrint needs Pango, which pip cannot bring."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=1)
def pdf_available() -> tuple[bool, str]:
    """(True, "") or (False, one sentence that says what to install)."""
    try:
        import weasyprint  # noqa: F401  imported late: it fails where Pango is missing
    except OSError:
        return False, "PDFs are off: the Pango library is missing. On Debian or Ubuntu type: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0. On a Mac: brew install pango."
    return True, ""
