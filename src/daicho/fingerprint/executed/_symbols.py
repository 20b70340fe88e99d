"""From what was seen to symbols: what a task ran beyond the code that its class can reach.

These things are kept, each as `code:module:name` with its digest:

- What ran and is not known already, with all that *it* can reach: a function in a registry computes with constants
  of its module, and those start nothing that could be seen.
- The constants and classes of modules that only running could find and that were imported meanwhile: they may have
  been read without any code of the module.
- What loaded modules were asked for by names that no text leads to, and `<no name>` where there was no such name.
- Classes in tables that the code reached, and `<registered>`: what may enter itself into tables when the modules are
  imported. Both only where there is such a table.
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
from daicho.fingerprint.executed._asked import EVERYTHING
from daicho.fingerprint.executed._marks import Place
from daicho.fingerprint.executed._registered import registered
from daicho.fingerprint.executed._watch import Seen

IMPORTS: Final = "<imports>"
NAMES: Final = "<names>"
LACKS: Final = "<no "
REGISTERED: Final = "<registered>"
_CODE: Final = "code:"
_BUT: Final = " but "
_DOCUMENTED: Final = "+docs"


def extra_of(
    seen: Seen, reader: Reader, known: Collection[str], ignored: Collection[str] = ()
) -> dict[str, str]:
    """What was executed and is not known.

    Args:
        seen: What was seen.
        reader: Reads the project's files; in a process that runs several tasks, one for all of them.
        known: The symbols that the task's class can reach, as `module:name`.
        ignored: Modules whose imports do not count, with all below them.

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
    started = list(_nodes(seen, reader, held))
    written = {
        (each.module, each.name) for each in reader.reach(node for node in started if not _makes(node))[0]
    }
    tables = list(registered(written, reader))
    values = [*_values(seen, reader, held), *_asked(seen, reader, started), *_kinds(tables, seen, reader)]
    fresh = (each for each in values if not _holds(held, each.module, each.name) and each[1:] not in written)
    nodes = list(dict.fromkeys([*started, *fresh]))
    modules = {node.module for node in nodes if node.module} | set(_modules(reader, seen.modules))
    extra = dict(_beyond(reader, nodes, held))
    extra.update(_of_imports(reader, modules, tuple(sorted(ignored)), tables=bool(tables)))
    extra.update(
        _of_names(reader, {module for module in modules if not _is_known(reader, module, held)}, seen)
    )
    for module in _modules(reader, seen.blind):
        if f"{_name(reader, module)}:{FILE}" not in held:
            extra[_key(reader, module, FILE)] = _file(reader.table(module))
    return dict(sorted(extra.items()))


def _of_imports(
    reader: Reader, modules: set[Module], ignored: tuple[str, ...], *, tables: bool
) -> Iterator[tuple[str, str]]:
    for module in _roots(reader, modules):
        yield _key(reader, module, _but(IMPORTS, ignored)), reader.imports.digest(module, ignored)
        if tables:
            yield _key(reader, module, _but(REGISTERED, ignored)), reader.imports.registered(module, ignored)


def _of_names(reader: Reader, found: set[Module], seen: Seen) -> Iterator[tuple[str, str]]:
    for module in found | {package for each in found for package in reader.packages(each)[:1]}:
        yield _key(reader, module, NAMES), _names(reader, module)
    for path, name in seen.lacking:
        for module in _modules(reader, [path]):
            absent = _lacking(reader, module, name)
            if absent is not None:
                yield _key(reader, module, f"{LACKS}{name}>"), absent


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
    if symbol.startswith((IMPORTS[:-1], REGISTERED[:-1])):
        what, _, names = symbol.strip("<>").partition(_BUT)
        make = reader.imports.digest if what == IMPORTS.strip("<>") else reader.imports.registered
        return make(module, tuple(names.split()))
    if symbol.startswith(LACKS):
        return _lacking(reader, module, symbol[len(LACKS) : -1])
    if symbol == NAMES:
        return _names(reader, module)
    if symbol == FILE:
        return _file(reader.table(module))
    for reached in reader.part(_node_of(module, symbol)):
        if reached.module is module and reached.name == symbol:
            return reached.with_docs if name.endswith(_DOCUMENTED) else reached.code
    return None


# ---------------------------------------------------------------------------------- symbols and their names


def _but(symbol: str, ignored: tuple[str, ...]) -> str:
    """`<imports but lib.log>`: what is ignored is in the name, for that is all that a later hit is told."""
    return f"{symbol[:-1]}{_BUT}{' '.join(ignored)}>" if ignored else symbol


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


def _lacking(reader: Reader, module: Module, name: str) -> str | None:
    """The digest of there being no such name; None if there is."""
    return (
        None
        if any(node.kind == "def" for node in reader.names.follow(module, name))
        else digest("lacks", name)
    )


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
        if not _is_known(reader, module, held):
            yield from _values_of(module, seen, reader)


def _values_of(module: Module, seen: Seen, reader: Reader) -> Iterator[Node]:
    table = reader.table(module)
    for name in sorted(table.names.keys() - _functions(module, seen, reader) - {"__doc__"}):
        if not all(unit.is_import for unit in table.units_of(name)):
            yield Node("def", module, name)


def _functions(module: Module, seen: Seen, reader: Reader) -> set[str]:
    if reader.table(module).opaque:
        return set()
    body = ast.parse(seen.texts.get(module.path) or Path(module.path).read_bytes()).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _asked(seen: Seen, reader: Reader, started: Iterable[Node]) -> Iterator[Node]:
    """What loaded modules were asked for."""
    often = seen.often if seen.often and reader.looks_up(started) else set()
    # What is lacking may be written down all the same, under a condition.
    every = {each for each in seen.asked | seen.lacking if each[0] not in often}
    every |= {(path, EVERYTHING) for path in often}
    for module in _modules(reader, {path for path, _ in every}):
        yield from _asked_of(module, {name for path, name in every if path == module.path}, seen, reader)


def _kinds(tables: Iterable[Node], seen: Seen, reader: Reader) -> Iterator[Node]:
    """The classes in tables; functions in them are seen when they start."""
    return (node for node in tables if node.module and node.name not in _functions(node.module, seen, reader))


def _asked_of(module: Module, names: set[str], seen: Seen, reader: Reader) -> Iterator[Node]:
    """Values: functions are seen when they start, modules when they are asked in turn, tasks are no one's code."""
    if reader.table(module).opaque:
        yield Node("def", module, FILE)
    elif EVERYTHING in names:
        yield from _values_of(module, seen, reader)
    for name in sorted(names - {EVERYTHING}):
        for node in reader.names.follow(module, name):
            home = node.module
            if home is not None and node.kind == "def" and not reader.names.is_task(home, node.name):
                yield from () if node.name in _functions(home, seen, reader) else (node,)


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
