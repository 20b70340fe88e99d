"""A ledger in memory, and the few steps from task classes to a plan that is carried out: no store, no process."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import luigi

from daicho.config.settings import Settings
from daicho.digest import of_value
from daicho.errors import CorruptError
from daicho.fingerprint.parts import Parts, parts_of
from daicho.ledger import Launch, State, Trail, Withdrawal
from daicho.ledger._trails import packed, unpacked
from daicho.plan.deep import left
from daicho.plan.needed import needed
from daicho.plan.planner import Planner
from daicho.plan.reasons import Place
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.runtime import activate
from daicho.task import graph
from daicho.task.graph import Graph, Node
from daicho.task.runtime import ProjectRuntime

Code = Mapping[str, Mapping[str, str]]
NONE: Code = MappingProxyType({})


@dataclass
class Shelf:
    """Records, as the ledger answers for them.

    Attributes:
        runs: All records by run id, in the order in which they were made.
        states: What a look at a run's outputs tells, where that is not `ok`.
        spoilt: Runs whose bytes are wrong though a look tells nothing.
        asked: The questions for keys so far.
        fetched: The runs whose outputs were read.
        withdrawals: Keys whose results were withdrawn.
        trails: What launches have left, in the order in which they ended.
    """

    runs: dict[str, Record] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    spoilt: set[str] = field(default_factory=set)
    asked: list[frozenset[str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    withdrawals: dict[str, Withdrawal] = field(default_factory=dict)
    trails: list[Trail] = field(default_factory=list)
    _of_key: dict[str, list[str]] = field(default_factory=dict)
    _superseded: set[str] = field(default_factory=set)

    def put(self, record: Record) -> Record:
        """Keep a record as the run after the last."""
        number = len(self.runs)
        provenance = {**record.provenance, "parts": record.summary}
        kept = replace(record, run_id=f"run{number}", started=float(number), provenance=provenance)
        self.runs[f"run{number}"] = kept
        if kept.key is not None:
            self._of_key.setdefault(kept.key, []).append(f"run{number}")
        self._superseded.update(kept.supersedes)
        return kept

    @property
    def records(self) -> list[Record]:
        """All records, in the order in which they were made."""
        return list(self.runs.values())

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The living records of each key, without what planning need not know."""
        self.asked.append(frozenset(keys))
        return {
            key: [
                _light(self.runs[each]) for each in self._of_key.get(key, ()) if each not in self._superseded
            ]
            for key in keys
            if key not in self.withdrawals
        }

    def withdrawn(self, key: str) -> Withdrawal | None:
        """What was said of the results of a key."""
        return self.withdrawals.get(key)

    def launched(self, digests: Collection[str], limit: int) -> Sequence[Trail]:
        """What the newest launches have left that are found by one of some digests."""
        self.asked.append(frozenset(digests))
        found = [trail for trail in reversed(self.trails) if any(map(trail.bears, digests))]
        return found[:limit]

    def leave(self, made: Planner) -> None:
        """Keep what a launch leaves that has nothing left to do."""
        plan = made.now()
        keys = {task_id: decision.key for task_id, decision in plan}
        found, kept = left(plan, keys)
        name = f"launch{len(self.trails)}"
        launch = Launch(name, name, "1", float(len(self.trails)), "somebody")
        marked = frozenset(each[:32] for each in found)
        self.trails.append(Trail(launch, name, marked, unpacked(packed(kept))))

    def newest(self, task: str, limit: int = 20) -> Sequence[Record]:
        """The newest records of a family."""
        found = (record for record in reversed(self.runs.values()) if record.task == task)
        return [_light(record) for record in islice(found, limit)]

    def details(self, record: Record) -> Record | None:
        """The whole record."""
        return self.runs.get(str(record.run_id))

    def state(self, record: Record) -> State:
        """What was said of it."""
        return self.states.get(str(record.run_id), "ok")

    def is_here(self, record: Record, output: OutputRecord) -> bool:
        """Nothing lies elsewhere."""
        return True

    def fetch(self, record: Record, output: OutputRecord) -> Path:
        """Where its bytes would lie, unless they are wrong."""
        self.fetched.append(str(record.run_id))
        if record.run_id in self.spoilt:
            raise CorruptError(f"`{output.name}` of run {record.run_id} is spoilt")
        return Path("store", str(record.run_id), output.name)


def _light(record: Record) -> Record:
    return replace(record, parameters={}, code={}, sources=(), inputs=(), task_id="")


def runtime(root: Path = Path("nowhere")) -> ProjectRuntime:
    """What tasks reach where nothing is configured."""
    return ProjectRuntime(root, Settings())


@contextmanager
def alone(root: Path = Path("nowhere")) -> Iterator[ProjectRuntime]:
    """Tasks that are built in this block are known to no other test."""
    made = runtime(root)
    with activate(made):
        yield made


def all_parts(built: Graph, root: Path, code: Code = NONE) -> dict[str, Parts]:
    """The parts of all keys; the code of a family is what `code` says."""
    return {
        task_id: parts_of(node, root=root, code=lambda kind: _code(kind, code), digests=Digests())
        for task_id, node in built.nodes.items()
        if node.kind == "task"
    }


def _code(kind: type, code: Code) -> Mapping[str, str]:
    return code.get(kind.__name__, {f"tasks:{kind.__name__}": "1"})


def planner(
    shelf: Shelf,
    *targets: luigi.Task,
    forced: Collection[luigi.Task] = (),
    code: Code = NONE,
    places: Mapping[str, Place] | None = None,
    root: Path = Path("nowhere"),
) -> Planner:
    """A planner of some targets that has decided nothing yet."""
    built = needed(graph.build(*targets))
    return Planner(
        built,
        all_parts(built, root, code),
        shelf,
        forced=[task.task_id for task in forced],
        places=places,
    )


def written(node: Node, content: object) -> tuple[OutputRecord, ...]:
    """The outputs of a task as they are when each holds some content."""
    return tuple(
        OutputRecord(role, declared.name, declared.format, of_value((role, content)), 1)
        for role, declared in node.outputs.items()
    )


def carry_out(
    made: Planner,
    shelf: Shelf,
    content: Callable[[Node], object] = lambda node: node.task_id,
    order: Callable[[list[str]], str] = lambda ready: ready[0],
    extra: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Do what an engine does: decide each task at its turn, run what must run, and record it.

    Args:
        made: What decides.
        shelf: Where records go.
        content: What a task writes.
        order: Chooses among the tasks whose turn it may be.
        extra: What every task that runs is seen to read.

    Returns:
        The ids of the tasks that ran, in order.
    """
    plan = made.plan()
    done = {task_id for task_id, decision in plan if decision.verdict == "reuse"}
    needs = {
        task_id: {edge.task_id for edge in node.edges} - done for task_id, node in plan.graph.nodes.items()
    }
    ready = [task_id for task_id, missing in needs.items() if not missing and task_id not in done]
    ran: list[str] = []
    while ready:
        task_id = order(ready)
        ready.remove(task_id)
        decision = made.turn(task_id)
        node = plan.graph.nodes[task_id]
        if decision.verdict == "run":
            outputs = written(node, content(node))
            made.finished(task_id, outputs)
            ran.append(task_id)
            if node.kind == "task":
                _keep(made, shelf, task_id, outputs, extra, supersedes=decision.supersedes, key=decision.key)
        done.add(task_id)
        for dependant in plan.graph.dependants[task_id]:
            needs[dependant].discard(task_id)
            if not needs[dependant]:
                ready.append(dependant)
    assert done == set(plan.graph.nodes)
    shelf.leave(made)
    return ran


def _keep(
    made: Planner,
    shelf: Shelf,
    task_id: str,
    outputs: tuple[OutputRecord, ...],
    extra: Mapping[str, str],
    **known: Any,
) -> None:
    record = replace(made.draft(task_id), outputs=outputs, extra=extra, **known)
    if not made.graph.nodes[task_id].task.cache:
        record = replace(record, key=None)
    made.runs[task_id] = str(shelf.put(record).run_id)
