"""`daicho.progress`: a loop in `run()` that tells how far it is.

The module's name has an underscore so that `daicho.progress` is the function, whoever imports what first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from typing import TypeVar

from daicho.runtime import running

T = TypeVar("T")


def progress(iterable: Iterable[T], total: float | None = None) -> Iterator[T]:
    """The items one after the other; whoever watches the run sees how many are done.

        for epoch in daicho.progress(range(40)):
            ...

    Args:
        iterable: What to go through.
        total: How many items there are, where the iterable does not know.

    Outside of a run it only yields.
    """
    runtime = running()
    if runtime is None:
        yield from iterable
        return
    whole = len(iterable) if total is None and isinstance(iterable, Sized) else total
    runtime.report_progress(0, whole)
    done = 0
    for done, item in enumerate(iterable, 1):
        yield item
        runtime.report_progress(done, whole)
