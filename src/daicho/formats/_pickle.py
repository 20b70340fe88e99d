"""pickle: any Python value that can be pickled; used only where it is asked for, since loading runs code."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable

_PROTOCOL = 5  # fixed, so that another Python does not write other bytes


class Pickle:
    """Saves whatever pickle takes. Its bytes may differ for equal values (sets, shared strings)."""

    name = "pickle"
    suffixes: tuple[str, ...] = (".pkl", ".pickle")
    folder = False
    runs_code = True
    repeats = False

    def save(self, value: Any, path: Path) -> None:
        """Write a pickle."""
        try:
            data = pickle.dumps(value, protocol=_PROTOCOL)
        except Exception as error:  # pickling runs methods of the value, which may raise anything
            hint = "functions and classes must be defined at the top of an importable module"
            raise not_exact("pickle", str(error), path, hint) from error
        write(path, data)

    def load(self, path: Path) -> Any:
        """Give the value back; this runs code that the file holds."""
        data = path.read_bytes()
        try:
            return pickle.loads(data)
        except Exception as error:  # unpickling runs anything, so it raises anything
            hint = "the code that the value needs must be importable, in a version that fits"
            raise not_readable("pickle", path, error, hint) from error
