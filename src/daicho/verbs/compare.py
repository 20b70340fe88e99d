"""Compare runs: what differs between them, by cause and in effect."""

from __future__ import annotations

from pathlib import Path

from daicho.compare import Comparison, compare_sides, side_of
from daicho.errors import UsageError
from daicho.plan.prepare import open_project


def compare(
    first: str, *others: str, folder: str | Path = ".", config: str | Path | None = None
) -> Comparison:
    """What differs between two or more runs; the others are compared with the first.

    No code that somebody else recorded is run: what cannot be loaded without is compared by its bytes alone.

    Args:
        first: A run as `daicho show` takes it: a pipeline run, one task in it, a task, a file, a digest.
        others: More of them.
        folder: Where to look for the project.
        config: Another configuration file.

    Raises:
        NotFoundError: If there is no such run.
        UsageError: If there is nothing to compare with.
        StoreError: If the store cannot be asked.
    """
    if not others:
        raise UsageError(
            f"`{first}` is compared with nothing",
            hints=(
                f"name another run, or see what changed since it: daicho diff {first}",
                "daicho log lists the runs",
            ),
        )
    context = open_project(Path(folder), file=Path(config) if config is not None else None)
    context.ledger.check()
    sides = [side_of(context.ledger, what, Path.cwd()) for what in (first, *others)]
    return compare_sides(sides, context.ledger)
