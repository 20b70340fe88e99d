"""Parameter values are frozen: lists, dicts, sets and models look like what they were, but refuse change and hash.

A list stays a list (for pandas a tuple would be one key), a dict a dict, a set a set, a model a model of its class.
"""

from __future__ import annotations

import copy
from collections.abc import Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Never, cast

from daicho.digest import encode


class _Frozen:
    """Refuses every change with a sentence, and hashes by content."""

    def _refuse(self, *_: object, **__: object) -> Never:
        raise TypeError(
            "parameter values cannot be changed, for they are part of what a result is found by; "
            "make a copy first: list(value), dict(value) or set(value)"
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


class FrozenSet(_Frozen, set[Any]):
    """A set that cannot be changed."""

    __hash__ = _Frozen.__hash__  # type: ignore[assignment]  # a set says that it has none
    add = discard = remove = pop = clear = update = _Frozen._refuse
    difference_update = intersection_update = symmetric_difference_update = _Frozen._refuse
    __ior__ = __iand__ = __isub__ = __ixor__ = _Frozen._refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenSet, (set(self),)


def freeze(value: Any) -> Any:
    """The same value, deeply frozen.

    Raises:
        TypeError: If it holds something that cannot be frozen (a dataclass that is not frozen).
    """
    if isinstance(value, list):
        return FrozenList(freeze(item) for item in value)
    if isinstance(value, dict):
        return FrozenDict((freeze(key), freeze(item)) for key, item in value.items())
    if isinstance(value, set):
        return FrozenSet(freeze(item) for item in value)
    if type(value) in (tuple, frozenset):
        return type(value)(freeze(item) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_make"):  # a named tuple
        return value._make(freeze(item) for item in value)
    if hasattr(type(value), "model_fields"):
        return _freeze_model(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _freeze_dataclass(value)
    return value


def thaw(value: Any) -> Any:
    """Plain lists, dicts and sets again, for what insists on exactly these; other values as they are."""
    if isinstance(value, FrozenList):
        return [thaw(item) for item in value]
    if isinstance(value, FrozenDict):
        return {thaw(key): thaw(item) for key, item in value.items()}
    return set(value) if isinstance(value, FrozenSet) else value


def _freeze_model(model: Any) -> Any:
    kind = type(model)
    if "__daicho_frozen__" in vars(kind):
        return model
    state = model.__getstate__()  # not by the constructor: what was validated is not validated again
    state["__dict__"] = {name: freeze(getattr(model, name)) for name in kind.model_fields}
    state["__pydantic_extra__"] = freeze(model.__pydantic_extra__)
    return _build_model(kind, state)


def _build_model(kind: type[Any], state: dict[str, Any]) -> Any:
    frozen = _frozen_model(cast("Hashable", kind))
    made = frozen.__new__(frozen)
    made.__setstate__(state)
    return made


def _freeze_dataclass(value: Any) -> Any:
    kind = type(value)
    if not kind.__dataclass_params__.frozen:
        raise TypeError(f"write `@dataclass(frozen=True)` on `{kind.__qualname__}`")
    made = copy.copy(value)
    for each in fields(value):
        object.__setattr__(made, each.name, freeze(getattr(value, each.name)))
    return made


@cache
def _frozen_model(kind: Hashable) -> Any:
    """A frozen, hashable subclass that is named, shown, pickled and compared like the class itself."""
    assert isinstance(kind, type)

    def reduce(self: Any) -> tuple[Any, ...]:
        return _build_model, (kind, self.__getstate__())

    def equal(self: Any, other: object) -> bool:
        return isinstance(other, kind) and _contents(self) == _contents(other)

    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "__hash__": lambda self: hash(encode(self)),
        "__eq__": equal,
        "__reduce__": reduce,
        "__daicho_frozen__": True,
        "__annotations__": {},
    }
    return type(kind)(kind.__name__, (kind,), members, frozen=True)


def _contents(model: Any) -> Mapping[str, Any]:
    items = {name: getattr(model, name) for name in type(model).model_fields}
    return items | (model.__pydantic_extra__ or {})
