"""What is seen of a running task, in every way in which code can start."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import extra_of, install, watching
from tests.fingerprint.code.project import Imported, write
from tests.fingerprint.executed.running import names, running, seen_of

TASKS = """
import functools

def one(): return two()

def two():
    '''Doc.'''

@functools.lru_cache
def cached(x):
    return [y for y in range(x)]

class Thing:
    default = lambda self: 1

    def __init__(self):
        self.x = 1

    @property
    def size(self):
        def inner():
            return 1
        return inner()

    @staticmethod
    def still():
        return (lambda: 2)()

def numbers():
    yield 1

async def later():
    return 1

def fails():
    raise KeyError

table = {'a': lambda: 1, 'b': lambda: 0}
"""


def test_each_kind_of_code_is_seen(tmp_path: Path) -> None:
    """Functions, methods, properties, lambdas, generators, coroutines and what they call are seen by name and line."""
    with running(tmp_path, {"tasks.py": TASKS}) as project:
        tasks: Any = project.load()

        def work() -> None:
            tasks.one()
            tasks.cached(3)
            assert 1 == tasks.Thing().size
            assert (2, 1, 1) == (tasks.Thing.still(), tasks.Thing().default(), tasks.table["a"]())
            assert [1] == list(tasks.numbers())
            assert 1 == asyncio.run(tasks.later())

        with_functions = {"one", "two", "cached", "numbers", "later"}
        with_methods = {"Thing.__init__", "Thing.size", "Thing.size.<locals>.inner", "Thing.still"}
        with_lambdas = {"Thing.still.<locals>.<lambda>", "Thing.<lambda>", "<lambda>"}
        seen = seen_of(project, work)
        found = {name for name in names(seen) if not name.endswith("<listcomp>")}
        assert with_functions | with_methods | with_lambdas == found
        path = str(tmp_path / "tasks.py")
        assert {(path, "one", 4), (path, "cached", 9), (path, "Thing.size", 19)} <= seen.definitions


def test_the_next_task_sees_its_functions_again(tmp_path: Path) -> None:
    """What an earlier task of the process has run is seen anew, and only what runs now."""
    with running(tmp_path, {"tasks.py": TASKS}) as project:
        tasks: Any = project.load()
        for _ in range(3):
            assert {"one", "two"} == names(seen_of(project, tasks.one))
        assert {"two"} == names(seen_of(project, tasks.two))
        lambdas = [seen_of(project, tasks.table[name]).definitions for name in ("a", "a")]
        assert lambdas[0] == lambdas[1] != set()
        assert set() == names(seen_of(project, int))


def test_threads_are_seen(tmp_path: Path) -> None:
    """What runs in a thread that the task has started is the task's."""
    with running(tmp_path, {"tasks.py": TASKS}) as project:
        tasks: Any = project.load()

        def work() -> None:
            thread = threading.Thread(target=tasks.one)
            thread.start()
            thread.join()

        assert {"one", "two"} == names(seen_of(project, work))


def test_what_a_failing_task_ran_is_seen(tmp_path: Path) -> None:
    """A task that raises has been seen until then, and the error goes its way."""
    with running(tmp_path, {"tasks.py": TASKS}) as project:
        tasks: Any = project.load()
        with pytest.raises(KeyError), watching(project.loaded) as seen:
            tasks.fails()
        assert {"fails"} == names(seen)


def test_modules_that_are_imported_meanwhile_are_seen(tmp_path: Path) -> None:
    """The body of a module that the task imports, or loads again, is seen; one that was there before is not."""
    with running(tmp_path, {"tasks.py": TASKS, "late.py": "def unused():\n    pass\n"}) as project:
        project.load()
        first = seen_of(project, lambda: project.load("late"))
        again = seen_of(project, lambda: project.load("late"))
        reloaded = seen_of(project, lambda: importlib.reload(sys.modules["late"]))
        late = {str(tmp_path / "late.py")}
        assert (late, set(), late) == (first.modules, again.modules, reloaded.modules)
        assert set() == first.definitions


def test_a_task_within_a_task(tmp_path: Path) -> None:
    """A task that runs another within its own has run all that the other ran, and what it ran before that."""
    with running(tmp_path, {"tasks.py": TASKS}) as project:
        tasks: Any = project.load()
        with watching(project.loaded) as outer:
            tasks.table["b"]()
            tasks.cached(2)
            with watching(project.loaded) as inner:
                tasks.one()
        assert ({"one", "two"}, {"one", "two", "cached", "<lambda>"}) == (
            names(inner),
            {name for name in names(outer) if not name.endswith("<listcomp>")},
        )


def test_foreign_code_is_not_kept(tmp_path: Path) -> None:
    """Of Python's own modules and of installed ones nothing is noted."""
    with running(
        tmp_path, {"tasks.py": "import textwrap\ndef run():\n    return textwrap.dedent('a')\n"}
    ) as project:
        run = project.load().run
        assert {str(tmp_path / "tasks.py")} == {path for path, _, _ in seen_of(project, run).definitions}


def test_a_module_that_was_there_before_is_not_overlooked(tmp_path: Path) -> None:
    """What was imported before the loader came is seen by function where Python can, else it counts as a whole."""
    write(tmp_path, {"early.py": "def work():\n    return 1\n\ndef idle():\n    return 1\n"})
    with Imported(tmp_path):
        early = importlib.import_module("early")
        loaded = install([tmp_path])
        with watching(loaded) as seen:
            early.work()
        extra = extra_of(seen, Reader([tmp_path]), ())
        assert ("code:early:work" if sys.version_info >= (3, 12) else "code:early:<file>") in extra
        loaded.remove()


if sys.version_info >= (3, 12):  # Python 3.11 has no tools of this kind

    def test_where_other_tools_watch_modules_count_as_a_whole(tmp_path: Path) -> None:
        """When debuggers and profilers have taken all numbers, a note says so, and each module counts as a whole."""
        monitoring: Any = vars(sys)["monitoring"]
        with running(tmp_path, {"tasks.py": TASKS}) as project:
            tasks: Any = project.load()
            monitoring.use_tool_id(4, "other")
            assert {"one", "two"} == names(seen_of(project, tasks.one))
            monitoring.use_tool_id(3, "another")
            try:
                seen = seen_of(project, tasks.one)
            finally:
                monitoring.free_tool_id(3)
                monitoring.free_tool_id(4)
            assert ({str(tmp_path / "tasks.py")}, 1) == (seen.blind, len(seen.notes))
            extra = extra_of(seen, Reader([tmp_path]), ())
            assert ["code:tasks:<file>"] == list(extra)
            project.edit("tasks.py", "return two()", "return 2")
            assert {"code:tasks:<file>"} == project.outdated(extra)
