"""From sides to their comparison."""

from __future__ import annotations

from collections.abc import Sequence

from daicho.compare import causes, effects
from daicho.compare.comparison import Comparison, Equal, Fact
from daicho.compare.pairing import pair
from daicho.compare.sides import Files, Side
from daicho.ledger import Ledger


def compare_sides(sides: Sequence[Side], ledger: Ledger) -> Comparison:
    """What differs between runs, or between a run and the work tree: by cause and in effect.

    Args:
        sides: Two or more; the others are compared with the first.
        ledger: Where contents and sources are fetched from. No code that they hold is run.

    Raises:
        StoreError: If the store cannot be asked.
    """
    rows = pair(sides)
    both = [row for row in rows if len(row.present) > 1]
    only = [
        Fact(row.label, tuple(part is not None for part in row.parts), (True,) * len(sides))
        for row in rows
        if None in row.parts
    ]
    configured, packages = causes.configuration(both), causes.dependencies(both)
    changed, definitions, silent = causes.code(both, sides, Files(ledger))
    data, sources = effects.data(both, sides, ledger)
    measured, metrics = effects.metrics(both)
    made, outputs = effects.outputs(both, ledger)
    notes = (*silent, *causes.notes(both, sides), *(() if both else ("they have no task in common",)))
    return Comparison(
        sides=tuple(sides),
        tasks=tuple(only),
        configuration=tuple(configured.differ),
        code=changed,
        data=data,
        dependencies=tuple(packages.differ),
        environment=tuple(causes.environment(both).differ),
        metrics=measured,
        outputs=made,
        equal=Equal(configured.equal, definitions, sources, packages.equal, metrics, outputs),
        notes=tuple(dict.fromkeys(notes)),
    )
