"""Identity: one object for one meaning, ids that tell all that counts and are the same everywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daicho import Task, param
from daicho.digest import of_value
from tests.strategies import JSON, NAMES
from tests.task.conftest import Configure
from tests.task.making import task_with

ROOT = Path(__file__).parents[2]


class Trainer(Task):
    seed: int = 0
    rates: list[float] = [0.1]
    threads: int = param(default=4, significant=False)


class Chain(Task):
    value: Any = None
    after: Chain | None = None


def test_one_meaning_is_one_object(configure: Configure) -> None:
    """Two ways to say the same give one object, within one launch."""
    first = Trainer(rates=[0.5], seed=0)
    assert first is Trainer(seed=0, rates=[0.5]) is Trainer(rates=[0.5]) is Trainer(rates=[0.5], threads=4)
    configure()
    assert first is not Trainer(rates=[0.5])
    assert first == Trainer(rates=[0.5])
    assert hash(first) == hash(Trainer(rates=[0.5]))


@pytest.mark.parametrize("kind", [Any, "int | float | bool | str"])
def test_one_and_one_point_nought_and_true_never_meet(kind: Any) -> None:
    """Values that compare equal and are of other types are other tasks, in whichever order they come."""
    made = task_with(kind)
    for values in ((1, 1.0, True, "1"), (True, 1.0, 1)):
        tasks = [made(x=value) for value in values]
        assert [type(value) for value in values] == [type(task.x) for task in tasks]
        assert len(values) == len({task.task_id for task in tasks}) == len(set(map(id, tasks)))


def test_a_type_decides_what_is_one_value() -> None:
    """Where the type is float, 1 and 1.0 are one value; values inside lists are told apart like others."""
    made = task_with(float)
    assert made(x=1) is made(x=1.0)
    assert float is type(made(x=1).x)
    nested = task_with(Any)
    assert 3 == len({nested(x=[value]).task_id for value in (1, 1.0, True)})


def test_what_does_not_count_is_not_in_the_id() -> None:
    """Two instances that differ in an insignificant parameter alone are two objects with one id."""
    one, other = Trainer(threads=1), Trainer(threads=2)
    assert one is not other
    assert (1, 2) == (one.threads, other.threads)
    assert one.task_id == other.task_id


@given(JSON, JSON)
def test_other_values_are_other_ids(one: Any, other: Any) -> None:
    """Two tasks have one id exactly if their values are the same, type by type."""
    made = task_with(Any)
    assert (of_value(one) == of_value(other)) is (made(x=one).task_id == made(x=other).task_id)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_ids_tell_what_tasks_are_made_of(values: list[Any]) -> None:
    """A task whose dependency has another value is another task, at any depth."""

    def chain(items: list[Any]) -> Chain:
        task = Chain()
        for item in items:
            task = Chain(value=item, after=task)
        return task

    assert chain(values) is chain(values)
    assert chain(values).task_id != chain([*values, None]).task_id
    changed = [["changed", values[0]], *values[1:]]
    assert chain(values).task_id != chain(changed).task_id


@given(NAMES, NAMES)
def test_the_family_is_in_the_id(one: str, other: str) -> None:
    """Classes of other names make other ids of the same values."""
    ids = {task_with(int, name.upper())(x=1).task_id for name in (one, other)}
    assert len({one, other}) == len(ids)


def test_an_id_is_the_family_and_96_bits() -> None:
    """An id can be read: the family, and 24 hexadecimal digits."""
    assert re.fullmatch(r"Trainer_[0-9a-f]{24}", Trainer().task_id)
    assert str(Trainer()) == repr(Trainer()) == Trainer().task_id


def test_ids_stay_what_they_are() -> None:
    """Ids stand in everybody's ledgers: this one has not changed."""
    assert GOLDEN == Trainer(seed=3, rates=[0.1, 1]).task_id


GOLDEN = "Trainer_c7d932a57df69c7b95111010"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_ids_are_the_same_in_every_process(seed: str, tmp_path: Path) -> None:
    """Neither the process nor its hash seed is in an id."""
    script = (
        "from tests.task.test_identity import *\n"
        "from daicho.runtime import activate\n"
        "from daicho.task.runtime import ProjectRuntime\n"
        "from daicho.config.settings import Settings\n"
        "with activate(ProjectRuntime(Path(), Settings())):\n"
        "    print(task_with('set[str]')(x=set('abcdef')), Chain(value={'b': 1, 'a': [2]}, after=Chain()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    here = [task_with("set[str]")(x=set("fedcba")), Chain(value={"a": [2], "b": 1}, after=Chain())]
    assert [task.task_id for task in here] == done.stdout.split()


def test_a_named_tuple_is_a_value_like_others() -> None:
    """A named tuple can be a parameter, and its values count."""
    from tests.task.test_parameters import Pair

    made = task_with(Pair)
    assert made(x=Pair(1, [])) is made(x=Pair(1, []))
    assert made(x=Pair(1, [])) is not made(x=Pair(2, []))
