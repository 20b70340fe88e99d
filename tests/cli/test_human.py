"""Times, sizes, numbers and places as a person says them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho.cli import human


@pytest.mark.parametrize(
    ("expected", "seconds"),
    [
        ("0.0 s", -0.1),
        ("0.4 s", 0.42),
        ("59.9 s", 59.94),
        ("1:00", 59.96),
        ("1:12", 72),
        ("59:59", 3599),
        ("1 h 0 min", 3599.6),
        ("2 h 5 min", 7505),
        ("1 d 0 h", 86_400),
    ],
)
def test_durations(expected: str, seconds: float) -> None:
    """A duration is said in the two units that matter."""
    assert expected == human.duration(seconds)


@pytest.mark.parametrize(
    ("expected", "count"),
    [
        ("0 B", 0),
        ("999 B", 999),
        ("29.0 kB", 29_021),
        ("1.0 MB", 999_960),
        ("8.4 GB", 8_400_000_000),
        ("2000.0 TB", 2 * 10**15),
    ],
)
def test_sizes(expected: str, count: int) -> None:
    """A size is said in the unit in which it is short."""
    assert expected == human.size(count)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("0.825", 0.82536),
        ("0.0231", 0.02314),
        ("3", 3.0),
        ("418", 418.0),
        ("123.5", 123.456),
        ("2.5e-07", 2.5e-7),
        ("1.23e+06", 1_234_567.8),
        ("nan", float("nan")),
        ("-inf", float("-inf")),
    ],
)
def test_numbers(expected: str, value: float) -> None:
    """A metric has three digits that count, and a whole number all of its."""
    assert expected == human.number(value)


@given(st.floats(-1e300, 1e300) | st.just(float("nan")))
def test_every_number_is_short(value: float) -> None:
    """Any float becomes a short text that reads back as nearly the same number."""
    text = human.number(value)
    assert len(text) <= 16
    assert float(text) == pytest.approx(value, rel=0.01, nan_ok=True)


def test_metrics_are_counted_where_there_are_many() -> None:
    """The first are named in their order, the rest counted."""
    assert "b 1, a 0.5, and 2 more" == human.metrics({"b": 1.0, "a": 0.5, "c": 1.0, "d": 1.0}, most=2)


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("mlflow.db", "/projects/titanic/mlflow.db"),
        ("/projects/titanic2/mlflow.db", "/projects/titanic2/mlflow.db"),
        ("/tmp/x", "/tmp/x"),
        ("out.csv", "out.csv"),
        (".", "/projects/titanic"),
        ("/projects/x.csv", "../x.csv"),
    ],
)
def test_places(expected: str, path: str) -> None:
    """What lies below this folder is said from here, the rest in full."""
    assert expected == human.place(path, Path("/projects/titanic"))


def test_stores() -> None:
    """A store in a file is its file, any other its address."""
    here = Path("/projects")
    assert "./mlflow.db" == human.store("sqlite:////projects/mlflow.db", here)
    assert "/srv/mlflow.db" == human.store("sqlite:////srv/mlflow.db", here)
    assert "http://127.0.0.1:5000" == human.store("http://127.0.0.1:5000", here)
