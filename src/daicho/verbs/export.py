"""Write a result with its whole provenance to a folder of plain files that needs no daicho to be read."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daicho import digest
from daicho.errors import CorruptError, NotFoundError, ProjectError
from daicho.ledger import Ledger, history, named
from daicho.ledger.sources import Kept, bring, kept
from daicho.plan.prepare import open_project
from daicho.plan.snapshots import Snapshots
from daicho.record import Record, SourceRecord
from daicho.task.output import objection

SCHEMA = "daicho.export/1"

_OF_RUN = {
    "daicho/plan.json": "plan.json",
    "daicho/origin.json": "origin.json",
    "daicho/luigi.toml": "configuration.toml",
    "daicho/changes.diff": "changes.diff",
}
_OF_TASK = {"daicho/log.txt": "log.txt", "daicho/traceback.txt": "traceback.txt"}

README = """{title}
{line}

An experiment's result with all that is known of how it was made. Plain files: nothing is needed to read them.

results/TASK/outputs/    what each task wrote
results/TASK/record.json the task's record: parameters, code by definition, sources, inputs, outputs with their
                         SHA-256, environment, commit, times
results/TASK/log.txt     what it printed
upstream/TASK-RUN/       the records of results that these stand on, made in other runs, without their outputs
code/                    the project's source files, as they were; one folder for each state that was used
sources/                 the files from outside that were kept, in their places; sources.json lists all of them
parameters.json          the parameters of each task
environment.json         Python, the system, and the version of every installed package
git.json, changes.diff   the commit, and how the files differed from it
run.json                 the pipeline run: who, when, what became of each task
SHA256SUMS               to check this folder: sha256sum -c SHA256SUMS

{facts}
"""


@dataclass(frozen=True)
class Exported:
    """A folder that was written.

    Attributes:
        what: A person's name for the result.
        path: The folder.
        tasks: The tasks whose outputs are in it.
        upstream: How many results that they stand on are in it as records alone.
        files, size: How many files, and bytes.
        missing: Sources that were not kept, by place: their digests are there, not their content.
    """

    what: str
    path: Path
    tasks: tuple[str, ...]
    upstream: int
    files: int
    size: int
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What was written, as one JSON document."""
        return {
            "schema": SCHEMA,
            "what": self.what,
            "path": str(self.path),
            "tasks": list(self.tasks),
            "upstream": self.upstream,
            "files": self.files,
            "size": self.size,
            "missing": list(self.missing),
        }


def export(
    what: str, to: str | Path, *, folder: str | Path = ".", config: str | Path | None = None
) -> Exported:
    """Write a result to a folder: outputs, records, code, sources, environment, and the records it stands on.

    Args:
        what: A run as `daicho show` takes it; of a pipeline run all tasks are written.
        to: The folder to make; one that is there must be empty. It appears whole or not at all.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        NotFoundError: If there is no such run, or it has no results.
        CorruptError: If stored bytes are not what was recorded.
        ProjectError: If the folder is not empty, or cannot be written.
        StoreError: If the store cannot be asked.
    """
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    target = Path(to)
    _refuse(target)
    found = named.find(context.ledger, what, here=Path.cwd())
    _, name = named.run_of(found)
    results, upstream = _records(context.ledger, found)
    if not any(record.outputs for record in results):
        raise NotFoundError(f"{name} has no results that could be exported", hints=(f"daicho show {what}",))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".daicho-", dir=target.parent) as space:
            part = Path(space) / "export"
            missing = _Writer(context.ledger, part).write(name, found, results, upstream)
            files = [path for path in part.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
            os.rename(part, target)
    except OSError as error:
        if not type(error).__module__.startswith("daicho."):
            raise ProjectError(
                f"`{target}` cannot be written: {error.strerror or error}", hints=("choose another folder",)
            ) from error
        raise
    tasks = tuple(dict.fromkeys(record.task for record in results))
    return Exported(name, target, tasks, len(upstream), len(files), size, missing)


def _refuse(target: Path) -> None:
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        what = "is a file" if not target.is_dir() else "is not empty"
        raise ProjectError(
            f"`{target}` {what}", hints=("name a folder that is not there yet: nothing is overwritten",)
        )


def _records(ledger: Ledger, found: named.Named) -> tuple[list[Record], list[Record]]:
    """The results to write, and those that they stand on, in full."""
    if found.record is not None:
        results = [history.whole(ledger, found.record)]
    else:
        assert found.pipeline is not None
        ids = [member.run_id for member in history.members(ledger, found.pipeline) if member.run_id]
        results = list(history.records(ledger, ids).values())
    own = {record.run_id for record in results}
    below = {run_id: each for record in results for run_id, each in history.lineage(ledger, record).items()}
    return results, [record for run_id, record in below.items() if run_id not in own]


@dataclass
class _Writer:
    """Fills a folder."""

    ledger: Ledger
    folder: Path

    def write(
        self, name: str, found: named.Named, results: list[Record], upstream: list[Record]
    ) -> tuple[str, ...]:
        """Write everything; the places of sources that were not kept."""
        for place, record in zip(_places(results), results, strict=True):
            self._result(self.folder / "results" / place, record)
        for record in upstream:
            place = f"{_safe(record.task)}-{str(record.run_id)[:8]}"
            _json(self.folder / "upstream" / place / "record.json", record.to_json())
        main = results[-1]
        self._surroundings(main, results)
        self._code([*results, *upstream])
        missing = self._sources([*results, *upstream])
        self._run(found, main)
        facts = "\n".join(f"{title}: {value}" for title, value in _facts(main, missing))
        _text(self.folder / "README.txt", README.format(title=name, line="=" * len(name), facts=facts))
        sums = sorted(
            f"{digest.of_file(path)}  {path.relative_to(self.folder).as_posix()}\n"
            for path in self.folder.rglob("*")
            if path.is_file()
        )
        _text(self.folder / "SHA256SUMS", "".join(sums))
        return missing

    def _result(self, place: Path, record: Record) -> None:
        for output in record.outputs:
            if (
                objection(output.name) is not None
            ):  # a record is somebody else's: it must not lead out of the folder
                raise CorruptError(f"run {record.run_id} names an output that cannot be one: {output.name!r}")
            source, target = self.ledger.fetch(record, output), place / "outputs" / output.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(source, target)
        metrics = self.ledger.metrics([record.run_id or ""]).get(record.run_id or "", {})
        _json(place / "record.json", record.to_json())
        _json(place / "metrics.json", {name: _finite(value) for name, value in metrics.items()})
        self._artifacts(place, record, _OF_TASK)

    def _artifacts(self, place: Path, run: Any, names: Mapping[str, str]) -> None:
        for artifact, name in names.items():
            data = self.ledger.artifact(run, artifact)
            if data is not None:
                place.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(data)

    def _surroundings(self, main: Record, results: Iterable[Record]) -> None:
        parameters = {
            place: dict(record.parameters) for place, record in zip(_places(results), results, strict=True)
        }
        _json(self.folder / "parameters.json", parameters)
        for name in ("environment", "git", "machine"):
            _json(self.folder / f"{name}.json", main.provenance.get(name) or {})

    def _code(self, results: Iterable[Record]) -> None:
        """The sources; where results were made from several trees, each in a folder of its own."""
        snapshots = Snapshots(self.ledger)
        trees = {str(record.provenance.get("snapshot")): record for record in results}
        for tree, record in trees.items():
            top = self.folder / "code" / (tree[:12] if len(trees) > 1 else "")
            for name, content in snapshots.of(record).items():
                (top / name).parent.mkdir(parents=True, exist_ok=True)
                (top / name).write_bytes(content)

    def _sources(self, records: Iterable[Record]) -> tuple[str, ...]:
        listed = {source.digest: source for record in records for source in record.sources}
        there = kept(self.ledger, listed)
        places: dict[str, str] = {}
        for each, source in listed.items():
            if each in there:
                places[each] = self._source(there[each], source)
        entries = [
            {"place": source.place, "sha256": each, "bytes": source.size, "file": places.get(each)}
            for each, source in listed.items()
        ]
        _json(self.folder / "sources.json", entries)
        return tuple(source.place for each, source in listed.items() if each not in there)

    def _source(self, found: Kept, source: SourceRecord) -> str:
        """Bring one; where it lies in the folder. A second of one place, or one from outside, has its own folder."""
        parts = Path(source.place).parts
        inside = not Path(source.place).is_absolute() and ".." not in parts
        name = Path(*parts) if inside else Path(source.digest[:12], parts[-1])
        target = self.folder / "sources" / name
        if target.exists():
            target = self.folder / "sources" / source.digest[:12] / name.name
        bring(self.ledger, found, target)
        return target.relative_to(self.folder).as_posix()

    def _run(self, found: named.Named, main: Record) -> None:
        """What the pipeline run says, where there is one."""
        parent = main.provenance.get("pipeline")
        launch = found.pipeline or (self.ledger.pipeline(parent) if isinstance(parent, str) else None)
        entry = history.entry(self.ledger, launch.run_id) if launch is not None else None
        if launch is None or entry is None:
            return
        members = [vars(member) for member in history.members(self.ledger, launch)]
        _json(self.folder / "run.json", {**entry.to_json(), "tasks": members})
        self._artifacts(self.folder, launch, _OF_RUN)


def _places(records: Iterable[Record]) -> list[str]:
    """A folder's name for each: its task, and its run where there are several of a task."""
    listed = list(records)
    names = [record.task for record in listed]
    return [
        _safe(name) if names.count(name) == 1 else f"{_safe(name)}-{str(record.run_id)[:8]}"
        for name, record in zip(names, listed, strict=True)
    ]


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name).lstrip(".") or "_"


def _facts(main: Record, missing: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    git, machine = (main.provenance.get(name) or {} for name in ("git", "machine"))
    yield "task", main.task
    yield "MLflow run", str(main.run_id)
    yield (
        "made by",
        f"{machine.get('user') or main.provenance.get('user')} on {machine.get('host') or 'an unknown machine'}",
    )
    if git.get("commit"):
        yield (
            "commit",
            f"{git['commit']}{' with local changes: see changes.diff' if git.get('dirty') else ''}",
        )
    if missing:
        yield "sources that were not kept", ", ".join(missing)


def _finite(value: float) -> float | str:
    return value if value - value == 0 else str(value)


def _text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _json(path: Path, value: Any) -> None:
    _text(path, json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")
