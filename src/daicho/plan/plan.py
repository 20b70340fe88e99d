"""The plan: the graph of a target with a decision for each task. A value that can be printed, compared, and tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from daicho._drawn import html
from daicho.fingerprint.parts import Parts
from daicho.plan.reasons import Reason
from daicho.record import OutputRecord, Record
from daicho.task.graph import Graph
from daicho.task.yielding import yields

if TYPE_CHECKING:
    from daicho.plan.grounds import Grounds

SCHEMA = "daicho.plan/1"

Verdict = Literal["reuse", "run", "undecided"]


@dataclass(frozen=True)
class Decision:
    """What is to be done with one task.

    Attributes:
        verdict: `reuse` (the record says which result), `run`, or `undecided` (waits for a task that must run).
        reasons: Why, the root causes first.
        key: The task's key, where all that goes into it is known.
        record: The record that is reused.
        content: The digest of what it gives to its dependants, where that is known.
        supersedes: Runs whose results are replaced when this one has run.
        pinned: What lies in the folder that the task is pinned to.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    key: str | None = None
    record: Record | None = None
    content: str | None = None
    supersedes: tuple[str, ...] = ()
    pinned: tuple[OutputRecord, ...] = ()

    @property
    def outputs(self) -> tuple[OutputRecord, ...]:
        """What the reused record holds, or the folder that the task is pinned to."""
        return self.record.outputs if self.record is not None else self.pinned


@dataclass(frozen=True)
class Plan:
    """A graph and its decisions. Wrappers and plain Luigi tasks have one as well.

    Attributes:
        graph: What is to be done.
        decisions: What is to be done with each task of it.
        parts: The parts of each task's key.
        grounds: Looks up what it rests on.
    """

    graph: Graph
    decisions: Mapping[str, Decision]
    parts: Mapping[str, Parts] = field(default_factory=dict)
    grounds: Callable[[], Grounds | None] | None = field(default=None, repr=False, compare=False)

    def __iter__(self) -> Iterator[tuple[str, Decision]]:
        """The decisions in the order in which tasks can run."""
        return ((task_id, self.decisions[task_id]) for task_id in self.graph.nodes)

    @property
    def counts(self) -> Counter[str]:
        """How many tasks of ours there are of each verdict; wrappers do not count."""
        return Counter(
            decision.verdict for task_id, decision in self if self.graph.nodes[task_id].kind != "wrapper"
        )

    @property
    def open(self) -> tuple[str, ...]:
        """The tasks that are to run and yield others: which, is known once they run."""
        nodes = self.graph.nodes
        return tuple(
            task_id
            for task_id, decision in self
            if decision.verdict == "run" and nodes[task_id].kind != "pinned" and yields(nodes[task_id].task)
        )

    @property
    def nothing_to_do(self) -> bool:
        """Whether all results are there."""
        return all(decision.verdict == "reuse" for decision in self.decisions.values())

    def label(self, task_id: str) -> str:
        """A task's name for people."""
        return self.graph.label(task_id)

    def _repr_html_(self) -> str:
        return html(self)

    def to_json(self) -> dict[str, Any]:
        """The plan as one JSON document."""
        return {
            "schema": SCHEMA,
            "remembered": False,  # the command line may have given this document before
            "targets": [self.graph.nodes[task_id].family for task_id in self.graph.targets],
            "tasks": [self._task(task_id, decision) for task_id, decision in self],
        }

    def _task(self, task_id: str, decision: Decision) -> dict[str, Any]:
        node = self.graph.nodes[task_id]
        parts = self.parts.get(task_id)
        return {
            "task": node.family,
            "task_id": task_id,
            "kind": node.kind,
            "parameters": dict(parts.shown) if parts is not None else {},
            "key": decision.key,
            "decision": decision.verdict,
            "reasons": [reason.to_json() for reason in decision.reasons],
            "run_id": decision.record.run_id if decision.record is not None else None,
            "outputs": [
                {"output": output.role, "name": output.name, "digest": output.digest, "size": output.size}
                for output in decision.outputs
            ],
            "yields": node.kind != "pinned" and yields(node.task),
            "needs": sorted({edge.task_id for edge in node.needs}),
        }
