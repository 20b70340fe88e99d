"""List the pipeline runs: what they ran and reused, and the parameters and metrics in which they differ."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from daicho.errors import UsageError
from daicho.ledger import Entry, Ledger, history
from daicho.ledger.chosen import lower_is_better
from daicho.ledger.where import Condition, check_name, numbers, parse
from daicho.plan.prepare import open_project

SCHEMA = "daicho.log/1"

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([mhdw])")
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


@dataclass(frozen=True)
class Log:
    """Pipeline runs.

    Attributes:
        entries: The runs, in the order that was asked for: the newest first by default.
        parameters, metrics: The names, as `Family.name`, in which these runs differ.
        fits: How many runs fit; `entries` may be cut.
    """

    entries: tuple[Entry, ...] = ()
    parameters: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    fits: int = 0

    def to_json(self) -> dict[str, Any]:
        """All of it, as one JSON document."""
        return {
            "schema": SCHEMA,
            "runs": [entry.to_json() for entry in self.entries],
            "differ": {"parameters": list(self.parameters), "metrics": list(self.metrics)},
            "fits": self.fits,
        }


@dataclass(frozen=True)
class _Wanted:
    """Which runs, beside what the store itself sorts out."""

    target: str | None
    task: str | None
    tags: tuple[tuple[str, str], ...]
    who: str | None
    conditions: tuple[Condition, ...]

    @property
    def all(self) -> bool:
        """Whether any run will do."""
        return not (self.target or self.task or self.tags or self.who or self.conditions)

    def fits(self, entry: Entry) -> bool:
        """Whether a run is one of them."""
        families = {family for each in entry.outcomes.values() for family in each}
        return (
            self.target in (None, entry.target, *entry.target.split(", "))
            and (self.task is None or self.task in families)
            and all(entry.marks.tags.get(name) == value for name, value in self.tags)
            and self.who in (None, entry.launch.user)
            and all(condition.holds(entry) for condition in self.conditions)
        )


def log(
    target: str | None = None,
    *,
    where: str | None = None,
    task: str | None = None,
    tags: Sequence[str] = (),
    since: str | float | datetime | None = None,
    who: str | None = None,
    sort: str | None = None,
    best: str | None = None,
    lowest: bool | None = None,
    limit: int | None = 20,
    folder: str | Path = ".",
    config: str | Path | None = None,
) -> Log:
    """The pipeline runs of the project, the newest first.

    Args:
        target: Only those that this task was asked of.
        where: Only those that fit, as in `"Trainer.accuracy > 0.8 and Trainer.seed = 1"`.
        task: Only those in which this task ran or was reused.
        tags: Only those with these tags, each `key=value`.
        since: Only those that began then or later: a date or time, seconds since the epoch, or as in `"2d"` ago
            (`m`, `h`, `d`, `w`).
        who: Only those of this user.
        sort: A metric or a parameter that is a number: the best first, those without it left out.
        best: The same, and only the best run.
        lowest: Whether the lowest is the best; by default the metric's name tells.
        limit: How many at most; None for all.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        UsageError: If something that was asked for cannot be understood.
        NotFoundError: If no run has a parameter or metric that was named.
        StoreError: If the store cannot be asked.
    """
    wanted = _Wanted(target, task, tuple(map(_tag, tags)), who, parse(where) if where is not None else ())
    began = 0.0 if since is None else _moment(since)
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    most = 1 if best is not None else limit
    return _listed(context.ledger, wanted, began, best or sort, lowest=lowest, limit=most)


def _listed(
    ledger: Ledger,
    wanted: _Wanted,
    since: float,
    score: str | None,
    *,
    lowest: bool | None,
    limit: int | None,
) -> Log:
    enough = limit if wanted.all and score is None and limit is not None else history.MOST - 1
    found = history.entries(ledger, target=wanted.target, since=since, limit=enough + 1)
    for name in (*(each.name for each in wanted.conditions), *([score] if score else [])):
        check_name(found, name)
    fitting = [entry for entry in found if wanted.fits(entry)]
    if score is not None:
        fitting = _sorted(fitting, score, lowest=lowest)
    return _log(fitting[:limit], len(fitting), score)


def _log(shown: Sequence[Entry], fits: int, score: str | None) -> Log:
    params = _differing([entry.params for entry in shown], score)
    metrics = _differing([entry.metrics for entry in shown], score)
    return Log(tuple(shown), params, metrics, fits)


def _sorted(entries: Sequence[Entry], name: str, *, lowest: bool | None) -> list[Entry]:
    down = lower_is_better(name) if lowest is None else lowest
    scored = list(numbers(entries, name))
    return [entry for entry, _ in sorted(scored, key=lambda each: each[1] if down else -each[1])]


def _differing(values: Sequence[Mapping[str, Any]], asked: str | None) -> tuple[str, ...]:
    """The names that are not the same in all of these, those first that were asked for."""
    names = dict.fromkeys(name for each in values for name in each)
    wanted = [
        name for name in names if asked is not None and name in (asked, f"{name.rpartition('.')[0]}.{asked}")
    ]
    others = [name for name in names if len({str(each.get(name)) for each in values}) > 1]
    return tuple(dict.fromkeys((*wanted, *others)))


def _tag(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"`{text}` is not of the form key=value", hints=("for example: --tag paper=yes",))
    return name, value


def _moment(said: str | float | datetime) -> float:
    if isinstance(said, datetime):
        return said.timestamp()
    if isinstance(said, int | float):
        return float(said)
    ago = _AGO.fullmatch(said.strip())
    if ago is not None:
        return time.time() - float(ago[1]) * _UNITS[ago[2]]
    try:
        return datetime.fromisoformat(said.strip()).timestamp()
    except ValueError:
        raise UsageError(
            f"`{said}` is no time",
            hints=("for example: 2d, 3h, 2026-11-24, 2026-11-24T10:00",),
        ) from None
