"""joblib: any Python value that can be pickled, its arrays kept apart; used only where it is asked for."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from daicho._lazy import need
from daicho.formats._files import write
from daicho.formats._refusals import not_exact, not_readable


class Joblib:
    """Saves whatever pickle takes. Its bytes may differ for equal values (sets, shared strings)."""

    name = "joblib"
    suffixes: tuple[str, ...] = (".joblib",)
    folder = False
    runs_code = True
    repeats = False

    def save(self, value: Any, path: Path) -> None:
        """Write a joblib file, not compressed."""
        joblib = need("joblib", extra="joblib", why="the joblib format")
        buffer = io.BytesIO()
        try:
            joblib.dump(value, buffer, protocol=5)  # fixed, so that another Python does not write other bytes
        except Exception as error:  # pickling runs methods of the value, which may raise anything
            hint = "functions and classes must be defined at the top of an importable module"
            raise not_exact("joblib", str(error), path, hint) from error
        write(path, buffer.getbuffer())

    def load(self, path: Path) -> Any:
        """Give the value back; this runs code that the file holds."""
        joblib = need("joblib", extra="joblib", why="the joblib format")
        with path.open("rb") as file:
            try:
                return joblib.load(file)
            except Exception as error:  # unpickling runs anything, so it raises anything
                hint = "the code that the value needs must be importable, in a version that fits"
                raise not_readable("joblib", path, error, hint) from error
