"""What two things of one kind differ in: the value that every comparison of contents gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["identical", "equal", "close", "different", "unknown"]
"""Byte for byte; in value; within the tolerance; not; cannot be said without running somebody else's code."""


@dataclass(frozen=True)
class Difference:
    """How two contents compare.

    Attributes:
        verdict: Whether they are the same, and how much.
        kind: What was compared: `table`, `array`, `model`, `value`, `text`, `picture`, `folder` or `bytes`.
        text: The difference in a few words, for people.
        first: Where the first difference is.
        largest: The largest difference of two numbers; None where there are none.
        where: Where that is.
        lines: Details: a diff of a text, the first cells that differ.
        facts: What was counted, by name.
    """

    verdict: Verdict
    kind: str
    text: str
    first: str = ""
    largest: float | None = None
    where: str = ""
    lines: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The value as JSON takes it."""
        return {
            "verdict": self.verdict,
            "kind": self.kind,
            "text": self.text,
            "first": self.first,
            "largest": self.largest,
            "where": self.where,
            "lines": list(self.lines),
            "facts": dict(self.facts),
        }


def identical(kind: str) -> Difference:
    """The same, byte for byte."""
    return Difference("identical", kind, "identical")


def equal(kind: str) -> Difference:
    """The same in value."""
    return Difference("equal", kind, "equal in value, not in bytes")


def unknown(kind: str, why: str) -> Difference:
    """Other bytes, and no more can be said."""
    return Difference("unknown", kind, f"differs; {why}")


def counted(number: int, what: str) -> str:
    """`1 row`, `1,200 rows`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def shown(number: float) -> str:
    """A number with the digits that count: `0.018`, `1.2e-07`."""
    return f"{number:.3g}"
