"""What is configured: for daicho itself, then task by task, each value with where it came from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from daicho.cli.line import Line, line, table
from daicho.errors import spelt
from daicho.verbs.config import Configuration, Value

_LONGEST = 60  # what is shown of a value


def lines(found: Configuration, *, width: int | None) -> Iterator[Line]:
    """The values that hold.

    Args:
        found: What is configured.
        width: The terminal's width; None for a pipe.
    """
    yield line((found.root, "strong"), (f"  {', '.join(found.files) or 'no configuration file'}", "dim"))
    yield from _values(found.own, width)
    for task in found.tasks:
        yield line()
        yield line((task.label, "strong"))
        yield from _values(task.values, width)
        if not task.values:
            yield line("  ", ("no parameters", "dim"))


def _values(values: Sequence[Value], width: int | None) -> Iterator[Line]:
    rows = [[line((each.name, "name")), line(_shown(each)), _where(each)] for each in values]
    yield from table(rows, width=width)


def _where(value: Value) -> Line:
    if value.where == "missing":
        return line(("missing", "bad"))
    return line((value.where, "dim"))


def _shown(value: Value) -> str:
    if value.where == "missing":
        return "?"
    if value.value is None:
        return "none"
    bare = isinstance(value.value, str) and value.value.strip()
    return spelt(value.value if bare else json.dumps(value.value, ensure_ascii=False, default=str), _LONGEST)
