"""Task classes that read others, made of texts that a test writes, and what they depend on."""

from __future__ import annotations

import functools
import itertools
import linecache
import textwrap
from pathlib import Path
from typing import Any

from daicho import Task, output

_NUMBERS = itertools.count()


class Raw(Task):
    """Something that is needed further up."""

    a = output("a.txt")
    b = output("b.txt")

    def run(self) -> None:
        """Not run here."""


class Data(Task):
    """What is depended on: outputs, a parameter, a constant, and nothing that it needs itself."""

    seed: int = 0
    train = output("train.txt")
    test = output("test.txt")
    items = output("items.txt")
    COLUMNS = ("a", "b")

    @property
    def frame(self) -> Path:
        """An output by another name."""
        return self.test.path

    def run(self) -> None:
        """Not run here."""


class Deep(Task):
    """What is depended on and needs something itself."""

    raw: Raw
    x = output("x.txt")
    y = output("y.txt")

    def run(self) -> None:
        """Not run here."""


class Group(Task):
    """A wrapper."""

    data: Data


HEAD = """
import contextlib
import functools
from tests.task import readers as here
from tests.task.readers import Data, Deep, Group, Raw, Task, handed, wrapping

Other = Data
MADE = Data()
"""

CLASS = """
class Reader(Task):
    data: Data
    more: Data = Data(seed=1)
    deep: Deep
    raw: Raw
    parts: list[Data] = [Data(seed=2), Data(seed=3)]
    named: dict[str, Data] = {"a": Data(seed=4)}
"""


def handed(*values: Any) -> Any:
    """A function elsewhere."""
    return values


def wrapping(function: Any) -> Any:
    """A decorator that nobody knows."""

    @functools.wraps(function)
    def inner(*given: Any) -> Any:
        return function(*given)

    return inner


def written(*blocks: str) -> dict[str, Any]:
    """What a module defines whose text is this one; it has a file for all who ask."""
    text = "\n".join(textwrap.dedent(block) for block in blocks)
    name = f"made_{next(_NUMBERS)}.py"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, name, "exec", dont_inherit=True), names)  # classes as a module has them
    return names


def reading(body: str, rest: str = "") -> Any:
    """A reader with these lines in its `run()`, and further members."""
    run = textwrap.indent(
        f"def run(self):\n{textwrap.indent(textwrap.dedent(body).strip(), '    ')}\n", "    "
    )
    return written(HEAD, CLASS + run + textwrap.indent(textwrap.dedent(rest), "    "))["Reader"]
