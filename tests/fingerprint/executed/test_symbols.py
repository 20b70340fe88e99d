"""What only running can find: an edit of it makes a record stale; an edit of anything else does not."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from daicho.errors import InputError
from daicho.fingerprint.code import Reader
from daicho.fingerprint.executed import digest_now, extra_of, watching
from tests.fingerprint.code.project import write
from tests.fingerprint.executed.running import running

BY_NAME = "import importlib\ndef find(name):\n    return importlib.import_module(name)\n\n"


class Case(NamedTuple):
    """A project, and an edit that changes its result where no reading of the code can see it."""

    files: Mapping[str, str]
    file: str
    old: str
    new: str


def _trainer(body: str, before: str = "") -> str:
    indented = body.replace("\n", "\n        ")
    return f"{before}\nclass Trainer:\n    def run(self):\n        {indented}\n\ndef unrelated():\n    return 1\n"


def _named(body: str, helpers: str, old: str, new: str) -> Case:
    """A module that is only known by a name in a variable."""
    files = {"tasks.py": _trainer(body, BY_NAME), "helpers.py": helpers}
    return Case(files, "helpers.py", old, new)


REGISTRY = {
    "tasks.py": _trainer(
        "return sorted(each(2) for each in REGISTRY)", "import plugins\nfrom registry import REGISTRY\n"
    ),
    "registry.py": "REGISTRY = []\n\ndef register(function):\n    REGISTRY.append(function)\n    return function\n",
    "plugins/__init__.py": (
        "import importlib, pkgutil\nfor each in pkgutil.iter_modules(__path__):\n"
        "    importlib.import_module(f'{__name__}.{each.name}')\n"
    ),
    "plugins/one.py": "from registry import register\n\nFACTOR = 3\n\n@register\ndef times(x):\n    return x * FACTOR\n",
}
DISPATCH = {
    "tasks.py": _trainer("return shapes.area(Circle())", "import shapes\nfrom circle import Circle\n"),
    "shapes.py": "import functools\n\n@functools.singledispatch\ndef area(shape):\n    return 0\n",
    "circle.py": (
        "import shapes\n\nclass Circle:\n    radius = 2\n\n"
        "@shapes.area.register\ndef _(shape: Circle):\n    return shape.radius * 3\n"
    ),
}
SUBCLASSES = {
    "tasks.py": _trainer(
        "return [each().value() for each in Base.__subclasses__()]", "import models\nfrom bases import Base\n"
    ),
    "bases.py": "class Base:\n    pass\n",
    "models.py": "from bases import Base\n\nclass Model(Base):\n    depth = 3\n\n    def value(self):\n        return self.depth\n",
}
PATCHED = {
    "tasks.py": _trainer("return constants.STEP", "import constants\nimport patches\n"),
    "constants.py": "STEP = 1\n",
    "patches.py": "import constants\n\ndef step():\n    return 4\n\nconstants.STEP = step() + 1\n",
}
ATTRIBUTE = {
    "tasks.py": _trainer("return Model.level", "from models import Model\nfrom pkg import settings\n"),
    "models.py": "class Model:\n    level = 1\n",
    "pkg/__init__.py": "",
    "pkg/settings.py": "from models import Model\n\nModel.level = 2\n",
}
WITH_LAMBDA = {
    "tasks.py": _trainer("return TABLE['a'](2)", "import table\nfrom registry import TABLE\n"),
    "registry.py": "TABLE = {}\n",
    "table.py": "from registry import TABLE\n\nTABLE['a'] = lambda x: x + 1\n",
}
WRAPPED = {
    "tasks.py": _trainer("return TABLE['a'](2)", "import table\nfrom registry import TABLE\n"),
    "registry.py": "TABLE = {}\n",
    "table.py": (
        "from registry import TABLE\nfrom wrapping import add\n\n@add\ndef plain(x):\n    return x\n\n"
        "def fill(name, function):\n    TABLE[name] = function\n\nfill('a', plain)\n"
    ),
    "wrapping.py": "def add(function):\n    def inner(*args):\n        return function(*args) + 1\n    return inner\n",
}
SECOND = "\n@register\ndef thrice(x):\n    return x * 30\n"

CASES = {
    "function in a registry": Case(REGISTRY, "plugins/one.py", "x * FACTOR", "x + FACTOR"),
    "constant of a function in a registry": Case(REGISTRY, "plugins/one.py", "FACTOR = 3", "FACTOR = 4"),
    "another entry in a registry": Case(REGISTRY, "plugins/one.py", "FACTOR = 3", f"FACTOR = 3\n{SECOND}"),
    "another plug-in": Case(REGISTRY, "plugins/two.py", "", "from registry import register\n" + SECOND),
    "single dispatch": Case(DISPATCH, "circle.py", "radius * 3", "radius * 4"),
    "subclass": Case(SUBCLASSES, "models.py", "return self.depth", "return -self.depth"),
    "attribute of a subclass": Case(SUBCLASSES, "models.py", "depth = 3", "depth = 4"),
    "patched constant": Case(PATCHED, "patches.py", "+ 1", "+ 2"),
    "function that a patch calls": Case(PATCHED, "patches.py", "return 4", "return 5"),
    "another patch": Case(PATCHED, "constants.py", "STEP", "import more\nSTEP"),
    "attribute set elsewhere": Case(ATTRIBUTE, "pkg/settings.py", "= 2", "= 3"),
    "attribute set by a package": Case(
        ATTRIBUTE, "pkg/__init__.py", "", "import models\nmodels.Model.level = 9\n"
    ),
    "lambda in a table": Case(WITH_LAMBDA, "table.py", "x + 1", "x + 2"),
    "wrapper of a decorator": Case(WRAPPED, "wrapping.py", "+ 1", "+ 2"),
    "module by name": _named(
        "return find('helpers').work(1)", "def work(x):\n    return x\n", "return x", "return 0"
    ),
    "body of a module by name": _named("return find('helpers').A", "A = {}\nA['a'] = 1\n", "= 1", "= 2"),
    "unpickled class": Case(
        {
            "tasks.py": _trainer("return pickle.loads(b'cshapes\\nCircle\\n.')().area()", "import pickle\n"),
            "shapes.py": "class Circle:\n    def area(self):\n        return 3\n",
        },
        "shapes.py",
        "return 3",
        "return 4",
    ),
    "text that is evaluated": Case(
        {
            "tasks.py": _trainer("return eval(TEXT)", "import helpers\nTEXT = 'helpers.work()'\n"),
            "helpers.py": "def work():\n    return 1\n",
        },
        "helpers.py",
        "return 1",
        "return 2",
    ),
    "threads": _named(
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n"
        "    return list(pool.map(find('helpers').work, [1, 2]))",
        "def work(x):\n    return x + 1\n",
        "+ 1",
        "+ 2",
    ),
    "generator": _named(
        "return list(find('helpers').work())", "def work():\n    yield 1\n", "yield 1", "yield 2"
    ),
    "coroutine": _named(
        "import asyncio\nreturn asyncio.run(find('helpers').work())",
        "async def inner():\n    return 1\n\nasync def work():\n    return await inner()\n",
        "return 1",
        "return 2",
    ),
    "property": _named(
        "return find('helpers').Thing().size",
        "class Thing:\n    unit = 2\n    @property\n    def size(self):\n        return self.unit\n",
        "unit = 2",
        "unit = 3",
    ),
    "comprehension": _named(
        "return find('helpers').work([1])", "def work(x):\n    return [y + 1 for y in x]\n", "y + 1", "y + 2"
    ),
    "docstring that is read": _named(
        "return find('helpers').work.__doc__, find('helpers').work()",
        "def work():\n    'Old.'\n    return 1\n",
        "Old",
        "New",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_edit_that_only_running_can_see_is_seen(tmp_path: Path, name: str) -> None:
    """Where the code that a class can reach stays the same, what was executed tells that the result is stale."""
    case = CASES[name]
    with running(tmp_path, {"more.py": "import constants\nconstants.STEP = 7\n", **case.files}) as project:
        extra, known = project.extra(), project.known()
        assert set() == project.outdated(extra)
        project.edit(case.file, case.old, case.new)
        static = project.known()
        shared = known.keys() & static.keys()
        assert {key: known[key] for key in shared} == {key: static[key] for key in shared}
        assert project.outdated(extra)


@pytest.mark.parametrize("name", CASES)
def test_neutral_edits_are_not_seen(tmp_path: Path, name: str) -> None:
    """Comments, layout, and definitions that nothing has run leave a record as it is, in any folder."""
    with running(tmp_path / "a", {"more.py": "", **CASES[name].files}) as project:
        extra = project.extra()
    shutil.move(tmp_path / "a", tmp_path / "b")
    project.root = tmp_path / "b"
    project.edit("tasks.py", "return 1\n", "return 2  # unrelated\n\ndef another():\n    pass\n")
    for file in CASES[name].files:
        project.edit(file, "", "# comment\n\n" + (project.root / file).read_text())
    assert set() == project.outdated(extra)


def test_a_task_that_runs_what_it_can_reach_adds_only_its_imports(tmp_path: Path) -> None:
    """Of an ordinary task nothing is kept but what its imports do."""
    files = {
        "tasks.py": _trainer("return help()", "from helpers import help\nimport other\n"),
        "helpers.py": "def help():\n    return [inner(x) for x in (1,)]\n\ninner = lambda x: x\n",
        "other.py": "X = []\nX.append(1)\n",
    }
    with running(tmp_path, files) as project:
        assert ["code:tasks:<imports>"] == list(project.extra())


def test_tasks_that_are_loaded_together_do_not_depend_on_one_another(tmp_path: Path) -> None:
    """What other task modules do when they are loaded counts only for those who import them."""
    files = {
        "tasks.py": _trainer("return 1"),
        "plots.py": "import sys\nsys.intern('dark')\n\ndef plot():\n    return 1\n",
    }
    with running(tmp_path, files) as project:
        project.load("plots").plot()
        extra = project.extra()
        project.edit("plots.py", "dark", "light")
        assert set() == project.outdated(extra)


DEPENDENCY = (
    "import luigi\n\ndef path():\n    return 'a'\n\n"
    "class Data(luigi.Task):\n    size = luigi.IntParameter(default=1)\n    def __init__(self, *args, **values):\n"
    "        super().__init__(*args, **values)\n        self.half = self.size / 2\n"
    "    def requires(self):\n        return []\n    def run(self):\n        return 1\n"
    "    def output(self):\n        return luigi.LocalTarget(path())\n    def other(self):\n        return 2\n\n"
)


def test_making_dependencies_counts_what_they_are_not_what_they_need(tmp_path: Path) -> None:
    """`self.input()` runs other classes' members: those count one by one, `requires()` and the class do not."""
    trainer = (
        "class Trainer(luigi.Task):\n    def requires(self):\n        return Data()\n"
        "    def run(self):\n        return self.input().path\n"
    )
    with running(tmp_path, {"tasks.py": DEPENDENCY + trainer}) as project:
        extra = project.extra()
        members = {"Data.__init__", "Data.output", "path"}
        assert {f"code:tasks:{each}" for each in members} | {"code:tasks:<imports>"} == set(extra)
        project.edit("tasks.py", "return 1\n", "return 3\n")
        assert set() == project.outdated(extra)
        project.edit("tasks.py", "'a'", "'b'")
        assert {"code:tasks:path"} == project.outdated(extra)


def test_what_is_gone_has_no_digest(tmp_path: Path) -> None:
    """A module or a definition that is no longer there has none, whatever is asked of it."""
    write(tmp_path, {"tasks.py": "def there():\n    pass\n"})
    reader = Reader([tmp_path])
    gone = ["tasks:away", "tasks:Away.member", "away:there", "tasks:<body>", "away:<imports>", "away:<file>"]
    assert [None] * 6 == [digest_now(reader, f"code:{each}") for each in gone]
    assert digest_now(reader, "code:tasks:there") is not None


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Where a second root has a module of the same name, what ran is found again in the right file."""
    one, two = tmp_path / "one", tmp_path / "two"
    write(two, {"helpers.py": "def work():\n    return 2\n"})
    with running(one, {"tasks.py": _trainer("return find('helpers').work()", BY_NAME)}) as project:
        project.loaded.start([one, two], {})
        (one / "helpers.py").write_text("def work():\n    return 1\n")
        spec = importlib.util.spec_from_file_location("other", two / "helpers.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        with watching(project.loaded) as seen:
            module.work()
        seen.definitions.add((str(two / "helpers.py"), "work", 1))  # imported by no finder: unseen on 3.11
        extra = extra_of(seen, Reader([one, two]), ())
        assert "code:two.helpers:work" in extra
        write(one, {"helpers.py": "def work():\n    return 3\n"})
        reader = Reader([one, two])
        assert extra == {name: digest_now(reader, name) for name in extra}


def test_an_edit_while_the_task_runs_does_not_change_what_ran(tmp_path: Path) -> None:
    """What was compiled counts, not what the file says when the task has ended; the next plan sees the edit."""
    files = {
        "tasks.py": _trainer("return find('helpers').work(1)", BY_NAME),
        "helpers.py": "def work(x):\n    return x\n",
    }
    with running(tmp_path, files) as project:
        before = project.extra()
        during = project.extra(meanwhile=lambda: project.edit("helpers.py", "return x", "return 0"))
        assert before == during
        assert {"code:helpers:work"} == project.outdated(during)


def test_code_that_is_not_the_plans_is_refused(tmp_path: Path) -> None:
    """When planning read other text than what this process had compiled, the result belongs to no key."""
    with running(tmp_path, {"tasks.py": _trainer("return 1")}) as project:
        kind = project.load().Trainer
        project.edit("tasks.py", "return 1", "return 2")
        reader = Reader([tmp_path])
        known = reader.code_of(kind).symbols
        with watching(project.loaded) as seen:
            kind().run()
        with pytest.raises(InputError, match="`tasks.py` was edited between planning and starting"):
            extra_of(seen, reader, known)


def test_imports_of_ignored_modules_do_not_count(tmp_path: Path) -> None:
    """What a module does when it is imported is left out with the module, and what only it imports; the rest stays."""
    files = {
        "tasks.py": "import log, rules\n\nclass Trainer:\n    def run(self):\n        return 1\n",
        "log.py": "import deep\nLINES = []\nLINES.append(1)\n",
        "deep.py": "SEEN = {}\nSEEN['a'] = 1\n",
        "rules.py": "TABLE = {}\nTABLE['a'] = 1\n",
    }
    with running(tmp_path, files) as project:
        known = project.known()
        with watching(project.loaded) as seen:
            project.load().Trainer().run()
        extra = extra_of(seen, Reader([tmp_path]), known, ["log"])
        assert ["code:tasks:<imports but log>"] == list(extra)
        project.edit("log.py", "append(1)", "append(2)")
        project.edit("deep.py", "= 1", "= 2")
        assert set() == project.outdated(extra)
        project.edit("rules.py", "= 1", "= 2")
        assert set(extra) == project.outdated(extra)
