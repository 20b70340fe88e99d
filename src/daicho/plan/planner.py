"""From a graph to a plan: level by level, one question to the ledger for each, and asked again as results come in.

The rules are pure and stand in `decide`; this keeps what is known and applies them wherever enough is known. So
planning step by step, while tasks run, ends as if all records had been known from the start.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from daicho.errors import StoreError
from daicho.fingerprint import observed
from daicho.fingerprint.key import content_of
from daicho.fingerprint.parts import Parts
from daicho.plan import decide
from daicho.plan.ahead import Ahead, look_ahead
from daicho.plan.answers import Answers, asks, next_to
from daicho.plan.checking import Checking
from daicho.plan.drafts import draft_of, inputs_of
from daicho.plan.growing import Followed, More, Soil, grow
from daicho.plan.memory import Memory
from daicho.plan.past import Past
from daicho.plan.plainly import decided_plainly, plain_content, unseen
from daicho.plan.plan import Decision, Plan
from daicho.plan.reasons import Place
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.task.graph import Edge, Graph, Node


class Planner:
    """Decides tasks as soon as they can be decided.

    Args:
        graph: What is to be done.
        parts: The parts of each task's key.
        memory: The ledger.
        pinned: What lies in the folders that tasks are pinned to.
        forced: Tasks that are to run although equal.
        places: Where the symbols of the code stand.
        digests: Digests of files, remembered.
        code_now: The digest that code which was seen to run has now.
        soil: By what tasks that others yield join the plan; None where none can.
    """

    def __init__(
        self,
        graph: Graph,
        parts: Mapping[str, Parts],
        memory: Memory,
        *,
        pinned: Mapping[str, tuple[OutputRecord, ...]] | None = None,
        forced: Collection[str] = (),
        places: Mapping[str, Place] | None = None,
        digests: Digests | None = None,
        code_now: observed.CodeNow = lambda name: None,
        soil: Soil | None = None,
    ) -> None:
        self.graph = graph
        self.parts = parts
        self.decisions: dict[str, Decision] = {}
        self.contents: dict[str, str] = {}
        self.outputs: dict[str, tuple[OutputRecord, ...]] = {}
        self.runs: dict[str, str] = {}  # of tasks that ran since, by task id
        self.ahead = Ahead()  # what earlier launches have left, once there is a plan
        self._memory = memory
        self._answers = Answers(memory)
        self._pinned = dict(pinned or {})
        self._forced = frozenset(forced)
        self._places = places or {}
        self._soil = soil
        self._new: list[str] = []  # tasks that have joined and are not decided yet
        self._refused: dict[str, str] = {}  # tasks that cannot join, and why
        self._ran: set[str] = set()
        self._turned: set[str] = set()
        self._sure: set[str] = set()  # of what was yielded, what has been verified
        self._code_now = code_now
        self._digests = digests or Digests()
        self._checking = Checking(memory)
        self._past = Past(memory)

    def plan(self, *, fetch: bool = True) -> Plan:
        """Decide all that can be decided before anything runs.

        Results that a task which may run is going to read are verified byte by byte; others by `stat`. Without
        `fetch`, so are those that would have to be brought from elsewhere for that.
        """
        self.ahead = look_ahead(self._memory, self.graph, self.parts, self._pinned)
        with self._answers.held(self.ahead.keys):
            self._settle()
            while bad := self._verify(fetch=fetch):
                self._forget(bad)
                self._settle()
        self.graph = self.graph.pruned()
        self.decisions = {task_id: self.decisions[task_id] for task_id in self.graph.nodes}
        self.parts = {task_id: each for task_id, each in self.parts.items() if task_id in self.graph.nodes}
        self._explain(self.decisions)
        return self.now()

    def now(self) -> Plan:
        """The plan as far as it has got."""
        return Plan(self.graph, dict(self.decisions), self.parts)

    def begin(self, task_id: str) -> None:
        """A task is about to run from its top: what it yields is not known until it does."""
        if self.graph.nodes[task_id].yields:
            self.graph = self.graph.grown({}, {task_id: ()})

    def need(self, task_id: str, wanted: Mapping[str, Any]) -> bool:
        """A task that runs yields others, by role; whether all of them are there, and verified.

        Raises:
            UsageError: If one of them cannot be run as it is, clashes with another, or needs the task itself.
        """
        known, soil = self.graph.nodes[task_id].yields, self._soil
        assert soil is not None
        edges = {edge.role: edge for edge in known}
        edges |= {role: Edge(role, task.task_id) for role, task in wanted.items()}
        if tuple(edges.values()) != known:
            more = soil.more(self.graph, wanted.values())
            self._join(self.graph.grown(more.nodes, {task_id: tuple(edges.values())}), more)
            self._settle_new()
        reads = self.graph.through(self.graph.nodes[task_id].yields)
        return all(self._there(edge.task_id) for edge in list(reads))

    def _there(self, task_id: str) -> bool:
        """Whether a result is there that somebody may read now."""
        if self.content(task_id) is None:
            return False
        known = task_id in self._ran or task_id in self._sure
        if not known and self.graph.nodes[task_id].kind != "wrapper":
            self.turn(task_id)
            self._sure.add(task_id)
        return self.content(task_id) is not None

    def done(self, task_id: str) -> bool:
        """Whether a task's result is there."""
        return self.content(task_id) is not None

    def content(self, task_id: str) -> str | None:
        """The content of a task that is done; None for others."""
        decision = self.decisions.get(task_id)
        done = task_id in self._ran or (decision is not None and decision.verdict == "reuse")
        return self.contents.get(task_id) if done else None

    def finished(self, task_id: str, outputs: Sequence[OutputRecord]) -> None:
        """Tell that a task has run: its content is known."""
        node = self.graph.nodes[task_id]
        self._ran.add(task_id)
        self._answers.forget(self.decisions[task_id].key)
        self.outputs[task_id] = tuple(outputs)
        if node.kind == "plain":
            self.contents[task_id] = plain_content(node.task, self._digests) or unseen(task_id)
        else:
            self.contents[task_id] = content_of(outputs)

    def changed(self, task_id: str) -> bool:
        """Whether what a plain task has made is no longer what its dependants' keys say."""
        content = plain_content(self.graph.nodes[task_id].task, self._digests)
        return content is not None and content != self.contents.get(task_id, content)

    def turn(self, task_id: str, *, again: bool = False, mark: object = None) -> Decision:
        """Decide a task whose turn has come: all that it needs is there.

        A result that is taken is verified first, for a dependant may be about to read it. If the store is away, the
        task runs, for nobody can say whether there is an equal result. With `again` a task that is to run is asked
        about once more, unless that was a moment ago and nothing was heard of since: then the `mark` is another. It
        is `undecided` as long as what it yields by an earlier record is not there: then it needs another turn.
        """
        decision = self.decisions[task_id]
        self._turned.add(task_id)
        if decision.verdict == "run" and decision.key is not None and not again:
            return decision
        self._catch_up(self.graph.nodes[task_id])
        try:
            self._ask(task_id, mark)
            decided = self._follow_through(task_id)
            while not self._sound(task_id, decided):
                decided = self._follow_through(task_id)
            if decided.verdict == "run":
                same = again and decided.key == decision.key
                decided = decision if same else self._explained(task_id, decided)
        except StoreError:
            if again:
                return decision
            decided = decide.unasked(self._key(task_id))
        self._know(task_id, decided)
        return decided

    def _ask(self, task_id: str, mark: object) -> None:
        """Ask about a task, and at once about those whose turn may come next; not where an answer stands."""
        if not asks(self.graph.nodes[task_id]):
            return
        key = self._key(task_id)
        if self._answers.stands(key, mark):
            return
        others = () if self._answers.fresh(key) else next_to(self.graph, task_id, self._turned, self.contents)
        self._answers.ask({key, *map(self._key, others)}, mark)

    def won(self, task_id: str, record: Record) -> bool:
        """Take the result that counts for everybody instead of the one just made here; whether its bytes are right."""
        reasons = self.decisions[task_id].reasons
        decision = Decision("reuse", reasons, record.key, record, content_of(record.outputs))
        right = False
        with suppress(StoreError):
            right = self._sound(task_id, decision)
        if right:
            self._know(task_id, decision)
        return right

    def shared(self, task_id: str) -> bool:
        """Whether a result of the task that somebody else records now would be reused."""
        node = self.graph.nodes[task_id]
        return node.kind == "task" and bool(node.task.cache) and task_id not in self._forced

    def _catch_up(self, node: Node) -> None:
        """Plain tasks that have become complete without us since the plan was made are what they are now."""
        for edge in node.edges:
            below = self.graph.nodes[edge.task_id]
            if edge.task_id not in self.contents and below.kind == "plain":
                self._know(edge.task_id, decided_plainly(below, self._digests))
                self.contents.setdefault(edge.task_id, unseen(edge.task_id))

    def _settle(self) -> None:
        """Decide level by level: each is what became decidable by the one before."""
        missing = {
            task_id: {edge.task_id for edge in node.edges} for task_id, node in self.graph.nodes.items()
        }
        self._spread([task_id for task_id, needs in missing.items() if not needs], missing)
        for task_id in self.graph.nodes:
            if task_id not in self.decisions or missing[task_id]:
                self.decisions[task_id] = self._waiting(task_id)

    def _spread(self, level: list[str], missing: dict[str, set[str]]) -> None:
        """Decide a level and what becomes decidable by it; `missing` are the needs that each waits for."""
        while level:
            following: list[str] = []
            for task_id, decision in self._decide(level).items():
                self._know(task_id, decision)
                if decision.verdict == "undecided":  # what it yields has to be known first
                    missing[task_id] = self._unknown(self.graph.nodes[task_id].yields)
                    following.extend([] if missing[task_id] else [task_id])
                for dependant in self.graph.dependants[task_id] if decision.content is not None else ():
                    waits = missing.get(dependant)
                    if waits:
                        waits.discard(task_id)
                        following.extend([] if waits else [dependant])
            for task_id in self._new:
                missing[task_id] = self._unknown(self.graph.nodes[task_id].edges)
                following.extend([] if missing[task_id] else [task_id])
            self._new = []
            level = following

    def _settle_new(self) -> None:
        """Decide the tasks that have joined; if the store is away, each is left to its own turn."""
        missing = {task_id: self._unknown(self.graph.nodes[task_id].edges) for task_id in self._new}
        self._new = []
        with suppress(StoreError):
            self._spread([task_id for task_id, needs in missing.items() if not needs], missing)
        missing |= {task_id: set() for task_id in self._new}
        self._new = []
        for task_id, needs in missing.items():
            if task_id not in self.decisions or needs:
                self.decisions[task_id] = self._waiting(task_id)
        with suppress(StoreError):
            self._explain(missing)

    def _unknown(self, edges: Iterable[Edge]) -> set[str]:
        return {edge.task_id for edge in edges if self.content(edge.task_id) is None}

    def _follow_through(self, task_id: str) -> Decision:
        """Decide a task, and what it yielded by earlier records first, as far as that need not run."""
        while True:
            decided = self._decide([task_id])[task_id]
            self._settle_new()
            if decided.verdict != "undecided" or self._unknown(self.graph.nodes[task_id].yields):
                return decided

    def _explain(self, task_ids: Iterable[str]) -> None:
        for task_id in list(task_ids):
            if self.decisions[task_id].verdict == "run":
                self.decisions[task_id] = self._explained(task_id, self.decisions[task_id])

    def _join(self, graph: Graph, more: More) -> None:
        """Take in tasks that others yield."""
        self.graph = graph
        self.parts = {**self.parts, **more.parts}
        self._pinned.update(more.pinned)
        self._places = more.places or self._places
        self._forced |= more.forced
        self._new += more.nodes

    def _waiting(self, task_id: str) -> Decision:
        return decide.waiting(self.graph, task_id, self.contents, forced=task_id in self._forced)

    def _decide(self, task_ids: Iterable[str]) -> dict[str, Decision]:
        """Decide tasks whose needs are all known, with one question for all of them."""
        decided: dict[str, Decision] = {}
        keys: dict[str, str] = {}
        for task_id in task_ids:
            node = self.graph.nodes[task_id]
            if node.kind == "wrapper":
                decided[task_id] = decide.wrapper(node, self.contents)
            elif node.kind == "plain":
                decided[task_id] = decided_plainly(node, self._digests)
            elif node.kind == "pinned":
                decided[task_id] = decide.pinned(self._pinned[task_id], node.pinned_to)
            else:
                keys[task_id] = self._key(task_id)
        asked = {key for task_id, key in keys.items() if asks(self.graph.nodes[task_id])}
        records = self._answers.find(asked) if asked else {}
        grown: list[Followed] = []
        for task_id, key in keys.items():
            decided[task_id] = self._known(task_id, key, records.get(key, ()), grown)
        for graph, more in grow(self._soil, self.graph, grown, self._refused):
            self._join(graph, more)
        return decided

    def _key(self, task_id: str) -> str:
        return decide.key(self.parts[task_id], self.graph.nodes[task_id], self.contents, self.outputs)

    def _known(self, task_id: str, key: str, records: Sequence[Record], grown: list[Followed]) -> Decision:
        """Decide a task whose key is known; what it yielded by its records is put to `grown`."""
        if not self.graph.nodes[task_id].task.cache:
            return decide.uncached(key)
        self._checking.glance(records)
        forced = task_id in self._forced
        followed = Followed(
            task_id, self.graph, self.content, self._soil, self._code_now, self._refused, forced
        )
        decision = decide.known_key(
            self.parts[task_id],
            key,
            records,
            forced=forced,
            differing=followed.differing,
            rejected=self._checking.rejected,
        )
        grown.append(followed)
        if decision.verdict == "run" and followed.waits:
            return decide.undecided(followed.unknown(), forced=False, cached=True)
        return decision

    def _know(self, task_id: str, decision: Decision) -> None:
        self.decisions[task_id] = decision
        self.outputs[task_id] = decision.outputs
        if decision.content is not None:
            self.contents[task_id] = decision.content

    def _verify(self, *, fetch: bool) -> set[str]:
        """The tasks whose results a task that may run is going to read, and whose bytes are not right."""
        return {
            task_id
            for task_id in decide.at_risk(self.graph, self.decisions)
            if (fetch or self._checking.is_here(self.decisions[task_id].record))
            and not self._sound(task_id, self.decisions[task_id])
        }

    def _sound(self, task_id: str, decision: Decision) -> bool:
        """Whether nobody reads what is wrong."""
        record = decision.record
        return record is None or not self.graph.dependants[task_id] or self._checking.sound(record)

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
        key = self.decisions[task_id].key if task_id in self.decisions else None
        inputs = inputs_of(self.graph, task_id, self.outputs, self._run_of)
        return draft_of(task_id, self.parts[task_id], key, inputs)

    def _run_of(self, task_id: str) -> str | None:
        """The run whose outputs a dependant reads, as far as there is one yet."""
        record = self.decisions[task_id].record
        return self.runs.get(task_id, record.run_id if record is not None else None)

    def _explained(self, task_id: str, decision: Decision) -> Decision:
        """The decision to run with what changed since the nearest earlier record, where the rule gave no reason."""
        if decision.reasons or task_id not in self.parts:
            return decision
        return self._past.explained(decision, self.draft(task_id), self.parts[task_id].outputs, self._places)

    def took(self, family: str) -> float | None:
        """How many seconds a task of a family took the last time; None if that is not known."""
        return self._past.took(family)

    def nearest(self, draft: Record) -> Record | None:
        """The newest of the family's records that has most in common with the task now, in full."""
        return self._past.nearest(draft)
