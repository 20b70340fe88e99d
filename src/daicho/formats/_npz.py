"""npz: numpy arrays by name, each to the bit; a zip without times that is not compressed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._npy import array_bytes
from daicho.formats._refusals import not_exact, not_readable, wrong_kind
from daicho.formats._zips import add


class Npz:
    """Saves a dict of numpy arrays of any type but object."""

    name = "npz"
    suffixes: tuple[str, ...] = (".npz",)
    folder = False
    runs_code = False
    repeats = True

    def save(self, value: Any, path: Path) -> None:
        """Write a dict of arrays, sorted by name."""
        need("numpy", extra="tables", why="the npz format")
        if not isinstance(value, dict):
            raise wrong_kind("npz", "a dict of numpy arrays", value, path, 'name it: `{"x": array}`')
        for key in value:
            _check_name(key, value, path)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as target:
            for key in sorted(value):
                add(target, f"{key}.npy", array_bytes("npz", value[key], path, f"`value[{key!r}]`"))
        write(path, buffer.getbuffer())

    def load(self, path: Path) -> Any:
        """Give the dict back."""
        numpy = need("numpy", extra="tables", why="the npz format")
        with path.open("rb") as file:
            try:
                with numpy.lib.npyio.NpzFile(file, allow_pickle=False) as arrays:
                    found = {name: arrays[name] for name in arrays.files}
            except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
                raise not_readable("npz", path, error) from error
        for name, array in found.items():  # what is no array is given as its bytes
            if not isinstance(array, numpy.ndarray):
                raise not_readable("npz", path, f"`{name}` in it is no array")
        return found


def _check_name(key: Any, value: dict[Any, Any], path: Path) -> None:
    if type(key) is not str or not key:
        raise not_exact("npz", f"{key!r} is no name: a name is a str that is not empty", path, "rename it")
    if "\0" in key or any("\ud800" <= sign <= "\udfff" for sign in key):
        raise not_exact("npz", f"the name {key!r} cannot stand in a zip", path, "rename it")
    if f"{key}.npy" in value:  # numpy's reader takes either for the other
        raise not_exact(
            "npz", f"`{key}` and `{key}.npy` would be mistaken for each other", path, "rename one"
        )
