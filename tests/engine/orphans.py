"""A program that gives a worker something long to do: `python -m tests.engine.orphans PLACE`, to be killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.engine.test_pool import given, start

if __name__ == "__main__":
    place = Path(sys.argv[1])
    pool = start(place.parent)
    given(pool, place.parent, "child", place)
    time.sleep(600)
