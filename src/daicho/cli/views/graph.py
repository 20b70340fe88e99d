"""A graph as a tree: below each task what it needs; what was shown above is only named."""

from __future__ import annotations

from collections.abc import Iterator

from daicho.cli import human
from daicho.cli.line import Line, Style, line, quoted, table
from daicho.plan.plan import Verdict
from daicho.verbs.graph import Graphed, GraphNode

_MARKS: dict[Verdict, tuple[str, Style]] = {
    "reuse": ("·", "dim"), "run": ("↻", "warn"), "undecided": ("?", "name")
}  # fmt: skip
_DEEP = 12  # levels from which on the tree grows no further to the right


def lines(graph: Graphed, *, width: int | None) -> Iterator[Line]:
    """The tree and what its marks sum up to."""
    yield from table(_rows(graph), width=width, indent=0)
    counts = {
        verdict: sum(node.verdicts.get(verdict, 0) for node in graph.nodes if node.kind != "wrapper")
        for verdict in _MARKS
    }
    parts = human.counts((counts[verdict], verdict) for verdict in ("reuse", "run", "undecided"))
    yield line((graph.target, "strong"), f": {human.count(sum(counts.values()), 'task')}, {parts}")


def _rows(graph: Graphed) -> Iterator[list[Line]]:
    """Depth first, without recursion: a chain may be longer than Python's stack."""
    shown: set[int] = set()
    tops = [place for place, node in enumerate(graph.nodes) if node.target]
    stack = [(place, "", "") for place in reversed(tops)]
    while stack:
        place, branch, below = stack.pop()
        node = graph.nodes[place]
        again = place in shown and bool(node.needs)
        yield _row(node, branch, again=again)
        if place in shown:
            continue
        shown.add(place)
        following = list(enumerate(reversed(node.needs)))  # the nearest first
        deep = len(below) >= 3 * _DEEP
        for at, needed in reversed(following):
            last = at == len(following) - 1
            further = "" if deep else "   " if last else "│  "
            stack.append((needed, below + ("└─ " if last else "├─ "), below + further))


def _row(node: GraphNode, branch: str, *, again: bool) -> list[Line]:
    mark, style = _MARKS[node.verdict]
    name: Style = "dim" if node.verdict == "reuse" else "strong"
    left = line((branch, "dim"), (mark, style), " ", (node.name, name))
    if again:
        return [left, line(("as above", "dim"))]
    if node.kind == "wrapper":
        return [left, Line()]
    return [left, line((node.note, "dim")) if node.verdict == "reuse" else quoted(_note(node))]


def _note(node: GraphNode) -> str:
    """All reasons of a task that runs; of several tasks what is done with them, and the commonest reason."""
    if len(node.tasks) == 1:
        return f"run: {'; '.join(node.reasons)}" if node.verdict == "run" and node.reasons else node.verdict
    return f"{node.note}: {node.reasons[0]}" if node.verdict == "run" and node.reasons else node.note
