"""Values of parameters are frozen: they look like what they were, hash, travel, and refuse change with a sentence."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from pydantic import BaseModel, ConfigDict, Field, RootModel

from daicho import Task
from daicho.task.values import freeze, thaw
from tests.strategies import PLAIN
from tests.task.making import task_with


class Inner(BaseModel):
    rates: list[float] = []


class Model(BaseModel):
    inner: Inner = Inner()
    name: str = "a"

    @property
    def shout(self) -> str:
        return self.name.upper()


class Derived(BaseModel):
    a: int
    twice: int = 0

    def model_post_init(self, _: Any, /) -> None:
        self.twice += 2 * self.a


class Aliased(BaseModel):
    rate: float = Field(alias="learning-rate")


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = 0


class Numbers(RootModel[list[int]]):
    pass


@dataclass(frozen=True)
class Point:
    x: int
    tags: list[str]


class Pair(NamedTuple):
    one: int
    other: list[str]


class Selecting(Task):
    columns: list[str]
    options: dict[str, list[int]] = {"a": [1]}
    names: set[str] = {"x"}
    model: Model = Model()


def test_a_list_selects_columns() -> None:
    """`df[self.columns]` works with pandas: the list is a list, not a tuple, which would be one key."""
    import pandas as pd

    table = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    task = Selecting(columns=["c", "a"])
    assert ["c", "a"] == list(table[task.columns].columns)
    assert ["b"] == list(table.drop(columns=task.columns).columns)
    assert ["c", "a"] == list(table.groupby(task.columns).sum().index.names)


CHANGES: list[tuple[str, Callable[[Any], object]]] = [
    ("append", lambda task: task.columns.append("b")),
    ("extend", lambda task: task.columns.extend(["b"])),
    ("insert", lambda task: task.columns.insert(0, "b")),
    ("remove", lambda task: task.columns.remove("a")),
    ("pop", lambda task: task.columns.pop()),
    ("clear", lambda task: task.columns.clear()),
    ("sort", lambda task: task.columns.sort()),
    ("reverse", lambda task: task.columns.reverse()),
    ("list[i] =", lambda task: task.columns.__setitem__(0, "b")),
    ("del list[i]", lambda task: task.columns.__delitem__(0)),
    ("list +=", lambda task: task.columns.__iadd__(["b"])),
    ("list *=", lambda task: task.columns.__imul__(2)),
    ("update", lambda task: task.options.update(b=[])),
    ("setdefault", lambda task: task.options.setdefault("b", [])),
    ("dict.pop", lambda task: task.options.pop("a")),
    ("popitem", lambda task: task.options.popitem()),
    ("dict.clear", lambda task: task.options.clear()),
    ("dict[k] =", lambda task: task.options.__setitem__("b", [])),
    ("del dict[k]", lambda task: task.options.__delitem__("a")),
    ("dict |=", lambda task: task.options.__ior__({"b": []})),
    ("nested", lambda task: task.options["a"].append(2)),
    ("set.add", lambda task: task.names.add("y")),
    ("set |=", lambda task: task.names.__ior__({"y"})),
    ("set.discard", lambda task: task.names.discard("x")),
    ("set.difference_update", lambda task: task.names.difference_update({"x"})),
    ("list of a model", lambda task: task.model.inner.rates.append(1.0)),
]


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_a_change_is_refused_with_a_sentence(change: Callable[[Any], object]) -> None:
    """Whatever would change a value says that it cannot, why, and to make a copy; the value stays."""
    task = Selecting(columns=["b", "a"])
    before = copy.deepcopy(dict(task.param_kwargs))
    with pytest.raises(TypeError, match=r"parameter values cannot be changed.*make a copy first"):
        change(task)
    assert before == task.param_kwargs


def test_a_model_cannot_be_changed() -> None:
    """Attributes of a model that is a parameter cannot be set, at any depth."""
    task = Selecting(columns=[])
    for model, name in ((task.model, "name"), (task.model.inner, "rates")):
        with pytest.raises(ValueError, match="frozen"):
            setattr(model, name, "b")


def test_what_the_caller_gave_stays_the_caller_s() -> None:
    """Freezing makes copies: the caller's own list and model can still be changed, and change no task."""
    columns, model = ["a"], Model()
    task = Selecting(columns=columns, model=model)
    columns.append("b")
    model.name = "b"
    model.inner.rates.append(1.0)
    assert (["a"], "a", []) == (task.columns, task.model.name, task.model.inner.rates)


def test_every_mutating_method_of_the_builtins_is_refused() -> None:
    """No method of list, dict or set that could change a value is left open, in this Python or a later one."""
    for frozen, other in ((freeze([1]), (1,)), (freeze({"a": 1}), None), (freeze({1}), frozenset({1}))):
        plain = type(thaw(frozen))
        reading = set(dir(type(other))) if other is not None else _READING_A_DICT
        harmless = {"copy", "__init__", "__class_getitem__", "__reversed__", "__getattribute__", "__new__"}
        mutating = {name for name in vars(plain) if name not in reading | harmless}
        assert [] == sorted(name for name in mutating if getattr(type(frozen), name) is getattr(plain, name))


_READING_A_DICT = set(dir(object)) | {
    "__contains__", "__getitem__", "__iter__", "__len__", "__or__", "__ror__", "get", "items", "keys", "values",
    "fromkeys",
}  # fmt: skip


def test_builtin_operations_still_work() -> None:
    """What only reads works as on the builtin, and gives plain values that can be changed."""
    task = Selecting(columns=["b", "a"])
    more = task.columns + ["c"]  # noqa: RUF005  # this very operation
    more.append("d")
    assert ["b", "a", "c", "d"] == more
    assert ["a", "b"] == sorted(task.columns)
    assert {"a": [1], "b": []} == task.options | {"b": []}
    assert {**task.options} == dict(task.options) == task.options
    assert {"x", "y"} == task.names | {"y"}
    assert isinstance(task.columns, list)
    assert isinstance(task.options, dict)
    assert isinstance(task.names, set)
    plain = list(task.columns)
    plain.sort()
    assert ["a", "b"] == plain


@given(PLAIN)
def test_frozen_values_hash_and_equal_what_they_were(value: Any) -> None:
    """A frozen value equals the value, hashes, and a second freezing of an equal value gives an equal hash."""
    frozen = freeze(copy.deepcopy(value))
    assert value == frozen
    assert hash(frozen) == hash(freeze(copy.deepcopy(value)))
    assert value == thaw(frozen)


@given(PLAIN)
def test_frozen_values_travel(value: Any) -> None:
    """A frozen value that was pickled is the same, still frozen."""
    frozen = freeze(value)
    got = pickle.loads(pickle.dumps(frozen))
    assert frozen == got
    assert type(frozen) is type(got)
    assert hash(frozen) == hash(got)


def test_frozen_values_are_plain_json() -> None:
    """`json.dumps` writes frozen lists and dicts as what they are."""
    assert '{"a": [1, {"b": []}]}' == json.dumps(freeze({"a": [1, {"b": []}]}))


MODELS: list[BaseModel] = [
    Model(inner=Inner(rates=[1.0]), name="b"),
    Derived(a=2),
    Aliased(**{"learning-rate": 0.5}),
    Open.model_validate({"a": 1, "b": [2]}),
    Numbers([1, 2]),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_a_frozen_model_is_its_model(model: BaseModel) -> None:
    """A model looks, compares, dumps and travels like itself, and hashes, whatever kind of model it is."""
    kind = type(model)
    frozen = task_with(kind)(x=model).x
    assert isinstance(frozen, kind)
    assert model == frozen
    assert frozen == model
    assert repr(model) == repr(frozen)
    assert (kind.__name__, kind.__module__) == (type(frozen).__name__, type(frozen).__module__)
    assert model.model_dump() == frozen.model_dump()
    assert model.model_dump_json() == frozen.model_dump_json()
    assert model.model_dump(exclude_unset=True) == frozen.model_dump(exclude_unset=True)
    assert hash(frozen) == hash(freeze(copy.deepcopy(model)))
    assert frozen is freeze(frozen)
    got = pickle.loads(pickle.dumps(frozen))
    assert type(frozen) is type(got)
    assert frozen == got
    assert hash(frozen) == hash(got)


def test_different_models_are_different_values() -> None:
    """Two models that differ anywhere, also in what they allow beyond their fields, are two values."""
    assert freeze(Model(name="a")) != freeze(Model(name="b"))
    assert freeze(Open.model_validate({"b": 1})) != freeze(Open.model_validate({"b": 2}))
    made = task_with(Open)
    assert made(x=Open.model_validate({"b": 1})).task_id != made(x=Open.model_validate({"b": 2})).task_id


def test_methods_of_a_model_work() -> None:
    """A model keeps its properties."""
    assert "A" == Selecting(columns=[]).model.shout


@pytest.mark.parametrize("value", [Point(1, ["a"]), Pair(1, ["a"]), [Point(1, ["a"])], (Pair(1, ["a"]), 2)])
def test_lists_inside_other_values_are_frozen_too(value: Any) -> None:
    """Dataclasses, named tuples and tuples are frozen to the bottom, and hash."""
    frozen = task_with(Any)(x=value).x
    assert value == frozen
    hash(frozen)
    inner = frozen[0] if isinstance(frozen, list | tuple) and not isinstance(frozen, Pair) else frozen
    with pytest.raises(TypeError, match="cannot be changed"):
        (inner.tags if isinstance(inner, Point) else inner.other).append("b")
