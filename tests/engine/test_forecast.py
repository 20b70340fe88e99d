"""How long the rest takes: the longest path, or all work shared, whichever is longer; nothing where it is not known."""

from __future__ import annotations

import pytest

from daicho import Task, output
from daicho.engine.forecast import Forecast
from daicho.plan.planner import Planner
from tests.plan.memory import Shelf, planner

TOOK = {"Short": 2.0, "Long": 5.0, "Last": 10.0}


class Short(Task):
    """Takes two seconds."""

    place: int = 0
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


class Long(Task):
    """Takes five, after a short one."""

    short: Short
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


class Both(Task):
    """Takes no time: it only stands for others."""

    long: Long
    others: list[Short]


class Last(Task):
    """Takes ten, after all of them."""

    both: Both
    out = output("out.json")

    def run(self) -> None:
        """Not run here."""


def planned(others: int) -> Planner:
    """A plan of a long path and some short tasks beside it."""
    places = [Short(place=place + 1) for place in range(others)]
    made = planner(Shelf(), Last(both=Both(long=Long(short=Short()), others=places)))
    made.plan()
    return made


def of(made: Planner, family: str) -> str:
    """A task of that family: of the short ones that of the long path."""
    return next(
        task_id
        for task_id, node in made.graph.nodes.items()
        if node.family == family and getattr(node.task, "place", 0) == 0
    )


@pytest.mark.parametrize(
    ("others", "jobs", "expected"), [(3, 4, 17.0), (3, 1, 23.0), (20, 2, 28.5), (20, 20, 17.0)]
)
def test_the_larger_bound_holds(others: int, jobs: int, expected: float) -> None:
    """With many workers the longest path decides, with few all that is to be done."""
    forecast = Forecast.of(planned(others), jobs, TOOK.get)
    assert expected == forecast.left(100.0)


def test_time_that_passes_is_taken_off() -> None:
    """While a task runs the rest becomes shorter, but not by more than the task was expected to take."""
    made = planned(0)
    forecast = Forecast.of(made, 1, TOOK.get)
    forecast.start(of(made, "Short"), 100.0)
    assert [17.0, 16.0, 15.0, 15.0] == [forecast.left(moment) for moment in (100.0, 101.0, 102.0, 130.0)]
    forecast.end(of(made, "Short"))
    assert 15.0 == forecast.left(130.0)
    forecast.start(of(made, "Long"), 130.0)
    forecast.end(of(made, "Long"))
    forecast.end(of(made, "Last"))
    assert 0.0 == forecast.left(131.0)


def test_what_never_ran_takes_nobody_knows_how_long() -> None:
    """Where a task has no earlier time nothing is said of the whole, but of the others each for itself."""
    made = planned(1)
    forecast = Forecast.of(made, 1, {"Short": 2.0}.get)
    assert None is forecast.left(0.0)
    assert {2.0} == set(forecast.expected.values())
    assert None is Forecast().left(0.0)
