"""The names that completion offers: remembered in `.daicho` whenever tasks are imported or a run ends.

Read without importing anything of the user's, of Luigi's or of MLflow's; may be deleted at any time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_FILE = "names.json"
_MOST_RUNS = 50


@dataclass(frozen=True)
class Names:
    """What there is: parameters and outputs by task family, and the pipeline runs, the newest first."""

    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outputs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    runs: Sequence[str] = ()


def known(start: Path) -> Names:
    """The names of the project that a folder lies in; none where nothing is remembered."""
    for folder in (start, *start.parents):
        if (folder / ".daicho").is_dir():
            return _read(folder / ".daicho")
    return Names()


def remember(folder: Path, **news: Any) -> None:
    """Remember names, each a field of `Names`, in daicho's own folder. Failing to is no error: it is for comfort."""
    before = _read(folder)
    now = {**vars(before), **news}
    if now == vars(before):
        return
    temporary = folder / f"{_FILE}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(now), encoding="utf-8")
        temporary.replace(folder / _FILE)
    except OSError:
        return


def remember_run(folder: Path, name: str) -> None:
    """Remember a pipeline run by the half of its name that finds it."""
    half = name.rpartition(" ")[2]
    others = [each for each in _read(folder).runs if each != half]
    remember(folder, runs=[half, *others][:_MOST_RUNS])


def _read(folder: Path) -> Names:
    try:
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return Names(found["parameters"], found["outputs"], found["runs"])
    except (OSError, ValueError, LookupError, TypeError):
        return Names()
