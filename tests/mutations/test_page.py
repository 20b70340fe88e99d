"""The page in the manual says what the suite shows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.mutations.inputs import ASKED
from tests.mutations.semantic import ROWS
from tests.mutations.test_edits import EDITS

_PAGE = (Path(__file__).parents[2] / "docs" / "stale.md").read_text(encoding="utf-8")


def test_conservative_edits_are_named() -> None:
    """Each edit after which a task runs needlessly stands in the table, and no other."""
    table = _PAGE.partition("<!-- conservative: begin -->")[2].partition("<!-- conservative: end -->")[0]
    named = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")}
    needless = {edit.name for edit in EDITS if edit.needless} - {edit.name for edit in ASKED}
    assert needless == named - {"edit", "---"}


def test_the_seventeen_edits_are_those_of_the_suite() -> None:
    """Rows and names of the comparison are the suite's."""
    assert [(edit.row, edit.name) for edit in ROWS] == [
        (int(row), name) for row, name, *_ in _rows() if row.isdigit()
    ]


def test_counts_are_those_of_the_columns() -> None:
    """What is said of each tool is what its column adds up to; none of ours is stale."""
    cells = [cells for row, _, *cells in _rows() if row.isdigit()]
    counted = [column.count("stale") for column in zip(*cells, strict=True)]
    told = next(cells for _, name, *cells in _rows() if name == "**stale of 17**")
    assert counted == [int(each.strip("*")) for each in told]
    assert 0 == counted[-1]


def _rows() -> list[list[str]]:
    lines = re.findall(r"^\| *(?:\d\d|) \|.*\|$", _PAGE, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
