"""Progress bars in what a task prints."""

from __future__ import annotations

import io

import pytest
from tqdm import tqdm

from daicho.engine.bars import bar


def test_a_bar_of_tqdm_is_seen() -> None:
    """The newest state of a real bar, with what it is of."""
    printed = io.StringIO()
    for number in tqdm(range(40), desc="epoch", file=printed, mininterval=0):
        if number == 12:
            break
    assert (12.0, 40.0) == bar(printed.getvalue().encode())


@pytest.mark.parametrize(
    "line",
    [b"", b"an unfinished line", b"| 3/4 [ in a table", b"\rloading 3 of 4", "\r30%|███ 3/4".encode()[:6]],
)
def test_other_lines_are_none(line: bytes) -> None:
    """A line that is not drawn over, or has no counts, tells nothing."""
    assert bar(line) is None


def test_a_long_line_costs_nothing() -> None:
    """Of a line that was drawn over a million times, only its end is looked at."""
    assert (7.0, 9.0) == bar(b"\r 10%|#  | 1/9 [00:01" * 1_000_000 + b"\r 70%|## | 7/9 [00:07")
