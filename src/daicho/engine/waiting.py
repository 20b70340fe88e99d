"""Tasks that wait for what they yield. Pure: which they are, what each waits for, and which need not wait any longer.

A task that waits has no process and no resources. Its MLflow run goes on if it has begun; it begins from its top once
more when all that it waits for is there, or ends when that cannot come any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass
class Waiting:
    """The tasks of one launch that wait, and those that have waited and go on with what they have begun."""

    _needs: dict[str, list[str]] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def wait(self, task_id: str, needs: Iterable[str], *, begun: bool) -> None:
        """A task waits for others; `begun` if it has run already, up to where it yields them."""
        self._needs[task_id] = list(needs)
        if begun:
            self._begun.add(task_id)

    def ready(self, done: Callable[[str], bool]) -> list[str]:
        """The tasks for which all is there; they wait no longer."""
        found = [task_id for task_id in self._needs if self._there(task_id, done)]
        for task_id in found:
            del self._needs[task_id]
        return found

    def any_ready(self, done: Callable[[str], bool]) -> bool:
        """Whether there are such tasks."""
        return any(self._there(task_id, done) for task_id in self._needs)

    def _there(self, task_id: str, done: Callable[[str], bool]) -> bool:
        needs = self._needs[task_id]
        while needs and done(needs[-1]):
            needs.pop()  # so each is asked about once when it is there
        return not needs

    def goes_on(self, task_id: str) -> bool:
        """Whether the turn that a task has now goes on with what it has begun; asking ends that."""
        if task_id not in self._begun:
            return False
        self._begun.remove(task_id)
        return True

    def left(self) -> dict[str, list[str]]:
        """The tasks that have begun and wait still, with what for; they are given up."""
        found = {task_id: needs for task_id, needs in self._needs.items() if task_id in self._begun}
        self._needs.clear()
        self._begun.clear()
        return found
