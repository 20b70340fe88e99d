"""All that is recorded of a run, as it is needed to make it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daicho.config.own import OWN_SECTIONS
from daicho.errors import NotFoundError
from daicho.ledger import Launch, Ledger, history, named
from daicho.plan.snapshots import read_files
from daicho.provenance import MASK
from daicho.record import Record

_CONFIGURATION, _ORIGIN = "daicho/luigi.toml", "daicho/origin.json"
_LONGEST = 500  # characters of a command line that are recorded


@dataclass(frozen=True)
class Recorded:
    """A run that is to be made again.

    Attributes:
        name: What people call it.
        run_id: The run on which the verdict is written down.
        targets: What is to be asked for, by family.
        records: Its results in full, each before those that read it.
        about: Git, environment and machine.
        user: Who made it.
        text: The configuration files as they were, secrets masked.
        words: What its command line set.
        tree: The digest of its source files.
        files: Those that are stored, by name.
    """

    name: str
    run_id: str
    targets: tuple[str, ...]
    records: tuple[Record, ...]
    about: Mapping[str, Any]
    user: str
    text: str
    words: tuple[str, ...]
    tree: str
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def environment(self) -> Mapping[str, Any]:
        """What ran it."""
        found = self.about.get("environment")
        return found if isinstance(found, Mapping) else {}

    @property
    def goals(self) -> tuple[Record, ...]:
        """The results that were asked for."""
        return tuple(record for record in self.records if record.task in self.targets)

    def alone(self, family: str) -> Record | None:
        """The one result of a family; None where there are several, or none."""
        found = [record for record in self.records if record.task == family]
        return found[0] if len(found) == 1 else None


def recorded(ledger: Ledger, what: str, here: Path) -> Recorded:
    """What is recorded of a run.

    Args:
        ledger: Where to look.
        what: A run as `daicho show` takes it.
        here: The folder that paths are relative to.

    Raises:
        NotFoundError: If there is no such run, it has no results, or its source files are not in the store.
        CorruptError: If its source files are not what was stored.
        StoreError: If the store cannot be asked.
    """
    found = named.find(ledger, what, here=here)
    run_id, name = named.run_of(found)
    if found.record is not None:
        record = history.whole(ledger, found.record)
        below = history.lineage(ledger, record)
        records: tuple[Record, ...] = (*reversed(below.values()), record) if _result(record) else ()
        targets: tuple[str, ...] = (record.task,)
        parent = record.provenance.get("pipeline")
        launch = ledger.pipeline(parent) if isinstance(parent, str) else None
    else:
        launch = found.pipeline
        assert launch is not None
        ids = [member.run_id for member in history.members(ledger, launch) if member.run_id]
        records = tuple(filter(_result, history.records(ledger, ids).values()))
        entry = history.entry(ledger, launch.run_id)
        asked = entry.target if entry is not None else ""
        targets = tuple(each.strip() for each in asked.split(",") if each.strip())
    if not records:
        raise NotFoundError(
            f"{name} has no result that could be made again",
            hints=(f"daicho show {what} says what became of it",),
        )
    return _whole(ledger, name, run_id, targets, records, launch, of_launch=found.record is None)


def _result(record: Record) -> bool:
    return record.key is not None and bool(record.provenance.get("marked", True))


def _whole(
    ledger: Ledger,
    name: str,
    run_id: str,
    targets: tuple[str, ...],
    records: tuple[Record, ...],
    launch: Launch | None,
    *,
    of_launch: bool,
) -> Recorded:
    goal = next((record for record in reversed(records) if record.task in targets), records[-1])
    about = dict(goal.provenance)
    if of_launch and launch is not None:
        about |= _origin(ledger.artifact(launch, _ORIGIN))
    tree = str(about.get("snapshot") or "")
    files = read_files(ledger, tree) if tree else None
    if files is None:
        raise _no_code(name, about)
    machine = about.get("machine")
    user = machine.get("user") if isinstance(machine, Mapping) else None
    entry = history.entry(ledger, launch.run_id) if launch is not None else None
    text = ledger.artifact(launch, _CONFIGURATION) if launch is not None else None
    return Recorded(
        name=name,
        run_id=run_id,
        targets=targets,
        records=records,
        about=about,
        user=str(user or about.get("user") or ""),
        text="" if text is None else text.decode("utf-8", "replace"),
        words=tuple(_words(entry.command)) if entry is not None else (),
        tree=tree,
        files=files,
    )


def _origin(data: bytes | None) -> Mapping[str, Any]:
    try:
        found = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(command: str) -> Iterator[str]:
    """The values of parameters on the command line of a run, but for those that are masked or were cut off."""
    if not command.startswith("daicho run "):
        return
    command = command.rpartition(" ")[0] if len(command) >= _LONGEST else command
    try:
        words: Iterable[str] = shlex.split(command)
    except ValueError:
        words = command.split()
    for word in words:
        name, equals, value = word.partition("=")
        family, dot, key = name.rpartition(".")
        plain = equals and dot and family and key.isidentifier() and MASK not in value
        if plain and family not in OWN_SECTIONS:
            yield word


def _no_code(name: str, about: Mapping[str, Any]) -> NotFoundError:
    git = about.get("git")
    commit = git.get("commit") if isinstance(git, Mapping) else None
    dirty = isinstance(git, Mapping) and bool(git.get("dirty"))
    hint = "without its source files it cannot be made again; daicho show says what else is known"
    if commit:
        local = ", with local changes that are lost" if dirty else ""
        hint = f"it was made at commit {str(commit)[:12]}{local}: git worktree add FOLDER {str(commit)[:12]}"
    return NotFoundError(f"the source files of {name} are no longer in the store", hints=(hint,))
