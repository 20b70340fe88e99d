"""Attempts: how many there are, when the next is due, and what became of those before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daicho.engine.attempts import Attempts
from daicho.engine.results import Attempt
from daicho.task.patience import Patience


@given(st.integers(0, 8), st.floats(0, 1000, allow_nan=False))
def test_as_many_as_it_says(retries: int, wait: float) -> None:
    """A task starts once and again as often as it may, each time after twice the pause, a minute at most."""
    attempts, now, pauses = Attempts(), 0.0, []
    while True:
        attempts.begin("a", Patience(retries, wait))
        pause = attempts.rest("a", now)
        if pause is None:
            break
        pauses.append(pause)
        assert [] == attempts.due(now + pause * 0.99 - 1e-6)
        now += pause
        assert (now, ["a"]) == (attempts.next, attempts.due(now))
    assert retries + 1 == attempts.number("a") == attempts.most("a")
    assert [min(wait * 2**place, 60.0) for place in range(retries)] == pauses


def test_those_that_wait_are_woken_in_their_order() -> None:
    """The first that is due is the first to go on; who gives up wakes nobody."""
    attempts = Attempts()
    for name, wait in (("late", 5.0), ("soon", 1.0), ("then", 2.0)):
        attempts.begin(name, Patience(1, wait))
        attempts.rest(name, 10.0)
    assert 11.0 == attempts.next
    assert ["soon", "then"] == attempts.due(12.5)
    assert ["late"] == attempts.give_up()
    assert [] == attempts.due(100.0)
    assert attempts.next is None


def test_what_became_of_each_is_kept() -> None:
    """Attempts are kept in their order, of each task its own; a task that never began has none."""
    attempts = Attempts()
    first, second = Attempt("failed", 1.0, "no"), Attempt("ran", 2.0)
    attempts.end("a", first)
    attempts.end("a", second)
    assert ((first, second), ()) == (attempts.ended("a"), attempts.ended("b"))
    assert (0, 1, None) == (attempts.number("b"), attempts.most("b"), attempts.timeout("b"))
