"""From what was seen to symbols: what a task ran beyond the code that its class can reach.

Four things are kept, each as `code:module:name` with its digest:

- What ran and is not known already, with all that *it* can reach: a function in a registry computes with constants
  of its module, and those start nothing that could be seen.
- The constants and classes of modules that only running could find and that were imported meanwhile: they may have
  been read without any code of the module.
- `<imports>` of each module that something ran in: what its import, and the imports that this loads, do (see
  `code._imports`). A module's body runs once per process, mostly before any task does, and may have changed what
  others defined. Only statements that do something count, not definitions; and only modules that the task's own
  modules import, not all that happen to be in the process: twenty tasks that are loaded together must not depend on
  one another. So a task is the same in a worker, in a notebook and in a test.
- `<names>` of modules that only running could find, and of the packages around them: another entry of a registry, or
  another plug-in, has not run yet, but will.

Of task classes that are dependencies single members count, as in the closure. `requires()` of theirs does not: what
they depend on is said by their own keys. `__init__` counts (it may set what `run()` then reads), but not what it
leads to: it runs inside `run()` only because `self.requires()` makes tasks, and would pull in the class as a whole.

What ran is read as it was when it was compiled: a file may be edited while its tasks run, and often is.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

from daicho.errors import InputError
from daicho.fingerprint.code import Reader
from daicho.fingerprint.code._closure import BODY, FILE
from daicho.fingerprint.code._modules import Module
from daicho.fingerprint.code._names import Node
from daicho.fingerprint.code._serialise import digest
from daicho.fingerprint.code._table import Table, Unit
from daicho.fingerprint.executed._marks import Place
from daicho.fingerprint.executed._watch import Seen

IMPORTS: Final = "<imports>"
NAMES: Final = "<names>"
_CODE: Final = "code:"
_DOCUMENTED: Final = "+docs"


def extra_of(seen: Seen, reader: Reader, known: Collection[str]) -> dict[str, str]:
    """What was executed and is not known.

    Args:
        seen: What was seen.
        reader: Reads the project's files; in a process that runs several tasks, one for all of them.
        known: The symbols that the task's class can reach, as `module:name`.

    Returns:
        The digest of each, by `code:module:name`; see `digest_now`.

    Raises:
        InputError: If the reader had read a file before, and not as what was compiled: the plan was made of that.
    """
    for path in reader.take(seen.texts)[:1]:
        raise InputError(
            f"`{os.path.basename(path)}` was edited between planning and starting",
            hints=("run again: the new plan takes it as it is now",),
        )
    held = frozenset(known)
    nodes = list(dict.fromkeys([*_nodes(seen, reader, held), *_values(seen, reader, held)]))
    modules = {node.module for node in nodes} | set(_modules(reader, seen.modules))
    extra = dict(_beyond(reader, nodes, held))
    for module in _roots(reader, {module for module in modules if module is not None}):
        extra[_key(reader, module, IMPORTS)] = reader.imports.digest(module)
    found = {module for module in modules if module is not None and not _is_known(reader, module, held)}
    for module in found | {package for each in found for package in reader.packages(each)[:1]}:
        extra[_key(reader, module, NAMES)] = _names(reader, module)
    for module in _modules(reader, seen.blind):
        if f"{_name(reader, module)}:{FILE}" not in held:
            extra[_key(reader, module, FILE)] = _file(reader.table(module))
    return dict(sorted(extra.items()))


def digest_now(reader: Reader, name: str) -> str | None:
    """The digest that something executed has now, or None if it is not there any more.

    Args:
        reader: Reads the project's files; nothing needs to be imported.
        name: As `extra_of` gave it: `code:module:name`.
    """
    place, _, symbol = name.removeprefix(_CODE).removesuffix(_DOCUMENTED).rpartition(":")
    module = reader.module(place)
    if module is None:
        return None
    if symbol == IMPORTS:
        return reader.imports.digest(module)
    if symbol == NAMES:
        return _names(reader, module)
    if symbol == FILE:
        return _file(reader.table(module))
    for reached in reader.part(_node_of(module, symbol)):
        if reached.module is module and reached.name == symbol:
            return reached.with_docs if name.endswith(_DOCUMENTED) else reached.code
    return None


# ---------------------------------------------------------------------------------- symbols and their names


def _key(reader: Reader, module: Module, symbol: str) -> str:
    return f"{_CODE}{_name(reader, module)}:{symbol}"


def _name(reader: Reader, module: Module) -> str:
    """A module's name, unless another file has it: then its own."""
    return module.name if reader.module(module.name) is module else module.file


def _is_known(reader: Reader, module: Module, held: Collection[str]) -> bool:
    return any(each.rpartition(":")[0] in {module.name, module.file} for each in held)


def _node_of(module: Module, symbol: str) -> Node:
    if symbol == BODY:
        return Node("body", module, "")
    return Node("attr" if "." in symbol else "def", module, symbol)


def _beyond(reader: Reader, nodes: Iterable[Node], held: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is not known, and what that can reach."""
    every = list(nodes)
    if all(_holds(held, node.module, node.name or BODY) for node in every):
        return
    # From what is known, too, though that is then left out: one of it may be what reads a docstring.
    reached, reads_docs = reader.reach(node for node in every if not _makes(node))
    for each in (*reached, *(part for node in every if _makes(node) for part in reader.part(node))):
        if not _holds(held, each.module, each.name):
            key = _key(reader, each.module, each.name)
            yield (key + _DOCUMENTED, each.with_docs) if reads_docs else (key, each.code)


def _makes(node: Node) -> bool:
    return node.kind == "attr" and node.name.endswith(".__init__")


def _holds(held: Collection[str], module: Module | None, name: str) -> bool:
    if module is None:
        return True
    owner = name.partition(".")[0]
    return any(
        f"{where}:{each}" in held for where in (module.name, module.file) for each in (name, owner, FILE)
    )


def _file(table: Table) -> str:
    if table.opaque:
        return table.opaque
    return digest("file", *(table.unit(number).part.code for number in range(len(table.units))))


def _names(reader: Reader, module: Module) -> str:
    table = reader.table(module)
    units = {name: table.units_of(name) for name in table.names if name != "__doc__"}
    own = sorted(name for name, bound in units.items() if not all(unit.is_import for unit in bound))
    return digest("names", *own, "", *reader.siblings(module))


# ---------------------------------------------------------------------------------- from places to nodes


def _modules(reader: Reader, paths: Iterable[str]) -> Iterator[Module]:
    for path in sorted(paths):
        module = reader.module(path)
        if module is not None:
            yield module


def _roots(reader: Reader, modules: set[Module]) -> Iterator[Module]:
    """Those modules that no other of them imports: with what they import they are all."""
    covered: set[Module] = set()
    by_size = sorted(modules, key=lambda each: (-len(reader.imports.modules(each)), each.path))
    for module in by_size:
        if module not in covered:
            covered |= reader.imports.modules(module)
            yield module


def _nodes(seen: Seen, reader: Reader, held: Collection[str]) -> Iterator[Node]:
    for place in sorted(seen.definitions):
        module = reader.module(place[0])
        if module is not None:
            yield from _definition(Place(*place), module, reader, held, seen)


def _values(seen: Seen, reader: Reader, held: Collection[str]) -> Iterator[Node]:
    """What the modules define that were found and imported meanwhile, but for functions."""
    for module in _modules(reader, seen.modules):
        table = reader.table(module)
        if table.opaque or _is_known(reader, module, held):
            continue
        body = ast.parse(seen.texts.get(module.path) or Path(module.path).read_bytes()).body
        functions = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        for name in sorted(table.names.keys() - functions - {"__doc__"}):
            if not all(unit.is_import for unit in table.units_of(name)):
                yield Node("def", module, name)


def _definition(
    place: Place, module: Module, reader: Reader, held: Collection[str], seen: Seen
) -> Iterator[Node]:
    """The definition at the top of a module that a code object belongs to, however deep inside."""
    table = reader.table(module)
    top, _, rest = place.name.partition(".")
    units = table.units_of(top)
    if table.opaque:
        yield Node("def", module, FILE)
    elif not units:  # `<lambda>`, `<genexpr>`, or a name that was taken away again
        yield from (_node_of(module, name) for name in _at_line(place, table, seen))
    elif f"{module.name}:{top}" not in held and reader.names.is_task(module, top):
        yield from _member(place, module, top, rest.partition(".")[0], units)
    else:
        yield Node("def", module, top)


def _member(place: Place, module: Module, kind: str, name: str, units: list[Unit]) -> Iterator[Node]:
    members = {each: parts for unit in units for each, parts in (unit.members or {}).items()}
    if name not in members:  # a lambda in the class's body
        before = [
            (part.line, each) for each, parts in members.items() for part in parts if part.line <= place.line
        ]
        name = max(before)[1] if before else ""
    if name == "requires" or all(part.declared for part in members.get(name, ())):
        return
    yield Node("attr", module, f"{kind}.{name}") if name else Node("def", module, kind)


def _at_line(place: Place, table: Table, seen: Seen) -> Iterator[str]:
    """The names that the statement in a line binds, or the module's body."""
    start, end = _lines(place, seen.texts.get(place.path) or Path(place.path).read_bytes())
    numbers = [number for number in range(len(table.units)) if start <= table.unit(number).part.line <= end]
    names = sorted(name for name, bound in table.names.items() if set(bound) & set(numbers))
    yield from names
    if set(numbers) & set(table.effects) or not names:
        yield BODY


def _lines(place: Place, text: bytes) -> tuple[int, int]:
    for node in ast.parse(text).body:
        lines = [node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))]
        if min(lines) <= place.line <= (node.end_lineno or node.lineno):
            return min(lines), node.end_lineno or node.lineno
    return place.line, place.line
