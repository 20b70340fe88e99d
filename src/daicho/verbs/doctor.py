"""Look whether all is well: the configuration, the store, the local files, what waits; and say what to do."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from daicho import _version
from daicho.config.project import find_project
from daicho.engine.outbox import left_behind, waiting
from daicho.errors import DaichoError
from daicho.ledger import cache, health, wal
from daicho.ledger.leases import data_folder, place_id
from daicho.plan.prepare import Context, open_project
from daicho.provenance.git import read_git

SCHEMA = "daicho.doctor/1"
_LITTLE = 1_000_000_000  # bytes of a disk below which it is about to be full
_SKEW = 60.0  # seconds that two clocks may differ by

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: how it is, a sentence, and what to do about it."""

    name: str
    state: State
    text: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class Diagnosis:
    """All that was looked at."""

    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.state != "wrong" for check in self.checks)

    @property
    def exit_status(self) -> int:
        """The command's exit status."""
        return 0 if self.healthy else 1

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        checks = [{**asdict(check), "hints": list(check.hints)} for check in self.checks]
        return {"schema": SCHEMA, "healthy": self.healthy, "checks": checks}


def doctor(*, folder: str | Path = ".", config: str | Path | None = None) -> Diagnosis:
    """Look at a project and all that it stands on. Nothing is changed.

    Args:
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        ProjectError: If there is no project.
    """
    file = Path(config) if config is not None else None
    find_project(Path(folder), file)
    checks = [_versions()]
    try:
        context = open_project(Path(folder), file=file)
    except DaichoError as error:
        return Diagnosis((*checks, _wrong("configuration", error)))
    checks.append(Check("configuration", "ok", f"the project `{context.name}` in `{context.root}`"))
    for look in (_store, _clock, _waiting, _cache, _disk, _home, _git):
        checks.extend(_looked(look, context))
    return Diagnosis(tuple(checks))


def _looked(look: Callable[[Context], Iterator[Check]], context: Context) -> Iterator[Check]:
    try:
        yield from look(context)
    except DaichoError as error:
        yield _wrong(look.__name__.strip("_"), error)


def _wrong(name: str, error: DaichoError) -> Check:
    where = f" ({error.where})" if error.where is not None else ""
    return Check(name, "wrong", error.message + where, error.hints)


def _versions() -> Check:
    found = {name: importlib.metadata.version(name) for name in ("mlflow", "luigi")}
    python = ".".join(map(str, sys.version_info[:3]))
    others = ", ".join(f"{name} {version}" for name, version in found.items())
    return Check("versions", "ok", f"daicho {_version.__version__}, Python {python}, {others}")


def _store(context: Context) -> Iterator[Check]:
    store = context.store
    context.ledger.check()
    wal.check(store, context.settings)
    answer = health.server(store)
    version = f" (MLflow {answer.version})" if answer is not None else ""
    fresh = "; nothing is recorded there yet" if context.ledger.experiment_id() is None else ""
    yield Check("store", "ok", f"`{store}` can be used{version}{fresh}")
    place = health.unwritable(store)
    if place is not None:
        hints = ("see who owns it, and whether its disk is mounted read-only",)
        yield Check("store", "wrong", f"`{place}` cannot be written to: results would wait", hints)
    if not health.read_fast(store) and store.kind != "other":
        yield Check(
            "store",
            "note",
            "plans are made through MLflow's client, which takes some seconds to load: its schema or the way to it"
            " is none that daicho reads by itself",
        )


def _clock(context: Context) -> Iterator[Check]:
    answer = health.server(context.store)
    if answer is not None and abs(answer.ahead) > _SKEW:
        text = f"the server's clock is {abs(answer.ahead):.0f} s {'ahead of' if answer.ahead > 0 else 'behind'} ours"
        yield Check(
            "clock", "wrong", text, ("of two equal results the earlier counts: set both clocks by NTP",)
        )
    elif time.time() < 1_600_000_000:
        yield Check("clock", "wrong", "this machine's clock is years behind", ("set it by NTP",))
    elif answer is not None:
        yield Check("clock", "ok", "the server's clock agrees with ours")


def _waiting(context: Context) -> Iterator[Check]:
    whole, unreadable, kept = 0, list[str](), list[str]()
    for folder in left_behind(context):
        try:
            whole += sum(not context.ledger.holds(each.record) for each in waiting(folder))
        except (OSError, ValueError, KeyError, TypeError):
            unreadable.append(str(folder.path))
        finally:
            folder.lock.release()
        kept += [str(path.parent) for path in folder.path.glob("*/kept")]
    if whole:
        verb = "waits" if whole == 1 else "wait"
        yield Check(
            "results", "note", f"{whole} finished {verb} to be recorded", ("the next `daicho run` does it",)
        )
    for path in unreadable:
        hints = ("see whether its disk is well; if nothing in it is wanted, delete it by hand",)
        yield Check("results", "wrong", f"what waits in `{path}` cannot be read", hints)
    for path in kept:
        yield Check(
            "results",
            "note",
            f"a result that must not be recorded is kept in `{path}`",
            ("look, and delete it",),
        )
    if not (whole or unreadable or kept):
        yield Check("results", "ok", "none waits to be recorded")


def _cache(context: Context) -> Iterator[Check]:
    size = sum(each.size for each in cache.entries(context.project.folder / "cache"))
    limit = context.settings.cache_size
    if size > limit:
        yield Check(
            "cache", "note", f"fetched files take {_size(size)} of {_size(limit)}", ("daicho gc --yes",)
        )
    else:
        yield Check("cache", "ok", f"fetched files take {_size(size)}, and may take {_size(limit)}")


def _disk(context: Context) -> Iterator[Check]:
    free = shutil.disk_usage(context.root).free
    if free < _LITTLE:
        yield Check("disk", "wrong", f"only {_size(free)} are free where the project is", ("make room",))
    else:
        yield Check("disk", "ok", f"{_size(free)} are free")


def _home(context: Context) -> Iterator[Check]:
    try:
        place_id()
    except OSError as error:
        text = f"`{data_folder()}` cannot be written to ({error.strerror}): two launches at once may do the same work"
        yield Check("home", "note", text, ("set XDG_DATA_HOME to a folder of your own",))
    if not os.access(context.root, os.W_OK, effective_ids=True):
        yield Check(
            "home",
            "wrong",
            f"the project's folder `{context.root}` cannot be written to",
            ("see who owns it",),
        )


def _git(context: Context) -> Iterator[Check]:
    git = read_git(context.root)
    if git.commit is None:
        yield Check(
            "git", "note", f"{git.note or 'not in a git repository'}: results carry no commit", ("git init",)
        )
    else:
        dirty = ", with local changes" if git.dirty else ""
        yield Check("git", "ok", f"commit {git.commit[:7]}{dirty}")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
