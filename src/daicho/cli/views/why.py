"""Why one task runs, as lines: the sentence, the root causes with who made them, what is equal, the price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daicho.cli import human
from daicho.cli.line import Line, Style, line, quoted, table, wrap
from daicho.plan.cause import Cause, Equal
from daicho.plan.earlier import Earlier
from daicho.plan.price import Price
from daicho.provenance.blame import Commit
from daicho.verbs.why import Why

_COUNTED = (
    "parameter",
    "code",
    "source",
    "upstream",
    "environment",
)  # what a result depends on, as `Equal` counts it


def lines(why: Why, *, width: int | None, whole: bool = False) -> Iterator[Line]:
    """The explanation.

    Args:
        why: What is to be said.
        width: The terminal's width; None for a pipe.
        whole: Also show how the code differs.
    """
    yield from _wrapped(_sentence(why), width)
    yield from _causes(why, width, whole=whole)
    yield from _table([("=", text) for text in _equal(why.equal)], width)
    yield from _table([("·", each.text) for each in why.neutral], width)
    if why.verdict == "reuse":
        drift = [reason.text for reason in why.decision.reasons if reason.kind == "environment"]
        yield from _table([("·", f"{text}, which does not count") for text in drift], width)
        doubts = [reason.text for reason in why.decision.reasons if reason.kind == "unsteady"]
        yield from _table([("!", text) for text in doubts], width, "warn")
    yield from _table([("!", text) for text in why.notes], width, "warn")
    yield from _table([(" ", text) for text in _consequences(why)], width)
    for hint in why.hints:
        yield from _wrapped(line(("hint: ", "name")) + quoted(hint), width)


def _sentence(why: Why) -> Line:
    name: tuple[str, Style] = (why.label, "strong")
    since = f" since {_run(why.earlier)}" if why.earlier is not None else ""
    nearest = f"; the nearest earlier result is {_run(why.earlier)}" if why.earlier is not None else ""
    if why.verdict == "reuse":
        pinned = next((reason.text for reason in why.decision.reasons if reason.kind == "pinned"), None)
        if pinned is not None:
            return line(name, " is ", (pinned, "good"))
        if why.earlier is None:
            return line(name, " is ", ("complete", "good"))
        return line(name, " is ", ("up to date", "good"), f": reused from {_run(why.earlier)}")
    if why.verdict == "undecided":
        texts = "; ".join(reason.text for reason in why.decision.reasons)
        return line(name, " is ", ("undecided", "name"), ": ") + quoted(f"{texts}{nearest}")
    changed = sum(cause.reason.kind in _COUNTED and cause.task == why.label for cause in why.causes)
    start = line(name, " ", ("must run", "warn"), ": ")
    if changed and changed == len(why.causes):
        total = changed + why.equal.count
        return start + line(f"{changed:,} of {total:,} things that its result depends on changed{since}")
    differs = any(reason.kind in _COUNTED for reason in why.decision.reasons)
    return start + quoted(
        "; ".join(reason.text for reason in why.decision.reasons) + (since if differs else nearest)
    )


def _run(earlier: Earlier) -> str:
    """`calm-harbour-41 (run 0bcfd6ae, ana, 2026-11-23 10:02, commit 4f2a9c1, with local changes)`."""
    run = f"run {(earlier.run_id or '')[:8]}"
    facts = [run] if earlier.pipeline else []
    facts += [earlier.user] if earlier.user else []
    facts += [human.when(earlier.ended)[:16]] if earlier.ended else []
    facts += [human.commit(earlier.commit, dirty=earlier.dirty)] if earlier.commit else []
    name = human.second_half(earlier.pipeline) if earlier.pipeline else run
    return f"{name} ({', '.join(facts)})" if facts else name


def _cause(why: Why, cause: Cause) -> Line:
    of = f"{cause.task}: " if cause.task != why.label else ""
    return line(("↻", "warn"), " ", (of, "strong")) + quoted(cause.reason.text)


def _detail(cause: Cause) -> str:
    """Where it comes from, and who did it."""
    if cause.change is not None:
        parts = ", ".join(part for part in cause.change.parts if "." in part)
        at = f", line {cause.change.lines[0]}" if parts and cause.change.lines else ""
        return "; ".join(part for part in (parts + at, _who(cause.change.commit)) if part)
    if cause.reason.kind == "source":
        return f"now {human.count(cause.rows, 'row')}" if cause.rows is not None else ""
    if cause.reason.kind == "declaration" and isinstance(cause.old, list):
        return f"{', '.join(cause.old)} -> {', '.join(cause.new)}"
    return cause.where or ""


def _who(commit: Commit | None) -> str:
    if commit is None:
        return ""
    if commit.commit is None:
        return "not committed yet"
    day = human.when(commit.when)[:10]
    return f'commit {commit.commit[:7]} by {commit.author}, {day}: "{commit.subject}"'


def _diff(text: str) -> Iterator[Line]:
    styles: dict[str, Style] = {"+": "good", "-": "bad", "@": "name"}
    return (line("      ", (each, styles.get(each[:1], ""))) for each in text.split("\n") if each)


def _equal(equal: Equal) -> Iterator[str]:
    """`equal: parameter seed, 2 sources, code of 3 definitions, data.train`."""
    parts = [
        _named(equal.parameters, "parameter"),
        _named(equal.sources, "source"),
        f"code of {human.count(len(equal.code), 'definition')}" if equal.code else "",
        _named(equal.inputs, "input"),
        _named(equal.settings, "setting"),
    ]
    if equal.count:
        yield f"equal: {', '.join(part for part in parts if part)}"


def _named(names: Sequence[str], what: str) -> str:
    """`parameter seed`, `2 sources`: the name where there is one."""
    return f"{what} {names[0]}" if len(names) == 1 else human.count(len(names), what) if names else ""


def _consequences(why: Why) -> Iterator[str]:
    if why.siblings > 1:
        yield f"one of {why.siblings:,} tasks `{why.task}` in {why.target}"
    if why.verdict == "reuse":
        yield from [f"to fetch: {human.size(why.price.fetch)}"] if why.price.fetch else ()
        return
    if why.follow:
        verb = "follows" if len(why.follow) == 1 else "follow"
        shown = ", ".join(why.follow[:3]) + (", …" if len(why.follow) > 3 else "")
        yield f"{human.count(len(why.follow), 'task')} {verb}: {shown}"
    yield _price(why.price)


def _price(price: Price) -> str:
    """`to run: 1 task, perhaps 2 more; took 2.1 s last time; to fetch: 29.0 kB`."""
    run = human.count(price.run, "task") if price.run else ""
    more = "perhaps " + (f"{price.undecided:,} more" if run else human.count(price.undecided, "task"))
    text = f"to run: {', '.join(part for part in (run, more if price.undecided else '') if part)}"
    if price.unknown < price.run + price.undecided:
        text += f"; took {human.duration(price.seconds)} last time"
    text += f", {price.unknown:,} never ran" if price.unknown else ""
    return text + (f"; to fetch: {human.size(price.fetch)}" if price.fetch else "")


def _causes(why: Why, width: int | None, *, whole: bool) -> Iterator[Line]:
    """The causes in two columns where the screen has room for both, else the details below; differences below them."""
    rows = [(_cause(why, cause), line(_detail(cause))) for cause in why.causes]
    widest = max((left.width for left, _ in rows), default=0)
    beside = width is None or all(2 + widest + 2 + right.width <= width for _, right in rows if right.width)
    for cause, (left, right) in zip(why.causes, rows, strict=True):
        if beside:
            padded = left + line(" " * (widest - left.width))
            yield from table([[padded, right]] if right.width else [[left]], width=width)
        else:
            yield from _indented(left, 2, width)
            yield from _indented(right, 6, width) if right.width else ()
        if whole and cause.change is not None:
            yield from _diff(cause.change.diff)


def _indented(text: Line, by: int, width: int | None) -> Iterator[Line]:
    for place, part in enumerate([text] if width is None else wrap(text, width - by - 2)):
        yield line(" " * (by if place == 0 else by + 2)) + part


def _table(rows: Sequence[tuple[str, str]], width: int | None, style: Style = "dim") -> Iterator[Line]:
    for mark, text in rows:
        room = None if width is None else max(width - 4, 24)
        shown = quoted(text)
        for place, part in enumerate([shown] if room is None else wrap(shown, room)):
            yield line("  ", (mark if place == 0 else " ", style), " ") + part


def _wrapped(whole: Line, width: int | None) -> Iterator[Line]:
    yield from [whole] if width is None else wrap(whole, width)
