"""The configuration against the classes: what no task takes is named before anything runs."""

from __future__ import annotations

from typing import Any

import luigi
import pytest
from pydantic import BaseModel

from daicho import Task, param
from daicho.errors import ConfigurationError
from daicho.task.check import check_sections
from tests.task.conftest import Configure


class Deep(BaseModel):
    options: dict[str, int] = {}


class Base(Task):
    seed: int = 0


class Trainer(Base):
    rate: float = 0.1
    options: dict[str, Any] = {}
    model: Deep = Deep()
    threads: int = param(default=1, significant=False)


class Spaced(Task):
    task_namespace = "my.ns"
    seed: int = 0


class Plain(luigi.Task):
    x = luigi.IntParameter(default=1)


TASKS: list[type[luigi.Task]] = [Trainer, Spaced, Plain]

GOOD = [
    "",
    "[Trainer]\nseed = 1\nrate = 0.5\nthreads = 2\n",
    "[Base]\nseed = 1\n",
    "[my.ns.Spaced]\nseed = 1\n",
    "['my.ns.Spaced']\nseed = 1\n",
    "[my]\n[my.ns]\n",
    "[Plain]\nx = 3\n",
    "[Plain]\nluigi_takes_anything = 3\n",
    "[Trainer]\noptions = { a = 1, b = { c = 2 } }\n",
    "[Trainer.options]\na = 1\n[Trainer.options.b]\nc = 2\n",
    "[Trainer.model.options]\na = 1\n",
    "[core]\nx = 1\n[PathConfig]\ny = 2\n[RunConfig]\ntask = 'Trainer'\n",
]


@pytest.mark.parametrize("toml", GOOD)
def test_what_a_task_takes_is_fine(configure: Configure, toml: str) -> None:
    """Parameters of tasks and of their bases, namespaces, tables that are values, Luigi's own sections."""
    check_sections(configure(toml).settings, TASKS)


BAD = [
    (
        "[Trainer]\nrate = 1\nsede = 3\n",
        "`Trainer` has no parameter `sede`\n  at luigi.toml:3 (Trainer.sede)\nhint: did you mean `seed`?",
    ),
    (
        "[Trianer]\nseed = 3\n",
        "there is no task `Trianer`\n  at luigi.toml:2 (Trianer.seed)\nhint: did you mean `Trainer`?",
    ),
    (
        "[Base]\nrate = 3\n",
        "`Base` has no parameter `rate`\n  at luigi.toml:2 (Base.rate)\nhint: there are: `seed`",
    ),
    (
        "[my.ns.Spacd]\nseed = 3\n",
        "there is no task `my.ns.Spacd`\n  at luigi.toml:2 (my.ns.Spacd.seed)\nhint: did you mean `my.ns.Spaced`?",
    ),
    (
        "[my.ns]\nseed = 3\n",
        (
            "`my.ns` is a namespace of tasks, and has no parameter `seed`\n  at luigi.toml:2 (my.ns.seed)\n"
            "hint: put it into the table of a task: [my.ns.TaskName]"
        ),
    ),
    (
        "[Trainer.optionz]\na = 1\n",
        "`Trainer` has no parameter `optionz`\n  at luigi.toml:1 (Trainer.optionz)\nhint: did you mean `options`?",
    ),
    (
        "[Task]\nseed = 1\n",
        (
            "there is no task `Task`\n  at luigi.toml:2 (Task.seed)\n"
            "hint: there are: `Base`, `Plain`, `Trainer`, `my.ns.Spaced`"
        ),
    ),
]


@pytest.mark.parametrize(("toml", "message"), BAD)
def test_what_no_task_takes_is_named(configure: Configure, toml: str, message: str) -> None:
    """A section or key that is nobody's is named with its line and the nearest that there is."""
    with pytest.raises(ConfigurationError) as caught:
        check_sections(configure(toml).settings, TASKS)
    assert message == str(caught.value)


@pytest.mark.parametrize("how", [{"overrides": ("Trainer.sede=1",)}, {"params": {"Trainer.sede": 1}}])
def test_overrides_are_checked_too(configure: Configure, how: dict[str, Any]) -> None:
    """A misspelt override is named like a misspelt key, wherever it came from."""
    with pytest.raises(ConfigurationError, match="`Trainer` has no parameter `sede`") as caught:
        check_sections(configure(**how).settings, TASKS)
    assert "(Trainer.sede)" in str(caught.value.where)


def test_where_not_all_tasks_are_known_a_section_may_be_somebody_s(configure: Configure) -> None:
    """With a part of the tasks only keys of known ones are checked."""
    check_sections(configure("[Somebody]\nseed = 1\n").settings, TASKS, complete=False)
    with pytest.raises(ConfigurationError, match="`Trainer` has no parameter `sede`"):
        check_sections(configure("[Trainer]\nsede = 1\n").settings, TASKS, complete=False)


def test_a_table_below_a_task_is_its_value(configure: Configure) -> None:
    """`[Trainer.model]` is the parameter `model` of Trainer."""
    configure("[Trainer.model.options]\na = 1\n[Trainer.options]\nb = 2\n")
    task = Trainer.configured()
    assert ({"a": 1}, {"b": 2}) == (task.model.options, task.options)
