"""Why a task runs: reasons are data that render themselves. Comparing is pure: parts and inputs now, a record then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from daicho.digest import of_value
from daicho.fingerprint import identity
from daicho.fingerprint.observed import is_yield
from daicho.record import Record

Kind = Literal[
    "first", "parameter", "code", "source", "upstream", "declaration", "observed", "missing", "corrupt", "forced",
    "uncached", "unseen", "unasked", "reused", "environment", "withdrawn", "pinned", "unsteady",
]  # fmt: skip

_MOST = 4  # causes of one kind that are named; the rest is counted


@dataclass(frozen=True)
class Reason:
    """One cause, in a line that a person understands.

    For code: the symbol and where it stands; else the name of the parameter, or the role of the source or input.
    """

    kind: Kind
    text: str
    symbol: str | None = None
    file: str | None = None
    line: int | None = None
    name: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The reason as a JSON object, without what it does not have."""
        return {name: value for name, value in asdict(self).items() if value is not None}


FIRST = Reason("first", "first run")
GONE = Reason("missing", "its earlier result is gone or withdrawn")


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
    most: int | None = _MOST,
) -> tuple[Reason, ...]:
    """What differs between a task that is about to run and an earlier record of its family.

    Args:
        now: What is known of the task before it runs.
        declared: Name and format of its outputs, by attribute.
        earlier: The record to compare with; None if there is none.
        places: Where the symbols of its code stand.
        most: How many causes of one kind are named; None for all.
    """
    if earlier is None:
        return (FIRST,)
    found = (
        *_limited(_parameters(now, earlier), "parameters", most),
        *_limited(_code(now, earlier, places), "places in the code", most),
        *_limited(_sources(now, earlier), "sources", most),
        *_limited(_inputs(now, earlier), "inputs", most),
        *_declaration(now, declared, earlier),
        *_limited(_settings(now, earlier), "settings", most),
    )
    return found or (GONE,)


def seen(kind: str, name: str) -> Reason:
    """Something that a task was seen to read or run, and that has changed since."""
    if kind == "parameter":
        return Reason("observed", f"{name}, which it was seen to read, changed", name=name)
    module, _, symbol = name.partition(":")
    if symbol.startswith("<no "):
        asked = symbol[4:-1]
        text = f"code: {module} has {asked} now (it was seen to be asked for)"
        return Reason("observed", text, symbol=name)
    what = {
        "<imports>": f"what {module} runs while it is imported",
        "<registered>": f"what enters itself into tables when {module} is imported",
        "<names>": f"the names in {module}",
        "<file>": f"the file of {module}",
        "<body>": f"the body of {module}",
    }.get(re.sub(" but .*>", ">", symbol), f"{symbol} in {module}")
    return Reason("observed", f"code: {what} changed (it was seen to run)", symbol=name)


def _limited(reasons: Iterator[Reason], what: str, most: int | None) -> tuple[Reason, ...]:
    listed = tuple(reasons)
    if most is None or len(listed) <= most:
        return listed
    more = len(listed) - most
    return (*listed[:most], Reason(listed[0].kind, f"and {more} more {what}"))


def _parameters(current: Record, earlier: Record) -> Iterator[Reason]:
    for name in sorted(current.parameters.keys() | earlier.parameters.keys()):
        now, then = current.parameters.get(name), earlier.parameters.get(name)
        if name not in earlier.parameters:
            yield Reason("parameter", f"{name}: new, {_short(now)}", name=name)
        elif name not in current.parameters:
            yield Reason("parameter", f"{name}: gone, was {_short(then)}", name=name)
        elif of_value(now) != of_value(then):  # 1, 1.0 and True are equal to Python, NaN not even to itself
            yield Reason("parameter", f"{name}: {_short(then)} -> {_short(now)}", name=name)


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
            yield Reason("source", f"{source.role}: new source {source.place}", name=source.role)
        elif old.digest != source.digest:
            size = "" if old.size == source.size else f" ({old.size:,} -> {source.size:,} bytes)"
            yield Reason("source", f"{source.place} changed{size}", name=source.role)
    for role in then:
        yield Reason("source", f"{role}: no longer a source", name=role)


def _inputs(current: Record, earlier: Record) -> Iterator[Reason]:
    then = {item.role: item.digest for item in earlier.inputs}
    for item in current.inputs:
        old = then.pop(item.role, None)
        if old is None and not is_yield(item.role):
            yield Reason("upstream", f"{item.role}: new input", name=item.role)
        elif old not in (None, item.digest):
            yield Reason("upstream", f"{item.role} changed ({item.name})", name=item.role)
    for role in then:
        if not is_yield(role):  # what it yields is known only once it runs
            yield Reason("upstream", f"{role}: no longer an input", name=role)


def _declaration(
    current: Record, declared: Mapping[str, tuple[str, str]], earlier: Record
) -> Iterator[Reason]:
    then = {output.role: (output.name, output.format) for output in earlier.outputs}
    if dict(declared) != then:
        yield Reason("declaration", "its declared outputs changed")
    if current.version != earlier.version:
        yield Reason("declaration", f"version: {earlier.version or 'none'} -> {current.version or 'none'}")


def _settings(current: Record, earlier: Record) -> Iterator[Reason]:
    for name in sorted(current.settings.keys() | earlier.settings.keys()):
        now, then = current.settings.get(name), earlier.settings.get(name)
        if now != then:
            kind: Kind = "code" if identity.is_code(name) else "environment"
            file = identity.used_file(name)
            yield Reason(kind, identity.told(name, then, now), file=file, name=name.partition(":")[2] or name)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
