"""A parameter that an annotation declares: one Luigi parameter class for all types."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import luigi

from daicho.config.environment import variable
from daicho.errors import DaichoError, DeclarationError, ParameterError, Where, spelt
from daicho.provenance import MASK, looks_secret, mask_value
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
        named: str = "",
    ) -> None:
        self._counts = significant
        super().__init__(default, significant=significant, description=description, positional=False)
        self.named = named
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
    def significant(self) -> bool:
        """Whether the value is part of what a result is found by; a secret never is."""
        return self._counts and not self.kind.secret

    @significant.setter
    def significant(self, value: bool) -> None:
        self._counts = value

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
        if self.kind.secret and self._default:
            raise DeclarationError(
                f"`{self.owner.__name__}.{self.name}` is a secret, and stands in the code",
                hints=(f"take it out: `{self.name}: {self.kind}`", self.where_to_set(self.owner.__name__)),
            )
        try:
            return self.kind.check(self._default, "code")
        except ValueError as error:
            raise DeclarationError(
                f"the default of `{self.owner.__name__}.{self.name}` is {shown(self._default)}, "
                f"but its type is `{self.kind}`: {error}",
            ) from None
        except TypeError as error:
            raise self._unusable(error) from error

    def from_setting(self, family: str, setting: Setting) -> Any:
        """The value that the configuration gives. Raises ParameterError."""
        if self.kind.secret and setting.origin == "toml":
            raise ParameterError(
                f"`{family}.{self.name}` is a secret, and stands in a file of configuration",
                where=setting.where,
                hints=("take it out of the file", self.where_to_set(family)),
            )
        return self.check(family, setting.value, setting.origin, setting.where)

    def check(self, family: str, value: Any, origin: Origin, where: Where | None = None) -> Any:
        """The value as the declared type has it, frozen.

        Raises:
            ParameterError: If it is not of the declared type.
        """
        try:
            return self.kind.check(value, origin)
        except DaichoError as error:  # of a task that the value names
            raise ParameterError(
                f"`{family}.{self.name}`: {error.message}", where=where or error.where, hints=error.hints
            ) from None
        except ValueError as error:
            hidden = self.kind.secret or looks_secret(self.name)
            raise ParameterError(
                f"`{family}.{self.name}` is {MASK if hidden else shown(value)}, but its type is `{self.kind}`: {error}",
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

    def where_to_set(self, family: str) -> str:
        """Where a person can say the value: the next step of an error."""
        if self.kind.secret:
            return f"put it into `.env`, which git must not have: {variable(family, self.name)}=…"
        return f"set it in luigi.toml: [{family}] {self.name} = …"

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


def shown(value: Any) -> str:
    """A value for a message, cut where there is much of it; what looks like a secret inside is masked."""
    value = mask_value(value)
    return spelt(f'"{value}"' if isinstance(value, str) else repr(value))


def param(
    *,
    default: Any = MISSING,
    significant: bool = True,
    description: str | None = None,
    named: str = "",
) -> Any:
    """Declare an annotated parameter with more than a default.

        threads: int = param(default=4, significant=False)

    By name, for type checkers see a default only so.

    Args:
        default: The value where neither the caller nor the configuration gives one.
        significant: False for what cannot change the result: it reaches `run()`, but is not in the key.
        description: A sentence for people.
        named: For a dependency: which of its configurations is meant, `"wide"` for the table `[Trainer.wide]`.
    """
    return Field(default, significant=significant, description=description, named=named)
