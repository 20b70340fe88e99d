"""Dependencies: annotated attributes, lists and dicts of tasks, and Luigi's own ways beside them."""

from __future__ import annotations

from typing import Any

import luigi
import pytest
from luigi.util import inherits, requires

from daicho import Task
from daicho.errors import ParameterError
from tests.task import ahead, plainly
from tests.task.conftest import Configure


class Part(Task):
    number: int = 0


class Whole(Task):
    part: Part
    parts: list[Part] = []
    named: dict[str, Part] = {}
    pair: tuple[Part, Part] | None = None
    perhaps: Part | None = None


def _ways(task: Task) -> dict[str, int]:
    return {way: each.number for way, each in task.dependencies()}  # type: ignore[attr-defined]


def test_every_way_to_a_dependency_is_named() -> None:
    """Attributes, items of lists and tuples, values of dicts: each dependency with the way by which it is reached."""
    first, second, third = (Part(number=number) for number in (1, 2, 3))
    task = Whole(part=first, parts=[second, third], named={"x": first}, pair=(second, first), perhaps=third)
    expected = {
        "part": 1,
        "parts[0]": 2,
        "parts[1]": 3,
        "named['x']": 1,
        "pair[0]": 2,
        "pair[1]": 1,
        "perhaps": 3,
    }
    assert expected == _ways(task)
    assert first is task.part
    assert third is task.parts[1]
    assert first is task.named["x"]


def test_what_is_not_there_is_no_dependency() -> None:
    """An optional dependency may be missing; one that is needed is built."""
    assert {"part": 0} == _ways(Whole.configured())


def test_other_dependencies_are_another_task() -> None:
    """The dependencies are in the identity: which, where, and in what order."""
    one, other = Part(number=1), Part(number=2)
    ids = {
        Whole(part=one).task_id,
        Whole(part=other).task_id,
        Whole(part=one, parts=[one, other]).task_id,
        Whole(part=one, parts=[other, one]).task_id,
        Whole(part=one, named={"x": one}).task_id,
        Whole(part=one, named={"y": one}).task_id,
    }
    assert 6 == len(ids)


@pytest.mark.parametrize("value", [3, "Part", None, Part, [], Whole])
def test_what_is_no_such_task_is_refused(value: Any) -> None:
    """A dependency must be an instance of its class, and the error names class and attribute."""
    with pytest.raises(
        ParameterError, match=r"`Whole.part` is .* but its type is `Part`: must be an instance of Part"
    ):
        Whole(part=value)
    with pytest.raises(ParameterError, match=r"`Whole.parts` is .* 0: must be an instance of Part"):
        Whole(part=Part(), parts=[value])


def test_a_subclass_is_a_dependency_too() -> None:
    """Where a task is asked for, one of a subclass does."""

    class Better(Part):
        pass

    assert Better().task_id == Whole(part=Better()).part.task_id


def test_requires_stands_beside_attributes() -> None:
    """What `requires()` gives comes after the attributes, a task, a list or a dict, plain Luigi's too."""

    class Plain(luigi.Task):
        x = luigi.IntParameter(default=1)

    plain: Any = Plain

    class Both(Task):
        part: Part

        def requires(self) -> Any:
            return {"a": Part(number=5), "b": [plain(), Part(number=6)]}

    task = Both(part=Part(number=4))
    ways = [way for way, _ in task.dependencies()]
    assert ["part", "requires['a']", "requires['b'][0]", "requires['b'][1]"] == ways
    seen_by_luigi: Any = task
    assert [each for _, each in task.dependencies()] == seen_by_luigi.deps()


@pytest.mark.parametrize("given", [3, [3], {"a": "Part"}, Part])
def test_requires_must_give_tasks(given: Any) -> None:
    """What is no task in `requires()` is refused, also where it is a class instead of an instance."""

    class Wrong(Task):
        def requires(self) -> Any:
            return given

    with pytest.raises(ParameterError, match=r"requires.* which is not a task"):
        Wrong().dependencies()


def test_decorators_of_luigi_work() -> None:
    """`@requires` copies parameters and adds an edge; what it copied is no edge by itself."""

    class Left(Task):
        part: Part
        seed: int = 1

    @requires(Left)
    class Right(Task):
        rate: float = 0.5

    task: Any = Right.configured(part=Part(number=7), seed=2)
    assert (7, 2, 0.5) == (task.part.number, task.seed, task.rate)
    assert [("requires", Left(part=Part(number=7), seed=2))] == task.dependencies()

    @inherits(Left)
    class Heir(Task):
        def requires(self) -> Any:
            clone: Any = self
            return clone.clone(Left)

    heir: Any = Heir.configured(part=Part(number=7), seed=2)
    assert [("requires", Left(part=Part(number=7), seed=2))] == heir.dependencies()


@pytest.mark.parametrize("module", [plainly, ahead])
def test_annotations_may_name_what_comes_later(configure: Configure, module: Any) -> None:
    """Modules with and without `from __future__ import annotations` declare the same, forward references included."""
    configure("[Later]\nseed = 3\n[Early]\nraw = 'other.csv'\n")
    task = module.Early()
    assert isinstance(task.later, module.Later)
    assert (3, module.Color.RED, None, 4) == (task.later.seed, task.color, task.name, task.threads)
    assert "other.csv" == task.raw.place
    assert "table.csv" == task.table.name
    assert {"later", "color", "name", "threads", "raw"} == set(task.get_param_names(include_significant=True))
    assert 3 == module.Early.LIMIT


def test_classes_in_functions_may_name_each_other() -> None:
    """A class that a function defines finds another of that function by its name, the newest if there are several."""

    def two(number: int) -> Any:
        class Local(Task):
            x: int = number

        class Needs(Task):
            local: Local

        return Needs.configured()

    assert 1 == two(1).local.x
    assert 2 == two(2).local.x
