"""Classes that cannot work are refused as they are written: each message as a person reads it."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import luigi
import pytest

from daicho import Output, Source, Task, output, source
from daicho.errors import DeclarationError, GraphError
from daicho.task.source import Source as Declared
from tests.task.making import task_with

HIDDEN = "would hide an attribute of that name that every Luigi task has"


def _declare(annotations: dict[str, Any] | None = None, /, **members: Any) -> Any:
    return task_with(int, x=0, __annotations__=annotations or {}, **members)


MESSAGES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "a source without a place",
        {"raw": "Source"},
        {},
        (
            "`Made.raw` is a source, but does not say where it lies\n"
            'hint: write `raw: Source = source("path/from/the/project")`'
        ),
    ),
    (
        "a source that is not declared",
        {"raw": Source},
        {"raw": Declared("a.csv")},
        (
            "`Made.raw` is a source, but does not say where it lies\n"
            'hint: write `raw: Source = source("path/from/the/project")`'
        ),
    ),
    (
        "a source without an annotation",
        {},
        {"raw": source("a.csv")},
        "`Made.raw` is a source without an annotation\nhint: write `raw: Source = source('a.csv')`",
    ),
    (
        "an output without a file",
        {"table": "Output[int]"},
        {},
        (
            "`Made.table` is an output, but does not say its file\n"
            'hint: write `table: Output[...] = output("file.csv")`'
        ),
    ),
    (
        "one file twice",
        {},
        {"a": output("x.csv"), "b": output("x.csv")},
        (
            "`Made.a` and `Made.b` are the same file, `x.csv`\n"
            "hint: give each output a name of its own (on some disks upper and lower case are one)"
        ),
    ),
    (
        "one file but for its case",
        {},
        {"a": output("x.csv"), "b": output("X.csv")},
        (
            "`Made.a` and `Made.b` are the same file, `X.csv`\n"
            "hint: give each output a name of its own (on some disks upper and lower case are one)"
        ),
    ),
    (
        "a file in a folder that is an output",
        {},
        {"plots": output("plots/"), "one": output("plots/one.png")},
        (
            "`Made.plots` and `Made.one` lie one in the other: `plots`, `plots/one.png`\n"
            "hint: give each output a file or folder of its own"
        ),
    ),
    (
        "a method of ours: output",
        {},
        {"output": lambda self: []},
        '`Made` overrides `output()`\nhint: declare outputs as attributes instead: `train = output("train.csv")`',
    ),
    (
        "a method of ours: input",
        {},
        {"input": lambda self: []},
        "`Made` overrides `input()`\nhint: read dependencies as attributes instead: `self.data.train.load()`",
    ),
    (
        "a method of ours: complete",
        {},
        {"complete": lambda self: True},
        (
            "`Made` overrides `complete()`\n"
            "hint: daicho decides by the ledger; for a task that always runs, set `cache = False`"
        ),
    ),
    (
        "a parameter that hides",
        {"requires": list[int]},
        {},
        f"`Made.requires` {HIDDEN}\nhint: choose another name, `requires_` for example",
    ),
]


@pytest.mark.parametrize(
    ("annotations", "members", "message"), [each[1:] for each in MESSAGES], ids=[each[0] for each in MESSAGES]
)
def test_a_mistake_is_named(annotations: dict[str, Any], members: dict[str, Any], message: str) -> None:
    """Each mistake names class and attribute, and says what to write instead."""
    with pytest.raises(DeclarationError) as caught:
        _declare(annotations, **members)
    assert message == str(caught.value)


NAMES = [
    *(
        "run",
        "requires",
        "output",
        "input",
        "complete",
        "deps",
        "clone",
        "task_id",
        "param_kwargs",
        "task_family",
    ),
    *(
        "get_params",
        "on_failure",
        "process_resources",
        "initialized",
        "configured",
        "dependencies",
        "to_str_params",
    ),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "declare",
    [
        lambda name: _declare({name: int}),
        lambda name: _declare({name: "int"}, **{name: 3}),
        lambda name: _declare(**{name: output("a.csv")}),
        lambda name: _declare({name: Source}, **{name: source("a.csv")}),
        lambda name: _declare(**{name: luigi.IntParameter()}),
        lambda name: _declare(**{name: 3}),
    ],
    ids=["annotation", "default", "output", "source", "luigi parameter", "value"],
)
def test_what_luigi_needs_is_not_hidden(name: str, declare: Any) -> None:
    """No parameter, output, source or plain value may take a name that every task needs."""
    with pytest.raises(DeclarationError, match=rf"`Made.{name}` {HIDDEN}"):
        declare(name)


@pytest.mark.parametrize(
    "name", ["priority", "resources", "version", "cache", "owner_email", "disabled", "batchable"]
)
def test_a_setting_is_no_parameter(name: str) -> None:
    """A name that means a setting to Luigi or to us cannot be a parameter of ours."""
    with pytest.raises(DeclarationError, match=HIDDEN):
        _declare({name: int})


def test_our_settings_are_plain_attributes() -> None:
    """`version` and `cache` are set like any attribute of a class."""
    made = _declare(version="2", cache=False)
    assert ("2", False) == (made().version, made().cache)
    assert ("", True) == (Task.version, Task.cache)


def test_constants_are_no_parameters() -> None:
    """`ClassVar`, `Final`, methods, properties and names without annotation are left alone."""

    class Plain(Task):
        LIMIT: ClassVar[int] = 3
        NAME: Final = "a"
        other = [1]

        @property
        def double(self) -> int:
            return 2 * self.LIMIT

        def helper(self) -> str:
            return self.NAME

    assert [] == Plain.get_params()
    task = Plain()
    assert (3, "a", [1], 6, "a") == (task.LIMIT, task.NAME, task.other, task.double, task.helper())


def test_a_type_whose_name_ends_like_luigi_s_is_a_type() -> None:
    """A model of the user's called `…Parameter` is a type like any other."""
    made = _declare({"rate": "RateParameter"}, __module__=__name__)
    assert 0.5 == made(rate=RateParameter(0.5)).rate


class RateParameter(float):
    """A number of the user's."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.is_instance_schema(cls)


def test_names_are_taken_by_nobody_twice() -> None:
    """A subclass may declare a parameter again, with another type or default."""

    class First(Task):
        x: int = 1

    class Second(First):
        x: str = "a"  # type: ignore[assignment]

    assert ("a", 1) == (Second().x, First().x)
    assert ["x"] == [name for name, _ in Second.get_params()]


def test_an_output_may_be_annotated_again() -> None:
    """A subclass may tell a type checker more of an output that it inherits."""

    class First(Task):
        table = output("a.json")

    class Second(First):
        table: Output[int]

    assert "a.json" == Second.configured().table.name


def _ring(*names: str) -> list[Any]:
    return [
        task_with(f"Ring{second}", f"Ring{first}")
        for first, second in zip(names, (*names[1:], names[0]), strict=True)
    ]


def test_classes_in_a_ring_are_refused() -> None:
    """Two classes that need each other could never be built: the error shows the ring."""
    one, other = _ring("One", "Two")
    with pytest.raises(GraphError) as caught:
        one()
    assert "tasks depend on each other in a ring: `RingOne` -> `RingTwo` -> `RingOne`" == caught.value.message
    assert ("one of them has to do without another's output",) == caught.value.hints
    with pytest.raises(GraphError, match=r"`RingTwo` -> `RingOne` -> `RingTwo`"):
        other()


def test_a_class_that_needs_itself_is_refused() -> None:
    """A class whose dependency is its own class has no first instance."""
    (alone,) = _ring("Alone")
    with pytest.raises(GraphError, match=r"`RingAlone` -> `RingAlone`"):
        alone()


def test_a_ring_below_is_shown_by_itself() -> None:
    """What merely leads to a ring is not shown as part of it."""
    one, *_ = _ring("A", "B", "C")
    with pytest.raises(GraphError, match=re.escape("ring: `RingA` -> `RingB` -> `RingC` -> `RingA`")):
        task_with(one, "Above")()


class Follows(Task):
    number: int
    before: Follows | None = None


def test_an_optional_dependency_on_itself_is_no_ring() -> None:
    """A task may follow another of its class, where the first follows none."""
    last = Follows(number=2, before=Follows(number=1))
    assert 1 == (last.before.number if last.before else None)
