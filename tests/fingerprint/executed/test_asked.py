"""What loaded modules are asked for is noted, and they stay what they are."""

from __future__ import annotations

import importlib
import inspect
import operator
import pickle
import pkgutil
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest

from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import extra_of, watching
from tests.fingerprint.executed.running import Running, running, seen_of

FILES = {
    "values.py": "A = 1\nB = 2\n\ndef function():\n    return A\n\nclass Kind:\n    size = 1\n",
    "package/__init__.py": "",
    "package/inner.py": "A = 1\n",
    "lazy.py": "def __getattr__(name):\n    if name == 'made':\n        return 5\n    raise AttributeError('not here: ' + name)\n",
    "loading.py": "import values, lazy, package.inner\n",
}
WAYS: dict[str, Callable[[], Any]] = {
    "A of sys.modules": lambda: sys.modules["values"].A,
    "A of import_module": lambda: importlib.import_module("values").A,
    "A of getattr": lambda: getattr(importlib.import_module("values"), "".join("A")),
    "A of hasattr": lambda: hasattr(sys.modules["values"], "A"),
    "A of pkgutil": lambda: pkgutil.resolve_name("values:A"),
    "A of operator": lambda: operator.attrgetter("A")(sys.modules["values"]),
    "A of pickle": lambda: pickle.loads(b"cvalues\nA\n."),
    "A of exec": lambda: exec("from values import A"),
    "Kind of inspect": lambda: inspect.getmodule(sys.modules["values"].Kind),
    "__dict__ of vars": lambda: vars(sys.modules["values"])["A"],
    "__dict__ of dir": lambda: dir(sys.modules["values"]),
}


def _asked(project: Running, function: Callable[[], object]) -> set[tuple[str, str]]:
    return {(Path(path).stem, name) for path, name in seen_of(project, function).asked}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_ask_is_seen(tmp_path: Path, way: str) -> None:
    """However a loaded module is come by, what is asked of it is noted."""
    with running(tmp_path, FILES) as project:
        project.load("loading")
        assert ("values", way.partition(" ")[0]) in _asked(project, WAYS[way])
        assert set() == _asked(project, int)


def test_a_module_stays_what_it_is(tmp_path: Path) -> None:
    """Meanwhile it is the same object, can be set, deleted from and pickled, and is of its own class afterwards."""
    with running(tmp_path, FILES) as project:
        project.load("loading")
        values: Any = sys.modules["values"]
        with watching(project.loaded):
            assert isinstance(values, ModuleType)
            assert values is importlib.import_module("values")
            assert values is pickle.loads(pickle.dumps(values))
            assert ("module", "values") == (type(values).__name__, values.__name__)
            values.A = 5
            assert (5, 5) == (values.A, values.function())
            del values.B
            assert not hasattr(values, "B")
            with pytest.raises(AttributeError, match="^module 'values' has no attribute 'B'$"):
                values.B  # noqa: B018
            with pytest.raises(AttributeError, match="B"):
                del values.B
            assert 6 == importlib.reload(values).A + 5
        assert ModuleType is type(values)
        assert (1, 2) == (values.A, values.B)


def test_a_module_that_makes_names_up(tmp_path: Path) -> None:
    """The `__getattr__` of a module is asked as ever."""
    with running(tmp_path, FILES) as project:
        project.load("loading")
        lazy: Any = sys.modules["lazy"]
        with watching(project.loaded):
            assert 5 == lazy.made
            with pytest.raises(AttributeError, match="^not here: other$"):
                lazy.other  # noqa: B018


def test_a_class_of_its_own_is_kept(tmp_path: Path) -> None:
    """A module that has given itself another class has that, before, meanwhile and after."""
    text = (
        "import sys, types\nA = 1\n\nclass Own(types.ModuleType):\n    def __getattr__(self, name):\n        return name + '!'\n\n"
        "sys.modules[__name__].__class__ = Own\n"
    )
    with running(tmp_path, {"own.py": text}) as project:
        own: Any = project.load("own")
        with watching(project.loaded) as seen:
            assert ("x!", 1, True) == (own.x, own.A, isinstance(own, own.Own))
        assert own.Own is type(own)
        assert {"A", "Own"} == {name for _, name in seen.asked}


def test_what_is_not_there_is_noted_by_its_name(tmp_path: Path) -> None:
    """A name that was asked for in vain makes the task run again once it is there, and not before."""
    files = {
        **FILES,
        "tasks.py": "import sys, loading\nclass Trainer:\n    def run(self):\n        return getattr(sys.modules['val' + 'ues'], 'C', 0)\n",
    }
    with running(tmp_path, files) as project:
        extra = project.extra()
        assert "code:values:<no C>" in extra
        project.edit("values.py", "A = 1", "A = 3")
        assert set() == project.outdated(extra)
        project.edit("values.py", "A = 3", "C = 3\nA = 3")
        assert "code:values:<no C>" in project.outdated(extra)


def test_who_asks_often_is_let_go(tmp_path: Path) -> None:
    """A module that is asked in a loop is let go, and counts as a whole only where something cannot be followed."""
    loop = "sum(values.A for _ in range(1000))"
    tasks = "import importlib, values\nclass Trainer:\n    def run(self):\n        return {}\n"
    found: list[set[str]] = []
    for text in (loop, f"({loop}, importlib.import_module('val' + 'ues').B)"):
        with running(tmp_path / str(len(found)), {**FILES, "tasks.py": tasks.format(text)}) as project:
            found.append({name for name in project.extra() if name.startswith("code:values")})
            with watching(project.loaded) as seen:
                project.load().Trainer().run()
            assert {str(tmp_path / str(len(found) - 1) / "values.py")} == seen.often
    assert [set(), {"code:values:B", "code:values:Kind"}] == found


def test_a_task_within_a_task(tmp_path: Path) -> None:
    """What the inner one asks for, the outer one has asked for, and it goes on being told."""
    with running(tmp_path, FILES) as project:
        project.load("loading")
        values: Any = sys.modules["values"]
        with watching(project.loaded) as outer:
            with watching(project.loaded) as inner:
                values.A  # noqa: B018
            values.B  # noqa: B018
        assert [{"A"}, {"A", "B"}] == [{name for _, name in seen.asked} for seen in (inner, outer)]


def test_threads_are_heard(tmp_path: Path) -> None:
    """It does not matter which thread asks."""
    with running(tmp_path, FILES) as project:
        project.load("loading")

        def work() -> None:
            thread = Thread(target=lambda: sys.modules["values"].A)
            thread.start()
            thread.join()

        assert {("values", "A")} == _asked(project, work)


def test_imports_that_are_written_down_say_nothing(tmp_path: Path) -> None:
    """What the text of a module imports is known from the text; it is noted only when something else asks."""
    files = {**FILES, "late.py": "from values import A, B\nfrom package.inner import *\n"}
    with running(tmp_path, files) as project:
        project.load("loading")
        assert set() == {each for each in _asked(project, lambda: project.load("late")) if each[0] != "late"}


def test_functions_that_are_only_asked_for_do_not_count(tmp_path: Path) -> None:
    """A function counts when it runs: who looks through a module for some does not depend on the others."""
    with running(tmp_path, FILES) as project:
        project.load("loading")
        seen = seen_of(project, lambda: [getattr(sys.modules["values"], each) for each in ("function", "A")])
        assert "code:values:function" not in extra_of(seen, Reader([tmp_path]), ())
        assert "code:values:A" in extra_of(seen, Reader([tmp_path]), ())
