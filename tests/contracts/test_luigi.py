"""The members of Luigi that are not public, or not promised, and on which daicho stands. If one fails, Luigi has changed.

Each test says which file of daicho's has to be looked at.
"""

# mypy: allow-untyped-calls
from __future__ import annotations

import inspect
from typing import Any

import luigi
import luigi.worker
from luigi.cmdline_parser import CmdlineParser
from luigi.task_register import Register
from luigi.task_status import DONE, FAILED, PENDING

from daicho.engine.scheduler import Scheduler
from daicho.engine.worker import Worker
from daicho.task import declare


class Nothing(luigi.Task):
    """A task of plain Luigi."""

    below = luigi.BoolParameter(default=False)
    over = luigi.IntParameter(default=0, significant=False)

    def requires(self) -> list[luigi.Task]:
        return [] if self.below else [Nothing(below=True)]

    def complete(self) -> bool:
        return False


class Counted:
    """Turns that end at once; a task of `rests` gets another turn."""

    def __init__(self) -> None:
        self.turns: list[str] = []
        self.fails: set[str] = set()
        self.rests: list[str] = []
        self.rested: list[str] = []
        self.worker: Worker | None = None

    def turn(self, task_id: str) -> None:
        self.turns.append(task_id)

    def next_result(self) -> tuple[str, bool | None]:
        task_id = self.turns[-1]
        if task_id in self.rests:
            self.rests.remove(task_id)
            self.rested.append(task_id)
            return task_id, None
        return task_id, task_id not in self.fails

    def resting(self) -> bool:
        return bool(self.rested)

    def rest(self) -> None:
        assert self.worker is not None
        self.worker.again(self.rested.pop())


def test_the_version() -> None:
    """Luigi is pinned to a minor version; raise the pin only with this file at hand."""
    assert "3.8" == ".".join(luigi.__version__.split(".")[:2]), "look at every use of luigi in daicho"


def test_the_worker_drives_turns() -> None:
    """engine/worker.py: `_run_task`, `_running_tasks`, `_scheduled_tasks` and `_task_result_queue` are what it runs by."""
    turns = Counted()
    worker = Worker(turns, 1)
    task = Nothing()
    assert worker.add(task), "Worker.add no longer says whether a task could be scheduled"
    assert worker.run(), "Worker.run no longer says whether all went well"
    below = Nothing(below=True)
    assert [below.task_id, task.task_id] == turns.turns, "Worker.run no longer goes through Worker._run_task"
    assert {} == worker._running_tasks, "Worker._running_tasks is no longer the tasks that run"
    assert {task.task_id, below.task_id} == set(worker._scheduled_tasks), (
        "Worker._scheduled_tasks has changed"
    )


def test_the_worker_stops() -> None:
    """engine/worker.py: after `_start_phasing_out` no further task gets a turn; after a failure, no dependant."""
    stopping, failing = Counted(), Counted()
    worker = Worker(stopping, 1)
    worker.add(Nothing())
    worker.stop_starting()
    worker.run()
    assert [] == stopping.turns, "Worker._start_phasing_out no longer stops the worker from asking for work"
    failing.fails = {Nothing(below=True).task_id}
    worker = Worker(failing, 1)
    worker.add(Nothing())
    assert not worker.run()
    assert [Nothing(below=True).task_id] == failing.turns, "a dependant of a failed task got a turn"


def test_the_worker_walks_a_graph_once() -> None:
    """engine/worker.py: `add` walks by `_add`, which gives what a task needs; two targets share what is below them."""
    turns = Counted()
    worker = Worker(turns, 1)
    worker.add(Nothing())
    worker.add(Nothing(below=True))
    worker.add(Nothing())
    assert [] == list(worker._add(Nothing(), is_complete=False)), (
        "Worker._add no longer decides what is walked"
    )
    worker.run()
    assert [Nothing(below=True).task_id, Nothing().task_id] == turns.turns


def test_the_worker_waits_for_what_rests() -> None:
    """engine/worker.py: `_keep_alive` and `_sleeper` decide what happens when nothing runs and nothing is ready."""
    turns = Counted()
    below = Nothing(below=True).task_id
    turns.rests = [below, below]
    turns.worker = worker = Worker(turns, 1)
    worker.add(Nothing())
    worker.run()
    assert [below, below, below, Nothing().task_id] == turns.turns, (
        "Worker.run ends although Worker._keep_alive says that it should not"
    )


def test_the_worker_takes_our_options() -> None:
    """engine/worker.py: the options that are given to it are still options of `[worker]`."""
    names = {name for name, _ in luigi.worker.worker.get_params()}
    used = {
        "no_install_shutdown_handler",
        "send_failure_email",
        "check_unfulfilled_deps",
        "retry_external_tasks",
    }
    assert used <= names, f"luigi's worker has no option {used - names}"


def test_the_worker_asks_nothing_else_of_a_scheduler() -> None:
    """engine/scheduler.py: every member of a scheduler that Luigi's worker calls is there."""
    source = inspect.getsource(luigi.worker.Worker)
    asked = {part.split("(")[0] for part in source.split("self._scheduler.")[1:]}
    asked = {name for name in asked if name.isidentifier()}
    assert {"add_task", "get_work"} <= asked
    missing = {name for name in asked if not hasattr(Scheduler, name)}
    assert set() == missing, f"luigi.worker.Worker calls {missing} of its scheduler, which ours does not have"


def test_a_process_is_asked_for_little() -> None:
    """engine/worker.py: what `_purge_children` asks of a running task's process."""
    source = inspect.getsource(luigi.worker.Worker._purge_children)
    asked = {part.split()[0].split("(")[0].strip(":),.") for part in source.split(" p.")[1:]}
    known = {
        "is_alive",
        "exitcode",
        "task.trigger_event",
        "timeout_time",
        "terminate",
        "worker_timeout",
        "task",
    }
    assert {"is_alive", "exitcode"} <= asked
    assert asked <= known, f"luigi.worker.Worker._purge_children asks for {asked - known}"


def test_the_statuses() -> None:
    """engine/scheduler.py and engine/worker.py: the words for a task's status."""
    assert ("DONE", "FAILED", "PENDING") == (DONE, FAILED, PENDING)


def test_a_tasks_own_state() -> None:
    """task/task.py: what Luigi's `__init__` sets, which ours sets instead, and nothing more."""
    expected = {
        "param_kwargs", "task_id", "_Task__hash", "set_tracking_url", "set_status_message", "set_progress_percentage",
        "below", "over",
    }  # fmt: skip
    assert expected == set(vars(Nothing(over=1))), "luigi.Task.__init__ sets other attributes than before"
    task: Any = Nothing(over=2)
    task._Task__hash = 17
    assert 17 == hash(task), "luigi.Task.__hash__ no longer returns _Task__hash"


def test_tasks_that_hide_nothing() -> None:
    """task/declare.py: the names that a task may not hide are those that Luigi's Task has."""
    assert {"run", "requires", "output", "complete", "deps", "priority"} <= declare._LUIGI_NAMES


def test_dependencies_come_from_one_place() -> None:
    """task/task.py: `deps()` gives what `_requires()` gives, which ours answers with annotated dependencies."""

    class Hooked(luigi.Task):
        def _requires(self) -> list[luigi.Task]:
            return [Nothing(below=True)]

    assert [Nothing(below=True)] == Hooked().deps(), "luigi.Task.deps() no longer asks _requires()"


def test_the_register() -> None:
    """task/find.py: `Register._reg` lists task classes, and `_visible_in_registry` tells which count."""
    assert Nothing in Register._reg, "luigi's Register._reg no longer lists task classes"
    assert Nothing._visible_in_registry, "task classes have no _visible_in_registry any more"


def test_no_value() -> None:
    """task/field.py: `luigi.parameter._no_value` is what a parameter without a default has."""
    parameter = luigi.IntParameter()
    assert luigi.parameter._no_value is parameter._default, "luigi's mark for no default has changed"
    given = luigi.IntParameter(default=3)
    assert 3 == given._default, "luigi.Parameter no longer keeps its default in _default"


def test_positional_and_significant() -> None:
    """task/task.py: the attributes of a parameter that are read."""
    parameter = luigi.IntParameter(default=1, positional=False, significant=False)
    assert (False, False) == (parameter.positional, parameter.significant)


def test_the_command_line_parser() -> None:
    """task/settings.py: outside of `luigi.run` there is no parser; inside, `known_args` has `Family_name`."""
    assert None is CmdlineParser.get_instance(), (
        "CmdlineParser.get_instance() is no longer None without a command line"
    )
    with CmdlineParser.global_instance(["Nothing", "--Nothing-over", "5"]) as parser:
        assert parser is CmdlineParser.get_instance()
        assert "5" == parser.known_args.Nothing_over, "CmdlineParser.known_args has other names"


def test_wrappers_have_luigis_own_run() -> None:
    """plan/needed.py: a task without a `run()` of its own is known by Luigi's; an external task has none at all."""
    assert luigi.WrapperTask.run is luigi.Task.run
    assert None is luigi.ExternalTask.run
    assert [] == luigi.WrapperTask().output()


def test_what_a_yield_stands_for() -> None:
    """`engine/dynamic.py`: what `run()` may yield in a wrapper of Luigi's, and what it gets back for a task."""
    task = Nothing(below=True)
    wanted = luigi.task.DynamicRequirements({"a": [task]})
    assert ({"a": [task]}, {"a": [[]]}) == (wanted.requirements, wanted.paths)
