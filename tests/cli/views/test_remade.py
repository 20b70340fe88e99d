"""Tasks that were run again, as they are printed."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from daicho.cli.views import reproduce, verify
from daicho.notebook import html
from daicho.reproducing import Reproduction
from daicho.verifying import Verification
from tests.cli.remade import NOT_REPRODUCED, NOT_VERIFIED, VERIFIED, reproduction
from tests.cli.values import HERE


@pytest.mark.parametrize(
    ("value", "whole"),
    [(reproduction(), False), (NOT_REPRODUCED, False), (NOT_REPRODUCED, True)],
    ids=["same", "not the same", "whole"],
)
@pytest.mark.parametrize("width", [60, None])
def test_a_reproduction(
    value: Reproduction, whole: bool, width: int | None, snapshot: SnapshotAssertion
) -> None:
    """Each task with what differs and the likely cause; what could not be made as recorded; where it lies."""
    shown = "\n".join(each.plain for each in reproduce.lines(value, width=width, here=HERE, whole=whole))
    assert "\x1b" not in shown
    assert shown == snapshot


@pytest.mark.parametrize("value", [VERIFIED, NOT_VERIFIED], ids=["same", "not the same"])
def test_a_verification(value: Verification, snapshot: SnapshotAssertion) -> None:
    """Each task with what is not the same, and the sum."""
    assert "\n".join(each.plain for each in verify.lines(value, width=80)) == snapshot


def test_in_a_notebook() -> None:
    """Both values show themselves, with what differs, and escape what comes from elsewhere."""
    drawn = NOT_REPRODUCED._repr_html_()
    assert html(NOT_REPRODUCED) == drawn
    assert "Not reproduced" in drawn
    assert "KeyError: &#x27;Age&#x27;" in drawn
    assert "the same" in VERIFIED._repr_html_()
    assert "2 of 5 places differ: loss" in NOT_VERIFIED._repr_html_()
