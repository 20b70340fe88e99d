"""Which names of loaded modules are asked for while a task runs.

A constant starts nothing that could be seen, and a module that is there already is handed out in many ways:
`sys.modules`, `import_module`, an unpickler, `inspect`, an attribute of its package. In all of them it is then asked
for an attribute. So for as long as a task runs, first-party modules are of a class that has a descriptor for each of
their names, which notes that it was asked for and answers from the module. The module stays the object that it is;
its own functions, which read their globals without asking, notice nothing.

That makes each `module.name` slower by some 15 ns, since Python no longer knows the module's class by heart. A module
that is asked often is therefore let go: it then counts as a whole if anything in the task looks things up by names
that cannot be followed (see `_symbols`).
"""

from __future__ import annotations

import dis
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from types import FrameType, ModuleType
from typing import Any, Final
from weakref import WeakKeyDictionary

import daicho.errors

EVERYTHING: Final = "__dict__"
"""The name under which all names of a module are asked for."""

_OFTEN: Final = 32  # times that a module is asked before it is let go
_OWN: Final = frozenset(
    {
        *("__builtins__", "__cached__", "__class__", "__file__", "__loader__", "__name__", "__package__"),
        *("__path__", "__spec__"),
    }
)
"""What the import system says of a module."""

_IMPORTING: Final = frozenset(
    dis.opmap[name] for name in ("IMPORT_FROM", "IMPORT_STAR", "CALL_INTRINSIC_1") if name in dis.opmap
)
_DAICHO: Final = os.path.dirname(daicho.errors.__file__) + os.sep
_ENTRIES: Final[Any] = vars(ModuleType)["__dict__"]  # how a module's dictionary is had without asking it


@dataclass
class Asked:
    """What was asked for.

    Attributes:
        names: Path and name.
        lacking: Path and name of what was asked for and is not there.
        often: The paths of modules that were asked so often that they were let go.
    """

    names: set[tuple[str, str]] = field(default_factory=set)
    lacking: set[tuple[str, str]] = field(default_factory=set)
    often: set[str] = field(default_factory=set)


class _Name:
    """Stands before one name of modules. Has `__set__`, for only so it comes before what the module holds."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, module: Any, kind: Any = None) -> Any:
        if module is None:
            return self
        _note(module, self.name, sys._getframe(1))
        if self.name == EVERYTHING:
            return _ENTRIES.__get__(module)
        try:
            return _ENTRIES.__get__(module)[self.name]
        except KeyError:  # it was taken away since
            raise AttributeError(self.name) from None  # for `_made_up`, which is asked next

    def __set__(self, module: Any, value: object) -> None:
        _ENTRIES.__get__(module)[self.name] = value

    def __delete__(self, module: Any) -> None:
        try:
            del _ENTRIES.__get__(module)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None


class _Guard:
    """What one module is guarded by: the class that it has meanwhile, and the one that it has else."""

    def __init__(self, module: ModuleType, path: str) -> None:
        self.path = path
        self.before = type(module)
        namespace = {
            "__slots__": (),
            "__module__": self.before.__module__,
            "__reduce_ex__": _by_name,
            "__getattr__": _made_up,
            EVERYTHING: _name(EVERYTHING),
        }
        self.meanwhile = type(self.before.__name__, (self.before,), namespace)
        self.known = {*_OWN, EVERYTHING}
        self.left = 0

    def put(self, module: ModuleType) -> None:
        """Guard the module, with all names that it has by now."""
        for name in vars(module).keys() - self.known:
            self.known.add(name)
            setattr(self.meanwhile, name, _name(name))
        self.left = _OFTEN
        _set_class(module, self.meanwhile)

    def take(self, module: ModuleType) -> None:
        """Let the module go."""
        if type(module) is self.meanwhile:
            _set_class(module, self.before)


class _Guards:
    """The guards of this process, and for whom they note what is asked."""

    def __init__(self) -> None:
        self.of: WeakKeyDictionary[ModuleType, _Guard] = WeakKeyDictionary()
        self.names: dict[str, _Name] = {}
        self.askers: list[Asked] = []

    def put(self, paths: Mapping[str, str]) -> None:
        for name, path in paths.items():
            module = sys.modules.get(name)
            if isinstance(module, ModuleType):
                self._guard(module, path).put(module)

    def _guard(self, module: ModuleType, path: str) -> _Guard:
        guard = self.of.get(module)
        if guard is None or type(module) not in (guard.before, guard.meanwhile):
            guard = self.of[module] = _Guard(module, path)
        return guard

    def take(self, modules: Iterable[ModuleType]) -> None:
        for module in modules:
            self.of[module].take(module)


_GUARDS: Final = _Guards()


@contextmanager
def asking(paths: Mapping[str, str]) -> Iterator[Asked]:
    """Note what is asked of some modules, by any thread.

    Args:
        paths: Their files, by the names that they are imported by.
    """
    asked = Asked()
    _GUARDS.askers.append(asked)
    try:
        _GUARDS.put(paths)
        yield asked
    finally:
        _GUARDS.askers = [each for each in _GUARDS.askers if each is not asked]
        if not _GUARDS.askers:  # else a task runs another within its own, and is still to be told
            _GUARDS.take(list(_GUARDS.of))


def _name(name: str) -> _Name:
    return _GUARDS.names.setdefault(name, _Name(name))


def _note(module: ModuleType, name: str, frame: FrameType, *, lacks: bool = False) -> None:
    guard = _GUARDS.of.get(module)
    if guard is None or _is_import(frame):
        return
    guard.left -= 1
    for asked in _GUARDS.askers:
        (asked.lacking if lacks else asked.names).add((guard.path, name))
        if guard.left == 0:
            asked.often.add(guard.path)
    if guard.left == 0:
        guard.take(module)


def _made_up(module: ModuleType, name: str) -> Any:
    """What a module gives for a name that it does not hold; the `__getattr__` of its class meanwhile."""
    if not name.startswith("__"):
        _note(module, name, sys._getframe(1), lacks=True)
    guard = _GUARDS.of.get(module)
    of_class = getattr(guard.before, "__getattr__", None) if guard is not None else None
    if of_class is not None:
        return of_class(module, name)
    entries = _ENTRIES.__get__(module)
    if "__getattr__" in entries:
        return entries["__getattr__"](name)
    message = f"module {entries.get('__name__')!r} has no attribute {name!r}"
    raise AttributeError(message, name=name, obj=module)


def _is_import(frame: FrameType) -> bool:
    """Whether it is asked by an import at the top of a file, or by what says nothing of what the task computes."""
    code = frame.f_code
    if code.co_filename.startswith(("<frozen importlib", _DAICHO)) or code.co_name == "requires":
        return True
    if code.co_name != "<module>" or code.co_filename != frame.f_globals.get("__file__"):
        return False  # a text that is evaluated has no file
    return code.co_code[frame.f_lasti] in _IMPORTING


def _set_class(module: ModuleType, kind: type) -> None:
    with suppress(TypeError):  # a module of a class that is laid out in another way
        module.__class__ = kind


def _by_name(module: ModuleType, protocol: int) -> tuple[Any, ...]:
    """Pickle a module as what has its name: cloudpickle knows modules by their exact class."""
    return import_module, (module.__name__,)
