"""A short sample of ``make fuzz``: broken files end in rows, a choice or a refusal."""

from __future__ import annotations

import pytest

from tests.system import fuzz


def test_good_files_give_rows():
    assert {name: fuzz.ending(data, name) for name, data in fuzz.good_files().items()} == dict.fromkeys(fuzz.good_files(), "rows")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_broken_files_end_well(seed):
    endings = fuzz.run(200, seed)
    assert sum(endings.values()) == 200
    assert min(endings[end] for end in ("rows", "refused")) > 5
