"""How a task, which knows nothing of engines, reaches what runs it: a protocol and one context variable.

This is the one piece of ambient state in daicho. The engine activates a `Runtime` around everything that
builds or runs tasks. Where none is active (plain `luigi.build`, a prompt), the stock one is made at first use.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from daicho.errors import Where


@dataclass(frozen=True)
class Setting:
    """A configured value and where it came from.

    `origin` tells how strictly it is read: a value of `code`, a `toml` value, or `text` to be parsed (command line).
    """

    value: Any = field(repr=False)  # it may be a secret
    where: Where
    origin: Literal["code", "toml", "text"] = "toml"


class Runtime(Protocol):
    """What a task asks of whatever runs it. `task` is always an instance of a Luigi task."""

    @property
    def root(self) -> Path:
        """The project's folder: relative sources are looked for below it."""

    @property
    def instances(self) -> MutableMapping[object, Any]:
        """Task instances by class and values: one object for one meaning, for as long as this runtime lives."""

    @property
    def paths(self) -> Mapping[str, Setting]:
        """What `[PathConfig]` says."""

    def section(self, family: str, *, loosely: bool = False) -> Mapping[str, Setting]:
        """The configured values of a task class; loosely, upper and lower case of the section's name do not matter."""

    def folder(self, task: Any, name: str) -> Path | None:
        """Where the running task finds the files of a task, by that one's name; None if it is not the one that runs."""

    def output_path(self, task: Any, name: str) -> Path:
        """Where the file of a declared output lies: staged while its task runs, published otherwise.

        Raises:
            InputError: If the task that runs now does not depend on it.
            NotFoundError: If there is no result of that task.
        """

    def writable_path(self, task: Any, name: str) -> Path:
        """Where the running task may write an output of its own.

        Raises:
            InputError: If it is not an output of the task that runs now.
        """

    def complete(self, task: Any) -> bool:
        """Whether a result of this task exists, for stock Luigi."""

    def run(self, task: Any, body: Callable[[], Any]) -> Any:
        """Run a task's body: directly where the engine is doing so already, recorded otherwise."""

    def report_progress(self, done: float, total: float | None = None) -> None:
        """Tell how far the task that runs is; `total` is None where it does not know of how much."""


_current: ContextVar[Runtime | None] = ContextVar("daicho_runtime", default=None)
_active: list[Runtime] = []
_STOCK = "daicho.engine.stock"  # by name: the only way up from here, taken when nobody above has come down


def current() -> Runtime:
    """The runtime of this context; in a thread that user code started, the process's; else the stock one."""
    runtime = _current.get()
    if runtime is not None:
        return runtime
    if _active:
        return _active[-1]
    stock: Runtime = importlib.import_module(_STOCK).runtime()
    return stock


def running() -> Runtime | None:
    """The runtime of this context or process, if anything is going on."""
    return _current.get() or (_active[-1] if _active else None)


@contextmanager
def activate(runtime: Runtime) -> Iterator[None]:
    """Make a runtime the current one for the length of a `with` block."""
    token = _current.set(runtime)
    _active.append(runtime)
    try:
        yield
    finally:
        # By identity, the innermost: two runtimes may be equal as values.
        del _active[max(place for place, each in enumerate(_active) if each is runtime)]
        _current.reset(token)
