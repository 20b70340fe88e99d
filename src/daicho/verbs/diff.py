"""Say what differs between two runs, or between a run and the project as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from daicho.compare import Comparison, compare_sides, side_of, work_tree
from daicho.plan.prepare import open_project


def diff(
    old: str,
    new: str | None = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
) -> Comparison:
    """What differs between two runs, by cause and in effect. Nothing runs.

    Args:
        old: A run as `daicho show` takes it: a pipeline run, one task in it, a task, a file, a digest.
        new: Another; the project as it is now by default: what a run of the same target would be made from.
        params: Values by `"Task.parameter"`, for the project as it is now.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line, for the project as it is now.

    Raises:
        NotFoundError: If there is no such run.
        UsageError: If the project, its configuration or a task is wrong.
        StoreError: If the store cannot be asked.
    """
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    context.ledger.check()
    first = side_of(context.ledger, old, Path.cwd())
    second = work_tree(context, first) if new is None else side_of(context.ledger, new, Path.cwd())
    return compare_sides([first, second], context.ledger)
