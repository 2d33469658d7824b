"""How large a file may be (domain 10.17). The figures live in the settings; this is the one place that reads and words them."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

MB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    bytes: int = 10 * MB
    unzipped: int = 200 * MB
    ratio: int = 100
    parts: int = 200
    rows: int = 20_000
    columns: int = 200
    cell: int = 10_000

    def in_words(self) -> list[str]:
        """As the upload page states them."""
        return [
            f"at most {self.bytes // MB} MB, and {self.unzipped // MB} MB once unpacked",
            f"at most {self.rows:,} rows and {self.columns} columns",
            f"at most {self.cell:,} characters in a cell",
        ]


def current() -> Limits:
    """The limits of this site."""
    return Limits(
        bytes=settings.UPLOAD_MAX_MB * MB, unzipped=settings.UPLOAD_MAX_UNZIPPED_MB * MB, ratio=settings.UPLOAD_MAX_RATIO, parts=settings.UPLOAD_MAX_PARTS,
        rows=settings.UPLOAD_MAX_ROWS, columns=settings.UPLOAD_MAX_COLUMNS, cell=settings.UPLOAD_MAX_CELL,
    )
