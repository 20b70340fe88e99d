"""The graph of a target with what would be done with each task; equal tasks of a wide layer are one box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from daicho.html.drawing import Box, State, svg
from daicho.html.layout import columns
from daicho.plan.plan import Plan, Verdict
from daicho.plan.prepare import open_project, prepare

SCHEMA = "daicho.graph/1"

_WIDE = 5  # tasks of one family in one layer from which on they are one box
_ORDER: tuple[Verdict, ...] = ("run", "undecided", "reuse")


@dataclass(frozen=True)
class GraphNode:
    """A task, or several of one family and layer. `verdicts` counts their decisions; `needs` are places of nodes."""

    name: str
    task: str
    kind: str
    tasks: tuple[str, ...]
    verdicts: Mapping[str, int]
    reasons: tuple[str, ...]
    needs: tuple[int, ...]
    target: bool

    @property
    def verdict(self) -> Verdict:
        """The decision that matters most: what runs before what may, and that before what is reused."""
        return next(each for each in _ORDER if self.verdicts.get(each))

    @property
    def note(self) -> str:
        """What is done with them, in a few words; of one task that runs why. What others wait for the edges show."""
        if len(self.tasks) == 1:
            return f"run: {self.reasons[0]}" if self.verdict == "run" and self.reasons else self.verdict
        return ", ".join(f"{count:,} {verdict}" for verdict, count in self.verdicts.items())


@dataclass(frozen=True)
class Graphed:
    """A target's graph; each node stands after all that it needs."""

    target: str
    nodes: tuple[GraphNode, ...]

    def to_json(self) -> dict[str, Any]:
        """The graph as one JSON document."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "nodes": [
                {
                    "name": node.name,
                    "task": node.task,
                    "kind": node.kind,
                    "decision": node.verdict,
                    "decisions": dict(node.verdicts),
                    "reasons": list(node.reasons),
                    "tasks": list(node.tasks),
                    "needs": list(node.needs),
                    "target": node.target,
                }
                for node in self.nodes
            ],
        }

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs of places: the needed node, and the one that needs it."""
        return tuple((needed, place) for place, node in enumerate(self.nodes) for needed in node.needs)

    def svg(self) -> str:
        """The graph as a picture, without anything from elsewhere, for light and dark screens."""
        return svg([_box(node) for node in self.nodes], self.edges, title=f"What {self.target} needs")

    def mermaid(self) -> str:
        """The graph in Mermaid's words, as GitHub and GitLab draw it in Markdown."""
        lines = ["flowchart LR"]
        lines += [f"    t{place}[{_quoted(node)}]:::{node.verdict}" for place, node in enumerate(self.nodes)]
        lines += [f"    t{needed} --> t{place}" for needed, place in self.edges]
        lines += [
            "    classDef run stroke:#9a6700,stroke-width:2px",
            "    classDef undecided stroke:#0969da,stroke-dasharray:4 3",
            "    classDef reuse stroke:#8c959f",
        ]
        return "\n".join(lines) + "\n"

    def _repr_svg_(self) -> str:
        return self.svg()


def graph(
    target: object = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Graphed:
    """The graph of a target: what it needs, and what would be done with each task. Nothing runs.

    Args:
        target: As for `daicho.run`.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.

    Raises:
        UsageError: If the project, its configuration or the target is wrong.
        StoreError: If the store cannot be asked.
    """
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    context.ledger.check()
    prepared = prepare(context, target)
    plan = prepared.planner.plan(fetch=False)
    prepared.digests.save()
    return graphed(plan)


def graphed(plan: Plan) -> Graphed:
    """A plan's graph, with wide layers as one node for each family."""
    groups = _groups(plan)
    place = {task_id: at for at, members in enumerate(groups) for task_id in members}
    targets = ", ".join(plan.label(task_id) for task_id in plan.graph.targets)
    return Graphed(targets, tuple(_node(plan, members, place) for members in groups))


def _groups(plan: Plan) -> list[tuple[str, ...]]:
    """The tasks that make up each node, from the first layer to the last."""
    nodes = plan.graph.nodes
    order = {task_id: at for at, task_id in enumerate(nodes)}
    edges = [
        (order[edge], at)
        for at, node in enumerate(nodes.values())
        for edge in {e.task_id for e in node.needs}
    ]
    layers: dict[tuple[int, str], list[str]] = {}
    for (task_id, node), layer in zip(nodes.items(), columns(len(nodes), edges), strict=True):
        layers.setdefault((layer, node.family), []).append(task_id)
    found: list[tuple[str, ...]] = []
    for _, members in sorted(layers.items(), key=lambda each: each[0][0]):
        found += [tuple(members)] if len(members) >= _WIDE else [(task_id,) for task_id in members]
    return found


def _node(plan: Plan, members: tuple[str, ...], place: Mapping[str, int]) -> GraphNode:
    nodes = [plan.graph.nodes[task_id] for task_id in members]
    decisions = [plan.decisions[task_id] for task_id in members]
    counted = Counter(decision.verdict for decision in decisions)
    alone = len(members) == 1
    texts = Counter(reason.text for each in decisions if each.verdict != "reuse" for reason in each.reasons)
    return GraphNode(
        name=plan.label(members[0]) if alone else f"{nodes[0].family} × {len(members):,}",
        task=nodes[0].family,
        kind=nodes[0].kind,
        tasks=members,
        verdicts={verdict: counted[verdict] for verdict in _ORDER if counted[verdict]},
        reasons=tuple(text for text, _ in texts.most_common(5)),
        needs=tuple(sorted({place[edge.task_id] for node in nodes for edge in node.needs})),
        target=any(task_id in plan.graph.targets for task_id in members),
    )


def _box(node: GraphNode) -> Box:
    state: State = "plain" if node.kind == "wrapper" else node.verdict
    told = "\n".join([node.name, *node.reasons])
    return Box(node.name, "" if node.kind == "wrapper" else node.note, state, len(node.tasks) > 1, told)


def _quoted(node: GraphNode) -> str:
    """A text in which nothing is markup to Mermaid."""
    parts = list(_lines(node))
    return f'"{"<br/>".join(parts)}"'


def _lines(node: GraphNode) -> Iterator[str]:
    for text in (node.name, node.note):
        yield "".join(each if each.isalnum() or each in " .,:=_-×" else f"#{ord(each)};" for each in text)
