"""A small project with code in every position that a task can reach, or seems to."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from daicho.fingerprint.code import Code, Reader

TASKS = '''"""The tasks of the project."""

from __future__ import annotations

import functools
import importlib
import math as arithmetic

import luigi
from luigi.util import requires

import constants
import lazy
import plugins
from bases import Base, Mixin
from cleaning import clean as tidy
from decorated import timed
from lib import exported
from lib.stars import *
from models import Colour, Config

LIMIT = 3
FIRST, SECOND = 1, 2
TABLE = {"a": 1}
TABLE["b"] = 2
ALIAS = constants.ALIASED

try:
    import json as fast
except ImportError:
    import pickle as fast

def helper(x: int, *, step=10) -> int:
    """Help."""
    # counts
    return x + step + LIMIT

def unused():
    return 99

def outer(factor):
    def inner(v):
        return v * factor * 7
    return inner

square = lambda v: v * v
added = functools.partial(helper, 5)
closed = outer(4)

def even(n):
    return n == 0 or odd(n - 1)

def odd(n):
    return n != 0 and even(n - 1)

def deep():
    import local_one
    from local_two import second as other
    return local_one.first() + other()

@functools.singledispatch
def show(value):
    return "any"

@show.register
def _(value: int):
    return "int"

def secret():
    return "of the preprocessor"

def label():
    return "label"

class Preprocessor(luigi.Task):
    COLUMNS = ["a", "b"]
    OTHER = 5
    kept = luigi.IntParameter(default=1)

    def run(self):
        secret()

    @staticmethod
    def names():
        return label()

    def measured(self):
        return self.OTHER

class Wanted(luigi.Task):
    def run(self):
        return 1

@requires(Wanted)
class Trainer(Mixin, Base):
    """Train."""

    seed: int = 0
    config: Config
    data: Preprocessor
    other: "Preprocessor" = None

    def requires(self):
        return [Preprocessor(kept=2), self.data]

    @timed(loud=False)
    def run(self):
        total = helper(self.seed, step=constants.STEP)
        limit = 5
        total += square(2) + added() + closed(1) + int(even(2)) + deep() + exported.value() + FIRST
        total += len(TABLE) + ALIAS + starred() + Colour.RED.value + len(tidy([total]))
        total += importlib.import_module("named").answer() + getattr(plugins, "p" + "lug")()
        total += len(Preprocessor.names()) + self.data.measured() + self.data.kept
        return f"{total:>{limit}}" + show(1) + lazy.late() + fast.dumps(1) + str(arithmetic.floor(1.5))

if __name__ == "__main__":
    luigi.build([Trainer()])
'''

FILES: Mapping[str, str] = {
    "tasks.py": TASKS,
    "constants.py": "STEP = 1\nALIASED = 2\nUNREAD = 3\n",
    "bases.py": (
        "import luigi\n\nclass Meta(luigi.task_register.Register):\n    level = 1\n\n"
        "class Base(luigi.Task, metaclass=Meta):\n    shared = 1\n\n    def prepare(self):\n        return below()\n\n"
        "class Mixin:\n    def mixed(self):\n        return 1\n\ndef below():\n    return 1\n\n"
        "class Unrelated:\n    pass\n"
    ),
    "cleaning.py": (
        "from further import strip\n\ndef clean(rows):\n    'Clean.'\n    return [strip(row) for row in rows]\n\n"
        "def another():\n    return 1\n"
    ),
    "further.py": "def strip(row, *, width=80):\n    return str(row)[:width]\n\nsorted([1])\n",
    "decorated.py": (
        "import time\n\ndef timed(loud):\n    def decorate(function):\n        def wrapper(*args):\n"
        "            return function(*args)\n        return wrapper\n    return decorate\n"
    ),
    "lib/__init__.py": "from .inner import thing as exported\nfrom .inner import unexported\n\nimport os\nos.getcwd()\n",
    "lib/inner.py": (
        "from . import sibling\n\nclass thing:\n    @staticmethod\n    def value():\n        return sibling.VALUE\n\n"
        "def unexported():\n    return 1\n"
    ),
    "lib/sibling.py": "VALUE = 1\nOTHER = 1\n",
    "lib/stars.py": "__all__ = ['starred']\n\ndef starred():\n    return 1\n\ndef unstarred():\n    return 1\n",
    "local_one.py": "def first():\n    return 1\n",
    "local_two.py": "def second():\n    return 2\n\ndef third():\n    return 3\n",
    "named.py": "def answer():\n    return 42\n",
    "plugins.py": "from plugged import from_elsewhere\n\ndef plug():\n    return 1\n",
    "plugged.py": "def from_elsewhere():\n    return 1\n\ndef stays():\n    return 1\n",
    "lazy.py": "def __getattr__(name):\n    return lambda: name\n",
    "models.py": (
        "from dataclasses import dataclass\nfrom enum import Enum\n\nclass Colour(Enum):\n    RED = 1\n\n"
        "@dataclass\nclass Config:\n    depth: int = 3\n"
    ),
}


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write the files of a project."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")


class Imported:
    """Modules imported from a folder, and forgotten at the end."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __enter__(self) -> Self:
        self._before = set(sys.modules)
        sys.path.insert(0, str(self.root))
        importlib.invalidate_caches()
        return self

    def kind(self, name: str, module: str = "tasks") -> type:
        """A class of a module of the project."""
        found = getattr(importlib.import_module(module), name)
        assert isinstance(found, type)
        return found

    def __exit__(self, *_: object) -> None:
        sys.path.remove(str(self.root))
        for name in set(sys.modules) - self._before:
            file = getattr(sys.modules[name], "__file__", None)
            if file is None or Path(file).is_relative_to(self.root):
                del sys.modules[name]


def code_of(root: Path, files: Mapping[str, str], name: str = "Trainer", module: str = "tasks") -> Code:
    """Write a project, import a class of it, and read its code."""
    write(root, files)
    with Imported(root) as imported:
        return Reader([root]).code_of(imported.kind(name, module))


def changed(before: Code, after: Code) -> set[str]:
    """The symbols that are in one of them only, or differ."""
    old, new = before.digests, after.digests
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
