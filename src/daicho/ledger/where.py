"""What `daicho log --where` takes: comparisons of parameters and metrics, joined by `and`.

For example: `Trainer.accuracy > 0.8 and Trainer.kind = "tree"`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from daicho._nearest import nearest
from daicho.errors import NotFoundError, UsageError
from daicho.ledger._launches import Entry

_TOKEN = re.compile(
    r"""(?P<text>"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|==|=|<|>)|(?P<word>[^\s<>=!"']+)|(?P<bad>\S)"""
)
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "==": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """One comparison: `name` is `Family.parameter` or `Family.metric`, or its last part where that is clear."""

    name: str
    sign: str
    value: str

    def holds(self, entry: Entry) -> bool:
        """Whether a pipeline run fits. One without that parameter or metric fits nothing, not even `!=`."""
        found = value_of(entry, self.name)
        if found is None:
            return False
        ours, theirs = _number(found), _number(self.value)
        if ours is not None and theirs is not None:
            return _SIGNS[self.sign](ours, theirs)
        return _SIGNS[self.sign](str(found), self.value)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


def parse(text: str) -> tuple[Condition, ...]:
    """The conditions that a text states, all of which must hold.

    Raises:
        UsageError: If it cannot be understood; the message shows where.
    """
    tokens = _Tokens(text)
    found = [_condition(tokens)]
    while tokens.more:
        joint = tokens.next("`and`", "word")
        if joint.text != "and":
            raise _wrong(text, joint.place, "conditions are joined by `and`")
        found.append(_condition(tokens))
    return tuple(found)


def _condition(tokens: _Tokens) -> Condition:
    name = tokens.next("the name of a parameter or metric", "word")
    sign = tokens.next("a comparison (`>`, `<`, `=`, `!=`, `>=`, `<=`)", "sign")
    value = tokens.next("a value", "word", "text")
    return Condition(name.text, sign.text, value.text[1:-1] if value.kind == "text" else value.text)


class _Tokens:
    """The words of a text, taken one by one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = [
            _Token(str(match.lastgroup), match[0], match.start()) for match in _TOKEN.finditer(text)
        ]

    @property
    def more(self) -> bool:
        """Whether there are more."""
        return bool(self._left)

    def next(self, what: str, *kinds: str) -> _Token:
        """The next one, which must be of one of these kinds. Raises UsageError."""
        if not self._left:
            raise _wrong(self._text, len(self._text.rstrip()), f"{what} is missing")
        token = self._left.pop(0)
        joint = token.text == "and" and what != "`and`"
        if token.kind not in kinds or joint:
            raise _wrong(self._text, token.place, f"{what} must stand here, not `{token.text}`")
        return token


def _wrong(text: str, place: int, why: str) -> UsageError:
    return UsageError(
        f"the condition cannot be understood at character {place + 1}: {why}",
        hints=(f"{text[:place]}-->{text[place:]}", 'for example: --where "Trainer.accuracy > 0.8"'),
    )


def value_of(entry: Entry, name: str) -> str | float | None:
    """The metric or parameter of that name of a pipeline run; None if it has none."""
    for values in (entry.metrics, entry.params):
        if name in values:
            return values[name]
    ends = [
        value
        for values in (entry.metrics, entry.params)
        for full, value in values.items()
        if full.endswith(f".{name}")
    ]
    return ends[0] if len(ends) == 1 else None


def check_name(entries: Iterable[Entry], name: str) -> None:
    """See that some run has a parameter or metric of that name.

    Raises:
        NotFoundError: If none has: then a condition on it is a slip.
    """
    listed = list(entries)
    if listed and all(value_of(entry, name) is None for entry in listed):
        known = {full for entry in listed for full in (*entry.params, *entry.metrics)}
        raise NotFoundError(
            f"no run has one parameter or metric `{name}`",
            hints=nearest(name, known)
            or ("only what a family of tasks has in common stands in a pipeline run",),
        )


def numbers(entries: Iterable[Entry], name: str) -> Iterator[tuple[Entry, float]]:
    """The runs that have a number under a name, with it."""
    for entry in entries:
        number = _number(value_of(entry, name))
        if number is not None and number == number:
            yield entry, number


def _number(value: str | float | None) -> float | None:
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
