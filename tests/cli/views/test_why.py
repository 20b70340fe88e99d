"""Why one task runs, as it is printed."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views.why import lines
from daicho.plan.cause import Cause
from daicho.plan.plan import Decision
from daicho.plan.price import Price
from daicho.plan.reasons import Reason
from daicho.verbs.why import Why
from tests.cli.explained import first, must_run, reused, undecided


def text(why: Why, width: int | None = 80, *, whole: bool = False) -> str:
    """An explanation as text."""
    return "\n".join(each.plain for each in lines(why, width=width, whole=whole))


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are told in one zone."""
    monkeypatch.setenv("TZ", "UTC")


@pytest.mark.parametrize("width", [60, 80, 140, None])
def test_it_fits_the_screen(width: int | None, snapshot: SnapshotAssertion) -> None:
    """The sentence, the causes with who made them, what is equal, what follows, the price, the way out."""
    shown = text(must_run(), width)
    assert snapshot == shown
    assert width is None or max(map(len, shown.splitlines())) <= width


def test_differences_are_shown_where_asked(snapshot: SnapshotAssertion) -> None:
    """With `-v` each change of code is followed by its difference."""
    assert snapshot == text(must_run(), whole=True)


def test_what_waits_names_the_root(snapshot: SnapshotAssertion) -> None:
    """For a task that waits the cause is told with the task that it is a cause of."""
    assert snapshot == text(undecided())


def test_a_hit(snapshot: SnapshotAssertion) -> None:
    """For a result that is reused: whose it is, and what makes it the right one."""
    assert snapshot == text(reused())


def test_what_lies_elsewhere_has_to_be_fetched() -> None:
    """Bytes of a store that is not on this machine are told, for what runs and for what is reused."""
    price = "to run: 1 task; took 1:12 last time; to fetch: 29.0 kB"
    assert price in text(must_run(price=Price(1, 0, 72.0, 0, 29_000)), None)
    assert "to fetch: 1.2 GB" in text(reused(price=Price(fetch=1_200_000_000)), None)


def test_a_first_run(snapshot: SnapshotAssertion) -> None:
    """A task that never ran is compared with nothing."""
    assert snapshot == text(first())


def test_causes_that_are_no_difference() -> None:
    """Where nothing differs from the earlier result, it is only named."""
    forced = Reason("forced", "asked for with -f")
    shown = text(
        must_run(decision=Decision("run", (forced,)), causes=(Cause(forced, "Trainer(seed=1)"),)), None
    )
    assert shown.startswith(
        "Trainer(seed=1) must run: asked for with -f; the nearest earlier result is calm-harbour-41 (run 0bcfd6ae"
    )


def test_nothing_in_it_moves_the_cursor() -> None:
    """What stands in code, commits and file names is shown, not obeyed."""
    escape = "\x1b[2J"
    why = must_run(notes=(escape,), hints=(escape,), follow=(escape,), target=escape, label=f"A{escape}")
    assert "\x1b" not in text(why, whole=True)
