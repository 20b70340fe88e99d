"""Where values come from: the caller, the command line, the file, the class; down the line of bases."""

from __future__ import annotations

import pytest

from daicho import Task
from daicho.errors import ParameterError
from tests.task.conftest import Configure


class Preprocessor(Task):
    columns: list[str]
    share: float = 0.8


class Trainer(Task):
    data: Preprocessor
    seed: int = 0


class Base(Task):
    seed: int
    rate: float = 0.1


class Mixin:
    """A base that is no task."""


class Middle(Mixin, Base):
    pass


class Other:
    """Another."""


class Lowest(Other, Middle):
    rate = 0.5


class Spaced(Task):
    task_namespace = "my.ns"
    seed: int


def test_what_is_missing_comes_from_configuration(configure: Configure) -> None:
    """A parameter that the caller does not give is taken from the task's own section."""
    configure("[Preprocessor]\ncolumns = ['a']\n")
    task = Preprocessor.configured()
    assert (["a"], 0.8) == (task.columns, task.share)


def test_a_dependency_is_built_from_configuration(configure: Configure) -> None:
    """A dependency that the caller does not pass is the configured one."""
    configure("[Preprocessor]\ncolumns = ['a']\n[Trainer]\nseed = 3\n")
    task = Trainer.configured()
    assert (3, ["a"]) == (task.seed, task.data.columns)
    assert task.data is Preprocessor.configured()


def test_the_caller_comes_before_all(configure: Configure) -> None:
    """What is given in code is not overridden, neither by the file nor by the command line."""
    configure("[Trainer]\nseed = 1\n", overrides=("Trainer.seed=2",))
    data = Preprocessor(columns=["b"])
    task = Trainer(data=data, seed=9)
    assert (9, data) == (task.seed, task.data)
    assert 2 == Trainer(data=data).seed


def test_a_default_comes_last(configure: Configure) -> None:
    """The file comes before the class's own value, the command line before the file, params before that."""
    data = Preprocessor(columns=[])
    assert 0 == Trainer(data=data).seed
    configure("[Trainer]\nseed = 1\n")
    assert 1 == Trainer(data=data).seed
    configure("[Trainer]\nseed = 1\n", overrides=("Trainer.seed=2",))
    assert 2 == Trainer(data=data).seed
    configure("[Trainer]\nseed = 1\n", overrides=("Trainer.seed=2",), params={"Trainer.seed": 3})
    assert 3 == Trainer(data=data).seed


def test_params_are_values_of_code(configure: Configure) -> None:
    """A value that code gives is not converted, also where it comes by name."""
    configure(params={"Base.seed": "3"})
    with pytest.raises(ParameterError, match=r'`Base.seed` is "3", but its type is `int`') as caught:
        Base.configured()
    assert "params (Base.seed)" == str(caught.value.where)


def test_configured_gives_the_same_task() -> None:
    """`configured(...)` is the constructor that asks for less: the same task, the same refusals."""
    assert Base(seed=1) is Base.configured(seed=1)
    with pytest.raises(ParameterError, match=r"`Base` has no parameter `sed`"):
        Base.configured(sed=1)
    with pytest.raises(ParameterError, match=r"`Base.seed` has no value"):
        Base.configured()


def test_a_subclass_reads_its_base_s_section(configure: Configure) -> None:
    """What is configured for a base holds for what inherits from it, unless its own section says otherwise."""
    configure("[Base]\nseed = 1\nrate = 0.2\n[Middle]\nseed = 2\n")
    assert (1, 0.2) == (Base.configured().seed, Base.configured().rate)
    assert (2, 0.2) == (Middle.configured().seed, Middle.configured().rate)
    assert 2 == Lowest.configured().seed  # a mixin in between changes nothing


def test_a_subclass_s_default_is_its_own(configure: Configure) -> None:
    """`rate = 0.5` in a subclass is a new default of the same parameter: same type, still configurable."""
    assert (0.1, 0.5) == (Base(seed=1).rate, Lowest(seed=1).rate)
    configure("[Lowest]\nrate = 1\n")
    assert 1.0 == Lowest(seed=1).rate
    with pytest.raises(ParameterError, match=r"`Lowest.rate` is \"x\", but its type is `float`"):
        Lowest(seed=1, rate="x")  # type: ignore[arg-type]


def test_a_namespace_is_part_of_the_section(configure: Configure) -> None:
    """A task with a namespace is configured by its family, in the file and on the command line."""
    configure("[my.ns.Spaced]\nseed = 1\n")
    assert 1 == Spaced.configured().seed
    configure("[my.ns.Spaced]\nseed = 1\n", overrides=("my.ns.Spaced.seed=2",))
    assert 2 == Spaced.configured().seed
    assert Spaced.configured().task_id.startswith("my.ns.Spaced_")


def test_a_missing_value_of_a_dependency_names_the_dependency() -> None:
    """The error names the class that lacks the value, not the one that asked for it."""
    with pytest.raises(ParameterError, match=r"`Preprocessor.columns` has no value"):
        Trainer.configured()


def test_a_wrong_value_names_the_class_that_was_configured(configure: Configure) -> None:
    """A value from a base's section is refused with the place where it stands."""
    configure("[Base]\nseed = 'x'\n")
    with pytest.raises(ParameterError, match=r"`Middle.seed` is \"x\"") as caught:
        Middle.configured()
    assert "luigi.toml:2 (Base.seed)" == str(caught.value.where)


def test_a_diamond_of_classes_is_built_once() -> None:
    """Twenty-five layers of classes that each need the next twice are built without building all paths."""
    from tests.task.making import task_with

    kind = task_with(int, x=0)
    for _ in range(25):
        kind = task_with(kind, __annotations__={"x": kind, "y": kind})
    task = kind()
    assert task.x is task.y
