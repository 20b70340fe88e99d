"""The project's own formats: how a file is written and read is code of the task that declares it.

A task that only reads another's file is not looked at here: what its `load()` executed is noted when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from daicho import formats
from daicho.errors import DeclarationError
from daicho.fingerprint.code import Reader
from daicho.task.declare import outputs_of, own_fields
from daicho.task.say import uses_of
from daicho.task.source import SourceField
from daicho.task.task import Task


def counted_of(kind: type, reader: Reader) -> tuple[object, ...]:
    """What counts as a class's code though nothing in it leads there: what it says, and its own formats."""
    return (*uses_of(kind), *own_formats(kind, reader))


def own_formats(kind: type, reader: Reader) -> tuple[type, ...]:
    """The classes of registered formats that the outputs and sources of a class have, if they are first-party."""
    found = {type(each) for name in _names(kind) if (each := formats.registered(name)) is not None}
    return tuple(
        sorted((each for each in found if _is_ours(each, reader)), key=lambda each: each.__qualname__)
    )


def _names(kind: type) -> Iterator[str]:
    for output in outputs_of(kind).values():
        yield output.format
    for _, field in own_fields(kind) if issubclass(kind, Task) else ():
        if isinstance(field, SourceField):
            try:
                yield formats.for_file(field.declared.place, field.declared.format).name
            except DeclarationError:  # read by its path, by the task's own code
                continue


def _is_ours(kind: type, reader: Reader) -> bool:
    """Whether it is code of the project: a library's counts by its version."""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return file is not None and reader.module(os.path.abspath(file)) is not None
