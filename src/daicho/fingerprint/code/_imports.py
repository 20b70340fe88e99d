"""What a module brings with it when it is imported: the modules that its imports load, and what those then do.

The closure of a class leaves this out, for it would be most of a project. What a module does at its import can
change what others defined, though (a constant of another module is replaced, a setting made): see `executed`.
"""

from __future__ import annotations

from daicho.fingerprint.code._closure import Closure
from daicho.fingerprint.code._modules import Module
from daicho.fingerprint.code._names import Node
from daicho.fingerprint.code._serialise import digest

Ignored = tuple[str, ...]
"""Names of modules that are left out, with all below them."""


class Imports:
    """Follows the imports at the top of modules; each module is asked once."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._modules: dict[tuple[Module, Ignored], frozenset[Module]] = {}
        self._digests: dict[tuple[Module, Ignored], str] = {}
        self._registered: dict[tuple[Module, Ignored], str] = {}

    def modules(self, module: Module, ignored: Ignored = ()) -> frozenset[Module]:
        """A module and all first-party modules that its import loads, but for ignored ones and what only they load."""
        key = (module, ignored)
        if key not in self._modules:
            found, waiting = {module}, [module]
            while waiting:
                loaded = self._closure.names.loaded(waiting.pop())
                fresh = {each for each in loaded if not _is_below(each, ignored)} - found
                found |= fresh
                waiting.extend(fresh)
            self._modules[key] = frozenset(found)
        return self._modules[key]

    def digest(self, module: Module, ignored: Ignored = ()) -> str:
        """The digest of all that is done when a module is imported, with the functions that do it.

        Task classes are not followed: that they are named where others are registered makes no task
        depend on another.
        """
        key = (module, ignored)
        if key not in self._digests:
            start = [Node("body", each, "") for each in self.modules(module, ignored)]

            def follow(node: Node) -> bool:
                return self._is_no_task(node) and not (node.module and _is_below(node.module, ignored))

            reached = {
                f"{each.module.name}:{each.name} {each.code}"
                for step in self._closure.walk(start, follow)
                for each in step.reached
            }
            self._digests[key] = digest("imports", *sorted(reached))
        return self._digests[key]

    def registered(self, module: Module, ignored: Ignored = ()) -> str:
        """The digest of what may enter itself into tables when a module is imported: by a decorator, by its base."""
        key = (module, ignored)
        if key not in self._registered:
            names = [
                text
                for each in self.modules(module, ignored)
                if each.path
                for text in self._closure.names.registering(each)
            ]
            self._registered[key] = digest("registered", *sorted(names))
        return self._registered[key]

    def _is_no_task(self, node: Node) -> bool:
        owner = node.name.partition(".")[0]
        return node.module is None or not owner or not self._closure.names.is_task(node.module, owner)


def _is_below(module: Module, names: Ignored) -> bool:
    return any(module.name == name or module.name.startswith(f"{name}.") for name in names)
