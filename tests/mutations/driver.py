"""Plan and run a project with daicho's own code, but with a folder of files where MLflow would be.

It is a program that reads requests, a line of JSON each: `[{"root": …, "shelf": …}, …]`. Each project of a request is
served by a process of its own that has imported nothing of any project before; its answer is `answer.json` in its
shelf, or `error.txt`. When all are done the program prints a line: whether all went well.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pydantic  # noqa: F401  # what is no part of a project is imported once, before processes part

from daicho.engine.assigning import Assigner
from daicho.engine.execute import announced
from daicho.engine.records import complete, draft_of
from daicho.engine.stage import of_path
from daicho.engine.watch import CodeWatch
from daicho.errors import CorruptError
from daicho.ledger import Launch, Ledger, State, Trail, Withdrawal
from daicho.ledger._trails import packed, unpacked
from daicho.ledger.active import RunReference
from daicho.plan.deep import left
from daicho.plan.plan import Decision, Plan
from daicho.plan.planner import Planner
from daicho.plan.prepare import Prepared, open_project, prepare
from daicho.record import OutputRecord, Record
from daicho.runtime import activate
from daicho.task import find
from daicho.task.runtime import ProjectRuntime


class Shelf:
    """A ledger in a folder: `records.json`, and the outputs of each run in a folder of its own.

    Args:
        folder: Where it is; an empty folder is an empty ledger.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "records.json"
        known = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else []
        self._records = [Record.from_json(each) for each in known]
        withdrawn = folder / "withdrawn.json"
        self._withdrawn = json.loads(withdrawn.read_text(encoding="utf-8")) if withdrawn.exists() else []
        self._left = folder / "trails.json"

    def put(self, record: Record, stage: Path) -> Record:
        """Keep a record and its outputs."""
        run_id = f"run{len(self._records)}"
        shutil.copytree(stage, self.folder / run_id, dirs_exist_ok=True)
        kept = replace(record, run_id=run_id, provenance={**record.provenance, "parts": record.summary})
        self._records.append(kept)
        text = json.dumps([each.to_json() for each in self._records])
        self._file.write_text(text, encoding="utf-8")
        return kept

    def find(self, keys: Collection[str]) -> Mapping[str, Sequence[Record]]:
        """The living records of each key, the earliest first."""
        gone = {run_id for record in self._records for run_id in record.supersedes} | set(self._withdrawn)
        return {
            key: [each for each in self._records if each.key == key and each.run_id not in gone]
            for key in keys
        }

    def launched(self, digests: Collection[str], limit: int) -> Sequence[Trail]:
        """What the newest launches have left."""
        kept = json.loads(self._left.read_text(encoding="utf-8")) if self._left.exists() else []
        launch = Launch("launch", "launch", "1", 0.0, "somebody")
        trails = [Trail(launch, "", frozenset(found), unpacked(keys)) for found, keys in reversed(kept)]
        return [trail for trail in trails if any(map(trail.bears, digests))][:limit]

    def leave(self, plan: Plan) -> None:
        """Keep what a launch leaves."""
        kept = json.loads(self._left.read_text(encoding="utf-8")) if self._left.exists() else []
        found, keys = left(plan, {task_id: decision.key for task_id, decision in plan})
        kept.append([[each[:32] for each in found], packed(keys)])
        self._left.write_text(json.dumps(kept), encoding="utf-8")

    def withdrawn(self, key: str) -> Withdrawal | None:
        """Who withdrew a result of a key."""
        if any(each.key == key and each.run_id in self._withdrawn for each in self._records):
            return Withdrawal("wrong", "somebody", "2024-05-01T12:00:00Z")
        return None

    def newest(self, task: str, limit: int = 20) -> Sequence[Record]:
        """The newest records of a family."""
        return [each for each in reversed(self._records) if each.task == task][:limit]

    def details(self, record: Record) -> Record | None:
        """The whole record."""
        return record

    def state(self, record: Record) -> State:
        """Whether its outputs are there, and as large as they were."""
        paths = {output: self._path(record, output) for output in record.outputs}
        if not all(path.exists() for path in paths.values()):
            return "missing"
        same = all(path.is_dir() or path.stat().st_size == output.size for output, path in paths.items())
        return "ok" if same else "changed"

    def is_here(self, record: Record, output: OutputRecord) -> bool:
        """Nothing lies elsewhere."""
        return True

    def fetch(self, record: Record, output: OutputRecord) -> Path:
        """An output's bytes, verified."""
        path = self._path(record, output)
        if not path.exists() or of_path(path) != output.digest:
            raise CorruptError(f"`{output.name}` of run {record.run_id} is spoilt")
        return path

    def _path(self, record: Record, output: OutputRecord) -> Path:
        return self.folder / str(record.run_id) / output.name


@dataclass
class Step:
    """One plan that is carried out in this process."""

    prepared: Prepared
    runtime: ProjectRuntime
    shelf: Shelf
    code: CodeWatch

    @property
    def planner(self) -> Planner:
        """What decides."""
        return self.prepared.planner

    def carry_out(self) -> dict[str, Any]:
        """Plan, run what must run, record it; the answer holds each task by its family."""
        plan = self.planner.plan()
        launch = self.shelf.folder / "launch"
        assigner = Assigner(launch, self.runtime.root, self.planner, self.shelf.fetch, self.prepared.digests)
        answer: dict[str, Any] = {}
        for task_id, node in plan.graph.nodes.items():  # each stands after all that it needs
            decision = self.planner.turn(task_id)
            if node.kind != "task":
                continue
            record = (
                decision.record if decision.verdict == "reuse" else self._run(task_id, decision, assigner)
            )
            assert record is not None
            answer[node.family] = self._told(decision, record)
        self.prepared.digests.save()
        self.shelf.leave(self.planner.now())
        shutil.rmtree(launch, ignore_errors=True)
        return answer

    def _run(self, task_id: str, decision: Decision, assigner: Assigner) -> Record:
        assignment = assigner.assign(task_id)
        node = self.planner.graph.nodes[task_id]
        done = announced(node.task, assignment, self.runtime, _no_mlflow, self.code)
        manifest = done.manifest
        if manifest.failure is not None:
            raise RuntimeError(
                f"{node.family} failed\n{manifest.failure.message}\n{manifest.failure.traceback}"
            )
        self.planner.finished(task_id, manifest.outputs)
        assigner.staged[task_id] = Path(assignment.stage)
        draft = draft_of(self.planner, task_id, decision, {})
        kept = self.shelf.put(complete(draft, manifest), Path(assignment.stage))
        self.planner.runs[task_id] = str(kept.run_id)
        return kept

    def _told(self, decision: Decision, record: Record) -> dict[str, Any]:
        outputs = {
            f"{output.role}: {output.name}": self.shelf.fetch(record, output).read_text(encoding="utf-8")
            for output in record.outputs
        }
        return {
            "verdict": decision.verdict,
            "reasons": [reason.to_json() for reason in decision.reasons],
            "key": decision.key,
            "outputs": outputs,
            "extra": dict(record.extra),
            "notes": list(record.notes),
        }


def _no_mlflow() -> RunReference:
    raise RuntimeError("no task of the suite logs to MLflow")


def serve(root: str, shelf: str, *, overrides: Sequence[str] = (), force: bool = False) -> None:
    """Plan and run the default target of the project in a folder."""
    os.chdir(root)
    kept = Shelf(Path(shelf))
    opened = open_project(Path(root), overrides=tuple(overrides))
    context = replace(opened, ledger=cast("Ledger", kept))  # planning asks no more of it than `Memory` says
    prepared = prepare(context, force=force, watch=True)
    code = CodeWatch.begin(
        find.import_paths(context.root), prepared.reader.digests(), context.project.folder / "code.db"
    )
    with activate(context.runtime):
        answer = Step(prepared, context.runtime, kept, code).carry_out()
    (kept.folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _apart(request: dict[str, Any]) -> int:
    """Serve a request in a process of its own; what this one has imported so far is daicho alone."""
    shelf = Path(request["shelf"])
    shelf.mkdir(parents=True, exist_ok=True)
    process = os.fork()
    if process == 0:
        status = 1
        try:
            serve(**request)
            status = 0
        except BaseException:  # the process must end here, whatever happens
            (shelf / "error.txt").write_text(traceback.format_exc(), encoding="utf-8")
        finally:
            os._exit(status)
    return process


def main() -> None:
    """Serve until there are no more requests."""
    for line in sys.stdin:
        processes = [_apart(each) for each in json.loads(line)]
        statuses = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in processes]
        print("done" if not any(statuses) else "failed", flush=True)


if __name__ == "__main__":
    main()
