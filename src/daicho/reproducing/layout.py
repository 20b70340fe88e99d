"""A recorded run laid out as a project in a folder of its own: code, sources, configuration."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from daicho.digest import of_bytes, of_names
from daicho.errors import CorruptError, NotFoundError, SourceError
from daicho.fingerprint.identity import used_file
from daicho.ledger.sources import Kept, bring, kept
from daicho.plan.prepare import Context
from daicho.plan.snapshots import file_now, file_of
from daicho.plan.trust import fetch as trusted
from daicho.record import OutputRecord, Record
from daicho.remembered import Digests
from daicho.reproducing.configuration import configuration, pinned
from daicho.reproducing.recorded import Recorded
from daicho.task.output import objection

_ELSEWHERE = "sources-from-elsewhere"
_GIVEN = "given"


@dataclass(frozen=True)
class Needed:
    """A file or folder that has to be there: its place as recorded, its content, and who reads it as what."""

    place: str
    digest: str
    family: str
    role: str
    declared: bool = True

    @property
    def inside(self) -> bool:
        """Whether it lies below the project's folder."""
        return not os.path.isabs(self.place) and ".." not in Path(self.place).parts


@dataclass(frozen=True)
class Found:
    """Where its content is to be had: on this machine, or kept in the store."""

    needed: Needed
    here: Path | None = None
    kept: Kept | None = None


@dataclass(frozen=True)
class Layout:
    """What is to be laid out, gathered before anything is written.

    Attributes:
        run: What is recorded.
        files: The source files by name.
        sources: The files from outside.
        given: The results that are taken as they are recorded, each the only one of its family.
        notes: What a person should know: files that git ignores, tasks that cannot be given.
    """

    run: Recorded
    files: dict[str, bytes] = field(repr=False)
    sources: tuple[Found, ...]
    given: tuple[Record, ...] = ()
    notes: tuple[str, ...] = ()


def gather(context: Context, run: Recorded, *, reuse_upstream: bool) -> Layout:
    """Find everything that has to be laid out.

    Args:
        context: The project whose store holds the run.
        run: What is recorded.
        reuse_upstream: Whether only the tasks that were asked for are to run, on the recorded results of the others.

    Raises:
        SourceError: If the content of sources is nowhere to be had; the message names all of them.
        StoreError: If the store cannot be asked.
    """
    given, notes = _given(run) if reuse_upstream else ((), ())
    running = [record for record in run.records if record not in given]
    sources = _sources(context, list(_needed(running, pinned(run))))
    files, ignored = _code(context.root, run)
    return Layout(run, files, sources, given, (*notes, *ignored))


def _given(run: Recorded) -> tuple[tuple[Record, ...], tuple[str, ...]]:
    if not run.goals:  # what was asked for only stands for others
        return (), (f"`{', '.join(run.targets)}` runs nothing itself, so all that it needs runs again",)
    upstream = [record for record in run.records if record.task not in run.targets]
    given = tuple(record for record in upstream if run.alone(record.task) is not None)
    several = dict.fromkeys(record.task for record in upstream if record not in given)
    notes = tuple(
        f"`{family}` runs again: it is there several times, so none can stand for all" for family in several
    )
    return given, notes


# ------------------------------------------------------------------------------------------------ sources


def _needed(records: Iterable[Record], pins: Mapping[str, str]) -> Iterator[Needed]:
    for record in records:
        by_path = any(name.endswith(".build_input_output_path_dicts") for name in record.code)
        for source in record.sources:
            if "://" not in source.place:
                yield Needed(source.place, source.digest, record.task, source.role, declared=not by_path)
        for name, digest in record.settings.items():
            place = used_file(name)
            if place is not None:
                yield Needed(place, digest, record.task, name, declared=False)
        for item in record.inputs:
            if item.run_id is None and item.task in pins:
                place = os.path.join(pins[item.task], item.name)
                yield Needed(place, item.digest, record.task, item.role, declared=False)


def _sources(context: Context, needed: list[Needed]) -> tuple[Found, ...]:
    there = kept(context.ledger, {each.digest for each in needed})
    digests = Digests()
    found = [_find(context.root, each, there.get(each.digest), digests) for each in dict.fromkeys(needed)]
    missing = {each.needed.place: each.needed for each in found if each.here is None and each.kept is None}
    if missing:
        listed = ", ".join(
            f"`{each.place}` (sha256 {each.digest[:12]}, {each.family})" for each in missing.values()
        )
        raise SourceError(
            f"{len(missing)} source{'' if len(missing) == 1 else 's'} that the run read can't be had: {listed}",
            hints=(
                "put the files as they were back in their places, or take `--reuse-upstream`, which needs fewer",
                'to have sources kept from now on: `source("…", keep=True)`, or a larger `[daicho] keep`',
            ),
        )
    return tuple(found)


def _find(root: Path, needed: Needed, there: Kept | None, digests: Digests) -> Found:
    path = root / needed.place
    try:
        if digests.of(path) == needed.digest:
            return Found(needed, here=path)
    except (OSError, SourceError):
        pass  # gone, or another thing now
    return Found(needed, kept=there)


# ------------------------------------------------------------------------------------------------ code


def _code(root: Path, run: Recorded) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The source files; of those that git ignores, whose content is not stored, the ones that lie here now."""
    files = dict(run.files)
    if _tree(files) == run.tree:
        return files, ()
    symbols = {name for record in run.records for name in record.code if file_of(files, name, None) is None}
    now = {name: file for name in sorted(symbols) if (file := file_now(root, name)) is not None}
    files |= {file: (root / file).read_bytes() for file in now.values()}
    if _tree(files) == run.tree:
        return files, ()
    notes = [
        f"`{file}`, which git ignores, is not stored: as it is now it is taken" for file in set(now.values())
    ]
    gone = sorted({name.partition(":")[0] for name in symbols if name not in now})
    notes += [
        f"`{module}`, which git ignores, is not stored and not here: what imports it fails" for module in gone
    ]
    return files, tuple(notes)


def _tree(files: dict[str, bytes]) -> str:
    return of_names({name: of_bytes(content) for name, content in files.items()})


# ------------------------------------------------------------------------------------------------ writing


def lay_out(context: Context, layout: Layout, project: Path, *, trust: bool) -> None:
    """Write it all to a folder, which is then a project.

    Args:
        context: The project whose store holds the run.
        layout: What was gathered.
        project: The folder, which is not there yet.
        trust: Whether given results may be in a format that runs code when it is read.

    Raises:
        UntrustedError: If they are in one, and somebody else may have put it there.
        CorruptError: If stored bytes are not what was recorded.
        OSError: If it cannot be written.
        StoreError: If the store cannot be asked.
    """
    for name, content in layout.files.items():
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    places = dict(_placed(context, layout, project))
    fetch = context.ledger.fetch if trust else partial(trusted, context)
    pins = {record.task: _give(record, project, fetch) for record in layout.given}
    text = configuration(layout.run, places, pins)
    (project / "luigi.toml").write_text(text, encoding="utf-8")


def _placed(context: Context, layout: Layout, project: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """Put the sources in their places; those from outside of the project into a folder, which is told."""
    for found in layout.sources:
        needed = found.needed
        if needed.inside:
            _put(context, found, project / needed.place)
            if needed.declared:
                yield (needed.family, needed.role), needed.place
        elif needed.declared:
            place = Path(_ELSEWHERE, needed.digest[:12], Path(needed.place).name)
            _put(context, found, project / place)
            yield (needed.family, needed.role), place.as_posix()
        elif found.here is None:
            raise NotFoundError(
                f"`{needed.place}` lies outside of the project and is not there, and `{needed.family}` names it by its"
                " path",
                hints=("put the file as it was back in its place",),
            )


def _put(context: Context, found: Found, target: Path) -> None:
    if target.exists():
        return  # another task's, or a source file of the project's own
    target.parent.mkdir(parents=True, exist_ok=True)
    if found.kept is not None:
        bring(context.ledger, found.kept, target)
    elif found.here is not None and found.here.is_dir():
        shutil.copytree(found.here, target)
    elif found.here is not None:
        shutil.copyfile(found.here, target)


def _give(record: Record, project: Path, fetch: Callable[[Record, OutputRecord], Path]) -> str:
    """Lay out a recorded result, verified, for tasks to read; the folder."""
    folder = Path(_GIVEN, str(record.run_id))
    for output in record.outputs:
        if (
            objection(output.name) is not None
        ):  # a record is somebody else's: it must not lead out of the folder
            raise CorruptError(f"run {record.run_id} names an output that cannot be one: {output.name!r}")
        source, target = fetch(record, output), project / folder / output.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, target)
    return folder.as_posix()
