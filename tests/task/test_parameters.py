"""Parameters of every type: strict for what code gives, lax for TOML and text, and a sentence for what is refused."""

# ruff: noqa: DTZ001, UP007, UP045  # values and types as users write them

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from daicho.errors import DaichoError, DeclarationError, ParameterError
from tests.strategies import JSON
from tests.task.conftest import Configure
from tests.task.making import task_with


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Optimizer(BaseModel):
    name: str
    rates: list[float] = [0.1]


class Model(BaseModel):
    depth: int = 3
    optimizer: Optimizer = Optimizer(name="adam")


@dataclass(frozen=True)
class Point:
    x: int
    tags: list[str]


class Pair(NamedTuple):
    one: int
    other: list[str]


class Unknown:
    """A class of which nobody knows how it is checked or written."""


MODEL = Model(depth=4, optimizer=Optimizer(name="sgd", rates=[1.0, 2.0]))

GOOD_IN_CODE: list[tuple[Any, Any]] = [
    (int, 3),
    (int, -(2**70)),
    (float, 0.5),
    (str, ""),
    (str, "a"),
    (bool, True),
    (date, date(2024, 2, 29)),
    (datetime, datetime(2024, 2, 29, 12, tzinfo=UTC)),
    (Color, Color.RED),
    (Level, Level.LOW),
    (Literal["a", "b", 3], 3),
    (Optional[int], None),
    (Optional[int], 3),
    (int | None, None),
    (Union[int, str], "a"),
    (int | float, 1),
    (int | float, 1.0),
    (list[str], ["a", "b"]),
    (list[list[int]], [[1], []]),
    (tuple[int, str], (1, "a")),
    (tuple[int, ...], (1, 2, 3)),
    (tuple[list[int], ...], ([1], [2])),
    (set[str], {"a", "b"}),
    (frozenset[int], frozenset({1})),
    (dict[str, float], {"a": 0.5}),
    (dict[str, list[int]], {"a": [1]}),
    (dict[int, str], {1: "a"}),
    (Path, Path("a/b")),
    (Model, MODEL),
    (list[Model], [MODEL]),
    (dict[str, Model | None], {"a": MODEL, "b": None}),
    (Point, Point(1, ["a"])),
    (Pair, Pair(1, ["a"])),
    (Annotated[int, Field(gt=0)], 1),
    (Any, 3),
    (Any, [1, {"a": None}]),
]


@pytest.mark.parametrize(("kind", "value"), GOOD_IN_CODE)
def test_a_value_of_its_type_is_taken_as_it_is(kind: Any, value: Any) -> None:
    """What code gives and is of the type stays equal, and of the same class."""
    task = task_with(kind)(x=value)
    assert value == task.x
    assert isinstance(task.x, type(value))


@pytest.mark.parametrize(("kind", "value"), GOOD_IN_CODE)
def test_a_value_of_a_task_can_be_given_to_another(kind: Any, value: Any) -> None:
    """A parameter passed on is the same parameter, frozen or not."""
    first = task_with(kind)
    again = first(x=first(x=value).x)
    assert first(x=value) is again
    assert value == again.x


@pytest.mark.parametrize(("kind", "value"), GOOD_IN_CODE)
def test_a_default_is_a_value_in_code(kind: Any, value: Any) -> None:
    """A class's own value is the same as one that is given."""
    made = task_with(kind, x=value)
    assert value == made().x
    assert made(x=value) is made()


BAD_IN_CODE: list[tuple[Any, Any, str]] = [
    (int, "3", "must be a valid integer"),
    (int, 3.0, "must be a valid integer"),
    (int, True, "must be a valid integer"),
    (int, None, "must be a valid integer"),
    (float, "0.5", "must be a valid number"),
    (float, True, "must be a valid number"),
    (str, 3, "must be a valid string"),
    (str, b"a", "must be a valid string"),
    (str, None, "must be a valid string"),
    (bool, 1, "must be a valid boolean"),
    (bool, "true", "must be a valid boolean"),
    (date, "2024-02-29", "must be a valid date"),
    (date, datetime(2024, 2, 29), "must be a valid date"),
    (Color, "red", "must be an instance of Color"),
    (Level, 1, "must be an instance of Level"),
    (Literal["a", "b"], "c", "must be 'a' or 'b'"),
    (Optional[int], "3", "must be a valid integer"),
    (list[str], ("a",), "must be a valid list"),
    (list[str], "a", "must be a valid list"),
    (list[str], ["a", 3], "1: must be a valid string"),
    (list[str], {"a"}, "must be a valid list"),
    (tuple[int, str], [1, "a"], "must be a valid tuple"),
    (dict[str, float], [("a", 1.0)], "must be a valid dictionary"),
    (dict[str, float], {"a": "b"}, "a: must be a valid number"),
    (Path, "a", "must be an instance of Path"),
    (Model, {"depth": "3"}, "depth: must be a valid integer"),
    (Model, 3, "must be a valid dictionary or instance of Model"),
    (Annotated[int, Field(gt=0)], 0, "greater than 0"),
]


@pytest.mark.parametrize(("kind", "value", "reason"), BAD_IN_CODE)
def test_a_value_of_another_type_is_refused_in_code(kind: Any, value: Any, reason: str) -> None:
    """What code gives is not converted: it is refused by the name of class and attribute, with value and reason."""
    with pytest.raises(ParameterError, match=reason) as caught:
        task_with(kind)(x=value)
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    assert caught.value.message.startswith(f"`Made.x` is {shown}, but its type is `")


@pytest.mark.parametrize(("kind", "value", "reason"), BAD_IN_CODE)
def test_a_default_of_another_type_is_refused(kind: Any, value: Any, reason: str) -> None:
    """A class's own value must be of the type, too; the error names class and attribute."""
    with pytest.raises(DeclarationError, match=reason) as caught:
        task_with(kind, x=value)()
    assert caught.value.message.startswith("the default of `Made.x` is ")


GOOD_IN_TOML: list[tuple[Any, str, Any]] = [
    (int, "3", 3),
    (int, '"3"', 3),
    (int, "3.0", 3),
    (float, "1", 1.0),
    (float, '"0.5"', 0.5),
    (str, '"a"', "a"),
    (bool, "true", True),
    (bool, '"yes"', True),
    (date, "2024-02-29", date(2024, 2, 29)),
    (date, '"2024-02-29"', date(2024, 2, 29)),
    (Color, '"red"', Color.RED),
    (Level, "1", Level.LOW),
    (Literal["a", 3], "3", 3),
    (Optional[int], "3", 3),
    (list[str], '["a"]', ["a"]),
    (list[float], "[1, 0.5]", [1.0, 0.5]),
    (tuple[int, str], '[1, "a"]', (1, "a")),
    (set[int], "[1, 2, 1]", {1, 2}),
    (dict[str, float], "{ a = 1 }", {"a": 1.0}),
    (dict[int, str], '{ 1 = "a" }', {1: "a"}),
    (Path, '"a/b"', Path("a/b")),
    (Model, "{ depth = 4, optimizer = { name = 'sgd', rates = [1, 2] } }", MODEL),
    (list[Model], "[{ depth = 4, optimizer = { name = 'sgd', rates = [1, 2] } }]", [MODEL]),
    (Point, "{ x = 1, tags = ['a'] }", Point(1, ["a"])),
    (Any, "[1, 'a', { b = true }]", [1, "a", {"b": True}]),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD_IN_TOML)
def test_toml_is_read_by_the_type(configure: Configure, kind: Any, text: str, value: Any) -> None:
    """A value in the configuration becomes the same value that code would give."""
    configure(f"[Made]\nx = {text}\n")
    made = task_with(kind)
    assert value == made().x
    assert type(value) is type(made().x) or isinstance(made().x, type(value))
    assert made(x=value) is made()


GOOD_AS_TEXT: list[tuple[Any, str, Any]] = [
    (int, "3", 3),
    (float, "1e-3", 0.001),
    (float, "1", 1.0),
    (str, "3", "3"),
    (str, "", ""),
    (str, "none", "none"),
    (str, "a=b.c d", "a=b.c d"),
    (bool, "false", False),
    (bool, "True", True),
    (date, "2024-02-29", date(2024, 2, 29)),
    (Color, "blue", Color.BLUE),
    (Level, "2", Level.HIGH),
    (Literal["a", 3], "a", "a"),
    (Literal["a", 3], "3", 3),
    (Optional[int], "none", None),
    (Optional[int], "None", None),
    (Optional[int], "null", None),
    (Optional[int], "3", 3),
    (int | None, "None", None),
    (list[int], "[1, 2]", [1, 2]),
    (list[str], '["a", "b"]', ["a", "b"]),
    (tuple[int, ...], "[1]", (1,)),
    (dict[str, int], "{a = 1}", {"a": 1}),
    (Path, "a/b", Path("a/b")),
    (Model, "{depth = 4, optimizer = {name = 'sgd', rates = [1, 2]}}", MODEL),
    (Any, "3", 3),
    (Any, "word", "word"),
]


@pytest.mark.parametrize(("kind", "text", "value"), GOOD_AS_TEXT)
def test_text_is_read_by_the_type(configure: Configure, kind: Any, text: str, value: Any) -> None:
    """A value of the command line is parsed by the type; lists and tables are written as in TOML."""
    configure(overrides=(f"Made.x={text}",))
    made = task_with(kind)
    assert (type(value), value) == (type(made().x), made().x) or isinstance(made().x, list | dict | Model)
    assert made(x=value) is made()


BAD_AS_TEXT: list[tuple[Any, str]] = [
    (int, "three"),
    (int, "3.5"),
    (int, ""),
    (float, "x"),
    (bool, "2"),
    (date, "29.2.2024"),
    (Color, "green"),
    (Literal["a", 3], "b"),
    (list[int], "1, 2"),
    (list[int], "['a']"),
    (dict[str, int], "{a}"),
    (Model, "{depth = 'deep'}"),
]


@pytest.mark.parametrize(("kind", "text"), BAD_AS_TEXT)
def test_text_that_does_not_fit_is_refused(configure: Configure, kind: Any, text: str) -> None:
    """A text that is no value of the type is refused with what was written, where, and the type."""
    configure(overrides=(f"Made.x={text}",))
    with pytest.raises(ParameterError) as caught:
        task_with(kind)()
    assert caught.value.message.startswith(f'`Made.x` is "{text}", but its type is `')
    assert "command line (Made.x)" == str(caught.value.where)


@pytest.mark.parametrize(
    ("toml", "kind", "message"),
    [
        (
            "x = 'a'",
            int,
            '`Made.x` is "a", but its type is `int`: must be a valid integer, unable to parse string as an integer',
        ),
        ("x = 1.5", int, "`Made.x` is 1.5, but its type is `int`: must be a valid integer, got a number with a fractional part"),
        ("x = ['a', 1]", list[str], "`Made.x` is ['a', 1], but its type is `list[str]`: 1: must be a valid string"),
        ("x = 'c'", Literal["a", "b"], "`Made.x` is \"c\", but its type is `Literal['a', 'b']`: must be 'a' or 'b'"),
        ("x = 'green'", Color, '`Made.x` is "green", but its type is `Color`: must be \'red\' or \'blue\''),
        ("x = 2", Optional[bool], "`Made.x` is 2, but its type is `Optional[bool]`: must be a valid boolean, unable to interpret input"),
        ("x = { depth = 'a' }", Model, "`Made.x` is {'depth': 'a'}, but its type is `Model`: depth: must be a valid integer, unable to parse string as an integer"),
        ("x = { optimizer = {} }", Model, "`Made.x` is {'optimizer': {}}, but its type is `Model`: optimizer.name: Field required"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(configure: Configure, toml: str, kind: Any, message: str) -> None:
    """The message for a person: what was written, what was wanted, where inside it, and the line."""
    configure(f"[Made]\n{toml}\n")
    with pytest.raises(ParameterError) as caught:
        task_with(kind)()
    assert message == caught.value.message
    assert "luigi.toml:2 (Made.x)" == str(caught.value.where)


@pytest.mark.parametrize("kind", [Unknown, list[Unknown], "Unknown"])
def test_a_type_that_cannot_be_checked_is_a_mistake_of_the_class(kind: Any) -> None:
    """A type without rules is refused by class and attribute, with what may be used instead."""
    made = task_with(kind, __module__=__name__)
    with pytest.raises(DeclarationError, match=r"`Made.x` has a type that no parameter can have") as caught:
        made(x=Unknown())
    assert "pydantic models" in caught.value.hints[0]


@pytest.mark.parametrize("annotation", ["NoSuchName", "list[NoSuchName]", "3 +", "int["])
def test_an_annotation_that_means_nothing_is_a_mistake_of_the_class(annotation: str) -> None:
    """An annotation that cannot be evaluated is refused by class and attribute when it is first needed."""
    with pytest.raises(DeclarationError, match=r"the annotation of `Made.x` cannot be understood") as caught:
        task_with(annotation)(x=3)
    assert caught.value.hints


@pytest.mark.parametrize("value", [object(), [object()], {"a": {1: object()}}, len])
def test_what_cannot_be_part_of_a_key_is_refused(value: Any) -> None:
    """A value that cannot be told from another is refused by class and attribute, also where anything is allowed."""
    with pytest.raises(ParameterError, match=r"`Made.x`: .*cannot be part of a key"):
        task_with(Any)(x=value)


def test_a_dataclass_that_can_change_is_refused() -> None:
    """A dataclass must be frozen to be a parameter, and the message says how."""

    @dataclass
    class Loose:
        x: int

    with pytest.raises(ParameterError, match=r"write `@dataclass\(frozen=True\)` on `.*Loose`"):
        task_with(Loose)(x=Loose(1))


def test_a_missing_value_says_where_to_put_it() -> None:
    """A parameter without a value names class and attribute, and both places where it can be given."""
    with pytest.raises(ParameterError) as caught:
        task_with(int)()
    assert "`Made.x` has no value" == caught.value.message
    assert ("set it in luigi.toml: [Made] x = …", "or on the command line: Made.x=…") == caught.value.hints


def test_unknown_and_positional_arguments_are_refused() -> None:
    """A misspelt name is refused with the nearest, a value without a name with how to give it."""
    made = task_with(int, y_axis=3, __annotations__={"x": "int", "y_axis": "int"})
    with pytest.raises(ParameterError, match=r"`Made` has no parameter `y_axes`") as caught:
        made(x=1, y_axes=3)
    assert ("did you mean `y_axis`?",) == caught.value.hints
    with pytest.raises(ParameterError, match=r"takes 0 positional arguments, not 1") as caught:
        made(1)
    assert "Task(parameter=value)" in caught.value.hints[0]


@given(JSON)
def test_anything_that_json_knows_is_kept(value: Any) -> None:
    """A parameter of any type keeps every value of JSON as it is."""
    assert value == task_with(Any)(x=value).x


@given(st.lists(st.integers() | st.text() | st.floats(allow_nan=False)))
def test_wrong_items_are_found_wherever_they_stand(items: list[Any]) -> None:
    """A list is taken exactly if all its items are of the type."""
    made = task_with(list[int])
    if all(type(item) is int for item in items):
        assert items == made(x=items).x
    else:
        with pytest.raises(DaichoError):
            made(x=items)
