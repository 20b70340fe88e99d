"""Whether a graph is the same wherever the same files lie: then a plan that was made once need not be made again.

A task class may compute what it needs from anything: the clock, a folder, a database. What it asks cannot be watched
(an audit hook sees neither `stat` nor the clock), so this goes by syntax: literals, constructors of tasks, loops and
comprehensions over parameters are known to depend on nothing else; whatever is not on that short list may.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from daicho.task.steady._classes import odd_class
from daicho.task.steady._expressions import Expressions
from daicho.task.steady._modules import odd_module
from daicho.task.steady._text import Texts

__all__ = ["first_party_modules", "unsteady"]


def unsteady(kinds: Iterable[type], root: Path) -> str | None:
    """What may make another graph of the same files; None if nothing.

    Args:
        kinds: The task classes of a graph whose modules are imported.
        root: The project's folder.

    Returns:
        What was found first, for people: the code, its module and line.
    """
    expressions = Expressions(Texts(root))
    for name in first_party_modules(root):
        text = expressions.texts.of(name)
        odd = f"`{name}` cannot be read" if text is None else odd_module(text, expressions)
        if odd is not None:
            return odd
    return next((odd for kind in set(kinds) if (odd := odd_class(kind, expressions)) is not None), None)


def first_party_modules(root: Path) -> list[str]:
    """The names of the project's modules that are imported, sorted."""
    texts = Texts(root)
    return sorted(name for name in list(sys.modules) if texts.is_own(name))
