"""joblib: any value that can be pickled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import FormatConformance


class TestJoblib(FormatConformance):
    """joblib keeps the promises of a format, but for that of equal bytes."""

    name = "joblib"
    file = "model.joblib"
    wrong = staticmethod(lambda: None)

    def values(self) -> list[Any]:
        return [{"a": numpy.arange(3), "s": {1, 2}, "t": (1, "é")}, None]

    def same(self, saved: Any, loaded: Any) -> bool:
        return repr(saved) == repr(loaded)


def test_what_cannot_be_pickled_is_refused(tmp_path: Path) -> None:
    """The error gives pickle's reason; nothing is written."""
    with pytest.raises(FormatError, match="joblib cannot keep this value: .*lambda") as caught:
        by_name("joblib").save(lambda: None, tmp_path / "a.joblib")
    assert "importable module" in caught.value.hints[0]
    assert [] == list(tmp_path.iterdir())
