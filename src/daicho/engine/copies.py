"""Workers that are copies of this process: they are there at once, where a fresh one has to import everything again.

Some are made before the user's modules are imported, and import these themselves, as a fresh worker does. One is made
after planning, with all modules as planning has imported them. That one is alone of its kind: what two copies had in
common (the state of a random generator, say) would be the same in both, and they are to be independent of each other.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from daicho._copy import copy
from daicho._process import Child
from daicho.engine.child import serve_copy
from daicho.plan.prepare import Prepared

_MOST = 16  # a copy costs some milliseconds whether it is needed or not


@contextmanager
def waiting(jobs: int) -> Iterator[deque[Child]]:
    """Copies that know nothing of the user's modules yet; those that nobody took are ended with the block."""
    children: deque[Child] = deque()
    try:
        while len(children) < min(jobs, _MOST) and (child := copy(serve_copy)) is not None:
            children.append(child)
        yield children
    finally:
        for child in children:
            child.end()


def lead(crew: deque[Child], prepared: Prepared) -> None:
    """Put before others that wait a copy with all that planning has imported.

    There is none where importing has left more behind than modules: what is open would be shared.
    """
    if crew and not prepared.left_behind:
        first = copy(partial(_go_on, random.getstate()))
        crew.extendleft([] if first is None else [first])


def _go_on(state: Any, connection: Connection) -> None:
    """Serve with the random numbers that modules may have chosen; Python gives each copy others."""
    random.setstate(state)
    serve_copy(connection)
