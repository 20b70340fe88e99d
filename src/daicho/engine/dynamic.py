"""A `run()` that yields: what it wants is asked for; what is there it gets at once, for the rest it starts over.

Starting over is Luigi's contract: the generator is closed, the process is free for others, and once all that was
wanted is there `run()` begins again from its top. To keep it alive instead would keep its memory, its MLflow run and
whatever else it holds in a process that runs other tasks meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import luigi
from luigi.task import DynamicRequirements

from daicho.engine import stage
from daicho.engine.assignment import Guard, TasksGiven
from daicho.errors import DaichoError, GraphError, TaskError
from daicho.fingerprint.observed import Yielded, text_of, yield_at
from daicho.fingerprint.recalled import told
from daicho.task.runtime import ProjectRuntime

Want = Callable[[Mapping[str, Any]], TasksGiven]
"""Asks for tasks, by the way to each, and waits for the answer."""


class Suspended(BaseException):
    """The attempt ends here, for what it wants is not there yet; it is no error."""


@dataclass
class Yields:
    """What one attempt yields.

    Attributes:
        task: The task.
        runtime: The project; its `work` is the task.
        want: Asks for tasks; None where nobody can run them.
        inputs: Where the outputs that it may read lie: what it yields is added.
        roles: By which way it reaches tasks: the same.
        guards: What must not change while it runs: the same.
        watch: Has what is read of a task noted.
        extra: What is kept with its record: the same.
    """

    task: luigi.Task
    runtime: ProjectRuntime
    want: Want | None
    inputs: dict[tuple[str, str], Path]
    roles: dict[str, str]
    guards: list[Guard]
    watch: Callable[[luigi.Task], None]
    extra: dict[str, str]
    _place: int = field(default=0)

    def drive(self, found: Generator[Any, Any, Any]) -> None:
        """Run a generator to its end.

        Raises:
            Suspended: If it wants what is not there yet.
        """
        step: Callable[[], Any] = lambda: next(found)  # noqa: E731  # it is another one after each step
        while True:
            try:
                wanted = step()
            except StopIteration:
                return
            try:
                given = self._given(wanted)
            except DaichoError as error:
                step = _throwing(found, error)  # so the traceback ends at the `yield`
                continue
            if given is None:
                found.close()
                raise Suspended
            step = _sending(found, given.paths)

    def _given(self, value: Any) -> DynamicRequirements | None:
        """What a `yield` gives; None if that is not there yet."""
        family = self.task.get_task_family()
        if self.want is None:
            raise TaskError(
                f"`{family}.run()` yields tasks, and nobody is here to run them",
                hints=("run it as a whole: daicho.run(…), or `daicho.testing.temporary_store()`",),
            )
        value = value.requirements if isinstance(value, DynamicRequirements) else value
        value = list(value) if isinstance(value, Iterator) else value
        wanted = dict(_by_role(yield_at(self._place), value, family))
        work, self.runtime.work = self.runtime.work, None  # they are planned as if nothing ran here
        try:
            answer = self.want(wanted)
        finally:
            self.runtime.work = work
        if answer.problem is not None:
            self._note(wanted, {})  # if the task copes with it: it may go better another time
            raise GraphError(answer.problem.message, hints=answer.problem.hints)
        if not answer.ready:
            return None
        stage.check(family, answer.guards)
        self.guards += answer.guards
        self.inputs.update({each: Path(path) for each, path in answer.inputs.items()})
        self._note(wanted, answer.contents)
        given = DynamicRequirements(value)
        _ = given.paths  # said before it is watched
        for role, each in wanted.items():
            self.roles.setdefault(each.task_id, role)
            self.watch(each)
        return given

    def _note(self, wanted: Mapping[str, luigi.Task], contents: Mapping[str, str]) -> None:
        """Keep what was yielded, and the content that it has; a content that is not known equals no other."""
        given = {role: (each.task_id, contents.get(each.task_id, "")) for role, each in wanted.items()}
        self.extra[yield_at(self._place)] = text_of(Yielded(told(wanted.values()), given))
        self._place += 1


def _sending(found: Generator[Any, Any, Any], value: Any) -> Callable[[], Any]:
    return lambda: found.send(value)


def _throwing(found: Generator[Any, Any, Any], error: Exception) -> Callable[[], Any]:
    return lambda: found.throw(error)


def _by_role(role: str, value: Any, family: str) -> Iterator[tuple[str, luigi.Task]]:
    """The tasks in what was yielded, with the way to each: `yield[0]`, `yield[0][1]`, `yield[0]['a']`."""
    if isinstance(value, luigi.Task):
        yield role, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _by_role(f"{role}[{key!r}]", item, family)
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for place, item in enumerate(value):
            yield from _by_role(f"{role}[{place}]", item, family)
    else:
        raise TaskError(
            f"`{family}.run()` yields {value!r}, which is not a task",
            hints=("yield a task, or a list or dict of tasks; nothing else is waited for",),
        )
