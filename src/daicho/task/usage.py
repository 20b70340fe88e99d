"""What a task class does with the tasks that it depends on, by the text of its methods and of those of its bases."""

from __future__ import annotations

import functools
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any, Final

import luigi

from daicho.task.field import Field
from daicho.task.output import Output
from daicho.task.receiver import Use, functions
from daicho.task.say import uses_of

_LIBRARY: Final = frozenset(
    {"luigi.task", "daicho.task.task", "daicho.task.run_task", "builtins", "abc", "typing"}
)
"""Where the bases are defined of which it is known what they do."""

_HARMLESS: Final = frozenset({
    "run", "output", "complete", "__init__", "__class__", "__module__", "__doc__",
    "version", "cache", "uses", "ignores", "environment", "retries", "retry_wait", "retry_on", "timeout",
    "priority", "resources", "process_resources", "worker_timeout", "retry_count", "max_batch_size", "batchable",
    "task_id", "task_family", "task_module", "task_namespace", "get_task_family", "get_task_namespace",
    "get_params", "get_param_names", "on_success", "on_failure", "accepts_messages", "owner_email",
    "config", "path_config", "input_paths_dict", "output_paths_dict", "build_input_output_path_dicts",
})  # fmt: skip
"""What these bases have and no dependency can be reached by."""

_HANDING_ON: Final = frozenset({"param_kwargs", "clone_parent", "clone_parents"})
"""What instances have beside, of Luigi or by its `@requires`, that leads to all they depend on."""

_WRAPPERS: Final = frozenset({"daicho.task.declare", "contextlib"})
"""Modules whose wrappers only call what they wrap."""
_NO_CODE: Final = (Output, Field, luigi.Parameter, GetSetDescriptorType, MemberDescriptorType)


@dataclass(frozen=True)
class Usage:
    """What a class does with what it depends on.

    Attributes:
        taken: By attribute of the class, what is taken of it: names, or the marks of `daicho.task.receiver`.
        names: All names in its code.
    """

    taken: dict[str, frozenset[str]]
    names: frozenset[str]


@functools.cache
def usage_of(kind: type[luigi.Task]) -> Usage | None:
    """What a class does with what it depends on; None where its code does not tell."""
    handlers = getattr(luigi.Task, "_event_callbacks", {})
    if uses_of(kind) or any(handlers.get(base) for base in kind.__mro__):
        return None
    taken: dict[str, frozenset[str]] = {}
    names: set[str] = set()
    for base, function, bound in _functions(kind):
        use = _use_of(function) if function is not None else None
        if use is None or (bound and use.escapes):
            return None
        names |= use.names | _classes(function, use.names)
        for written, of in use.attributes.items() if bound else ():
            name = _mangled(base, written)
            taken[name] = taken.get(name, frozenset()) | of
    if taken.keys() & (_HANDING_ON | _inherited(kind)):
        return None
    return Usage(taken, frozenset(names))


def own_classes(kind: type) -> Iterator[type]:
    """A class and those of its bases that are not Luigi's, ours or Python's."""
    return (base for base in kind.__mro__ if base.__module__ not in _LIBRARY)


def _inherited(kind: type) -> set[str]:
    """What a class has of Luigi and of us that may lead to its dependencies."""
    bases = (base for base in kind.__mro__ if base.__module__ in _LIBRARY)
    return {name for base in bases for name in vars(base)} - _HARMLESS


def _functions(kind: type) -> Iterator[tuple[type, FunctionType | None, bool]]:
    """The functions of a class and its bases, None for what may not be one; and whether they get the instance."""
    for base in own_classes(kind):
        for name, value in vars(base).items():
            if name == "requires":
                continue  # who wants what it gives asks by `self.requires()` or `self.input()`
            bound = not isinstance(value, staticmethod | classmethod)
            for each in _parts(value):
                function = _unwrapped(each)
                if function is None or function.__globals__.get("__name__") != "luigi.util":
                    yield base, function, bound


def _parts(value: Any) -> tuple[Any, ...]:
    """The functions that something in a class runs."""
    if isinstance(value, property):
        return tuple(each for each in (value.fget, value.fset, value.fdel) if each is not None)
    if isinstance(value, functools.cached_property):
        return (value.func,)
    if isinstance(value, staticmethod | classmethod):
        return (value.__func__,)
    if isinstance(value, _NO_CODE) or not hasattr(type(value), "__get__"):
        return ()
    return (value,)


def _unwrapped(value: Any) -> FunctionType | None:
    """A function as it is written; None where what runs is not known."""
    while isinstance(value, functools._lru_cache_wrapper) or (
        isinstance(value, FunctionType) and value.__globals__.get("__name__") in _WRAPPERS
    ):
        value = getattr(value, "__wrapped__", None)
    return value if isinstance(value, FunctionType) else None


def _use_of(function: FunctionType) -> Use | None:
    """What a function does, if its text is where it says that it is."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename))
    return functions(text).get((code.co_firstlineno, code.co_name))


def _classes(function: FunctionType | None, names: frozenset[str]) -> set[str]:
    """The task classes that a function knows by other names, as classes or by an instance."""
    known = function.__globals__ if function is not None else {}
    values = [known.get(name) for name in names]
    kinds = [value if isinstance(value, type) else type(value) for value in values]
    return {kind.__name__ for kind in kinds if issubclass(kind, luigi.Task)}


def _mangled(kind: type, name: str) -> str:
    private = name.startswith("__") and not name.endswith("__")
    return f"_{kind.__name__.lstrip('_')}{name}" if private else name
