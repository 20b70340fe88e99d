"""npz: arrays by name."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest

from daicho.errors import FormatError
from daicho.formats import by_name
from tests.formats.conformance import RepeatingConformance

NPZ = by_name("npz")


def same_arrays(saved: dict[str, Any], loaded: dict[str, Any]) -> bool:
    """Whether names, types, shapes and every bit are equal."""
    facts = [
        {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays.items()}
        for arrays in (saved, loaded)
    ]
    return facts[0] == facts[1]


class TestNpz(RepeatingConformance):
    """npz keeps the promises of a format."""

    name = "npz"
    file = "arrays.npz"
    wrong = numpy.ones(1)

    def values(self) -> list[Any]:
        return [
            {"b": numpy.arange(6.0).reshape(2, 3).T, "file": numpy.array(5), "a.npy": numpy.zeros((0, 2))},
            {"é/x": numpy.array(["é"]), "day": numpy.array(["2020-01-01"], dtype="M8[D]")},
            {},
        ]

    def same(self, saved: Any, loaded: Any) -> bool:
        return same_arrays(saved, loaded)


def test_others_read_it(tmp_path: Path) -> None:
    """It is numpy's own kind of file."""
    NPZ.save({"b": numpy.ones(2), "a": numpy.zeros(1)}, tmp_path / "a.npz")
    with numpy.load(tmp_path / "a.npz") as arrays:
        assert ["a", "b"] == arrays.files
        assert [1.0, 1.0] == arrays["b"].tolist()


def test_a_compressed_one_is_read(tmp_path: Path) -> None:
    """What numpy writes in another way is no less of the format."""
    numpy.savez_compressed(tmp_path / "a.npz", x=numpy.arange(3))
    assert same_arrays({"x": numpy.arange(3)}, NPZ.load(tmp_path / "a.npz"))


def test_the_order_of_names_is_no_part_of_the_value(tmp_path: Path) -> None:
    """Equal dicts are the same bytes."""
    NPZ.save({"a": numpy.ones(1), "b": numpy.ones(2)}, tmp_path / "a.npz")
    NPZ.save({"b": numpy.ones(2), "a": numpy.ones(1)}, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"a": numpy.ones(1), "a.npy": numpy.ones(1)}, "`a` and `a.npy` would be mistaken"),
        ({"x": numpy.array([{}])}, "type is `object`"),
        ({"x": [1]}, r"`value\['x'\]` is of type `list`, not a numpy array"),
        ({1: numpy.ones(1)}, "1 is no name"),
        ({"": numpy.ones(1)}, "'' is no name"),
        ({"a\0b": numpy.ones(1)}, "cannot stand in a zip"),
    ],
)
def test_what_npz_cannot_keep_is_refused(tmp_path: Path, value: Any, why: str) -> None:
    """The error gives the reason; nothing is written."""
    with pytest.raises(FormatError, match=f"^npz cannot keep this value: .*{why}"):
        NPZ.save(value, tmp_path / "a.npz")
    assert [] == list(tmp_path.iterdir())


def test_neither_pickles_nor_other_files_are_loaded(tmp_path: Path) -> None:
    """A zip may hold anything; only arrays are taken."""
    numpy.savez(tmp_path / "a.npz", allow_pickle=True, x=numpy.array([{}]))
    with pytest.raises(FormatError, match="`a.npz` cannot be read as npz: Object arrays cannot be loaded"):
        NPZ.load(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as other:
        other.writestr("readme.txt", "no array")
    with pytest.raises(FormatError, match="`readme.txt` in it is no array"):
        NPZ.load(tmp_path / "a.npz")
