"""The contract of a format, in prose; its variants are the other files of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol


class Format(Protocol):
    """Saves a value to one file or folder, and loads it again.

    What every format promises (`daicho.check_format` holds it to that):

    - `save` writes exactly one file (or folder) at `path`, whose parent exists, and nothing beside it.
      It writes all or nothing: when it raises, what lay at `path` before is still there, untouched.
    - `load` gives an equal value back. A value that would not come back equal is refused by `save` with a
      sentence that says what would be lost; nothing is ever changed silently. (Pictures are the exception:
      what is kept of a figure is how it looks.)
    - The same value gives the same bytes, in any process and at any time, unless `repeats` is false.
    - `load` takes a file that somebody else wrote, if it is of the format.
    - `load` changes nothing there, and a missing file stays a `FileNotFoundError`.
    - A format has no state: one instance serves everybody, from any thread.
    - The library that it needs is imported by `save` and `load`, never by importing the format.

    Errors: `FormatError` for a value that does not fit and for a file that is not of the format,
    `MissingExtraError` for a library that is not installed; what the operating system says (a missing
    file, a full disk) passes through.

    Attributes:
        name: What the format is called where somebody asks for it: `"csv"`.
        suffixes: The ends of file names that mean this format, in lower case, with the dot; () for a folder, and
            for a format that is only used where it is named.
        folder: Whether what it writes is a folder.
        runs_code: Whether loading may run code that the file holds; then it is only used where it is named.
        repeats: Whether the same value always gives the same bytes.
    """

    name: str
    suffixes: tuple[str, ...]
    folder: bool
    runs_code: bool
    repeats: bool

    def save(self, value: Any, path: Path) -> None:
        """Write `value` at `path`.

        Raises:
            FormatError: If the value does not fit the format.
        """

    def load(self, path: Path) -> Any:
        """Give the value back that lies at `path`.

        Raises:
            FormatError: If what lies there is not of the format.
        """
