"""From an annotation to what it asks of a value: strict for what code gives, lax for text and TOML.

Annotations are evaluated at first use, so that forward references, `from __future__ import annotations` and rings
of modules work. Plain scalars are checked here; everything else by pydantic, which is loaded only then.
"""

from __future__ import annotations

import builtins
import sys
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import luigi
from luigi.task_register import Register

from daicho.task.values import freeze, thaw

Origin = Literal["code", "toml", "text"]
_SCALARS = (bool, int, float, str)


@dataclass(frozen=True)
class Kind:
    """What a declared type makes of a value."""

    type: Any

    @cached_property
    def dependency(self) -> type[luigi.Task] | None:
        """The task class, where the type is one."""
        return self.type if _is_task(self.type) else None

    @cached_property
    def holds_tasks(self) -> bool:
        """Whether values are tasks or hold tasks (`list[Preprocessor]`)."""
        return _mentions_task(self.type)

    def check(self, value: Any, origin: Origin) -> Any:
        """The value as the declared type has it, frozen.

        Raises:
            ValueError: With the reason, if it is not of the type.
            TypeError: With the reason, if the type is none that values can be checked against.
        """
        if origin == "text":
            return self._parse(value)
        if type(value) is self.type and type(value) in _SCALARS:
            return value
        return self._validate(value, strict=origin == "code")

    def _parse(self, text: str) -> Any:
        if text.lower() in ("none", "null") and _admits_none(self.type):
            return None
        if self.type is not Any:
            try:
                return self._validate(text, strict=False)
            except ValueError as error:
                reason = error
        literal = _toml_literal(text)
        if literal is _NOTHING:
            if self.type is Any:
                return text
            raise reason
        return self._validate(literal, strict=False)

    def _validate(self, value: Any, *, strict: bool) -> Any:
        from pydantic import ValidationError

        adapter = self._adapter
        try:
            return freeze(adapter.validate_python(thaw(value), strict=strict))
        except ValidationError as error:
            raise ValueError(_sentence(error)) from None
        except TypeError as error:
            raise ValueError(str(error)) from None

    @cached_property
    def _adapter(self) -> Any:
        from pydantic import PydanticUserError, TypeAdapter

        try:
            return TypeAdapter(_with_instances(self.type))
        except PydanticUserError as error:
            raise TypeError(f"pydantic cannot check values of `{self}`") from error

    def __str__(self) -> str:
        if isinstance(self.type, type) and not typing.get_args(self.type):
            return self.type.__name__
        return str(self.type).replace("typing.", "")


_NOTHING = object()


def _toml_literal(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return _NOTHING


def _sentence(error: Any) -> str:
    """All that pydantic found, as one sentence in lower case, each with the place inside the value."""
    found = []
    for item in error.errors(include_url=False):
        place = ".".join(str(part) for part in item["loc"] if not str(part).endswith("]"))
        message = item["msg"].removeprefix("Input should be ")
        if message != item["msg"]:
            message = "must be " + message
        found.append(f"{place}: {message}" if place else message)
    return "; ".join(dict.fromkeys(found))


def _is_task(kind: Any) -> bool:
    return isinstance(kind, type) and typing.get_origin(kind) is None and issubclass(kind, luigi.Task)


def _mentions_task(kind: Any) -> bool:
    return _is_task(kind) or any(_mentions_task(part) for part in typing.get_args(kind))


def _admits_none(kind: Any) -> bool:
    return kind is None or kind is type(None) or any(_admits_none(part) for part in typing.get_args(kind))


def _with_instances(kind: Any) -> Any:
    """The same type for pydantic, with task classes as "an instance of"."""
    from pydantic import InstanceOf

    if _is_task(kind):
        anything: Any = InstanceOf
        return anything[kind]
    if not _mentions_task(kind):
        return kind
    parts = tuple(_with_instances(part) for part in typing.get_args(kind))
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return typing.Union[parts]  # noqa: UP007  # built from parts, at run time
    return origin[parts]


def evaluate(annotation: Any, owner: type) -> Any:
    """The type that an annotation of a class means.

    Names are looked for in the class, its module, and last among all task classes (for classes made in functions).

    Raises:
        NameError: If a name cannot be found.
    """
    if not isinstance(annotation, str):
        return annotation
    module = vars(sys.modules[owner.__module__]) if owner.__module__ in sys.modules else {}
    # The annotation is part of the user's own program, like any other of its expressions.
    return eval(annotation, module, _Names(vars(owner), module))  # noqa: S307


class _Names(dict[str, Any]):
    """Local names for `eval`: the class's own; what neither it nor its module has, among task classes."""

    def __init__(self, own: Mapping[str, Any], module: Mapping[str, Any]) -> None:
        super().__init__({name: value for name, value in own.items() if isinstance(value, type)})
        self._module = module

    def __missing__(self, name: str) -> Any:
        found = None if name in self._module or hasattr(builtins, name) else _newest_task_class(name)
        if found is None:
            raise KeyError(name)
        return found


def _newest_task_class(name: str) -> type[luigi.Task] | None:
    found = [kind for kind in Register._reg if kind.__name__ == name]
    return found[-1] if found else None
