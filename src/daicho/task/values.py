"""Parameter values are frozen: lists, dicts and models that look like what they were, are hashable, and refuse change.

A list stays a list (for pandas a tuple would be one key), a dict a dict, a model a model of its class.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import is_dataclass
from functools import cache
from typing import Any, Never, cast

from daicho.digest import encode


class _Frozen:
    """Refuses every change with a sentence, and hashes by content."""

    def _refuse(self, *_: object, **__: object) -> Never:
        raise TypeError(
            "parameter values cannot be changed, for they are part of what a result is found by; "
            "make a copy first: list(value) or dict(value)"
        )

    def __hash__(self) -> int:
        return hash(encode(self))


class FrozenList(_Frozen, list[Any]):
    """A list that cannot be changed."""

    __hash__ = _Frozen.__hash__  # type: ignore[assignment]  # a list says that it has none
    append = extend = insert = remove = pop = clear = sort = reverse = _Frozen._refuse
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _Frozen._refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenList, (list(self),)


class FrozenDict(_Frozen, dict[Any, Any]):
    """A dict that cannot be changed."""

    __hash__ = _Frozen.__hash__  # type: ignore[assignment]  # a dict says that it has none
    update = setdefault = pop = popitem = clear = _Frozen._refuse
    __setitem__ = __delitem__ = __ior__ = _Frozen._refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenDict, (dict(self),)


def freeze(value: Any) -> Any:
    """The same value, deeply frozen.

    Raises:
        TypeError: If it holds something that cannot be frozen (a dataclass that is not frozen).
    """
    if isinstance(value, list):
        return FrozenList(freeze(item) for item in value)
    if isinstance(value, dict):
        return FrozenDict((freeze(key), freeze(item)) for key, item in value.items())
    if type(value) in (tuple, frozenset):
        return type(value)(freeze(item) for item in value)
    if isinstance(value, set):
        return frozenset(freeze(item) for item in value)
    if hasattr(type(value), "model_fields"):
        return _freeze_model(value)
    if is_dataclass(value) and not getattr(type(value), "__dataclass_params__").frozen:  # noqa: B009  # untyped
        raise TypeError(f"write `@dataclass(frozen=True)` on `{type(value).__qualname__}`")
    return value


def thaw(value: Any) -> Any:
    """Plain lists and dicts again, for what insists on exactly these; other values as they are."""
    if isinstance(value, FrozenList):
        return [thaw(item) for item in value]
    if isinstance(value, FrozenDict):
        return {thaw(key): thaw(item) for key, item in value.items()}
    return value


def _freeze_model(model: Any) -> Any:
    kind = type(model)
    if "_daicho_model" in vars(kind):
        return model
    return _build_model(kind, {name: freeze(getattr(model, name)) for name in kind.model_fields})


def _build_model(kind: type[Any], items: dict[str, Any]) -> Any:
    return _frozen_model(cast("Hashable", kind)).model_construct(**items)


@cache
def _frozen_model(kind: Hashable) -> Any:
    """A frozen, hashable subclass that is named, shown, pickled and compared like the class itself."""
    assert isinstance(kind, type)
    fields: Any = getattr(kind, "model_fields")  # noqa: B009  # pydantic's, which is not imported here

    def reduce(self: Any) -> tuple[Any, ...]:
        return _build_model, (kind, {name: getattr(self, name) for name in fields})

    def equal(self: Any, other: object) -> bool:
        return isinstance(other, kind) and all(getattr(self, name) == getattr(other, name) for name in fields)

    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__hash__": lambda self: hash(encode(self)),
        "__eq__": equal,
        "__reduce__": reduce,
        "_daicho_model": True,
        "__annotations__": {},
    }
    return type(kind)(kind.__name__, (kind,), members, frozen=True)
