"""Tasks on their way to another process: as names and values, and the same tasks when they arrive."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import luigi
import pytest
from hypothesis import given

from daicho import Source, Task, param, source
from daicho.errors import DeclarationError, InternalError
from daicho.task.spec import Spec, describe, rebuild
from tests.strategies import PLAIN
from tests.task.conftest import Configure
from tests.task.test_parameters import GOOD_IN_CODE, MODEL, Color, Model, Pair, Point

ROOT = Path(__file__).parents[2]


class Anything(Task):
    x: Any = None
    threads: int = param(default=1, significant=False)


class Typed(Task):
    day: date = date(2024, 2, 29)
    color: Color = Color.RED
    model: Model = MODEL
    names: set[str] = {"a", "b"}
    point: Point = Point(1, ["a"])
    pair: Pair = Pair(1, ["b"])
    path: Path = Path("a/b")
    grid: dict[str, list[float]] = {"a": [1, 2]}
    raw: Source = source("a.csv")


class Whole(Task):
    one: Typed
    many: list[luigi.Task] = []
    named: dict[str, Task] = {}
    pair: tuple[Task, int] | None = None


class Plain(luigi.Task):
    numbers = luigi.ListParameter(default=(1,))
    day = luigi.DateIntervalParameter(default=luigi.date_interval.Month(2024, 2))


class Outer:
    class Inner(Task):
        x: int = 1


def _whole() -> Whole:
    leaf = Anything(x={"b": [1, 2.0, None], "a": True})
    plain: Any = Plain
    inner = Whole(one=Typed(), many=[leaf, plain()])
    return Whole(one=Typed(color=Color.BLUE), many=[inner, leaf], named={"x": inner}, pair=(Outer.Inner(), 3))


def _there_and_back(task: luigi.Task, configure: Configure) -> luigi.Task:
    """The task as it arrives in a launch that knows no instance yet."""
    specs: list[Spec] = pickle.loads(pickle.dumps(describe(task, set())))
    configure()
    instances: dict[str, luigi.Task] = {}
    rebuild(specs, instances)
    return instances[task.task_id]


def test_a_task_arrives_with_all_that_it_holds(configure: Configure) -> None:
    """Values of every type, dependencies in attributes, lists, dicts and tuples: the same ids, other objects."""
    sent = _whole()
    got = _there_and_back(sent, configure)
    assert isinstance(got, Whole)
    assert sent is not got
    assert sent == got
    assert sent.dependencies() == got.dependencies()
    assert got.many[1] is got.many[0].many[0]  # type: ignore[attr-defined]
    assert sent.one.param_kwargs == got.one.param_kwargs


@given(PLAIN)
def test_any_value_arrives(value: Any) -> None:
    """A task with any plain value is the same task when it arrives."""
    sent = Anything(x=value)
    instances: dict[str, luigi.Task] = {}
    rebuild(pickle.loads(pickle.dumps(describe(sent, set()))), instances)
    assert value == instances[sent.task_id].x  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", range(len(GOOD_IN_CODE)))
def test_every_type_arrives(configure: Configure, place: int) -> None:
    """Every type that a parameter may have arrives as the same value."""
    _, value = GOOD_IN_CODE[place]
    got = _there_and_back(Anything(x=value), configure)
    assert value == got.x  # type: ignore[attr-defined]


def test_what_does_not_count_arrives_too(configure: Configure) -> None:
    """An insignificant parameter reaches `run()`, wherever that is."""
    got = _there_and_back(Anything(threads=7), configure)
    assert 7 == got.threads  # type: ignore[attr-defined]


def test_values_do_not_come_from_configuration_again(configure: Configure) -> None:
    """What was decided where the launch began holds, whatever the receiver's configuration says."""
    specs = describe(Anything(x=1), set())
    configure("[Anything]\nx = 2\nthreads = 3\n")
    instances: dict[str, luigi.Task] = {}
    rebuild(specs, instances)
    (got,) = instances.values()
    assert (1, 1) == (got.x, got.threads)  # type: ignore[attr-defined]


def test_needed_tasks_come_first_and_once() -> None:
    """Each task is described once, after all that is among its values."""
    specs = describe(_whole(), set())
    ids = [spec.task_id for spec in specs]
    assert len(ids) == len(set(ids))
    assert _whole().task_id == ids[-1]
    rebuild(specs, {})


def test_what_the_receiver_knows_is_not_sent_again() -> None:
    """A second task brings only what is new, and `known` is kept."""
    known: set[str] = set()
    first = Whole(one=Typed())
    assert {Typed().task_id, first.task_id} == {spec.task_id for spec in describe(first, known)} == known
    second = Whole(one=Typed(), many=[first])
    assert [second.task_id] == [spec.task_id for spec in describe(second, known)]
    assert [] == describe(second, known)


def test_a_long_chain_is_described() -> None:
    """Ten thousand tasks, each the value of the next, are described and rebuilt without recursion."""
    task = Anything()
    for _ in range(10_000):
        task = Anything(x=task)
    specs = describe(task, set())
    assert 10_001 == len(specs)
    instances: dict[str, luigi.Task] = {}
    rebuild(specs, instances)
    assert task is instances[task.task_id]


_RECEIVER = """
import pickle, sys
from pathlib import Path
from daicho.config.settings import Settings
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime
from daicho.task.spec import rebuild
instances = {}
with activate(ProjectRuntime(Path(), Settings())):
    rebuild(pickle.load(sys.stdin.buffer), instances)
print(*instances)
"""


def test_another_process_builds_the_same_tasks(tmp_path: Path) -> None:
    """In another process, with another hash seed, the same tasks come out."""
    specs = describe(_whole(), set())
    paths = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", _RECEIVER],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": paths},
        cwd=tmp_path,
        input=pickle.dumps(specs),
        capture_output=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr.decode()
    assert [spec.task_id for spec in specs] == done.stdout.decode().split()


_MAIN = """
import pickle, subprocess, sys
from pathlib import Path
from daicho import Task
from daicho.config.settings import Settings
from daicho.runtime import activate
from daicho.task.runtime import ProjectRuntime
from daicho.task.spec import describe

class Mine(Task):
    x: int = 3

if __name__ == "__main__":
    with activate(ProjectRuntime(Path(), Settings())):
        specs = describe(Mine(), set())
    done = subprocess.run([sys.executable, "-c", sys.argv[1]], input=pickle.dumps(specs), capture_output=True)
    print(specs[0].task_id, done.stdout.decode(), done.stderr.decode())
"""


def test_a_class_of_the_main_program_is_found_again(tmp_path: Path) -> None:
    """A task of the script that was started is loaded from its file, without starting the script anew."""
    script = tmp_path / "my_script.py"
    script.write_text(_MAIN)
    done = subprocess.run(
        [sys.executable, str(script), _RECEIVER],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    sent, *got = done.stdout.split()
    assert [sent] == got


def test_a_class_in_a_function_cannot_travel() -> None:
    """A class that another process cannot find by name is refused with what to do."""

    class Local(Task):
        pass

    with pytest.raises(DeclarationError, match=r"`.*<locals>.Local` is defined inside a function") as caught:
        describe(Local(), set())
    assert (
        "move the class to the top of its module",
        "or run in this process: --inline",
    ) == caught.value.hints


def test_a_task_that_arrives_as_another_is_noticed() -> None:
    """Where the receiver's class makes another task of the same values, nothing is run by mistake."""
    (spec,) = describe(Anything(x=1), set())
    with pytest.raises(InternalError, match="arrived in the worker as another task") as caught:
        rebuild([Spec("Anything_0", spec.module, spec.qualname, spec.values)], {})
    assert caught.value.hints
