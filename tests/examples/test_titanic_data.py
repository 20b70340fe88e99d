"""The Titanic example's input files, and the script that makes them."""

from __future__ import annotations

import csv
import runpy
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "titanic"
FILES = ["train.csv", "test.csv", "test_labels.csv"]


def source_is_there() -> bool:
    """Whether scikit-learn is installed with its test data, which some packagers leave out."""
    spec = find_spec("sklearn")
    places = spec.submodule_search_locations if spec is not None else None
    return any((Path(place) / make_input()["SOURCE"]).exists() for place in places or [])


def make_input() -> dict[str, Any]:
    """The names that make_input.py defines; it is a script, so nothing imports it."""
    return runpy.run_path(str(EXAMPLE / "make_input.py"))


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the shipped files."""
    with (EXAMPLE / "input" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not source_is_there(), reason="scikit-learn's test data is not installed")
def test_make_input_writes_the_shipped_bytes(tmp_path: Path) -> None:
    """Running make_input again gives the files that the example ships, byte for byte."""
    write_input: Callable[[Path], None] = make_input()["write_input"]
    write_input(tmp_path)
    assert sorted(FILES) == sorted(path.name for path in tmp_path.iterdir())
    for name in FILES:
        assert (EXAMPLE / "input" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_columns_are_those_that_everybody_knows() -> None:
    """train.csv has the twelve well-known columns, and test.csv the same without the answer."""
    known = [
        "PassengerId",
        "Survived",
        "Pclass",
        "Name",
        "Sex",
        "Age",
        "SibSp",
        "Parch",
        "Ticket",
        "Fare",
        "Cabin",
        "Embarked",
    ]
    assert known == list(rows("train.csv")[0])
    assert [name for name in known if name != "Survived"] == list(rows("test.csv")[0])
    assert ["PassengerId", "Survived"] == list(rows("test_labels.csv")[0])


def test_every_passenger_is_in_one_list() -> None:
    """The 1,309 passengers are numbered through, 891 to train and 418 to test, each with a label."""
    train, test, labels = ([int(row["PassengerId"]) for row in rows(name)] for name in FILES)
    assert list(range(1, 892)) == train
    assert list(range(892, 1310)) == test == labels
    assert 1309 == len({(row["Name"], row["Ticket"]) for row in rows("train.csv") + rows("test.csv")})


@pytest.mark.parametrize("column", ["Survived", "Sex", "Pclass"])
def test_split_keeps_shares(column: str) -> None:
    """Each fate, sex and class has the same share in both lists, to within one percentage point."""
    train = rows("train.csv")
    test = [row | label for row, label in zip(rows("test.csv"), rows("test_labels.csv"), strict=True)]
    for value in {row[column] for row in train}:
        share = [sum(row[column] == value for row in part) / len(part) for part in (train, test)]
        assert 0.01 > abs(share[0] - share[1])
