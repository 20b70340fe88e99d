"""How often a task is tried and how long it may take: said by the class or the instance, and checked."""

# mypy: allow-untyped-calls
from __future__ import annotations

from typing import Any

import luigi
import pytest

from daicho import Task
from daicho.errors import DeclarationError, InputError
from daicho.task.patience import Patience, patience_of, worth_retrying


def _made(**said: Any) -> Task:
    made: Task = type("Made", (Task,), {"__module__": __name__, **said})()
    return made


class Plain(luigi.Task):
    """A task of plain Luigi, in which these names mean nothing."""

    retries = 5
    worker_timeout = 30

    def output(self) -> list[luigi.Target]:
        return []


class Patient(Task):
    """A task that is the more patient the larger it is."""

    size: int

    @property
    def timeout(self) -> float:  # type: ignore[override]  # a property of the instance, as the docstring allows
        return 10.0 * self.size


def test_by_default() -> None:
    """A task has one attempt, and all the time in the world."""
    assert Patience(0, 1.0, None) == patience_of(_made())


def test_what_a_class_says() -> None:
    """The class says it for all instances; Luigi's `worker_timeout` counts where it says no `timeout`."""
    assert Patience(2, 5.0, 60.0) == patience_of(_made(retries=2, retry_wait=5.0, timeout=60.0))
    assert 30 == patience_of(_made(worker_timeout=30)).timeout
    assert 7.0 == patience_of(_made(worker_timeout=30, timeout=7.0)).timeout
    assert None is patience_of(_made(worker_timeout=0)).timeout
    assert Patience(timeout=30) == patience_of(Plain())


def test_what_an_instance_says() -> None:
    """A property says it for one instance, and what it says is checked when the task is about to run."""
    assert [10.0, 30.0] == [patience_of(Patient(size=size)).timeout for size in (1, 3)]
    with pytest.raises(DeclarationError, match="`Patient.timeout` is -10.0, but must be a number of seconds"):
        patience_of(Patient(size=-1))


@pytest.mark.parametrize(
    "said",
    [
        {"retries": -1},
        {"retries": True},
        {"retries": 1.5},
        {"retry_wait": -1},
        {"retry_wait": float("nan")},
        {"retry_on": ValueError},
        {"retry_on": ("ValueError",)},
        {"timeout": 0},
        {"timeout": "1 h"},
    ],
)
def test_what_cannot_be_meant(said: dict[str, Any]) -> None:
    """A class that says nonsense is refused when it is written, with an example of sense."""
    ((name, value),) = said.items()
    with pytest.raises(DeclarationError) as error:
        _made(**said)
    assert error.value.message.startswith(f"`Made.{name}` is {value!r}, but must be")
    assert error.value.hints[0].startswith(f"for example: {name} = ")


def test_what_is_worth_another_attempt() -> None:
    """Any exception by default, those that are named otherwise; never an interruption, an exit, or our own error."""
    usual, narrow = _made(retries=1), _made(retries=1, retry_on=(ConnectionError, TimeoutError))
    assert all(worth_retrying(usual, each) for each in (ValueError(), ChildProcessError(), TimeoutError()))
    never = (KeyboardInterrupt(), SystemExit(1), InputError("changed"))
    assert not any(worth_retrying(usual, each) for each in never)
    assert [True, True, False, False] == [
        worth_retrying(narrow, error)
        for error in (ConnectionResetError(), TimeoutError(), ChildProcessError(), ValueError())
    ]
    assert not worth_retrying(Plain(), ValueError())
