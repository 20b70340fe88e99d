"""Why a task runs: reasons are data that render themselves. Comparing is pure: parts and inputs now, a record then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from daicho.record import Record

Kind = Literal[
    "first", "parameter", "code", "source", "upstream", "declaration", "observed", "missing", "corrupt", "forced",
    "uncached", "unseen", "reused",
]  # fmt: skip

_MOST = 4  # causes of one kind that are named; the rest is counted


@dataclass(frozen=True)
class Reason:
    """One cause, in a line that a person understands. For code: the symbol and where it stands."""

    kind: Kind
    text: str
    symbol: str | None = None
    file: str | None = None
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The reason as a JSON object, without what it does not have."""
        return {name: value for name, value in asdict(self).items() if value is not None}


FIRST = Reason("first", "first run")


@dataclass(frozen=True)
class Place:
    """Where a symbol stands, for reasons about code."""

    file: str
    line: int


def compare(
    now: Record,
    declared: Mapping[str, tuple[str, str]],
    earlier: Record | None,
    places: Mapping[str, Place],
) -> tuple[Reason, ...]:
    """What differs between a task that is about to run and an earlier record of its family.

    Args:
        now: What is known of the task before it runs.
        declared: Name and format of its outputs, by attribute.
        earlier: The record to compare with; None if there is none.
        places: Where the symbols of its code stand.
    """
    if earlier is None:
        return (FIRST,)
    found = (
        *_limited(_parameters(now, earlier), "parameters"),
        *_limited(_code(now, earlier, places), "places in the code"),
        *_limited(_sources(now, earlier), "sources"),
        *_limited(_inputs(now, earlier), "inputs"),
        *_declaration(now, declared, earlier),
    )
    return found or (Reason("missing", "its earlier result is gone or withdrawn"),)


def _limited(reasons: Iterator[Reason], what: str) -> tuple[Reason, ...]:
    listed = tuple(reasons)
    if len(listed) <= _MOST:
        return listed
    more = len(listed) - _MOST
    return (*listed[:_MOST], Reason(listed[0].kind, f"and {more} more {what}"))


def _parameters(current: Record, earlier: Record) -> Iterator[Reason]:
    for name in sorted(current.parameters.keys() | earlier.parameters.keys()):
        now, then = current.parameters.get(name), earlier.parameters.get(name)
        if name not in earlier.parameters:
            yield Reason("parameter", f"{name}: new, {_short(now)}")
        elif name not in current.parameters:
            yield Reason("parameter", f"{name}: gone, was {_short(then)}")
        elif now != then:
            yield Reason("parameter", f"{name}: {_short(then)} -> {_short(now)}")


def _code(current: Record, earlier: Record, places: Mapping[str, Place]) -> Iterator[Reason]:
    for symbol in sorted(current.code.keys() | earlier.code.keys()):
        now, then = current.code.get(symbol), earlier.code.get(symbol)
        if now == then:
            continue
        what = "new" if then is None else "gone" if now is None else "changed"
        place = places.get(symbol)
        name = symbol.partition(":")[2] or symbol
        at = f" ({place.file}:{place.line})" if place is not None else ""
        yield Reason(
            "code",
            f"code: {name} {what}{at}",
            symbol=symbol,
            file=place.file if place is not None else None,
            line=place.line if place is not None else None,
        )


def _sources(current: Record, earlier: Record) -> Iterator[Reason]:
    then = {source.role: source for source in earlier.sources}
    for source in current.sources:
        old = then.pop(source.role, None)
        if old is None:
            yield Reason("source", f"{source.role}: new source {source.place}")
        elif old.digest != source.digest:
            size = "" if old.size == source.size else f" ({old.size:,} -> {source.size:,} bytes)"
            yield Reason("source", f"{source.place} changed{size}")
    for role in then:
        yield Reason("source", f"{role}: no longer a source")


def _inputs(current: Record, earlier: Record) -> Iterator[Reason]:
    then = {item.role: item.digest for item in earlier.inputs}
    for item in current.inputs:
        old = then.pop(item.role, None)
        if old is None:
            yield Reason("upstream", f"{item.role}: new input")
        elif old != item.digest:
            yield Reason("upstream", f"{item.role} changed ({item.name})")
    for role in then:
        yield Reason("upstream", f"{role}: no longer an input")


def _declaration(
    current: Record, declared: Mapping[str, tuple[str, str]], earlier: Record
) -> Iterator[Reason]:
    then = {output.role: (output.name, output.format) for output in earlier.outputs}
    if dict(declared) != then:
        yield Reason("declaration", "its declared outputs changed")
    if current.version != earlier.version:
        yield Reason("declaration", f"version: {earlier.version or 'none'} -> {current.version or 'none'}")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
