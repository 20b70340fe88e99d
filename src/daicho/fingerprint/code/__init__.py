"""The identity of code: which first-party definitions a class can reach, each with a digest.

A digest does not change by comments, layout or docstrings, nor by what is not reached; it is equal on every
Python that we support. Nothing is imported to find out. What only shows at run time (a registry, a name from
configuration) is not here: it is noted where it can be seen, and recorded when the task runs.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from daicho.fingerprint.code._closure import Closure, Reached, Step
from daicho.fingerprint.code._imports import Imports
from daicho.fingerprint.code._memory import Memory
from daicho.fingerprint.code._modules import Finder, Module
from daicho.fingerprint.code._names import Names, Node
from daicho.fingerprint.code._origin import NOTEBOOK, cells_of, file_of, is_made_of_text, unreadable
from daicho.fingerprint.code._say import Ignored, Said
from daicho.fingerprint.code._serialise import SCHEME, of_bytes
from daicho.fingerprint.code._table import Table, table_of

_LOOKING_UP: Final = frozenset(
    {
        *(
            "cloudpickle",
            "dill",
            "gc",
            "importlib",
            "inspect",
            "joblib",
            "operator",
            "pickle",
            "pkgutil",
            "runpy",
        )
    }
)
"""Libraries that hand out what is in modules by its name."""

__all__ = ["SCHEME", "Code", "Reader", "Symbol"]


@dataclass(frozen=True)
class Symbol:
    """A definition that a class can reach.

    Attributes:
        module: The dotted name of its module, by its place below the root.
        name: Its name there; `Class.member` for one member of a dependency's class; `<body>` for what the module
            does when it is imported; `<file>` for a file that counts as a whole.
        file: Its file, relative to its root, with `/`.
        line: Where it starts, from 1.
        digest: Of what it says, with the scheme in front.
    """

    module: str
    name: str
    file: str
    line: int
    digest: str


@dataclass(frozen=True)
class Code:
    """All first-party code that a class can reach.

    Attributes:
        symbols: By `module:name`, sorted.
        notes: What cannot be followed: a sentence with file and line.
        foreign: The top-level modules used that are not first-party, sorted.
        files: What the class says that it uses and that is no code: files of the project, then.
    """

    symbols: Mapping[str, Symbol]
    notes: tuple[str, ...]
    foreign: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each symbol: two classes with equal ones are the same code."""
        return {key: symbol.digest for key, symbol in self.symbols.items()}


class Reader:
    """Reads first-party files, each once, and tells what a class can reach; one for each time a plan is made.

    Args:
        roots: The folders whose code is first-party, the project's own first.
        memory: A file in which tables are remembered between launches; it may be deleted at any time.
    """

    def __init__(self, roots: Sequence[Path], memory: Path | None = None) -> None:
        self._finder = Finder(roots)
        self._memory = Memory(memory)
        self._tables: dict[Module, Table] = {}
        self._digests: dict[str, str] = {}
        self._texts: Mapping[str, bytes] = {}
        self._empty = Table()
        self._closure = Closure(self._finder, self._read)
        self._imports = Imports(self._closure)
        self._reached: dict[frozenset[Node], tuple[list[Reached], bool]] = {}

    def code_of(self, kind: type, *, uses: Iterable[object] = (), ignores: Iterable[str] = ()) -> Code:
        """What a class can reach: itself, its bases, decorators, helpers, constants, across first-party modules.

        A class that is only named as a dependency (an annotation, `requires()`, `@requires`) is not followed.

        Args:
            kind: The class.
            uses: What counts as well: objects, `module:name`, modules. Other texts are taken for files.
            ignores: What is left out, with what only it leads to: `module:name`, and modules with all below them.

        Raises:
            DeclarationError: If the source of the class cannot be found, or what it uses or ignores is not there.
        """
        with _without_collector():
            said = Said(kind, self._finder, self._read, self._closure.names)
            used, files = said.used(uses)
            steps = self._walk([*self._start(kind), *used], said.ignored(ignores))
            code = replace(self._code(steps), files=files)
            self._memory.save()
        path = file_of(kind)
        return code if path is None or self._finder.at(path) is not None else _with_outside(kind, path, code)

    def _walk(self, start: list[Node], ignored: Ignored) -> Iterator[Step]:
        if not ignored:
            yield from self._closure.walk(start)
            return
        yield from self._closure.walk(start, ignored.enters)
        yield from self._closure.walk(list(ignored.bodies), ignored.enters)

    def files(self) -> tuple[Path, ...]:
        """The first-party files that were read so far, sorted."""
        paths = (module.path for module in self._tables if not module.path.startswith("<"))
        return tuple(sorted(map(Path, paths)))

    def digests(self) -> dict[str, str]:
        """The SHA-256 of each Python file as it was when it was read, by path: what is run must be what was read."""
        return dict(self._digests)

    # ------------------------------------------------------------------------------ for what was executed

    @property
    def names(self) -> Names:
        """Looks names up, as the closure does."""
        return self._closure.names

    @property
    def imports(self) -> Imports:
        """What is done when a module is imported."""
        return self._imports

    def take(self, texts: Mapping[str, bytes]) -> list[str]:
        """Take the text of some files from here, not from the disk; gives those that were read as another before."""
        self._texts = texts
        read = {path: digest for path, digest in self._digests.items() if path in texts}
        return sorted(
            path for path, digest in read.items() if hashlib.sha256(texts[path]).hexdigest() != digest
        )

    def module(self, place: str) -> Module | None:
        """The first-party module of a file (a whole path), or of a name that a `Symbol` has."""
        return self._finder.at(place) if os.path.isabs(place) else self._finder.named(place)

    def table(self, module: Module) -> Table:
        """What a module defines."""
        return self._read(module)

    def siblings(self, package: Module) -> list[str]:
        """The names of the modules that lie in a package."""
        return self._finder.inside(package)

    def packages(self, module: Module) -> list[Module]:
        """The packages around a module, the nearest first."""
        return list(self._finder.parents(module))

    def part(self, node: Node) -> list[Reached]:
        """The code that one node stands for, without what it leads to."""
        with _without_collector():
            return self._closure.step(node).reached

    def reach(self, nodes: Iterable[Node]) -> tuple[list[Reached], bool]:
        """All code that can be reached from some nodes, and whether some of it reads docstrings."""
        start = frozenset(nodes)
        if start not in self._reached:  # the tasks of a class run much the same
            with _without_collector():
                every = list(self._closure.walk(start))
                self._memory.save()
            found = [reached for step in every for reached in step.reached]
            self._reached[start] = found, any(step.reads_docs for step in every)
        return self._reached[start]

    def looks_up(self, nodes: Iterable[Node]) -> bool:
        """Whether some of what can be reached from there takes something by a name that only running knows."""
        every = list(self._closure.walk(nodes))
        foreign = {node.name for step in every for node in step.nodes if node.kind == "foreign"}
        tops = {name.partition(":")[0].partition(".")[0] for name in foreign}
        return bool(_LOOKING_UP & tops) or any(step.notes for step in every)

    # ------------------------------------------------------------------------------ reading

    def _read(self, module: Module) -> Table:
        if not module.path:
            return self._empty
        table = self._tables.get(module)
        if table is None:
            table = self._tables[module] = self._load(module)
        return table

    def _load(self, module: Module) -> Table:
        try:
            data = self._texts.get(module.path)
            if data is None:
                with open(module.path, "rb", buffering=0) as file:
                    data = file.read()
        except OSError:
            return Table(opaque=of_bytes(b"unreadable"))
        if not module.is_source:
            return Table(opaque=of_bytes(data))
        digest = self._digests[module.path] = hashlib.sha256(data).hexdigest()
        table = self._memory.get(digest)
        if table is None:
            table = table_of(data)
            self._memory.put(digest, table)
        return table

    # ------------------------------------------------------------------------------ where to start

    def _start(self, kind: type) -> Iterator[Node]:
        yield from self._class(kind, asked=True)
        # Bases as they are, not only as they are written: a decorator or a function may have put them there.
        metaclass: type = type(kind)
        for base in (*kind.__mro__[1:], *metaclass.__mro__):
            yield from self._class(base, asked=False)

    def _class(self, kind: type, *, asked: bool) -> Iterator[Node]:
        module = self._module_of(kind, asked=asked)
        if module is None:
            return
        name, _, inner = kind.__qualname__.partition(".")
        if self._read(module).units_of(name):
            yield Node("def", module, name)
        elif asked and is_made_of_text(kind):
            raise unreadable(kind)
        if not self._read(module).units_of(name) or "<locals>" in inner:
            yield Node("whole", module, "")  # made by code of this module that cannot be told

    def _module_of(self, kind: type, *, asked: bool) -> Module | None:
        path = file_of(kind)
        if path is not None:
            return self._finder.at(path)
        found = self._finder.absolute(kind.__module__, None)
        if found is not None or kind.__module__ == "builtins":
            return found
        cells = cells_of(kind)
        if cells is not None:
            return self._notebook(cells)
        if asked:
            raise unreadable(kind)
        return None

    def _notebook(self, cells: bytes) -> Module:
        """The cells of a notebook as one module; what they do beside defining names says nothing about a task."""
        module = Module(NOTEBOOK, "__main__", NOTEBOOK, ())
        table = table_of(cells)
        table.effects.clear()
        # A cell that was run again replaces what it defined before.
        table.names = {name: numbers[-1:] for name, numbers in table.names.items()}
        self._tables[module] = table
        return module

    # ------------------------------------------------------------------------------ the answer

    def _code(self, steps: Iterable[Step]) -> Code:
        every = list(steps)
        with_docs = any(step.reads_docs for step in every)
        symbols = [_symbol(reached, with_docs=with_docs) for step in every for reached in step.reached]
        notes = {note for step in every for note in step.notes}
        foreign = {node.name for step in every for node in step.nodes if node.kind == "foreign"}
        tops = sorted({name.partition(":")[0].partition(".")[0] for name in foreign} - {""})
        notes |= {_stray(top) for top in tops if self._finder.is_stray(top)}
        return Code(_by_key(symbols), tuple(sorted(notes)), tuple(tops))


def _with_outside(kind: type, path: str, code: Code) -> Code:
    """The code of a class that is not first-party: the bytes of its file as well, and a note that this is all."""
    file = kind.__module__.replace(".", "/") + Path(path).suffix
    symbol = Symbol(kind.__module__, "<file>", file, 1, of_bytes(Path(path).read_bytes()))
    return Code(
        _by_key([*code.symbols.values(), symbol]),
        tuple(sorted({*code.notes, _stray(kind.__module__)})),
        tuple(sorted({*code.foreign, kind.__module__.partition(".")[0]})),
        code.files,
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """Syntax trees and tables are many objects and no cycles: looking for some halves the speed."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _symbol(reached: Reached, *, with_docs: bool) -> Symbol:
    module = reached.module
    digest = reached.with_docs if with_docs else reached.code
    return Symbol(module.name, reached.name, module.file, reached.line, digest)


def _by_key(symbols: Iterable[Symbol]) -> Mapping[str, Symbol]:
    named: dict[str, Symbol] = {}
    for symbol in sorted(symbols, key=lambda each: (each.module, each.name, each.file)):
        taken = named.setdefault(f"{symbol.module}:{symbol.name}", symbol)
        if taken.file != symbol.file:  # two files that would be one module: neither may hide the other
            named[f"{symbol.file}:{symbol.name}"] = symbol
    return MappingProxyType(dict(sorted(named.items())))


def _stray(module: str) -> str:
    return f"`{module}` lies outside the project's roots: changes of what it uses are not seen"
