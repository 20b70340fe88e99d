"""What differs, what runs there are, and what was marked or exported, as it is printed."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.line import Line
from daicho.cli.views import compare, export, log, tag
from daicho.compare import Comparison, Fact
from daicho.verbs.log import Log
from tests.cli import compared
from tests.cli.values import ESCAPE, HERE


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are shown in the local zone: here it is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def text(lines: Iterable[Line]) -> str:
    """Lines as text."""
    return "\n".join(each.plain for each in lines)


@pytest.mark.parametrize("width", [60, 100, None])
def test_a_difference_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """The causes by kind, the effect, and one line of what is equal."""
    assert snapshot == text(compare.lines(compared.comparison(), width=width))


def test_the_whole_difference(snapshot: SnapshotAssertion) -> None:
    """With -v the cells that differ are there too."""
    assert snapshot == text(compare.lines(compared.comparison(), width=100, whole=True))


def test_three_runs(snapshot: SnapshotAssertion) -> None:
    """Several runs have a column each."""
    assert snapshot == text(compare.lines(compared.three(), width=100))


def test_nothing_differs() -> None:
    """Equal runs are told to be equal."""
    found = Comparison((compared.side("a"), compared.side("b")))
    assert "nothing differs" == text(compare.lines(found, width=None)).splitlines()[-1]


def test_much_is_cut() -> None:
    """Of much only the first is shown, and that there is more; with -v all."""
    facts = tuple(Fact(f"T.p{number:02}", (0, 1), (True, True)) for number in range(30))
    found = Comparison((compared.side("a"), compared.side("b")), configuration=facts)
    assert "and 18 more: -v shows all" in text(compare.lines(found, width=80))
    assert "T.p29" in text(compare.lines(found, width=80, whole=True))


@pytest.mark.parametrize("width", [80, 140, None])
def test_the_log_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """A row for each run, with what differs among them alone."""
    assert snapshot == text(log.lines(compared.log(), width=width))


def test_an_empty_log() -> None:
    """Where no run fits, that is said."""
    assert "no run fits" == text(log.lines(Log(), width=80))


def test_marks_and_exports(snapshot: SnapshotAssertion) -> None:
    """What was done, in a few lines."""
    lines = [
        *tag.lines(compared.TAGGED),
        *tag.notes(compared.NOTED),
        *export.lines(compared.EXPORTED, here=HERE),
    ]
    assert snapshot == text(lines)


def test_records_do_not_control_the_terminal() -> None:
    """What others wrote into a record is only text."""
    evil = Comparison(
        (compared.side(ESCAPE), compared.side("b")), configuration=(Fact(ESCAPE, (ESCAPE, 1), (True, True)),)
    )
    assert "\x1b" not in text(compare.lines(evil, width=80))
