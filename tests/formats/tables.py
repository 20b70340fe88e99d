"""How the tests of tables compare: exactly, by pandas' own assertion, which the package itself does not use."""

from __future__ import annotations

from typing import Any

from pandas.testing import assert_frame_equal


def same_table(saved: Any, loaded: Any) -> bool:
    """Raise with pandas' own words where they differ."""
    assert_frame_equal(saved, loaded, check_exact=True)
    return True
