"""npy: an array, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

NPY = by_name("npy")


def bits(array: Any) -> tuple[Any, tuple[int, ...], bytes]:
    """All that an array is."""
    return array.dtype, array.shape, array.tobytes()


class TestNpy(RepeatingConformance):
    """npy keeps the promises of a format."""

    name = "npy"
    file = "scores.npy"
    wrong = [1, 2]

    def values(self) -> list[Any]:
        return [
            numpy.arange(6.0).reshape(2, 3),
            numpy.array(5),
            numpy.array([], dtype="int8"),
            numpy.array(["a", "é"]),
            numpy.array(["2020-01-01"], dtype="datetime64[D]"),
            numpy.array([numpy.nan, numpy.inf, -0.0]),
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return bits(saved) == bits(loaded)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_array_comes_back(tmp_path: Path, data: st.DataObject) -> None:
    """Type, shape and every bit are kept."""
    kinds = hnp.scalar_dtypes() | hnp.unicode_string_dtypes()
    array = data.draw(hnp.arrays(kinds, hnp.array_shapes(min_dims=0, max_side=4, min_side=0)))
    NPY.save(array, tmp_path / "a.npy")
    assert bits(array) == bits(NPY.load(tmp_path / "a.npy"))


def test_the_order_in_memory_is_no_part_of_the_value(tmp_path: Path) -> None:
    """A transposed view and its copy are the same bytes."""
    array = numpy.arange(6).reshape(2, 3).T
    NPY.save(array, tmp_path / "a.npy")
    NPY.save(array.copy(order="C"), tmp_path / "b.npy")
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_gaps_between_fields_are_no_part_of_the_value(tmp_path: Path) -> None:
    """What lies in memory between the fields of a structured array is not written."""
    kind = numpy.dtype([("flag", "u1"), ("number", "f8")], align=True)
    clean, dirty = numpy.zeros(2, kind), numpy.full(2 * kind.itemsize, 7, "u1").view(kind)
    for field in ("flag", "number"):
        dirty[field] = clean[field]
    NPY.save(clean, tmp_path / "a.npy")
    NPY.save(dirty, tmp_path / "b.npy")
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    assert kind == NPY.load(tmp_path / "b.npy").dtype


def test_objects_are_refused(tmp_path: Path) -> None:
    """They could only be pickled."""
    with pytest.raises(FormatError, match="its type is `object`, and Python objects can only be pickled"):
        NPY.save(numpy.array([{}]), tmp_path / "a.npy")


def test_a_pickle_within_is_never_loaded(tmp_path: Path) -> None:
    """A file that holds Python objects is refused."""
    numpy.save(tmp_path / "a.npy", numpy.array([{}]), allow_pickle=True)
    with pytest.raises(FormatError, match="`a.npy` cannot be read as npy: Object arrays cannot be loaded"):
        NPY.load(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (numpy.ma.masked_array([1, 2], [True, False]), "a MaskedArray"),
        (numpy.float64(1), "a float64"),
        ([1, 2], "a list"),
    ],
)
def test_what_is_not_just_an_array_is_refused(tmp_path: Path, value: Any, kind: str) -> None:
    """A mask would be lost."""
    with pytest.raises(FormatError, match=f"npy saves a numpy array, not {kind}"):
        NPY.save(value, tmp_path / "a.npy")


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    """Half an array is none."""
    NPY.save(numpy.arange(100), tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-8])
    with pytest.raises(FormatError, match="`a.npy` cannot be read as npy"):
        NPY.load(tmp_path / "a.npy")
