"""From a graph to a plan: level by level, one question to the ledger for each, and asked again as results come in.

The rules are pure and stand in `decide`; this keeps what is known and applies them wherever enough is known. So
planning step by step, while tasks run, ends as if all records had been known from the start.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from daicho.digest import of_bytes, of_value
from daicho.errors import CorruptError, StoreError
from daicho.fingerprint import observed
from daicho.fingerprint.key import content_of
from daicho.fingerprint.parts import Parts
from daicho.ledger import Withdrawal
from daicho.plan import decide
from daicho.plan.decide import Rejected
from daicho.plan.needed import complete
from daicho.plan.plan import Decision, Plan
from daicho.plan.reasons import Place, Reason, compare, seen
from daicho.record import InputRecord, OutputRecord, Record
from daicho.remembered import Digests
from daicho.task import plain
from daicho.task.graph import Graph, Node

_GONE = {
    "missing": Reason("missing", "an output of its result is gone"),
    "changed": Reason("corrupt", "an output of its result was changed"),
}


class Memory(Protocol):
    """What planning asks of the ledger."""

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The marked, living, not superseded records of each key, the earliest first."""

    def withdrawn(self, key: str) -> Withdrawal | None:
        """Who withdrew a result of a key, and why, as `find` saw it."""

    def newest(self, task: str, limit: int = 20) -> Sequence[Record]:
        """The newest records of a task family."""

    def details(self, record: Record) -> Record | None:
        """A record with all that is known of it."""

    def state(self, record: Record) -> Literal["ok", "missing", "changed"]:
        """Whether its outputs are there, as far as `stat` tells."""

    def fetch(self, record: Record, output: OutputRecord) -> Path:
        """An output's bytes, verified. Raises CorruptError."""


class Planner:
    """Decides tasks as soon as they can be decided.

    Args:
        graph: What is to be done.
        parts: The parts of each task's key.
        memory: The ledger.
        forced: Tasks that are to run although equal.
        places: Where the symbols of the code stand.
        digests: Digests of files, remembered.
        code_now: The digest that code which was seen to run has now.
    """

    def __init__(
        self,
        graph: Graph,
        parts: Mapping[str, Parts],
        memory: Memory,
        *,
        forced: Collection[str] = (),
        places: Mapping[str, Place] | None = None,
        digests: Digests | None = None,
        code_now: observed.CodeNow = lambda name: None,
    ) -> None:
        self.graph = graph
        self.parts = parts
        self.decisions: dict[str, Decision] = {}
        self.contents: dict[str, str] = {}
        self.outputs: dict[str, tuple[OutputRecord, ...]] = {}
        self.runs: dict[str, str] = {}  # of tasks that ran since, by task id
        self._memory = memory
        self._forced = frozenset(forced)
        self._places = places or {}
        self._code_now = code_now
        self._digests = digests or Digests()
        self._rejected: dict[str, Rejected] = {}
        self._earlier: dict[str, Sequence[Record]] = {}

    def plan(self) -> Plan:
        """Decide all that can be decided before anything runs.

        Results that a task which may run is going to read are verified byte by byte; others by `stat`.
        """
        while True:
            self._settle()
            bad = self._verify()
            if not bad:
                break
            self._forget(bad)
        for task_id, decision in self.decisions.items():
            if decision.verdict == "run":
                self.decisions[task_id] = self._explained(task_id, decision)
        return Plan(self.graph, dict(self.decisions), self.parts)

    def finished(self, task_id: str, outputs: Sequence[OutputRecord]) -> None:
        """Tell that a task has run: its content is known."""
        node = self.graph.nodes[task_id]
        self.outputs[task_id] = tuple(outputs)
        if node.kind == "plain":
            self.contents[task_id] = _plain_content(node.task, self._digests) or _unseen(task_id)
        else:
            self.contents[task_id] = content_of(outputs)

    def changed(self, task_id: str) -> bool:
        """Whether what a plain task has made is no longer what its dependants' keys say."""
        content = _plain_content(self.graph.nodes[task_id].task, self._digests)
        return content is not None and content != self.contents.get(task_id, content)

    def turn(self, task_id: str) -> Decision:
        """Decide a task whose turn has come: all that it needs is there.

        A result that is taken is verified first, for a dependant may be about to read it. If the store is away, the
        task runs: it may be that there is an equal result, but nobody can say.
        """
        decision = self.decisions[task_id]
        if decision.verdict == "run" and decision.key is not None:
            return decision
        self._catch_up(self.graph.nodes[task_id])
        try:
            decided = self._decide([task_id])[task_id]
            while not self._sound(task_id, decided):
                decided = self._decide([task_id])[task_id]
            if decided.verdict == "run":
                decided = self._explained(task_id, decided)
        except StoreError:
            key = decide.key(self.parts[task_id], self.graph.nodes[task_id], self.contents)
            decided = decide.unasked(key)
        self._know(task_id, decided)
        return decided

    def _catch_up(self, node: Node) -> None:
        """Plain tasks that have become complete without us since the plan was made are what they are now."""
        for edge in node.edges:
            below = self.graph.nodes[edge.task_id]
            if edge.task_id not in self.contents and below.kind == "plain":
                self._know(edge.task_id, self._plain(edge.task_id, below))
                self.contents.setdefault(edge.task_id, _unseen(edge.task_id))

    def _settle(self) -> None:
        """Decide level by level: each is what became decidable by the one before."""
        missing = {
            task_id: len({edge.task_id for edge in node.edges}) for task_id, node in self.graph.nodes.items()
        }
        level = [task_id for task_id, count in missing.items() if count == 0]
        while level:
            following: list[str] = []
            for task_id, decision in self._decide(level).items():
                self._know(task_id, decision)
                if decision.content is None:
                    continue
                for dependant in self.graph.dependants[task_id]:
                    missing[dependant] -= 1
                    if missing[dependant] == 0:
                        following.append(dependant)
            level = following
        for task_id, node in self.graph.nodes.items():
            if task_id not in self.decisions or missing[task_id]:
                self.decisions[task_id] = self._waiting(task_id, node)

    def _waiting(self, task_id: str, node: Node) -> Decision:
        unknown = dict.fromkeys(edge.task_id for edge in node.edges if edge.task_id not in self.contents)
        return decide.undecided(
            [self.graph.label(needed) for needed in unknown],
            forced=task_id in self._forced,
            cached=bool(getattr(node.task, "cache", True)),
        )

    def _decide(self, task_ids: Iterable[str]) -> dict[str, Decision]:
        """Decide tasks whose needs are all known, with one question for all of them."""
        decided: dict[str, Decision] = {}
        keys: dict[str, str] = {}
        for task_id in task_ids:
            node = self.graph.nodes[task_id]
            if node.kind == "wrapper":
                decided[task_id] = decide.wrapper(node, self.contents)
            elif node.kind == "plain":
                decided[task_id] = self._plain(task_id, node)
            else:
                keys[task_id] = decide.key(self.parts[task_id], node, self.contents)
        asked = {key for task_id, key in keys.items() if self.graph.nodes[task_id].task.cache}
        records = self._memory.find(asked) if asked else {}
        for task_id, key in keys.items():
            decided[task_id] = self._known(task_id, key, records.get(key, ()))
        return decided

    def _known(self, task_id: str, key: str, records: Sequence[Record]) -> Decision:
        if not self.graph.nodes[task_id].task.cache:
            return decide.uncached(key)
        for record in records:
            state = self._memory.state(record)
            if state != "ok" and record.run_id is not None:
                self._rejected.setdefault(record.run_id, Rejected(record, _GONE[state]))
        return decide.known_key(
            self.parts[task_id],
            key,
            records,
            forced=task_id in self._forced,
            differing=lambda record: self._differing(task_id, record),
            rejected=self._rejected,
        )

    def _differing(self, task_id: str, record: Record) -> tuple[Reason, ...]:
        found = observed.differences(record.extra, self.graph, task_id, self._code_now)
        return tuple(seen(kind, name) for kind, name in found)

    def _plain(self, task_id: str, node: Node) -> Decision:
        """A task of plain Luigi: complete or not is all that it says of itself."""
        if not complete(node.task):
            return Decision("run", (Reason("missing", "not complete"),))
        content = _plain_content(node.task, self._digests)
        if content is None:
            reason = Reason("unseen", "its content cannot be seen: what depends on it always runs")
            return Decision("reuse", (reason,), content=_unseen(task_id))
        return Decision("reuse", (), content=content)

    def _know(self, task_id: str, decision: Decision) -> None:
        self.decisions[task_id] = decision
        self.outputs[task_id] = decision.outputs
        if decision.content is not None:
            self.contents[task_id] = decision.content

    def _verify(self) -> set[str]:
        """The tasks whose results a task that may run is going to read, and whose bytes are not right."""
        at_risk = {
            read.task_id: None
            for task_id, decision in self.decisions.items()
            if decision.verdict != "reuse" and self.graph.nodes[task_id].kind != "wrapper"
            for _, read in self.graph.readable(task_id)
        }
        return {task_id for task_id in at_risk if not self._sound(task_id, self.decisions[task_id])}

    def _sound(self, task_id: str, decision: Decision) -> bool:
        record = decision.record
        if record is None or not self.graph.dependants[task_id]:
            return True
        try:
            for output in record.outputs:
                self._memory.fetch(record, output)
        except CorruptError as error:
            reason = Reason("corrupt", error.message)
            self._rejected[str(record.run_id)] = Rejected(record, reason)
            return False
        return True

    def _forget(self, task_ids: Collection[str]) -> None:
        """Take back what was decided of some tasks and of all that stands on them."""
        waiting = list(task_ids)
        while waiting:
            task_id = waiting.pop()
            if self.decisions.pop(task_id, None) is not None:
                self.contents.pop(task_id, None)
                waiting.extend(self.graph.dependants[task_id])

    def draft(self, task_id: str) -> Record:
        """What is known of a task's record before it runs."""
        parts = self.parts[task_id]
        return Record(
            task=parts.task,
            task_id=task_id,
            key=self.decisions[task_id].key if task_id in self.decisions else None,
            parameters=parts.shown,
            code=parts.code,
            sources=parts.sources,
            inputs=tuple(self._inputs(task_id)),
            version=parts.version,
            settings=parts.settings,
        )

    def _inputs(self, task_id: str) -> Iterator[InputRecord]:
        for role, node in self.graph.readable(task_id):
            for output in self.outputs.get(node.task_id, ()):
                record = self.decisions[node.task_id].record
                reused = record.run_id if record is not None else None
                yield InputRecord(
                    role=f"{role}.{output.role}",
                    name=output.name,
                    format=output.format,
                    digest=output.digest,
                    task=node.family,
                    run_id=self.runs.get(node.task_id, reused),
                )

    def _explained(self, task_id: str, decision: Decision) -> Decision:
        """The decision to run with what changed since the nearest earlier record, where the rule gave no reason."""
        if decision.reasons or task_id not in self.parts:
            return decision
        withdrawal = self._memory.withdrawn(decision.key) if decision.key is not None else None
        if withdrawal is not None:
            return replace(decision, reasons=(Reason("withdrawn", str(withdrawal)),))
        draft = self.draft(task_id)
        reasons = compare(draft, self.parts[task_id].outputs, self.nearest(draft), self._places)
        return replace(decision, reasons=reasons)

    def nearest(self, draft: Record) -> Record | None:
        """The newest of the family's records that has most in common with the task now, in full."""
        if draft.task not in self._earlier:
            self._earlier[draft.task] = self._memory.newest(draft.task)
        candidates = self._earlier[draft.task]
        if not candidates:
            return None
        now = draft.summary
        common = [
            sum(record.provenance.get("parts", {}).get(name) == value for name, value in now.items())
            for record in candidates
        ]
        best = candidates[common.index(max(common))]
        return self._memory.details(best) or best


def _plain_content(task: object, digests: Digests) -> str | None:
    """The content of a plain Luigi task: its `fingerprint()`, or the bytes of its local targets; None if unseen."""
    fingerprint = plain.own_fingerprint(task)
    if fingerprint is not None:
        return of_value(("fingerprint", fingerprint))
    targets = plain.local_targets(task)
    if not targets or not all(path.exists() for path in targets):
        return None
    return of_value([digests.of(path) for path in targets])


def _unseen(task_id: str) -> str:
    """A content that equals no other, not even its own next time: so the dependants always run."""
    return of_bytes(task_id.encode() + os.urandom(16))
