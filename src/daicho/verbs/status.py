"""Show what a run would do: the plan, before anything runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from daicho.plan.drift import with_drift
from daicho.plan.grounds import grounds_of
from daicho.plan.plan import Plan
from daicho.plan.prepare import Force, open_project, prepare


def status(
    target: object = None,
    *,
    params: Mapping[str, Any] | None = None,
    folder: str | Path = ".",
    config: str | Path | None = None,
    overrides: Sequence[str] = (),
    force: Force = False,
    drift: bool = False,
) -> Plan:
    """The plan of a target: which results are there, which tasks would run, and why. Nothing runs.

    Args:
        target: As for `daicho.run`.
        params: Values by `"Task.parameter"`.
        folder: Where to look for the project.
        config: Another configuration file.
        overrides: `Task.parameter=value` as on the command line.
        force: Plan as `-f` would.
        drift: Name also the versions that were others where a reused result was made; takes a little longer.

    Raises:
        UsageError: If the project, its configuration or the target is wrong.
        StoreError: If the store cannot be asked.
    """
    since = time.time_ns()
    file = Path(config) if config is not None else None
    context = open_project(Path(folder), file=file, overrides=tuple(overrides), params=params)
    context.ledger.check()
    prepared = prepare(context, target, force=force)
    plan = prepared.planner.plan(fetch=False)
    prepared.digests.save()
    plan = replace(plan, grounds=lambda: grounds_of(prepared, plan, Path(folder), since))
    return with_drift(plan, context.ledger, prepared.identity) if drift else plan
