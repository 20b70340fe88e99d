"""Edits of a project in every position: which of them change a task's code, and what is named then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from daicho.fingerprint.code import Code, Reader
from tests.fingerprint.code.project import FILES, Imported, changed, write


@dataclass(frozen=True)
class Edit:
    """A replacement in a file, and the symbols of `Trainer` that it must change."""

    name: str
    file: str
    old: str
    new: str
    names: frozenset[str] = frozenset()


def _edit(name: str, file: str, old: str, new: str, *names: str) -> Edit:
    return Edit(name, file, old, new, frozenset(names))


SEMANTIC = [
    _edit("task body", "tasks.py", "limit = 5", "limit = 6", "tasks:Trainer"),
    _edit("default of a parameter", "tasks.py", "seed: int = 0", "seed: int = 1", "tasks:Trainer"),
    _edit("type of a constant", "tasks.py", "seed: int = 0", "seed: int = False", "tasks:Trainer"),
    _edit("format specification", "tasks.py", ":>{limit}", ":<{limit}", "tasks:Trainer"),
    _edit("order of arguments", "tasks.py", "floor(1.5)", "floor(2.5)", "tasks:Trainer"),
    _edit("helper in the same module", "tasks.py", "x + step", "x - step", "tasks:helper"),
    _edit("keyword-only default", "tasks.py", "step=10", "step=11", "tasks:helper"),
    _edit("annotation of a helper", "tasks.py", "x: int,", "x: float,", "tasks:helper"),
    _edit("constant of a helper", "tasks.py", "LIMIT = 3", "LIMIT = 4", "tasks:LIMIT"),
    _edit("int to float", "tasks.py", "LIMIT = 3", "LIMIT = 3.0", "tasks:LIMIT"),
    _edit("sign of zero", "tasks.py", "LIMIT = 3", "LIMIT = -0.0", "tasks:LIMIT"),
    _edit("second binding", "tasks.py", "TABLE = {", "LIMIT = 9\nTABLE = {", "tasks:LIMIT"),
    _edit("constants bound together", "tasks.py", "= 1, 2", "= 2, 2", "tasks:FIRST"),
    _edit("table", "tasks.py", '"a": 1', '"a": 0', "tasks:TABLE"),
    _edit("effect on a table", "tasks.py", '["b"] = 2', '["b"] = 3', "tasks:<body>"),
    _edit("augmented constant", "tasks.py", "ALIAS = c", "LIMIT += 1\nALIAS = c", "tasks:LIMIT", "tasks:<body>"),
    _edit("call at import", "tasks.py", "ALIAS = c", "sorted([])\nALIAS = c", "tasks:<body>"),
    _edit("loop at import", "tasks.py", "ALIAS = c", "for _k in TABLE:\n    TABLE[_k] = 0\nALIAS = c", "tasks:<body>"),
    _edit("lambda", "tasks.py", "v * v\nadded", "v + v\nadded", "tasks:square"),
    _edit("partial", "tasks.py", "partial(helper, 5)", "partial(helper, 6)", "tasks:added"),
    _edit("closed-over value", "tasks.py", "outer(4)", "outer(3)", "tasks:closed"),
    _edit("nested function", "tasks.py", "factor * 7", "factor * 8", "tasks:outer"),
    _edit("ring of functions", "tasks.py", "n != 0 and", "n > 0 and", "tasks:odd"),
    _edit("alias of a constant", "constants.py", "ALIASED = 2", "ALIASED = 1", "constants:ALIASED"),
    _edit("attribute of a module", "constants.py", "STEP = 1", "STEP = 2", "constants:STEP"),
    _edit("renamed constant is gone", "constants.py", "STEP = 1", "STEPS = 1", "constants:STEP"),
    _edit("helper by another name", "cleaning.py", "[strip(row)", "[2 * strip(row)", "cleaning:clean"),
    _edit("helper of a helper", "further.py", "[:width]", "[1:width]", "further:strip"),
    _edit("its keyword-only default", "further.py", "width=80", "width=79", "further:strip"),
    _edit("effect of a reached module", "further.py", "sorted([1])", "sorted([2])", "further:<body>"),
    _edit("wrapper in a decorator", "decorated.py", "return function(*args)", "return None", "decorated:timed"),
    _edit("argument of a decorator", "tasks.py", "timed(loud=False)", "timed(loud=True)", "tasks:Trainer"),
    _edit("decorator removed", "tasks.py", "    @timed(loud=False)\n", "", "tasks:Trainer", "tasks:timed", "decorated:timed"),
    _edit("attribute of a base", "bases.py", "shared = 1", "shared = 2", "bases:Base"),
    _edit("inherited method", "bases.py", "return below()", "return below() + 1", "bases:Base"),
    _edit("helper of an inherited method", "bases.py", "def below():\n    return 1", "def below():\n    return 2", "bases:below"),
    _edit("mixin", "bases.py", "def mixed(self):\n        return 1", "def mixed(self):\n        return 2", "bases:Mixin"),
    _edit("metaclass", "bases.py", "level = 1", "level = 2", "bases:Meta"),
    _edit("order of bases", "tasks.py", "(Mixin, Base)", "(Base, Mixin)", "tasks:Trainer"),
    _edit("through a re-export", "lib/inner.py", "return sibling.VALUE", "return -sibling.VALUE", "lib.inner:thing"),
    _edit("relative import", "lib/sibling.py", "VALUE = 1", "VALUE = 2", "lib.sibling:VALUE"),
    _edit("what is re-exported", "lib/__init__.py", "import unexported", "import unexported as exported", "lib:exported", "lib.inner:unexported"),
    _edit("effect of a package", "lib/__init__.py", "os.getcwd()", "os.getpid()", "lib:<body>"),
    _edit("star import", "lib/stars.py", "def starred():\n    return 1", "def starred():\n    return 2", "lib.stars:starred"),
    _edit("what a star exports", "lib/stars.py", "['starred']", "['starred', 'unstarred']", "lib.stars:__all__"),
    _edit("import in a function", "local_one.py", "return 1", "return 3", "local_one:first"),
    _edit("renamed import in a function", "local_two.py", "return 2", "return 4", "local_two:second"),
    _edit("import by a literal name", "named.py", "42", "43", "named:answer"),
    _edit("new code in it", "named.py", "def answer", "EXTRA = 1\ndef answer", "named:EXTRA"),
    _edit("computed attribute of a module", "plugins.py", "return 1", "return 2", "plugins:plug"),
    _edit("what that module took from elsewhere", "plugged.py", "def from_elsewhere():\n    return 1", "def from_elsewhere():\n    return 2", "plugged:from_elsewhere"),
    _edit("attributes that a module makes", "lazy.py", "lambda: name", "lambda: name * 2", "lazy:__getattr__"),
    _edit("member of an enum", "models.py", "RED = 1", "RED = 2", "models:Colour"),
    _edit("field of a dataclass in an annotation", "models.py", "depth: int = 3", "depth: int = 4", "models:Config"),
    _edit("single dispatch", "tasks.py", 'return "int"', 'return "INT"', "tasks:_"),
    _edit("conditional import", "tasks.py", "import pickle as fast", "import marshal as fast", "tasks:fast"),
    _edit("other module by the same name", "tasks.py", "import math as", "import cmath as", "tasks:arithmetic"),
    _edit("constant of a dependency", "tasks.py", "OTHER = 5", "OTHER = 6", "tasks:Preprocessor.OTHER"),
    _edit("static method of a dependency", "tasks.py", "return label()", "return label() * 2", "tasks:Preprocessor.names"),
    _edit("helper of that method", "tasks.py", 'return "label"', 'return "name"', "tasks:label"),
    _edit("method of a dependency's instance", "tasks.py", "return self.OTHER", "return -self.OTHER", "tasks:Preprocessor.measured"),
    _edit("how a dependency is made", "tasks.py", "kept=2", "kept=3", "tasks:Trainer"),
    _edit("another dependency", "tasks.py", "@requires(Wanted)", "@requires(Preprocessor)", "tasks:Trainer"),
]  # fmt: skip

NEUTRAL = [
    _edit("comment", "tasks.py", "limit = 5", "limit = 5  # five"),
    _edit("comment in a helper", "tasks.py", "# counts", "# counts up"),
    _edit("docstring of the task", "tasks.py", '"""Train."""', '"""Train it."""'),
    _edit("no docstring", "tasks.py", '    """Train."""\n', ""),
    _edit("docstring of the module", "tasks.py", "The tasks of", "All tasks of"),
    _edit("docstring of a helper", "cleaning.py", "'Clean.'", '"""Clean\n\n    rows."""'),
    _edit("blank lines", "tasks.py", "LIMIT = 3", "\n\n\nLIMIT = 3"),
    _edit("quotes", "tasks.py", '"a": 1', "'a': 1"),
    _edit("parentheses", "tasks.py", "return x + step + LIMIT", "return ((x + step) + LIMIT)"),
    _edit("line breaks", "tasks.py", "return x + step", "return x + \\\n        step"),
    _edit("trailing comma", "tasks.py", '{"a": 1}', '{"a": 1,}'),
    _edit("number written otherwise", "tasks.py", "LIMIT = 3", "LIMIT = 0x3"),
    _edit("text in two pieces", "tasks.py", 'return "label"', 'return "la" "bel"'),
    _edit("pass", "tasks.py", "    return 99", "    pass\n    return 99"),
    _edit("pass in a reached function", "tasks.py", "    return x + step", "    pass\n    return x + step"),
    _edit("line ends", "cleaning.py", "\n", "\r\n"),
    _edit("tabs", "cleaning.py", "    ", "\t"),
    _edit("unused function", "tasks.py", "return 99", "return 98"),
    _edit("unused function removed", "tasks.py", "def unused():\n    return 99\n", ""),
    _edit("unused function of a module", "cleaning.py", "def another():\n    return 1", "def another():\n    return 2"),
    _edit("unread constant", "constants.py", "UNREAD = 3", "UNREAD = 4"),
    _edit("unread name beside it", "lib/sibling.py", "OTHER = 1", "OTHER = 2"),
    _edit("unexported star", "lib/stars.py", "def unstarred():\n    return 1", "def unstarred():\n    return 2"),
    _edit("unrelated class", "bases.py", "    pass", "    x = 1"),
    _edit("local name of an unread import", "local_two.py", "return 3", "return 5"),
    _edit("what was not taken", "plugged.py", "def stays():\n    return 1", "def stays():\n    return 2"),
    _edit("run of a dependency", "tasks.py", "        secret()\n", "        secret(); secret()\n"),
    _edit("helper of a dependency", "tasks.py", "of the preprocessor", "of another"),
    _edit("parameter of a dependency", "tasks.py", "kept = luigi.IntParameter(default=1)", "kept = luigi.IntParameter(default=4)"),
    _edit("run of a decorator's dependency", "tasks.py", "class Wanted(luigi.Task):\n    def run(self):\n        return 1", "class Wanted(luigi.Task):\n    def run(self):\n        return 2"),
    _edit("how the file is run by itself", "tasks.py", "luigi.build([Trainer()])", "luigi.build([Trainer(seed=1)])"),
    _edit("imports for types", "tasks.py", "LIMIT = 3", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import constants as c\nLIMIT = 3"),
    _edit("order of definitions", "constants.py", "STEP = 1\nALIASED = 2\n", "ALIASED = 2\nSTEP = 1\n"),
]  # fmt: skip


@dataclass
class Project:
    """The project as it was imported, and what the code of its trainer was then."""

    root: Path
    trainer: type
    before: Code

    def after(self, edit: Edit) -> Code:
        """The code after an edit, which is undone again."""
        path = self.root / edit.file
        text = FILES[edit.file]
        assert edit.old in text
        path.write_text(text.replace(edit.old, edit.new), encoding="utf-8", newline="")
        try:
            return Reader([self.root]).code_of(self.trainer)
        finally:
            path.write_text(text, encoding="utf-8", newline="")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project, imported."""
    root = tmp_path_factory.mktemp("project")
    write(root, FILES)
    with Imported(root) as imported:
        trainer = imported.kind("Trainer")
        yield Project(root, trainer, Reader([root]).code_of(trainer))


@pytest.mark.parametrize("edit", SEMANTIC, ids=lambda edit: edit.name)
def test_what_can_change_a_result_is_code(project: Project, edit: Edit) -> None:
    """An edit of anything that the task can reach changes its code, and the edited symbol is the one named."""
    assert edit.names <= changed(project.before, project.after(edit))


@pytest.mark.parametrize("edit", SEMANTIC, ids=lambda edit: edit.name)
def test_nothing_else_is_named(project: Project, edit: Edit) -> None:
    """Beside the edited symbols only those change that the edit itself brings in or takes out."""
    after = project.after(edit)
    kept = project.before.digests.keys() & after.digests.keys()
    assert set() == (changed(project.before, after) & kept) - edit.names


@pytest.mark.parametrize("edit", NEUTRAL, ids=lambda edit: edit.name)
def test_what_cannot_change_a_result_is_no_code(project: Project, edit: Edit) -> None:
    """Comments, docstrings, layout and what is not reached leave the code as it was."""
    assert set() == changed(project.before, project.after(edit))


def test_the_cases_are_many() -> None:
    """Every case has a name of its own, and there are enough of them."""
    names = [edit.name for edit in (*SEMANTIC, *NEUTRAL)]
    assert len(names) == len(set(names)) >= 80
