"""Where the source of a class object is: a file, the cells of a notebook, or nowhere."""

from __future__ import annotations

import linecache
import os
import sys
from types import FunctionType
from typing import Any, Final

from daicho.errors import DeclarationError

NOTEBOOK: Final = "<notebook>"

_NO_CELL: Final = ("<string>", "<stdin>", "<python-input")


def file_of(kind: type) -> str | None:
    """The file that defines a class, or None."""
    found = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if found:
        return str(found)
    return next((name for name in _code_files(kind) if os.path.exists(name)), None)


def is_made_of_text(kind: type) -> bool:
    """Whether a class was made by `exec` or typed at a prompt: its methods know no file."""
    return any(name.startswith(_NO_CELL) for name in _code_files(kind))


def cells_of(kind: type) -> bytes | None:
    """The text of the notebook that a class was written in, as far as it was run; else None.

    IPython keeps what was run as `In`; what is no Python (magics, cells that failed to parse) is left out.
    """
    history = vars(sys.modules["__main__"]).get("In") if kind.__module__ == "__main__" else None
    if isinstance(history, list):
        return "\n".join(cell for cell in map(_python, history) if cell).encode("utf-8", "surrogatepass")
    for name in _code_files(kind):
        if not name.startswith(_NO_CELL) and (lines := linecache.getlines(name)):
            return "".join(lines).encode("utf-8", "surrogatepass")
    return None


def unreadable(kind: type) -> DeclarationError:
    """The error for a class whose source cannot be found."""
    return DeclarationError(
        f"the source of `{kind.__module__}.{kind.__qualname__}` cannot be found,"
        " so it cannot be known when its results are out of date",
        hints=("put the class into a file that is imported",),
    )


def _code_files(kind: type) -> list[str]:
    found: dict[str, None] = {}
    for value in vars(kind).values():
        function: Any = getattr(value, "__func__", getattr(value, "fget", value))
        while hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        if isinstance(function, FunctionType) and function.__module__ == kind.__module__:
            found[function.__code__.co_filename] = None
    return list(found)


def _python(cell: object) -> str:
    if not isinstance(cell, str) or cell.lstrip().startswith("%%"):
        return ""
    text = "\n".join(line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!", "?")))
    try:
        compile(text, NOTEBOOK, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return ""
    return text
