"""What a class says of its code: definitions that count though nothing leads to them, and others that are left out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any, Final

from daicho._nearest import nearest
from daicho.errors import DeclarationError
from daicho.fingerprint.code._modules import Finder, Module
from daicho.fingerprint.code._names import Names, Node
from daicho.fingerprint.code._table import Table

_OF_LIBRARIES: Final = 'the versions of libraries count by [daicho] environment = "packages"'


@dataclass
class Ignored:
    """What the walk does not enter: whole modules (by name, with what lies below), and definitions.

    Attributes:
        bodies: The bodies of modules of whose definitions one was left out: what an import does counts still.
    """

    modules: tuple[str, ...]
    definitions: frozenset[tuple[Module, str]]
    bodies: dict[Node, None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.modules or self.definitions)

    def enters(self, node: Node) -> bool:
        """Whether the walk goes on to a node."""
        module = node.module
        if module is None:
            return True
        if any(module.name == each or module.name.startswith(f"{each}.") for each in self.modules):
            return False
        if node.kind in ("body", "whole") or (module, node.name.partition(".")[0]) not in self.definitions:
            return True
        self.bodies[Node("body", module, "")] = None
        return False


class Said:
    """Finds what one class names.

    Args:
        kind: The class, for messages.
        finder, read, names: What knows the project's modules.
    """

    def __init__(self, kind: type, finder: Finder, read: Callable[[Module], Table], names: Names) -> None:
        self._kind = kind
        self._finder = finder
        self._read = read
        self._names = names

    def used(self, items: Iterable[object]) -> tuple[list[Node], tuple[str, ...]]:
        """Where the walk starts in addition, and the texts that are no code of the project: files, then.

        Raises:
            DeclarationError: If a definition or module is not there, or is not the project's own.
        """
        nodes: list[Node] = []
        files: list[str] = []
        for item in items:
            if isinstance(item, str) and ":" not in item and self._module(item) is None:
                files.append(item)
            elif isinstance(item, str):
                nodes.extend(self._named(item, "uses"))
            else:
                nodes.extend(self._object(item))
        return nodes, tuple(files)

    def ignored(self, names: Iterable[str]) -> Ignored:
        """What the walk does not enter.

        Raises:
            DeclarationError: If there is no such definition or module, or it is the class itself.
        """
        modules: list[str] = []
        definitions: set[tuple[Module, str]] = set()
        for name in names:
            if name in (self._kind.__module__, f"{self._kind.__module__}:{self._kind.__qualname__}"):
                raise DeclarationError(f"`{self._kind.__name__}.ignores` names `{name}`: the task itself")
            for node in self._named(name, "ignores"):
                if node.module is not None and node.kind == "whole":
                    modules.append(node.module.name)
                elif node.module is not None:
                    definitions.add((node.module, node.name.partition(".")[0]))
        return Ignored(tuple(modules), frozenset(definitions))

    def _named(self, text: str, where: str) -> Iterator[Node]:
        dotted, _, name = text.partition(":")
        module = self._module(dotted)
        if module is None:
            foreign = dotted.partition(".")[0] in sys.modules
            raise DeclarationError(
                f"`{self._kind.__name__}.{where}` names `{text}`, but `{dotted}` is no module of the project",
                hints=(_OF_LIBRARIES if foreign else "write `package.module:name`, as it is imported",),
            )
        if not name:
            yield Node("whole", module, "")
            return
        top, _, rest = name.partition(".")
        table = self._read(module)
        found = self._names.follow(module, f"{top}.{rest.partition('.')[0]}" if rest else top)
        if not found and not table.opaque:
            raise DeclarationError(
                f"`{self._kind.__name__}.{where}` names `{text}`, but {module.file} has no `{top}`",
                hints=nearest(top, table.names),
            )
        yield from found

    def _module(self, dotted: str) -> Module | None:
        if not all(part.isidentifier() for part in dotted.split(".")):
            return None
        found = self._finder.absolute(dotted, None)
        return found if found is not None and found.path else None

    def _object(self, item: object) -> Iterator[Node]:
        thing = _behind(item)
        home = thing if isinstance(thing, ModuleType) else sys.modules.get(thing.__module__)
        file = getattr(home, "__file__", None)
        module = self._finder.at(os.path.abspath(file)) if file else None
        if module is None and file is None and home is sys.modules.get(self._kind.__module__):
            return  # a notebook's: the class's own text leads to it
        if module is None:
            whole = (
                thing.__name__
                if isinstance(thing, ModuleType)
                else f"{thing.__module__}.{thing.__qualname__}"
            )
            raise DeclarationError(
                f"`{self._kind.__name__}.uses` holds `{whole}`, which is not the project's own code",
                hints=(_OF_LIBRARIES,),
            )
        qualified = "" if isinstance(thing, ModuleType) else str(thing.__qualname__)
        top = qualified.partition(".")[0]
        known = bool(top and self._read(module).units_of(top))
        if known:
            yield Node("def", module, top)
        if not known or "<locals>" in qualified:
            yield Node("whole", module, "")  # a module, or made by code of it that cannot be told


def _behind(item: object) -> Any:
    """What stands behind a partial or a method."""
    thing: Any = item
    while True:
        inner = thing.func if isinstance(thing, partial) else getattr(thing, "__func__", None)
        if inner is None:
            return thing
        thing = inner
