"""Plans carried out for real in this process, but for MLflow: real planner, assignments, folders and bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import luigi

from daicho.engine.assigning import Assigner
from daicho.engine.execute import execute
from daicho.engine.records import complete, draft_of
from daicho.fingerprint.parts import parts_of
from daicho.fingerprint.pinned import pinned_outputs
from daicho.ledger.active import RunReference
from daicho.plan.needed import needed
from daicho.plan.planner import Planner
from daicho.record import Failure, OutputRecord, Record
from daicho.remembered import Digests
from daicho.runtime import current
from daicho.task import graph
from daicho.task.runtime import ProjectRuntime
from tests.plan.memory import Shelf


@dataclass
class Store(Shelf):
    """A ledger in memory whose bytes lie where the tasks have staged them."""

    places: dict[str, Path] = field(default_factory=dict)

    def fetch(self, record: Record, output: OutputRecord) -> Path:
        """Where the bytes lie."""
        return self.places[str(record.run_id)] / output.name


@dataclass
class Carrying:
    """One launch after the other in a folder, with what the earlier ones have recorded."""

    root: Path
    store: Store = field(default_factory=Store)
    failures: dict[str, Failure] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    launches: int = 0

    def run(self, *targets: luigi.Task) -> list[str]:
        """Run what must run, in the current runtime; the families that ran, in order."""
        self.launches += 1
        digests = Digests()
        planner = self._planner(targets, digests)
        folder = self.root / "launches" / str(self.launches)
        assigner = Assigner(folder, current().root, planner, self.store.fetch, digests)
        ran: list[str] = []
        failed: set[str] = set()
        for task_id, node in planner.plan().graph.nodes.items():
            if node.kind == "plain" or failed & {edge.task_id for edge in node.edges}:
                failed.add(task_id)
            elif planner.turn(task_id).verdict == "run":
                ran.append(node.family)
                if not self._one(planner, assigner, task_id):
                    failed.add(task_id)
        return ran

    def _planner(self, targets: tuple[luigi.Task, ...], digests: Digests) -> Planner:
        built = needed(graph.build(*targets))
        nodes = built.nodes.items()
        return Planner(
            built,
            {
                task_id: parts_of(node, root=current().root, code=_code, digests=digests)
                for task_id, node in nodes
                if node.kind == "task"
            },
            self.store,
            pinned=pinned_outputs(built, digests),
        )

    def _one(self, planner: Planner, assigner: Assigner, task_id: str) -> bool:
        node, runtime = planner.graph.nodes[task_id], current()
        assert isinstance(runtime, ProjectRuntime)
        done, raised = execute(node.task, assigner.assign(task_id), runtime, _nobody)
        self.notes += done.manifest.notes
        if raised is not None:
            assert done.manifest.failure is not None
            self.failures[node.family] = done.manifest.failure
            return False
        planner.finished(task_id, done.manifest.outputs)
        assigner.stage(task_id, done.manifest.outputs)
        record = complete(draft_of(planner, task_id, planner.decisions[task_id], {}), done.manifest)
        kept = self.store.put(replace(record, started=0.0))
        self.store.places[str(kept.run_id)] = assigner.staged[task_id]
        planner.runs[task_id] = str(kept.run_id)
        return True


def _code(kind: type) -> Mapping[str, str]:
    return {f"tasks:{kind.__name__}": "1"}


def _nobody() -> RunReference:
    raise AssertionError("none of these tasks logs")
