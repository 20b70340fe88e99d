"""What was another version where a reused result was made: named, once asked, and read no more often than needed."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from daicho import Task, output
from daicho.fingerprint.code import Code, Reader
from daicho.fingerprint.identity import Identity
from daicho.plan.drift import differences, with_drift
from daicho.provenance import read_environment
from daicho.record import Record
from daicho.remembered import Digests
from tests.plan.memory import Shelf, carry_out, planner

HERE = read_environment(Path("nowhere")).to_json()
MINOR = ".".join(platform.python_version_tuple()[:2])


class Number(Task):
    """A task with a number."""

    number: int = 0
    out = output("out.json")

    def run(self) -> None:
        self.out.save(self.number)


class Known(Identity):
    """An identity whose classes import what a test says."""

    modules: tuple[str, ...] = ("pytest", "hypothesis")

    def code_of(self, kind: type) -> Code:
        """A code that imports some modules."""
        return Code({}, (), self.modules)


@dataclass
class Counting(Shelf):
    """A shelf that counts how often a record is read in full."""

    read: list[str] = field(default_factory=list)

    def details(self, record: Record) -> Record | None:
        """The whole record."""
        self.read.append(str(record.run_id))
        return super().details(record)


def made(environment: Any, *numbers: int) -> tuple[Counting, list[list[str]]]:
    """What is said of tasks whose records were made in some environment."""
    shelf = Counting()
    targets = [Number(number=number) for number in numbers]
    carry_out(planner(shelf, *targets), shelf)
    for run_id, record in shelf.runs.items():
        whole = replace(record, provenance={"environment": environment})
        shelf.runs[run_id] = replace(whole, provenance={**whole.provenance, "parts": whole.summary})
    identity = Known(Reader([]), Path("nowhere"), Digests())
    plan = with_drift(planner(shelf, *targets).plan(), shelf, identity)
    return shelf, [[each.text for each in found.reasons if each.kind == "environment"] for _, found in plan]


def then(**packages: str) -> Mapping[str, Any]:
    """This environment with other packages."""
    assert isinstance(HERE["packages"], dict)
    return {**HERE, "packages": {**HERE["packages"], **packages}}


def test_the_same_environment_is_not_read() -> None:
    """Where the digest says that nothing differs no record is read, and nothing is said."""
    shelf, said = made(HERE, 1, 2)
    assert ([[], []], []) == (said, shelf.read)


def test_other_versions_are_named() -> None:
    """Python and the packages that the code imports, then and here; patches of Python and other packages are not."""
    environment = {**then(pytest="1.0", click="0.1"), "python": "2.7.18"}
    _, said = made(environment, 1)
    assert [[f"made with Python 2.7, pytest 1.0; here {MINOR}, {pytest.__version__}"]] == said
    assert ([[]], [[]]) == (made({**HERE, "python": f"{MINOR}.99"}, 1)[1], made(then(click="0.1"), 1)[1])


def test_a_package_that_was_not_there_is_named() -> None:
    """A result that was made without a package that is imported here says so."""
    packages = dict(then()["packages"])
    del packages["pytest"]
    _, said = made({**HERE, "packages": packages}, 1)
    assert [[f"made without pytest; here {pytest.__version__}"]] == said


def test_each_environment_is_read_once() -> None:
    """However many results were made in another environment, one of them is read."""
    shelf, said = made(then(pytest="1.0"), 1, 2, 3)
    assert (1, 3) == (len(shelf.read), sum(map(bool, said)))


def test_an_unknown_environment_says_nothing() -> None:
    """A record that does not tell where it was made is not guessed at."""
    assert [[]] == made(None, 1)[1]


def test_differences_are_values() -> None:
    """Each difference is a name and two versions, in the order Python first, then by name."""
    found = differences({"python": "3.1", "packages": {"b": "1"}}, {"python": "3.2.1"}, {"a": "1", "b": "2"})
    assert [("Python", "3.1", "3.2"), ("a", "", "1"), ("b", "1", "2")] == list(found)
