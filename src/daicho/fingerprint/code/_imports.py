"""What a module brings with it when it is imported: the modules that its imports load, and what those then do.

The closure of a class leaves this out, for it would be most of a project. What a module does at its import can
change what others defined, though (a constant of another module is replaced, a setting made): see `executed`.
"""

from __future__ import annotations

from daicho.fingerprint.code._closure import Closure
from daicho.fingerprint.code._modules import Module
from daicho.fingerprint.code._names import Node
from daicho.fingerprint.code._serialise import digest


class Imports:
    """Follows the imports at the top of modules; each module is asked once."""

    def __init__(self, closure: Closure) -> None:
        self._closure = closure
        self._modules: dict[Module, frozenset[Module]] = {}
        self._digests: dict[Module, str] = {}

    def modules(self, module: Module) -> frozenset[Module]:
        """A module and all first-party modules that its import loads."""
        if module not in self._modules:
            found, waiting = {module}, [module]
            while waiting:
                fresh = set(self._closure.names.loaded(waiting.pop())) - found
                found |= fresh
                waiting.extend(fresh)
            self._modules[module] = frozenset(found)
        return self._modules[module]

    def digest(self, module: Module) -> str:
        """The digest of all that is done when a module is imported, with the functions that do it.

        Task classes are not followed: that they are named where others are registered makes no task
        depend on another.
        """
        if module not in self._digests:
            start = [Node("body", each, "") for each in self.modules(module)]
            reached = {
                f"{each.module.name}:{each.name} {each.code}"
                for step in self._closure.walk(start, self._is_no_task)
                for each in step.reached
            }
            self._digests[module] = digest("imports", *sorted(reached))
        return self._digests[module]

    def _is_no_task(self, node: Node) -> bool:
        owner = node.name.partition(".")[0]
        return node.module is None or not owner or not self._closure.names.is_task(node.module, owner)
