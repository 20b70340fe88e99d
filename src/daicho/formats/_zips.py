"""Members of a zip that are the same bytes whenever, wherever and by whichever compressor they are written."""

from __future__ import annotations

import zipfile
from typing import Final

_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold


def add(target: zipfile.ZipFile, name: str, data: bytes | memoryview) -> None:
    """Put a member into a zip: no time, plain rights, not compressed (what a compressor writes differs by version)."""
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.create_system = 3  # Unix, wherever we are
    info.external_attr = 0o644 << 16
    target.writestr(info, data, zipfile.ZIP_STORED)
