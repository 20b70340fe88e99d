"""pickle: whatever can be pickled, where it is asked for."""

from __future__ import annotations

import pickletools
import threading
from pathlib import Path
from typing import Any

import pytest

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import FormatConformance

PICKLE = by_name("pickle")


class TestPickle(FormatConformance):
    """pickle keeps the promises of a format."""

    name = "pickle"
    file = "model.pkl"
    wrong = threading.Lock()

    def values(self) -> list[Any]:
        return [{"a": (1, {2, 3})}, None, Path("x")]


def test_the_protocol_is_fixed(tmp_path: Path) -> None:
    """Another Python writes the same protocol."""
    PICKLE.save(1, tmp_path / "a.pkl")
    operation, protocol, _ = next(pickletools.genops((tmp_path / "a.pkl").read_bytes()))
    assert ("PROTO", 5) == (operation.name, protocol)


def test_what_cannot_be_pickled_is_refused(tmp_path: Path) -> None:
    """A function without a name that can be imported does not come back."""
    with pytest.raises(FormatError, match="pickle cannot keep this value: .*lambda"):
        PICKLE.save(lambda: 1, tmp_path / "a.pkl")
    assert [] == list(tmp_path.iterdir())


def test_code_that_is_gone_is_named(tmp_path: Path) -> None:
    """A pickle whose module cannot be imported says so."""
    (tmp_path / "a.pkl").write_bytes(b"cgone_module\nThing\n.")
    with pytest.raises(FormatError, match="`a.pkl` cannot be read as pickle: No module named 'gone_module'"):
        PICKLE.load(tmp_path / "a.pkl")
