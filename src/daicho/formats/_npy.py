"""npy: a numpy array, to the bit.

Equal arrays are one value: they are written in C order, and the gaps between the fields of a structured
array, which hold whatever was in memory, are written as zeros.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable, wrong_kind

_AS_ARRAY = "turn it into an array with `numpy.asarray(...)`"


class Npy:
    """Saves a numpy array of any type but object."""

    name = "npy"
    suffixes: tuple[str, ...] = (".npy",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write an array; a subclass that says more than numbers (a masked array) is refused."""
        numpy = need("numpy", extra="tables", why="the npy format")
        if type(value) not in (numpy.ndarray, numpy.memmap):
            raise wrong_kind("npy", "a numpy array", value, path, _AS_ARRAY)
        write(path, array_bytes("npy", value, path, "it"))

    def load(self, path: Path) -> Any:
        """Give the array back."""
        numpy = need("numpy", extra="tables", why="the npy format")
        with path.open("rb") as file:
            try:
                return numpy.lib.format.read_array(file, allow_pickle=False)
            except (ValueError, EOFError) as error:
                raise not_readable("npy", path, error) from error


def array_bytes(name: str, value: Any, path: Path, what: str) -> memoryview:
    """The bytes of an npy file.

    Raises:
        FormatError: In the name of the format that asks, if `value` is no plain array or holds Python objects.
    """
    numpy = need("numpy", extra="tables", why=f"the {name} format")
    if type(value) not in (numpy.ndarray, numpy.memmap):
        raise not_exact(
            name, f"{what} is of type `{type(value).__name__}`, not a numpy array", path, _AS_ARRAY
        )
    if value.dtype.hasobject:
        why = f"{_own(what)} type is `{value.dtype}`, and Python objects can only be pickled"
        raise not_exact(name, why, path, "convert it with `.astype(...)`")
    buffer = io.BytesIO()
    numpy.save(buffer, without_gaps(numpy.asarray(value, order="C")), allow_pickle=False)
    return buffer.getbuffer()


def _own(what: str) -> str:
    return "its" if what == "it" else f"{what}'s"


def without_gaps(array: Any) -> Any:
    """The same array, with zeros in the bytes that belong to no field."""
    if array.dtype.names is None:
        return array
    numpy = need("numpy", extra="tables", why="a structured array")
    clean = numpy.zeros(array.shape, array.dtype)
    for field in array.dtype.names:
        clean[field] = without_gaps(array[field])
    return clean
