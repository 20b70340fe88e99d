"""Which experiments count is asked for once in a moment, and at every question as long as there is none of our own."""

from __future__ import annotations

import time
from typing import cast

import pytest

from daicho.ledger._experiments import Experiments
from daicho.ledger._rows import Experiment, Reader


class Asked:
    """A reader that knows some experiments, and counts how often it is asked for them."""

    def __init__(self, *known: Experiment) -> None:
        self.known = list(known)
        self.times = 0

    def experiments(self) -> list[Experiment]:
        """Those that there are now."""
        self.times += 1
        return list(self.known)


OURS = Experiment("1", "ships", None)
ALSO = Experiment("2", "boats", "fleet")


def _made(asked: Asked, *, near: bool = False) -> tuple[Experiments, Reader]:
    return Experiments("ships", "fleet", frozenset(), near=near), cast("Reader", asked)


def test_asked_once_in_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked a moment ago is not asked again, unless somebody wants to know how it is now."""
    asked = Asked(OURS)
    made, reader = _made(asked)
    assert ["1"] == made.counting(reader)
    asked.known.append(ALSO)
    assert (["1"], "1", 1) == (made.counting(reader), made.id(reader), asked.times)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert (["1", "2"], 2) == (made.counting(reader), asked.times)
    assert (2, 3) == (len(made.all(reader, anew=True)), asked.times)
    assert ("fleet", "fleet", None, 3) == (
        made.project_of(reader, "1"),
        made.project_of(reader, "2"),
        made.project_of(reader, "3"),
        asked.times,
    )


def test_our_own_is_seen_at_once() -> None:
    """As long as there is no experiment of our own, or asking is for nothing, each question sees what there is."""
    asked = Asked(ALSO)
    made, reader = _made(asked)
    assert (["2"], None) == (made.counting(reader), made.id(reader))
    asked.known.append(OURS)
    assert (["2", "1"], 3) == (made.counting(reader), asked.times)
    near, reader = _made(asked, near=True)
    assert ["2", "1"] == near.counting(reader)
    asked.known.pop()
    assert ["2"] == near.counting(reader)
