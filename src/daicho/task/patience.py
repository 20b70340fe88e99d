"""How patient daicho is with a task: how often it may fail, when it is tried again, how long it may take.

Four attributes of the class, or properties of the instance. None of them is in a key: they say nothing of the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import luigi

from daicho.errors import DaichoError, DeclarationError

_LONGEST_PAUSE: Final = 60.0
_EXAMPLES: Final = {
    "retries": "retries = 2",
    "retry_wait": "retry_wait = 5.0",
    "retry_on": "retry_on = (ConnectionError, TimeoutError)",
    "timeout": "timeout = 600.0",
}


@dataclass(frozen=True)
class Patience:
    """What a task may take.

    Attributes:
        retries: How often it is run again after a failure.
        wait: Seconds before the second attempt.
        timeout: Seconds that one attempt may take; None for as long as it takes.
    """

    retries: int = 0
    wait: float = 1.0
    timeout: float | None = None

    def pause(self, attempt: int) -> float:
        """Seconds to wait after an attempt, counted from 1: twice as long each time, a minute at most."""
        return min(self.wait * 2.0 ** min(attempt - 1, 16), _LONGEST_PAUSE)


def patience_of(task: luigi.Task) -> Patience:
    """What a task may take; of plain Luigi's tasks only `worker_timeout` counts, as it does for ours without `timeout`.

    Raises:
        DeclarationError: If a property gives something that cannot be meant.
    """
    slowest = task.worker_timeout or None
    if not _is_ours(task):
        return Patience(timeout=slowest)
    said: dict[str, Any] = {name: getattr(task, name) for name in _EXAMPLES}
    for name, value in said.items():
        _refuse(task.get_task_family(), name, value)
    timeout = said["timeout"] if said["timeout"] is not None else slowest
    return Patience(said["retries"], said["retry_wait"], timeout)


def worth_retrying(task: luigi.Task, error: BaseException) -> bool:
    """Whether a task says of an error that another attempt may do; daicho's own errors would come again.

    The death of a worker counts as a `ChildProcessError`, a time-out as a `TimeoutError`.
    """
    if not _is_ours(task) or isinstance(error, DaichoError):
        return False
    kinds: tuple[type[BaseException], ...] = getattr(task, "retry_on", ())
    return isinstance(error, kinds)


def check(kind: type) -> None:
    """Check what a class that was just made says.

    Raises:
        DeclarationError: If it can't be meant.
    """
    for name in _EXAMPLES:
        if name in vars(kind) and not isinstance(vars(kind)[name], luigi.Parameter | property):
            _refuse(kind.__name__, name, vars(kind)[name])


def _is_ours(task: luigi.Task) -> bool:
    return hasattr(task, "retry_on")


def _refuse(family: str, name: str, value: object) -> None:
    fault = _FAULTS[name](value)
    if fault is not None:
        raise DeclarationError(
            f"`{family}.{name}` is {value!r}, but must be {fault}",
            hints=(f"for example: {_EXAMPLES[name]}",),
        )


def _fault_of_retries(value: object) -> str | None:
    fine = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return None if fine else "a number of further attempts, 0 or more"


def _fault_of_wait(value: object) -> str | None:
    return None if _is_number(value) and value >= 0 else "a number of seconds, 0 or more"  # type: ignore[operator]


def _fault_of_timeout(value: object) -> str | None:
    fine = value is None or (_is_number(value) and value > 0)  # type: ignore[operator]
    return None if fine else "a number of seconds above 0, or None"


def _fault_of_errors(value: object) -> str | None:
    fine = isinstance(value, tuple) and all(
        isinstance(each, type) and issubclass(each, BaseException) for each in value
    )
    return None if fine else "a tuple of exception classes"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_FAULTS: Final = {
    "retries": _fault_of_retries,
    "retry_wait": _fault_of_wait,
    "retry_on": _fault_of_errors,
    "timeout": _fault_of_timeout,
}
