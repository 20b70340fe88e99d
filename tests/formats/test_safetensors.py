"""safetensors: arrays by name, in a file that cannot run code. (Of tensors: test_torch.py.)"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from safetensors.numpy import load_file

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance
from tests.formats.test_npz import same_arrays

SAFETENSORS = by_name("safetensors")


class TestSafetensors(RepeatingConformance):
    """safetensors keeps the promises of a format."""

    name = "safetensors"
    file = "weights.safetensors"
    wrong = numpy.ones(1)

    def values(self) -> list[Any]:
        return [
            {"b": numpy.arange(6.0).reshape(2, 3), "é": numpy.array(5), "0": numpy.zeros((0, 2), "f4")},
            {"b": numpy.array([True]), "h": numpy.ones(2, "f2"), "u": numpy.ones(2, "u8")},
            {},
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_arrays(saved, loaded)


def test_the_order_in_memory_and_of_names_is_no_part_of_the_value(tmp_path: Path) -> None:
    """A transposed view is written as what it shows, which the library alone would not do."""
    turned = numpy.arange(6).reshape(2, 3).T
    SAFETENSORS.save({"a": turned, "b": numpy.ones(1)}, tmp_path / "a.safetensors")
    SAFETENSORS.save({"b": numpy.ones(1), "a": turned.copy(order="C")}, tmp_path / "b.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert turned.tolist() == load_file(tmp_path / "a.safetensors")["a"].tolist()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"x": numpy.array(["a"])}, "Unknown dtype"),
        ({"x": numpy.ones(1, ">f4")}, "bytes would come back in another order"),
        ({"x": [1]}, r"`value\['x'\]` is of type `list`"),
        ({"x": numpy.ma.masked_array([1], [True])}, "is of type `MaskedArray`"),
        ({1: numpy.ones(1)}, "a name in it is no str"),
        ({"__metadata__": numpy.ones(1)}, "a name that it keeps for itself"),
    ],
)
def test_what_it_cannot_keep_is_refused(tmp_path: Path, value: Any, why: str) -> None:
    """The error gives the reason once; nothing is written."""
    with pytest.raises(FormatError, match=f"^safetensors cannot keep this value: .*{why}") as caught:
        SAFETENSORS.save(value, tmp_path / "a.safetensors")
    assert 1 == str(caught.value).count("cannot keep")
    assert [] == list(tmp_path.iterdir())
