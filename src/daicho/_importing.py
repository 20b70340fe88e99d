"""Importing much: libraries make hundreds of thousands of objects that stay, and looking for garbage among them costs
a fifth of the time.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (50_000, 50, 1_000)


@contextmanager
def importing() -> Iterator[None]:
    """For the length of a block let the collector look seldom. What the block itself sets stays."""
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        if gc.get_threshold() == _SELDOM:
            gc.set_threshold(*before)


def settle() -> None:
    """For the rest of this process, which is ours, let what is there alone, and look seldom at what comes."""
    gc.freeze()
    gc.set_threshold(*_SELDOM)
