"""From a plan to the root causes of one decision: down the graph, and down the records of what was made since.

A task that must run is explained by what differs from the nearest earlier record. An input that differs is no cause
by itself: what it was made from then and now is compared in turn. A task that waits is explained by those it waits for.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from daicho.errors import StoreError
from daicho.fingerprint.code import Code
from daicho.plan.cause import Cause, Compared, Equal, equal
from daicho.plan.changes import Change, change_of
from daicho.plan.given import given
from daicho.plan.neutral import Neutral, neutral_edits
from daicho.plan.plan import Decision, Plan
from daicho.plan.prepare import Prepared
from daicho.plan.reasons import FIRST, GONE, Place, Reason, compare
from daicho.plan.snapshots import Snapshots, file_now
from daicho.provenance.blame import Blame
from daicho.record import Record
from daicho.task.graph import Node

_BY_RULE = frozenset({"forced", "uncached", "unasked", "missing", "corrupt", "observed", "withdrawn"})


@dataclass(frozen=True)
class _Step:
    """A task whose differences are followed."""

    node: Node
    now: Record
    then: Record
    reasons: tuple[Reason, ...]


class Explainer:
    """Explains the decisions of one plan.

    Attributes:
        plan: The plan.
        snapshots: The sources that earlier results were made from.
    """

    def __init__(self, prepared: Prepared, plan: Plan) -> None:
        self.plan = plan
        self.snapshots = Snapshots(prepared.context.ledger)
        self._prepared = prepared
        self._blame = Blame(prepared.context.root)
        self._records: dict[str, Record | None] = {}

    def causes(self, task_id: str) -> tuple[Cause, ...]:
        """The root causes of a decision, its own first; none for a task that is reused."""
        found: dict[tuple[str, Reason], Cause] = {}
        waiting, seen = deque([task_id]), {task_id}
        while waiting:
            current = waiting.popleft()
            node, decision = self.plan.graph.nodes[current], self.plan.decisions[current]
            if decision.verdict == "reuse":
                continue
            own = list(self._own(node, decision))
            found.update({(cause.task, cause.reason): cause for cause in own})
            first = any(cause.reason == FIRST for cause in own)
            if decision.verdict == "undecided" and not first:
                below = [edge.task_id for edge in node.needs if edge.task_id not in seen]
                seen.update(below)
                waiting.extend(below)
        return tuple(found.values())

    def earlier(self, task_id: str) -> Record | None:
        """The record to compare with, in full: the one that is reused or replaced, or else the nearest."""
        decision = self.plan.decisions[task_id]
        if task_id not in self.plan.parts:
            return None
        if decision.record is not None:
            return self._prepared.context.ledger.details(decision.record) or decision.record
        replaced = self.record(decision.supersedes[-1]) if decision.supersedes else None
        return replaced or self._prepared.planner.nearest(self._prepared.planner.draft(task_id))

    def equal(self, task_id: str) -> Equal:
        """What is the same as in the earlier record."""
        then = self.earlier(task_id)
        return Equal() if then is None else equal(self._prepared.planner.draft(task_id), then)

    def neutral(self, task_id: str, causes: Sequence[Cause]) -> tuple[Neutral, ...]:
        """What was edited since the earlier record and does not count, where these are the causes."""
        then = self.earlier(task_id)
        if then is None:
            return ()
        symbols = self.code(self.plan.graph.nodes[task_id]).symbols.values()
        counted = [(str(each.reason.file), (each.reason.symbol or "").partition(":")[2]) for each in causes]
        used = [(symbol.file, symbol.name) for symbol in symbols]
        found = neutral_edits(self._prepared.context.root, used, counted, self.snapshots.of(then))
        if any(each.change is not None and each.change.diff and not each.change.parts for each in causes):
            return tuple(
                each for each in found if each.what != "docstring"
            )  # code that reads its own: they count
        return found

    def code(self, node: Node) -> Code:
        """The code of a task of ours."""
        return self._prepared.identity.code_of(type(node.task))

    def record(self, run_id: str) -> Record | None:
        """A record in full, by its run; None if it is gone."""
        if run_id not in self._records:
            ledger = self._prepared.context.ledger
            try:
                light = ledger.run(run_id)
                self._records[run_id] = (ledger.details(light) or light) if light is not None else None
            except StoreError:
                self._records[run_id] = None
        return self._records[run_id]

    # ------------------------------------------------------------------------------ own causes

    def _own(self, node: Node, decision: Decision) -> Iterator[Cause]:
        by_rule = [reason for reason in decision.reasons if reason.kind in _BY_RULE]
        if by_rule or node.kind != "task":
            reasons = decision.reasons if decision.verdict == "run" else ()
            yield from (self._by_rule(node, decision, reason) for reason in reasons)
            return
        draft, then = self._prepared.planner.draft(node.task_id), self.earlier(node.task_id)
        if then is None:
            yield Cause(FIRST, self.plan.label(node.task_id))
            return
        declared = self.plan.parts[node.task_id].outputs
        reasons = compare(draft, declared, self._comparable(node, then), self._places(node), most=None)
        if decision.verdict == "undecided" and reasons == (GONE,):
            return  # it is as it was: all depends on what it waits for
        if reasons == (GONE,) and decision.reasons:  # what it yielded is no input of the task as it is now
            yield from (Cause(reason, self.plan.label(node.task_id)) for reason in decision.reasons)
            return
        yield from self._traced(_Step(node, draft, then, reasons))

    def _comparable(self, node: Node, then: Record) -> Record:
        """An earlier record without the inputs of which nobody knows yet what they will be."""
        unknown = tuple(
            f"{role}."
            for role, below in self.plan.graph.readable(node.task_id)
            if below.kind != "wrapper" and self.plan.decisions[below.task_id].verdict != "reuse"
        )
        return replace(then, inputs=tuple(each for each in then.inputs if not each.role.startswith(unknown)))

    def _by_rule(self, node: Node, decision: Decision, reason: Reason) -> Cause:
        label = self.plan.label(node.task_id)
        if reason.kind in ("missing", "corrupt"):
            return Cause(reason, label, where=next(self._broken(decision), None))
        if reason.kind == "observed" and reason.symbol is not None:
            return Cause(reason, label, change=self._seen(node.task_id, reason.symbol))
        return Cause(reason, label)

    def _broken(self, decision: Decision) -> Iterator[str]:
        """The outputs of a result that are gone or not as they were."""
        ledger, root = self._prepared.context.ledger, self._prepared.context.root
        for record in filter(None, map(self.record, decision.supersedes)):
            for output in record.outputs:
                path = ledger.path(record, output)
                if path is not None and ledger.verify(record, output) != "ok":
                    yield os.path.relpath(path, root) if path.is_relative_to(root) else str(path)

    def _seen(self, task_id: str, symbol: str) -> Change | None:
        """How code changed that was seen to run."""
        root, then = self._prepared.context.root, self.earlier(task_id)
        if then is None:
            return None
        return change_of(root, symbol, file_now(root, symbol), self.snapshots.of(then), self._blame)

    # ------------------------------------------------------------------------------ through to the root

    def _traced(self, start: _Step) -> Iterator[Cause]:
        """The causes of a difference, those of inputs followed down the records."""
        waiting, seen = deque([start]), {start.node.task_id}
        while waiting:
            step = waiting.popleft()
            compared = self._compared(step)
            for reason in step.reasons:
                below = self._below(step, reason) if reason.kind == "upstream" else None
                if below is None:
                    yield compared.cause(reason, self.plan.label(step.node.task_id))
                elif below.node.task_id not in seen:
                    seen.add(below.node.task_id)
                    waiting.append(below)

    def _compared(self, step: _Step) -> Compared:
        context, graph = self._prepared.context, self.plan.graph
        return Compared(
            step.now,
            step.then,
            context.root,
            partial(given, context, graph, step.node),
            tuple((output.name, output.format) for output in step.node.outputs.values()),
            partial(self.snapshots.of, step.then),
            self._blame,
        )

    def _below(self, step: _Step, reason: Reason) -> _Step | None:
        """What gave an input now, and what gave it then; None where that cannot be told apart."""
        node = dict(self.plan.graph.readable(step.node.task_id)).get((reason.name or "").rpartition(".")[0])
        now, then = (self._giver(record, reason.name) for record in (step.now, step.then))
        if node is None or node.kind != "task" or now is None or then is None or now.run_id == then.run_id:
            return None
        declared = {output.role: (output.name, output.format) for output in now.outputs}
        reasons = compare(now, declared, then, self._places(node), most=None)
        return _Step(node, now, then, reasons) if reasons != (GONE,) else None

    def _giver(self, record: Record, role: str | None) -> Record | None:
        run_id = next((each.run_id for each in record.inputs if each.role == role), None)
        return self.record(run_id) if run_id is not None else None

    def _places(self, node: Node) -> Mapping[str, Place]:
        return {name: Place(symbol.file, symbol.line) for name, symbol in self.code(node).symbols.items()}
