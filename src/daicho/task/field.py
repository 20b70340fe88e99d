"""A parameter that an annotation declares: one Luigi parameter class for all types."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import luigi

from daicho.errors import DeclarationError, ParameterError, Where
from daicho.task.annotation import Kind, Origin, evaluate

if TYPE_CHECKING:
    from daicho.runtime import Setting

MISSING: Any = luigi.parameter._no_value
"""Luigi's own mark for "no value"."""

WATCH = "_daicho_watch"
"""The instance attribute that holds a function to be told of each parameter that is read, if any."""


class Field(luigi.Parameter[Any]):
    """An annotated attribute of a task, as a Luigi parameter.

    The annotation is evaluated at first use. Values are normalised to the declared type and frozen.
    """

    def __init__(
        self,
        default: Any = MISSING,
        *,
        significant: bool = True,
        description: str | None = None,
    ) -> None:
        super().__init__(default, significant=significant, description=description, positional=False)
        self.annotation: Any = Any
        self.owner: type = object
        self.name = ""

    def declare(self, owner: type, name: str, annotation: Any) -> None:
        """Tell the field where it stands."""
        self.owner, self.name, self.annotation = owner, name, annotation

    @cached_property
    def kind(self) -> Kind:
        """The declared type.

        Raises:
            DeclarationError: If the annotation names something that is not there.
        """
        try:
            return Kind(evaluate(self.annotation, self.owner))
        except Exception as error:
            raise DeclarationError(
                f"the annotation of `{self.owner.__name__}.{self.name}` cannot be understood: {error}",
                hints=("import the name in the module that defines the class",),
            ) from error

    @property
    def has_default(self) -> bool:
        """Whether the class gives a value."""
        return self._default is not MISSING

    @cached_property
    def default(self) -> Any:
        """The class's own value, checked.

        Raises:
            DeclarationError: If it is not of the declared type.
        """
        try:
            return self.kind.check(self._default, "code")
        except ValueError as error:
            raise DeclarationError(
                f"the default of `{self.owner.__name__}.{self.name}` is {self._default!r}, "
                f"but its type is `{self.kind}`: {error}",
            ) from None
        except TypeError as error:
            raise self._unusable(error) from error

    def from_setting(self, family: str, setting: Setting) -> Any:
        """The value that the configuration gives. Raises ParameterError."""
        return self.check(family, setting.value, setting.origin, setting.where)

    def check(self, family: str, value: Any, origin: Origin, where: Where | None = None) -> Any:
        """The value as the declared type has it, frozen.

        Raises:
            ParameterError: If it is not of the declared type.
        """
        try:
            return self.kind.check(value, origin)
        except ValueError as error:
            raise ParameterError(
                f"`{family}.{self.name}` is {_shown(value)}, but its type is `{self.kind}`: {error}",
                where=where,
            ) from None
        except TypeError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: TypeError) -> DeclarationError:
        return DeclarationError(
            f"`{self.owner.__name__}.{self.name}` has a type that no parameter can have: {error}",
            hints=(
                "use plain values, dates, paths, enums, pydantic models or frozen dataclasses as parameters",
            ),
        )

    def parse(self, text: str) -> Any:
        """Luigi's hook for text from its own command line."""
        return self.check(self.owner.__name__, text, "text")

    def normalize(self, value: Any) -> Any:
        """Luigi's hook for values given in code."""
        return self.check(self.owner.__name__, value, "code")

    def serialize(self, value: Any) -> str:
        """For Luigi's logs and events; daicho itself never reads it back."""
        return getattr(value, "task_id", None) or repr(value)

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        values = instance.__dict__
        watch = values.get(WATCH)
        if watch is not None:
            watch(instance, self.name)
        try:
            return values[self.name]
        except KeyError:
            raise AttributeError(f"`{type(instance).__name__}.{self.name}` is not set yet") from None

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.name] = value


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def param(
    *,
    default: Any = MISSING,
    significant: bool = True,
    description: str | None = None,
) -> Any:
    """Declare an annotated parameter with more than a default.

        threads: int = param(default=4, significant=False)

    By name, for type checkers see a default only so.

    Args:
        default: The value where neither the caller nor the configuration gives one.
        significant: False for what cannot change the result: it reaches `run()`, but is not in the key.
        description: A sentence for people.
    """
    return Field(default, significant=significant, description=description)
