"""What differs between runs, as lines: who they are, the causes by kind, the effect, and one line of what is equal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from daicho.cli import human
from daicho.cli.line import Line, Style, line, table
from daicho.compare import Code, Comparison, Content, Difference, Fact, Metric, Side

_MOST = 12  # rows of one kind, unless all are asked for
_DIFF = 30  # lines of one diff
_STYLES: dict[str, Style] = {"+": "good", "-": "bad", "@": "name"}

Rows = list[list[Line]]


def lines(found: Comparison, *, width: int | None, whole: bool = False) -> Iterator[Line]:
    """The comparison.

    Args:
        found: What differs.
        width: The terminal's width; None for a pipe.
        whole: Leave nothing out: every row, every line of a diff, every cell that was noted.
    """
    yield from table([_side(number, side) for number, side in enumerate(found.sides)], width=width, indent=0)
    if found.same:
        yield line(("nothing differs", "good"))
    two = len(found.sides) == 2
    for title, facts in (
        ("tasks", found.tasks),
        ("configuration", found.configuration),
    ):
        yield from _section(title, [_fact(fact, two=two) for fact in facts], width, whole=whole)
    yield from _code(found.code, whole=whole)
    yield from _contents("data", found.data, width, whole=whole)
    for title, facts in (("dependencies", found.dependencies), ("environment", found.environment)):
        yield from _section(title, [_fact(fact, two=two) for fact in facts], width, whole=whole)
    yield from _section("metrics", [_metric(each, two=two) for each in found.metrics], width, whole=whole)
    yield from _contents("outputs", found.outputs, width, whole=whole)
    yield from (line(("! ", "warn"), note) for note in found.notes)
    if found.equal.count:
        yield line((f"equal: {_equal(found)}", "dim"))


def _side(number: int, side: Side) -> list[Line]:
    when = human.when(side.started)[:16] if side.started else "now"
    commit = human.commit(side.commit, dirty=side.dirty) if side.commit else "no commit"
    return [
        line((chr(ord("A") + number) if number < 26 else str(number + 1), "dim")),
        line((side.name, "strong")),
        line(side.target),
        line((", ".join(part for part in (side.user, when, commit) if part), "dim")),
    ]


def _section(title: str, rows: Rows, width: int | None, *, whole: bool) -> Iterator[Line]:
    if not rows:
        return
    yield line((title, "strong"))
    yield from table(rows if whole else rows[:_MOST], width=width)
    if len(rows) > _MOST and not whole:
        yield line((f"  and {len(rows) - _MOST} more: -v shows all", "dim"))


def _fact(fact: Fact, *, two: bool) -> list[Line]:
    shown = [_value(value, there=there) for value, there in zip(fact.values, fact.there, strict=True)]
    if two:
        return [line(fact.name), line(f"{shown[0]} -> {shown[1]}")]
    return [line(fact.name), *map(line, shown)]


def _value(value: Any, *, there: bool) -> str:
    if not there:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _metric(metric: Metric, *, two: bool) -> list[Line]:
    shown = [
        human.number(value) if there else "none"
        for value, there in zip(metric.fact.values, metric.fact.there, strict=True)
    ]
    if not two:
        best = _best(metric)
        cells = [line((text, "good" if place == best else "")) for place, text in enumerate(shown)]
        return [line(metric.fact.name), *cells]
    return [line(metric.fact.name), line(f"{shown[0]} -> {shown[1]}"), _change(metric)]


def _change(metric: Metric) -> Line:
    [change] = metric.changes
    if change is None or change != change:
        return line("")
    if change == 0:
        return line(("±0", "dim"))
    better = (change > 0) == (metric.better == "higher")
    text = f"{'+' if change > 0 else '-'}{human.number(abs(change))}"
    return line((f"{text}  {'better' if better else 'worse'}", "good" if better else "bad"))


def _best(metric: Metric) -> int | None:
    known = [
        (value, place)
        for place, value in enumerate(metric.fact.values)
        if value is not None and value == value
    ]
    if not known:
        return None
    return (max if metric.better == "higher" else min)(known)[1]


def _code(changes: Sequence[Code], *, whole: bool) -> Iterator[Line]:
    if not changes:
        return
    yield line(("code", "strong"))
    for each in changes if whole else changes[:_MOST]:
        name = each.symbol.partition(":")[2] or each.symbol
        inside = [part for part in each.parts if "." in part]
        told = f"{name} ({', '.join(inside)})" if inside else name
        where = f"  {each.file}" if each.file and each.file != each.symbol else ""
        yield line(
            "  ", ("↻ ", "warn"), told, f" {each.change}", (f"{where}  in {', '.join(each.tasks)}", "dim")
        )
        if each.change == "changed" or whole:
            yield from _diff(each.diff.split("\n")[2:] if each.diff else [], whole=whole)
    if len(changes) > _MOST and not whole:
        yield line((f"  and {len(changes) - _MOST} more: -v shows all", "dim"))


def _diff(diff: Sequence[str], *, whole: bool) -> Iterator[Line]:
    shown = diff if whole else diff[:_DIFF]
    yield from (line("      ", (each, _STYLES.get(each[:1], ""))) for each in shown if each)
    if len(diff) > len(shown):
        yield line((f"      {len(diff) - len(shown)} lines more: -v shows all", "dim"))


def _contents(title: str, contents: Sequence[Content], width: int | None, *, whole: bool) -> Iterator[Line]:
    if not contents:
        return
    yield line((title, "strong"))
    for each in contents if whole else contents[:_MOST]:
        rows = [[line(f"{each.task}.{each.role}"), line(each.name), _told(each)]]
        yield from table(rows, width=width)
        if whole:
            yield from (
                line("      ", (text, _STYLES.get(text[:1], "dim"))) for text in _details(each.differences)
            )
    if len(contents) > _MOST and not whole:
        yield line((f"  and {len(contents) - _MOST} more: -v shows all", "dim"))


def _told(content: Content) -> Line:
    parts = []
    for number, digest in enumerate(content.digests[1:], 1):
        difference = content.differences[number - 1] if content.differences else None
        of = "" if len(content.digests) == 2 else f"{chr(ord('A') + number)}: "
        parts.append(of + _difference(content, number, digest, difference))
    return line("; ".join(parts))


def _difference(content: Content, number: int, digest: str | None, difference: Difference | None) -> str:
    if digest is None or content.digests[0] is None:
        return "gone" if digest is None else "new"
    if digest == content.digests[0]:
        return "equal"
    if difference is not None:
        return difference.text
    old, new = content.sizes[0], content.sizes[number]
    sizes = f" ({human.size(old)} -> {human.size(new)})" if old is not None and new is not None else ""
    return f"differs{sizes}"


def _details(differences: Iterable[Difference | None]) -> Iterator[str]:
    return (text for each in differences if each is not None for text in each.lines)


def _equal(found: Comparison) -> str:
    equal = found.equal
    parts = (
        (equal.parameters, "parameter"),
        (equal.definitions, "definition"),
        (equal.sources, "source"),
        (equal.packages, "package"),
        (equal.metrics, "metric"),
        (equal.outputs, "output"),
    )
    return ", ".join(human.count(number, what) for number, what in parts if number)
