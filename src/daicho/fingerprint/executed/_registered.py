"""What a task could take out of tables that it reached: what decorators put there, the subclasses of a base.

A class that is taken from a table starts nothing of its own when only its attributes are read, or when `dataclasses`
has written its `__init__`; and the decorator ran when the module was imported, mostly before any task. So the tables
themselves are looked at when the task has run: those that stand at the top of a module, and in classes and objects
there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from types import FunctionType, MappingProxyType
from typing import Any, Final

from daicho.fingerprint.code import Reader
from daicho.fingerprint.code._modules import Module
from daicho.fingerprint.code._names import Node
from daicho.fingerprint.code._table import Table
from daicho.fingerprint.executed._loader import imported_files

_MOST: Final = 1000  # entries of one table: more are data
_DEEP: Final = 3
_TABLES: Final = (dict, list, tuple, set, frozenset, MappingProxyType)


def registered(names: Iterable[tuple[Module, str]], reader: Reader) -> Iterator[Node]:
    """The project's own functions and classes that are in the tables of some definitions.

    Args:
        names: The definitions: modules, and names of theirs.
        reader: Reads the project's files.
    """
    places = [place for place in names if not _is_import(reader.table(place[0]), place[1])]
    if not places:
        return
    files = imported_files()
    modules = {path: vars(sys.modules[name]) for name, path in files.items() if name in sys.modules}
    asks = any(reader.table(module).lists_subclasses for module, _ in places)
    found: dict[int, Any] = {}
    for module, name in places:
        value = modules.get(module.path, {}).get(name)
        inherited = _subclasses(value) if asks and isinstance(value, type) else ()
        found.update((id(each), each) for each in chain(_inside(value), inherited))
    for each in found.values():
        home = reader.module(files.get(each.__module__ or "", "/"))
        name = each.__qualname__.partition(".")[0]
        if home is not None and reader.table(home).units_of(name) and not reader.names.is_task(home, name):
            yield Node("def", home, name)


def _is_import(table: Table, name: str) -> bool:
    return all(unit.is_import for unit in table.units_of(name))


def _inside(value: object) -> Iterator[Any]:
    """The functions and classes in the tables that a value is or holds."""
    if isinstance(value, _TABLES):
        yield from _entries(value, _DEEP)
    elif not isinstance(value, FunctionType):
        for name, held in islice(list(getattr(value, "__dict__", {}).items()), _MOST):
            if isinstance(held, _TABLES) and not name.startswith("__"):
                yield from _entries(held, _DEEP)


def _entries(value: Any, depth: int) -> Iterator[Any]:
    held = chain(value.keys(), value.values()) if isinstance(value, dict | MappingProxyType) else value
    for each in islice(list(held), _MOST):
        if isinstance(each, type | FunctionType):
            yield each
        elif depth and isinstance(each, _TABLES):
            yield from _entries(each, depth - 1)


def _subclasses(kind: type) -> Iterator[type]:
    found: list[type] = type.__subclasses__(kind)
    for each in found:
        yield each
        yield from _subclasses(each)
