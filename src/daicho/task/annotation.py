"""From an annotation to what it asks of a value: strict for what code gives, lax for text and TOML.

Annotations are evaluated at first use, so that forward references, `from __future__ import annotations` and rings
of modules work. Plain scalars are checked here; everything else by pydantic, which is loaded only then.
"""

from __future__ import annotations

import builtins
import dataclasses
import sys
import tomllib
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import luigi
from luigi.task_register import Register

from daicho.errors import DaichoError
from daicho.task.named import task_of
from daicho.task.secret import Secret
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

    @property
    def holds_tasks(self) -> bool:
        """Whether values are tasks or hold tasks (`list[Preprocessor]`)."""
        return bool(self.tasks)

    @cached_property
    def tasks(self) -> tuple[type[luigi.Task], ...]:
        """The task classes that the type mentions."""
        return tuple(_tasks_in(self.type))

    @cached_property
    def secret(self) -> bool:
        """Whether values are secrets, or hold some."""
        return _mentions(lambda kind: kind is Secret, self.type)

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
        literal = toml_literal(text)
        if literal is NOTHING:
            if self.type is Any:
                return text
            raise reason
        return self._validate(literal, strict=False)

    def _validate(self, value: Any, *, strict: bool) -> Any:
        from pydantic import ValidationError

        adapter = self._adapter
        try:
            # In the context stands whether a text may name a task.
            return freeze(adapter.validate_python(thaw(value), strict=strict, context={"lax": not strict}))
        except ValidationError as error:
            raised = (each.get("ctx", {}).get("error") for each in error.errors(include_url=False))
            ours = next((each for each in raised if isinstance(each, DaichoError)), None)
            raise (ours or ValueError(_sentence(error))) from None
        except TypeError as error:
            raise ValueError(str(error)) from None

    @cached_property
    def _adapter(self) -> Any:
        from pydantic import PydanticUserError, TypeAdapter

        hidden = _hidden_secret(self.type)
        if hidden is not None:
            raise TypeError(
                f"`{hidden}` is a secret inside of it, and a secret stands by itself: `token: Secret`"
            )
        try:
            return TypeAdapter(_with_instances(self.type))
        except PydanticUserError as error:
            raise TypeError(f"pydantic cannot check values of `{self}`") from error

    def __str__(self) -> str:
        if isinstance(self.type, type) and not typing.get_args(self.type):
            return self.type.__name__
        return str(self.type).replace("typing.", "")


NOTHING: Any = object()


def toml_literal(text: str) -> Any:
    """What a text means in TOML, or `NOTHING`."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return NOTHING


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


def _tasks_in(kind: Any) -> Iterator[type[luigi.Task]]:
    if _is_task(kind):
        yield kind
    for part in typing.get_args(kind):
        yield from _tasks_in(part)


def _mentions(wanted: Callable[[Any], bool], kind: Any) -> bool:
    return wanted(kind) or any(_mentions(wanted, part) for part in typing.get_args(kind))


def _hidden_secret(kind: Any, seen: tuple[Any, ...] = ()) -> str | None:
    """The field of a model or dataclass in a type that is a secret: the rest of it counts, and it must not."""
    if kind in seen:
        return None
    fields: Mapping[str, Any] = {}
    if hasattr(kind, "model_fields"):
        fields = {name: each.annotation for name, each in kind.model_fields.items()}
    elif dataclasses.is_dataclass(kind):
        fields = typing.get_type_hints(kind)
    for name, each in fields.items():
        if _mentions(lambda part: part is Secret, each):
            return f"{kind.__name__}.{name}"
    inner = (*fields.values(), *typing.get_args(kind))
    return next((found for each in inner if (found := _hidden_secret(each, (*seen, kind)))), None)


def _admits_none(kind: Any) -> bool:
    return kind is None or kind is type(None) or any(_admits_none(part) for part in typing.get_args(kind))


def _with_instances(kind: Any) -> Any:
    """The same type for pydantic, with task classes as "an instance of", or the name of one in TOML and text."""
    from pydantic import BeforeValidator, InstanceOf, ValidationInfo

    if _is_task(kind):
        anything: Any = InstanceOf

        def named(value: Any, info: ValidationInfo) -> Any:
            lax = info.context is not None and info.context["lax"]
            return task_of(kind, value) if lax and isinstance(value, str) else value

        return typing.Annotated[anything[kind], BeforeValidator(named)]
    if not _mentions(_is_task, kind):
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
