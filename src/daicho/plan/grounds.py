"""What a plan rests on: the files and folders that making it again would look at, with what `stat` says of them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from daicho._signature import GONE, GRAIN, of_stat, touched
from daicho.config.project import CONFIGURATION
from daicho.errors import SourceError, StoreError
from daicho.fingerprint.identity import used_file
from daicho.ledger.questions import question_of
from daicho.ledger.standing import MOST, answered
from daicho.plan.plan import Plan
from daicho.plan.prepare import Context, Prepared
from daicho.task import find
from daicho.task.steady import first_party_modules, unsteady


@dataclass(frozen=True)
class Standing:
    """What a tracking server must go on to say: its address, a question, and the digest of the answer."""

    server: str
    question: str
    answer: str


@dataclass(frozen=True)
class Grounds:
    """What an answer rests on. As long as it holds, asking again gives the same.

    Attributes:
        root: The project's folder.
        files: Signatures by path.
        standing: What the tracking server says, if the store is one.
    """

    root: Path
    files: Mapping[str, str]
    standing: Standing | None = None


def grounds_of(
    prepared: Prepared,
    plan: Plan,
    folder: Path,
    began: int,
    *,
    launch: str | None = None,
    also: Iterable[Path] = (),
) -> Grounds | None:
    """What a plan rests on; None if that is more than can be looked at, or if it may have changed meanwhile.

    Plain Luigi tasks are as complete as they say themselves, and what a server has for a task that must run is not
    asked: such plans are made anew each time.

    Args:
        prepared: What the plan was made of.
        plan: The plan.
        folder: Where the project was looked for.
        began: When making it began, in nanoseconds since 1970: what was touched about then, or later, is not trusted.
        launch: The digest by which the equal launch is found, if there is one.
        also: Further files and folders that count.
    """
    context = prepared.context
    if any(node.kind == "plain" for node in plan.graph.nodes.values()):
        return None
    kinds = {type(node.task) for node in plan.graph.nodes.values()}
    if unsteady(kinds, context.root) is not None:
        return None
    found: dict[str, str] = {}
    try:
        for path in (*map(str, also), *_paths(prepared, plan, folder.resolve())):
            if path not in found and not _looked_at(path, found, began - GRAIN):
                return None
    except (OSError, SourceError):
        return None
    if context.store.kind == "sqlite":
        return Grounds(context.root, found)
    standing = _standing(context, plan, launch) if context.store.kind == "http" else None
    return Grounds(context.root, found, standing) if standing is not None else None


def _standing(context: Context, plan: Plan, launch: str | None) -> Standing | None:
    """What the server says of all results of the plan, if it still says what the plan was made of."""
    server = context.store.uri
    records = [decision.record for _, decision in plan if decision.record is not None]
    keys = {record.key for record in records if record.key is not None}
    digests = [*keys, *([launch] if launch is not None else [])]
    if not plan.nothing_to_do or len(digests) > MOST or "@" in server:
        return None
    try:
        asked = question_of(context.ledger, digests)
        answer = answered(server, asked)
        now = context.ledger.find(keys)
    except StoreError:
        return None
    stands = all(
        record.run_id in {each.run_id for each in now.get(record.key or "", ())} for record in records
    )
    return Standing(server, asked, answer) if answer is not None and stands else None


def _looked_at(path: str, found: dict[str, str], before: int) -> bool:
    """Note what a path is now; whether it was the same since before the plan was made."""
    try:
        seen = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        found[path] = GONE
        return True
    found[path] = of_stat(seen, path)
    return touched(seen, path) < before


def _paths(prepared: Prepared, plan: Plan, folder: Path) -> Iterator[str]:
    context = prepared.context
    yield from _settings(prepared, folder)
    yield from _code(prepared)
    yield from _interpreter()
    for parts in plan.parts.values():
        for source in parts.sources:
            if "://" not in source.place:
                yield from _whole(context.root / source.place)
        for name in parts.settings:
            place = used_file(name)
            if place is not None:
                yield from _whole(context.root / place)
    if context.store.database is not None:
        database = str(context.store.database)
        yield from (database, f"{database}-wal", f"{database}-journal")
    for node in plan.graph.nodes.values():
        if node.pin is not None:
            yield from _whole(Path(node.pin))
    for _, decision in plan:
        for output in decision.record.outputs if decision.record is not None else ():
            assert decision.record is not None
            path = context.ledger.path(decision.record, output)
            yield from _whole(path) if path is not None else ()


def _settings(prepared: Prepared, folder: Path) -> Iterator[str]:
    """What says where the project is, what it is called, and what is configured."""
    root, file = prepared.context.root, prepared.context.project.file
    if file is not None:
        yield str(file)
    yield from (str(root / name) for name in prepared.context.settings.files)
    for above in (folder, *folder.parents):
        yield from (str(above / CONFIGURATION), str(above / "pyproject.toml"))
        if above == root:
            break
    for name in (CONFIGURATION, "pyproject.toml", ".env", ".git/config", ".git"):
        yield str(root / name)


def _code(prepared: Prepared) -> Iterator[str]:
    """The project's modules, and the folders that a new one would appear in."""
    root = prepared.context.root
    files = {str(path) for path in prepared.reader.files()} | set(prepared.reader.digests())
    for name in first_party_modules(root):
        files.add(str(sys.modules[name].__file__))
    yield from sorted(files)
    yield from sorted({os.path.dirname(path) for path in files})
    yield from map(str, find.import_paths(root))
    yield str(root / "src")


def _interpreter() -> Iterator[str]:
    """What would bring other libraries, or another daicho."""
    yield sys.executable
    yield os.path.join(sys.prefix, "pyvenv.cfg")
    yield from (path for path in sys.path if path)
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "daicho" and getattr(module, "__file__", None):
            yield str(module.__file__)


def _whole(path: Path) -> Iterator[str]:
    """A file; or a folder with all that is in it."""
    yield str(path)
    if path.is_dir():
        for folder, folders, files in os.walk(path, followlinks=True):
            yield from (os.path.join(folder, name) for name in (*folders, *files))
