"""Progress bars of other libraries, seen in what a task prints: tqdm's, and those that look like them."""

from __future__ import annotations

import re

# `epoch:  30%|███   | 12/40 [00:31<01:10,  2.5s/it]`, over and over in one line
_BAR = re.compile(rb"\| *(\d+)/(\d+) \[")
_LAST = 500  # bytes of a line in which its newest bar stands


def bar(line: bytes) -> tuple[float, float] | None:
    """How far the newest bar of an unfinished line is, and of how much; None where there is none."""
    found = _BAR.findall(line[-_LAST:]) if b"\r" in line else []
    return (float(found[-1][0]), float(found[-1][1])) if found else None
