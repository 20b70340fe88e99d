"""Plain Luigi goes on working inside: its parameters, its external tasks, its settings, its targets."""

# ruff: noqa: DTZ001  # values and types as users write them

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import luigi
import pytest

from daicho import Task, output
from daicho.errors import ParameterError
from daicho.task.graph import build
from daicho.task.plain import complete, external, is_task, local_targets, own_fingerprint
from daicho.task.task import TaskMeta
from tests.task.conftest import Configure


class Color(enum.Enum):
    RED = 1


class CalledByText(Task):
    pass


def _with(parameter: Any) -> Any:
    return TaskMeta("Made", (Task,), {"x": parameter, "__module__": __name__})


PARAMETERS: list[tuple[Any, Any, Any, str]] = [
    (luigi.Parameter(), "a", "a", "a"),
    (luigi.IntParameter(), 3, 3, "3"),
    (luigi.FloatParameter(), 0.5, 0.5, "0.5"),
    (luigi.BoolParameter(), True, True, "true"),
    (luigi.DateParameter(), date(2024, 2, 29), date(2024, 2, 29), "2024-02-29"),
    (luigi.MonthParameter(), date(2024, 2, 29), date(2024, 2, 1), "2024-02"),
    (luigi.DateMinuteParameter(), datetime(2024, 2, 29, 1, 2), datetime(2024, 2, 29, 1, 2), "2024-02-29T0102"),
    (luigi.DateIntervalParameter(), luigi.date_interval.Month(2024, 2), luigi.date_interval.Month(2024, 2), "2024-02"),
    (luigi.TimeDeltaParameter(), timedelta(days=1), timedelta(days=1), "1d"),
    (luigi.ListParameter(), [1, [2]], (1, (2,)), "[1, [2]]"),
    (luigi.TupleParameter(), (1, 2), (1, 2), "(1, 2)"),
    (luigi.DictParameter(), {"a": [1]}, {"a": (1,)}, '{"a": [1]}'),
    (luigi.EnumParameter(enum=Color), Color.RED, Color.RED, "RED"),
    (luigi.EnumListParameter(enum=Color), (Color.RED,), (Color.RED,), "RED"),
    (luigi.ChoiceParameter(choices=["a", "b"]), "a", "a", "a"),
    (luigi.PathParameter(), "a/b", Path("a/b"), "a/b"),
    (luigi.OptionalIntParameter(), None, None, ""),
    (luigi.TaskParameter(), CalledByText, CalledByText, "CalledByText"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parameter", "given", "value", "text"), PARAMETERS, ids=[type(each[0]).__name__ for each in PARAMETERS]
)
def test_parameters_of_luigi_work(
    configure: Configure, parameter: Any, given: Any, value: Any, text: str
) -> None:
    """Each of Luigi's parameters takes its values by name, by position, and as text of the configuration."""
    made = _with(parameter)
    task = made(x=given)
    assert value == task.x
    assert task is made(given)
    configure(f"[Made]\nx = '''{text}'''\n")
    assert value == made().x
    assert task.task_id == made().task_id


@pytest.mark.parametrize(
    ("parameter", "toml", "value"),
    [
        (luigi.IntParameter(), "3", 3),
        (luigi.ListParameter(), "[1, 2]", (1, 2)),
        (luigi.DictParameter(), "{ a = 1 }", {"a": 1}),
        (luigi.DateParameter(), "2024-02-29", date(2024, 2, 29)),
        (luigi.BoolParameter(), "true", True),
        (luigi.FloatParameter(), "0.5", 0.5),
    ],
)
def test_parameters_of_luigi_take_toml(configure: Configure, parameter: Any, toml: str, value: Any) -> None:
    """A value of TOML is taken as what it is."""
    configure(f"[Made]\nx = {toml}\n")
    assert value == _with(parameter)().x


def test_text_that_luigi_does_not_take_is_refused(configure: Configure) -> None:
    """What a parameter of Luigi cannot parse is refused with class, attribute and line."""
    configure("[Made]\nx = 'three'\n")
    with pytest.raises(
        ParameterError, match=r"`Made.x` is 'three', which `IntParameter` does not take"
    ) as caught:
        _with(luigi.IntParameter())()
    assert "luigi.toml:2 (Made.x)" == str(caught.value.where)


def test_defaults_of_luigi_are_asked_for() -> None:
    """A default counts, and a missing value is named as for any other parameter."""
    assert 3 == _with(luigi.IntParameter(default=3))().x
    with pytest.raises(ParameterError, match=r"`Made.x` has no value"):
        _with(luigi.IntParameter())()


def test_insignificant_parameters_of_luigi_do_not_count() -> None:
    """`significant=False` means what it means in Luigi."""
    made = _with(luigi.IntParameter(significant=False))
    assert made(x=1).task_id == made(x=2).task_id


def test_settings_of_luigi_stay_what_they_are() -> None:
    """`priority`, `resources`, `task_namespace` and hooks are attributes as in any Luigi task."""

    class Urgent(Task):
        task_namespace = "now"
        priority = 5
        resources = {"gpu": 1}
        retry_count = 2

        def on_success(self) -> str:
            return "well"

    task = Urgent()
    assert (5, {"gpu": 1}, 2, "well") == (task.priority, task.resources, task.retry_count, task.on_success())
    assert task.task_id.startswith("now.Urgent_")
    assert [] == list(task.get_params())


def test_external_tasks_are_plain(tmp_path: Path) -> None:
    """An external task of Luigi is a dependency: its targets are known by where they lie."""

    class Outside(luigi.ExternalTask):
        def output(self) -> Any:
            return [luigi.LocalTarget(str(tmp_path / "a")), {"b": luigi.LocalTarget(str(tmp_path / "b"))}]

    class Elsewhere(luigi.ExternalTask):
        def output(self) -> Any:
            return [luigi.Target()]  # type: ignore[abstract]

        def fingerprint(self) -> str:
            return "v1"

    class Made(Task):
        outside: Outside

    task = Made.configured()
    graph = build(task)
    assert ["plain", "wrapper"] == [node.kind for node in graph.nodes.values()]
    assert external(task.outside)
    assert not complete(task.outside)
    assert [tmp_path / "a", tmp_path / "b"] == local_targets(task.outside)
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    assert complete(task.outside)
    assert None is own_fingerprint(task.outside)
    elsewhere: Any = Elsewhere
    assert "v1" == own_fingerprint(elsewhere())
    assert is_task(task)
    assert is_task(task.outside)
    assert not is_task(Made)


def test_luigi_sees_outputs_as_targets(configure: Configure, tmp_path: Path) -> None:
    """`output()` and `input()` give targets that exist when the result does."""

    class Writes(Task):
        table = output("table.csv")

        def run(self) -> None:
            self.table.save(1)

    class Reads(Task):
        def requires(self) -> Any:
            return Writes()

    target = Writes().output()["table"]
    assert not target.exists()
    runtime = configure()
    runtime.done = lambda task_id: task_id == Writes().task_id
    runtime.locate = lambda task, role: tmp_path / type(task).__name__ / role
    reads: Any = Reads()
    seen = reads.input()
    assert seen["table"].exists()
    assert str(tmp_path / "Writes" / "table") == seen["table"].path
    assert Writes().complete()
    assert not Reads().complete()
