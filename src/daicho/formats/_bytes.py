"""bytes: any file as it is; what no other format knows is written to its path and opened by its library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from daicho.formats._files import write
from daicho.formats._refusals import wrong_kind


class Bytes:
    """Saves bytes."""

    name = "bytes"
    suffixes: tuple[str, ...] = ()
    folder = False
    runs_code = False
    repeats = True
    hint = "turn it into bytes, or let its own library write to the output's `path`"

    def save(self, value: Any, path: Path) -> None:
        """Write bytes, a bytearray or a memoryview."""
        if not isinstance(value, bytes | bytearray | memoryview):
            raise wrong_kind(self.name, "bytes", value, path, self.hint)
        write(path, bytes(value))

    def load(self, path: Path) -> bytes:
        """Give the bytes back."""
        return path.read_bytes()
